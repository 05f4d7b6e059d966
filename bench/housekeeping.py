"""What a database in use has had a minute after many rows came; one made just now has not."""

from django.db import connection


def look_over_tables() -> None:
    """Let the database count its rows, as PostgreSQL does by itself in time. Until then it guesses,
    and asks the plain page's question and ours in ways that it would never choose later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
