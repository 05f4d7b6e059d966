"""What PostgreSQL lets the app's own role do: less than the owner, who migrates.

The owner makes the tables and the guards. The app's role may read and write rows, but may not
change or take away a row of an append-only table, empty any table, or touch a guard. Of such rows
it may write the columns that retention blanks, and the guards say when. So even a stolen app
password cannot rewrite the trail. SQLite has no roles.
"""

from typing import Any

from django.conf import settings
from django.db import connections

from ledger.guards import emptied, listed


def append_only_tables() -> list[str]:
    """Tables whose rows no guard lets anybody change or take away."""
    never = {(guard.table, guard.on) for guard in listed() if guard.bad == "1 = 1"}
    return sorted(table for table, on in never if on == "UPDATE" and (table, "DELETE") in never)


def renew(using: str = "default") -> None:
    """Give the app's role what it needs on every table there is now, and no more."""
    connection = connections[using]
    role = settings.DATABASE_APP_ROLE
    if connection.vendor != "postgresql" or not role:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quote(role)}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quote(role)}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quote(role)}"
        )
        for table in append_only_tables():
            cursor.execute(f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {quote(role)}")
        for row in [row for row in emptied() if row.table in append_only_tables()]:
            columns = ", ".join(map(quote, row.blank))
            cursor.execute(f"GRANT UPDATE ({columns}) ON {quote(row.table)} TO {quote(role)}")


def renew_after_migrating(**kwargs: Any) -> None:
    """Django's post_migrate: new tables, so new grants."""
    renew(kwargs["using"])
