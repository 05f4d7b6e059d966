"""Questions written once: the same rows as the query itself, whoever asks, in whatever thread."""

from threading import Thread

import pytest
from django.db import connection

from commissioning.models import Round, Stage
from ledger.prepared import Prepared
from panels.models import Assignment
from panels.rules import scoring as rules
from panels.rules.desk import LOTS, MEMBERS
from tests.factories.commissioning import make_round
from tests.factories.panels import reading_round


def facts(row: object) -> dict[str, object]:
    """What a row carries, but for Django's own note about where it came from."""
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.mark.django_db
def test_rows_are_those_of_the_query_itself(joan, django_assert_num_queries) -> None:
    reading = reading_round(joan)
    people = [member.person_id for member in reading.members]
    for question in (rules.SHARE, MEMBERS, LOTS):
        for person in [*people, 0]:
            with django_assert_num_queries(1):
                rows = question.rows(person)
            expected = list(question.build(person))
            assert [facts(row) for row in rows] == [facts(row) for row in expected]
            assert bool(rows) == (person != 0)


@pytest.mark.django_db
def test_rows_bring_what_was_selected_with_them(joan, django_assert_num_queries) -> None:
    reading = reading_round(joan)
    mine, others = reading.assignments(joan)[0], reading.members[1].person_id
    (row,) = rules.ONE.rows(joan.pk, mine.pk)
    assert rules.ONE.rows(others, mine.pk) == []
    group = mine.application.organisation
    with django_assert_num_queries(0):
        assert row.application.organisation == group
        assert row.member.person == joan
    row.order_key = 0.5
    row.save()
    assert Assignment.objects.get(pk=row.pk).order_key == 0.5


@pytest.mark.django_db
def test_rows_change_when_the_table_does() -> None:
    question = Prepared(lambda round: Stage.objects.filter(round=round, recovery_days__gte=1))
    round, other = make_round(), make_round()
    before = question.rows(round.pk)
    assert before and {row.round_id for row in before} == {round.pk}
    Stage.objects.filter(pk=before[0].pk).update(recovery_days=0)
    assert question.rows(round.pk) == before[1:]
    assert {row.round_id for row in question.rows(other.pk)} == {other.pk}


@pytest.mark.django_db(transaction=True)
def test_rows_in_another_thread_are_asked_at_its_own_connection(joan) -> None:
    reading_round(joan)
    mine, theirs = rules.SHARE.rows(joan.pk), []

    def ask() -> None:
        theirs.extend(rules.SHARE.rows(joan.pk))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert mine and theirs == mine


def plans_kept() -> int:
    """How many of our questions PostgreSQL has planned on this line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'purse%'")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("keeps", [True, False])
def test_a_question_is_planned_once_on_a_line(keeps, joan, settings) -> None:
    settings.DATABASE_KEEPS_PLANS = keeps
    round, other = make_round(), make_round()
    question = Prepared(lambda round: Round.objects.filter(pk=round, name__contains="%"))
    on_postgresql = connection.vendor == "postgresql"
    before = plans_kept() if on_postgresql else 0
    name = "It's 100% read"
    Round.objects.filter(pk=round.pk).update(name=name)
    for _ in range(8):  # a plan of its own for the first five, then one for all
        assert [row.name for row in question.rows(round.pk)] == [name]
        assert question.rows(other.pk) == []
    if on_postgresql:
        assert plans_kept() - before == (1 if keeps else 0)
