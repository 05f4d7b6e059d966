"""Who is here and who is missing: anonymous answers, counts on fixed days, gaps, what is done."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Entry
from support import actions, gaps
from support.about_us import tables_of
from support.models import (
    AboutAsked,
    AboutCode,
    AboutQuestion,
    AboutTable,
    AboutTally,
    CountDay,
    Outreach,
)
from tests.factories.commissioning import join, make_round
from tests.test_conventions import our_models

NOW = timezone.now


def text_of(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def round(sam: Person) -> Round:
    made: Round = make_round(by=sam)
    actions.start_about_questions(programme=made.programme, by=sam, at=NOW())
    return made


@pytest.fixture
def member(round: Round, joan: Person, sam: Person) -> Member:
    join(round, joan, by=sam)
    return Member.objects.get(person=joan)


@pytest.fixture
def caring(round: Round) -> AboutQuestion:
    return AboutQuestion.objects.get(programme=round.programme, slug="caring")


def answer(round: Round, sam: Person, options: list[int], question: AboutQuestion) -> None:
    """So many people answer one question, each with a code on paper."""
    codes = actions.print_codes(round=round, number=len(options), by=sam, at=NOW())
    for code, option in zip(codes, options, strict=True):
        actions.answer_about_us(round=round, code=code, chosen={question.pk: option})


def count(round: Round, sam: Person, *, days: int = 1) -> CountDay:
    """A day of counting is fixed ahead, comes, and is counted."""
    on = clock.today() + timedelta(days=days)
    day = actions.fix_count_day(round=round, count_on=on, on=clock.today(), by=sam, at=NOW())
    actions.count_about_us(day=day, by=sam, at=NOW(), on=on)
    day.refresh_from_db()
    return day


# ---- Nothing leads from an answer to a person ---------------------------------------------------
def test_take_about_us_code_and_answer_about_us_leave_no_way_back(
    client: Client, round: Round, member: Member, caring: AboutQuestion
) -> None:
    client.force_login(member.person)
    taken = client.post(reverse("take_about_us_code", args=[round.slug]))
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", taken.content.decode())
    assert code
    entries = Entry.objects.count()
    before = _everything()
    sent = client.post(
        reverse("answer_about_us", args=[round.slug]),
        {"code": code[0].lower(), f"about_{caring.pk}": "1"},
    )
    assert sent["Location"] == reverse("about_us_sent", args=[round.slug])
    after = _everything()
    changed = {table for table in after if after[table] != before[table]}
    # One is added to rows that were there; the code is gone; not even a session is written.
    assert changed == {"support_abouttally", "support_aboutcode"}
    assert len(after["support_abouttally"]) == len(before["support_abouttally"])
    assert after["support_aboutcode"] == []
    assert Entry.objects.count() == entries
    tally = AboutTally.objects.get(question=caring, option=1)
    assert tally.waiting == 1
    # Left empty: prefers not to say.
    others = AboutTally.objects.exclude(question=caring).filter(waiting=1)
    assert {row.option for row in others} == {0}


def _everything() -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


@pytest.mark.parametrize("model", [AboutCode, AboutTally, AboutTable, AboutAsked])
def test_no_answer_has_a_person_or_a_time(model: type[models.Model]) -> None:
    names = {field.name for field in model._meta.concrete_fields}
    times = [f for f in model._meta.concrete_fields if isinstance(f, models.DateField)]
    assert times == []
    if model is not AboutAsked:
        assert not names & {"member", "person", "by", "user"}
    else:
        assert names == {"member"}


def test_no_other_table_points_at_an_answer() -> None:
    pointing = {
        (model.__name__, field.related_model.__name__)
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in (AboutCode, AboutTally, AboutAsked)
    }
    assert pointing == set()


def test_a_code_works_once_and_for_its_own_round(
    round: Round, sam: Person, caring: AboutQuestion
) -> None:
    other = make_round(by=sam, slug="another-round", name="Another round")
    (code,) = actions.print_codes(round=round, number=1, by=sam, at=NOW())
    with pytest.raises(Refused, match="does not work"):
        actions.answer_about_us(round=other, code=code, chosen={})
    actions.answer_about_us(round=round, code=code.replace("-", " "), chosen={caring.pk: 2})
    with pytest.raises(Refused, match="does not work"):
        actions.answer_about_us(round=round, code=code, chosen={caring.pk: 2})
    assert AboutTally.objects.get(question=caring, option=2).waiting == 1


def test_a_wrong_code_keeps_what_was_chosen(
    client: Client, round: Round, caring: AboutQuestion
) -> None:
    page = client.post(
        reverse("answer_about_us", args=[round.slug]),
        {"code": "ABCD", f"about_{caring.pk}": "3"},
    )
    assert page.status_code == 422
    assert "This code does not work." in text_of(page)
    assert re.search(r'value="3"[^>]*checked', " ".join(page.content.decode().split()))


def test_one_code_for_each_member(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    actions.give_code(member=member, by=member.person)
    with pytest.raises(Refused, match="ask for a paper form"):
        actions.give_code(member=member, by=member.person)
    with pytest.raises(Refused, match="the person themselves"):
        actions.give_code(member=member, by=sam)
    client.force_login(member.person)
    page = client.get(reverse("take_about_us_code", args=[round.slug]))
    assert "If you have lost it, ask for a paper form." in text_of(page)


def test_about_us_sent_says_that_it_cannot_be_found_again(client: Client, round: Round) -> None:
    page = client.get(reverse("about_us_sent", args=[round.slug]))
    assert "We cannot find your answers again" in text_of(page)


def test_the_questions_are_of_every_kind_that_was_asked_for(round: Round) -> None:
    asked = set(AboutQuestion.objects.values_list("slug", flat=True))
    assert asked == {
        "age",
        "gender",
        "ethnicity",
        "health",
        "caring",
        "loneliness",
        "area",
        "communities",
    }


# ---- Days of counting -------------------------------------------------------------------------
def test_a_day_is_fixed_ahead_and_two_weeks_from_any_other(round: Round, sam: Person) -> None:
    today = date(2026, 3, 1)
    facts = {"round": round, "on": today, "by": sam, "at": NOW()}
    with pytest.raises(Refused, match="still to come"):
        actions.fix_count_day(count_on=today, **facts)
    actions.fix_count_day(count_on=date(2026, 3, 10), **facts)
    for near in (date(2026, 3, 2), date(2026, 3, 10), date(2026, 3, 23)):
        with pytest.raises(Refused, match="two weeks apart"):
            actions.fix_count_day(count_on=near, **facts)
    actions.fix_count_day(count_on=date(2026, 3, 24), **facts)


def test_nobody_may_count_sooner_or_twice(round: Round, sam: Person, caring: AboutQuestion) -> None:
    answer(round, sam, [1] * 12, caring)
    on = clock.today() + timedelta(days=3)
    day = actions.fix_count_day(round=round, count_on=on, on=clock.today(), by=sam, at=NOW())
    with pytest.raises(Refused, match="has not come"):
        actions.count_about_us(day=day, by=sam, at=NOW(), on=on - timedelta(days=1))
    actions.count_about_us(day=day, by=sam, at=NOW(), on=on)
    with pytest.raises(Refused, match="already"):
        actions.count_about_us(day=day, by=sam, at=NOW(), on=on)


def test_the_tick_counts_on_the_day(round: Round, sam: Person, caring: AboutQuestion) -> None:
    answer(round, sam, [1] * 5 + [3] * 6, caring)
    on = clock.today() + timedelta(days=2)
    actions.fix_count_day(round=round, count_on=on, on=clock.today(), by=sam, at=NOW())
    ask_who_is_owed()
    assert not AboutTable.objects.exists()
    clock.move(days=2)
    ask_who_is_owed()
    table = AboutTable.objects.get(question=caring)
    assert (table.people, table.counts) == (11, [None, None, None, 6])


def test_what_is_counted_is_let_go(round: Round, sam: Person, caring: AboutQuestion) -> None:
    answer(round, sam, [0] * 2 + [1] * 3 + [2] * 9 + [3] * 6, caring)
    count(round, sam)
    table = AboutTable.objects.get(question=caring)
    assert (table.people, table.counts) == (20, [None, None, 9, 6])
    assert set(AboutTally.objects.values_list("waiting", flat=True)) == {0}


def test_one_more_answer_changes_no_count_that_is_shown(
    round: Round, sam: Person, caring: AboutQuestion
) -> None:
    """Two dates, one answer apart: the second shows what the first did, and the answer waits."""
    answer(round, sam, [0] * 5 + [1] * 9 + [3] * 8, caring)
    count(round, sam)
    first = tables_of(round)
    answer(round, sam, [2], caring)
    count(round, sam, days=20)
    assert tables_of(round) == first
    assert AboutTally.objects.get(question=caring, option=2).waiting == 1
    answer(round, sam, [2] * 9 + [1] * 5 + [3] * 5 + [0] * 5, caring)
    count(round, sam, days=40)
    lines = {
        line.option: line.count
        for t in tables_of(round)
        for line in t.lines
        if t.question == caring.pk
    }
    assert lines == {0: None, 1: 14, 2: None, 3: 13}


def test_a_dropped_question_is_asked_no_more_and_stays_counted(
    client: Client, round: Round, sam: Person, caring: AboutQuestion
) -> None:
    answer(round, sam, [1] * 6 + [3] * 6, caring)
    count(round, sam)
    client.force_login(sam)
    client.post(reverse("drop_about_question", args=[round.slug, caring.pk]))
    assert caring.text not in text_of(client.get(reverse("answer_about_us", args=[round.slug])))
    assert caring.pk in {table.question for table in tables_of(round)}


def test_a_question_added_after_the_codes_counts_too(round: Round, sam: Person) -> None:
    (code,) = actions.print_codes(round=round, number=1, by=sam, at=NOW())
    extra = actions.add_about_question(
        programme=round.programme,
        text="Do you have a pet?",
        options=["Yes", "No"],
        by=sam,
        at=NOW(),
    )
    actions.answer_about_us(round=round, code=code, chosen={extra.pk: 2})
    rows = AboutTally.objects.filter(question=extra).order_by("option")
    assert [row.waiting for row in rows] == [0, 0, 1]


# ---- Gaps, and what is done ---------------------------------------------------------------------
def line(*, share: str | None, count: int | None, people: int = 40) -> gaps.Line:
    return gaps.Line(1, 1, "Carers", Decimal(share) if share else None, count, people)


@pytest.mark.parametrize(
    ("share", "seen", "gap"),
    [
        ("30", 6, True),  # 15 of 100 where 30 would be
        ("30", 10, True),  # 25: five fewer
        ("30", 11, False),  # 28: near enough
        ("30", None, True),  # 12 would be here, and too few are to show
        ("20", None, False),  # 8 would be: what is hidden may be just that
        (None, 6, False),  # nothing to compare with
        ("30", 30, False),
    ],
)
def test_a_gap_is_clearly_fewer_than_the_share(
    share: str | None, seen: int | None, gap: bool
) -> None:
    assert line(share=share, count=seen).is_gap == gap


def test_gap_list_leads_to_a_plan_and_to_what_came_of_it(
    client: Client, round: Round, sam: Person, margaret: Person, caring: AboutQuestion
) -> None:
    client.force_login(sam)
    shares = {"share_0": "30", "share_1": "20", "share_2": "50", "shares_from": "Census 2021"}
    client.post(reverse("set_shares", args=[round.slug, caring.pk]), shares)
    answer(round, sam, [0] * 5 + [1] * 6 + [2] * 9 + [3] * 20, caring)
    count(round, sam)
    page = text_of(client.get(reverse("gap_list", args=[round.slug])))
    assert (
        "Here, 15 of every 100 who answered. Among the people we are for, 30 of every 100" in page
    )
    plan = reverse("plan_outreach", args=[round.slug, caring.pk, 1])
    when = clock.today() + timedelta(days=30)
    day = {"due_on_0": when.day, "due_on_1": when.month, "due_on_2": when.year}
    assert client.post(plan, day).status_code == 422
    assert client.post(plan, {"who": "The carers' café", **day}).status_code == 302
    row = Outreach.objects.get()
    done = reverse("finish_outreach", args=[round.slug, row.pk])
    assert client.post(done, {"result": ""}).status_code == 422
    client.post(done, {"result": "Nine came to a talk."})
    row.refresh_from_db()
    assert (row.result, row.done_by) == ("Nine came to a talk.", sam)
    assert client.get(done).status_code == 404
    with pytest.raises(Refused, match="Somebody has"):
        actions.finish_outreach(outreach=row, result="Again", by=sam, at=NOW())
    client.force_login(margaret)  # the board reads, and changes nothing
    seen = client.get(reverse("gap_list", args=[round.slug]))
    assert "Nine came to a talk." in text_of(seen)
    assert plan not in seen.content.decode()
    assert client.get(plan).status_code == 404


def test_gap_list_asks_few_questions_however_many_there_are(
    client: Client,
    round: Round,
    sam: Person,
    caring: AboutQuestion,
    django_assert_max_num_queries: object,
) -> None:
    answer(round, sam, [1] * 6 + [3] * 6, caring)
    count(round, sam)
    client.force_login(sam)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(reverse("gap_list", args=[round.slug]))


def test_set_shares_refuses_more_than_a_hundred(
    client: Client, round: Round, sam: Person, caring: AboutQuestion
) -> None:
    client.force_login(sam)
    page = client.post(
        reverse("set_shares", args=[round.slug, caring.pk]),
        {"share_0": "60", "share_1": "50", "share_2": "", "shares_from": "Census"},
    )
    assert page.status_code == 422
    with pytest.raises(Refused, match="more than 100"):
        actions.set_shares(
            question=caring,
            shares=[Decimal(60), Decimal(50), None],
            shares_from="Census",
            by=sam,
            at=NOW(),
        )


def test_print_about_us_makes_forms_with_a_code_each(
    client: Client, round: Round, sam: Person
) -> None:
    client.force_login(sam)
    url = reverse("print_about_us", args=[round.slug])
    assert client.post(url, {"number": "61"}).status_code == 422
    page = client.post(url, {"number": "3"}).content.decode()
    codes = set(re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page))
    assert len(codes) == 3
    assert AboutCode.objects.count() == 3
    entry = Entry.objects.get(verb="printed_about_us")
    assert not [code for code in codes if code in str(entry.payload)]


def test_start_about_questions_add_about_question_and_fix_count_day_by_page(
    client: Client, sam: Person
) -> None:
    made = make_round(by=sam)
    client.force_login(sam)
    client.post(reverse("start_about_questions", args=[made.slug]))
    assert AboutQuestion.objects.count() == 8
    add = reverse("add_about_question", args=[made.slug])
    assert client.post(add, {"text": "A pet?", "options": "Yes\n\nYes"}).status_code == 422
    assert client.post(add, {"text": "A pet?", "options": "Yes\nNo"}).status_code == 302
    when = clock.today() + timedelta(days=9)
    url = reverse("fix_count_day", args=[made.slug])
    posted = {"count_on_0": when.day, "count_on_1": when.month, "count_on_2": when.year}
    assert client.post(url, posted).status_code == 302
    assert client.post(url, posted).status_code == 422


def test_a_volunteer_changes_nothing_here(
    round: Round, member: Member, caring: AboutQuestion
) -> None:
    by = member.person
    for act in (
        lambda: actions.print_codes(round=round, number=1, by=by, at=NOW()),
        lambda: actions.drop_about_question(question=caring, by=by, at=NOW()),
        lambda: actions.fix_count_day(
            round=round, count_on=date(2030, 1, 1), on=date(2026, 1, 1), by=by, at=NOW()
        ),
    ):
        with pytest.raises(Refused):
            act()


def test_no_view_of_the_answers_asks_who_is_reading() -> None:
    source = Path("support/views/about_us.py").read_text()
    body = source.split("def answer_about_us")[1].split("\ndef ")[0]
    assert "request.user" not in body
    assert "session" not in body
