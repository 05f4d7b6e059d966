"""Before and after, for oneself alone and counted for all; and lessons that are passed on."""

import io
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round, StageKind
from ledger.models import Entry
from support import actions, rules
from support.before_after import FEWEST_QUOTES, counted, questions, side_by_side
from support.looking_back import quotes_of
from support.models import Lesson, Look, LookTable
from support.suppression import FEWEST, FEWEST_PEOPLE
from tests.factories.commissioning import join, make_round, make_volunteers, open_to
from tests.support.test_suppression import bounds

SLUGS = [row["slug"] for row in questions()["questions"]]
SECRET = "I hoped to find a friend here."


@pytest.fixture
def round(sam: Person, joan: Person, harold: Person) -> Round:
    made: Round = make_round(by=sam)
    join(made, joan, harold, by=sam)
    return made


@pytest.fixture
def member(round: Round, joan: Person) -> Member:
    return Member.objects.get(round=round, person=joan)


def say(member: Member, when: str, **facts: Any) -> Look:
    given = {"answers": {}, "words": "", "may_quote": False, **facts}
    return actions.say_look(member=member, when=when, by=member.person, at=timezone.now(), **given)


# ---- Sums ---------------------------------------------------------------------------------------
def test_side_by_side_says_what_was_said_and_nothing_else() -> None:
    pairs = side_by_side({"speaking": 1, "reading": 2}, {"speaking": 4})
    assert [(pair.before, pair.after) for pair in pairs[:3]] == [
        ("Not sure at all", "Sure"),
        ("A little sure", ""),
        ("", ""),
    ]


def test_counted_by_hand() -> None:
    """Thirty people: 12 surer, 8 the same, 5 less sure, 5 who did not say both times."""
    people = [({"speaking": 2}, {"speaking": 3})] * 12
    people += [({"speaking": 3}, {"speaking": 3})] * 8
    people += [({"speaking": 5}, {"speaking": 4})] * 5
    people += [({"speaking": 5}, {})] * 3 + [({}, {"speaking": 1})] * 2
    assert counted(people)["speaking"] == (5, 12, 8, 5)
    # One fewer who is less sure: four are hidden, and those who did not say with them.
    del people[20]
    assert counted(people)["speaking"] == (None, 12, 8, None)
    assert counted(people[: FEWEST_PEOPLE - 1]) == {}


ANSWERS = st.dictionaries(st.sampled_from(SLUGS), st.integers(1, 5), max_size=len(SLUGS))


@settings(max_examples=25)
@given(st.lists(st.tuples(ANSWERS, ANSWERS), min_size=10, max_size=24))
def test_no_count_under_five_is_shown_nor_found_by_taking_away(people: Any) -> None:
    """All tables of a round together are one system of sums: nothing small comes out of it."""
    tables = list(counted(people).values())
    assert all(count is None or count >= FEWEST for table in tables for count in table)
    found = bounds(tables, [len(people)] * len(tables))
    assert all(low < high and high >= FEWEST for low, high in found.values())


# ---- Pages --------------------------------------------------------------------------------------
def test_say_look_and_my_look_are_ones_own(
    client: Client, round: Round, member: Member, harold: Person, sam: Person
) -> None:
    client.force_login(member.person)
    url = reverse("say_look", args=[round.slug, "before"])
    entries = Entry.objects.count()
    client.post(url, {"look_speaking": "2", "words": SECRET})
    look = Look.objects.get()
    assert (look.answers, look.words, look.may_quote) == ({"speaking": 2}, SECRET, False)
    assert Entry.objects.count() == entries, "who answered stands nowhere"
    client.post(url, {"look_speaking": "3", "words": SECRET})
    assert Look.objects.get().answers == {"speaking": 3}, "the newer answer stands"
    mine = client.get(reverse("my_look", args=[round.slug])).content.decode()
    assert "Fairly sure" in mine and SECRET in mine
    assert client.post(url, {"look_speaking": "9"}).status_code == 422
    for person in (harold, sam):
        client.force_login(person)
        names = ("my_look", "look_list", "lesson_list", "toolkit_detail")
        pages = [client.get(reverse(name, args=[round.slug])) for name in names]
        assert all(SECRET not in page.content.decode() for page in pages)


def test_before_is_over_when_reading_begins_and_after_is_still_to_come(
    round: Round, member: Member
) -> None:
    assert rules.look_asked_now(round) == Look.When.BEFORE
    with pytest.raises(Refused, match="once the panel has decided"):
        say(member, "after")
    open_to(round, StageKind.SCORING)
    member = Member.objects.get(pk=member.pk)
    assert rules.look_asked_now(member.round) is None
    with pytest.raises(Refused, match="Reading has begun"):
        say(member, "before")


def test_after_is_asked_once_the_panel_has_decided(round: Round, member: Member) -> None:
    open_to(round, StageKind.LETTERS)
    member = Member.objects.get(pk=member.pk)
    assert rules.look_asked_now(member.round) == Look.When.AFTER
    assert say(member, "after", answers={"reading": 5}).answers == {"reading": 5}


def test_type_look_from_paper_shows_nothing_back(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    say(member, "before", words=SECRET)
    client.force_login(sam)
    paper = client.get(reverse("look_paper", args=[round.slug, "before"])).content.decode()
    assert all(row["text"] in paper for row in questions()["questions"])
    url = reverse("type_look", args=[round.slug, member.pk, "before"])
    assert SECRET not in client.get(url).content.decode()
    client.post(url, {"look_money": "1"})
    look = Look.objects.get()
    assert (look.answers, look.said_by) == ({"money": 1}, sam)
    assert (
        client.post(reverse("type_look", args=[round.slug, member.pk, "then"])).status_code == 404
    )


def everybody(round: Round, number: int) -> list[Member]:
    """So many more volunteers, who say the same before; then the panel has decided."""
    members = join(round, *make_volunteers(number))
    for one in members:
        say(one, "before", answers={"speaking": 2})
    open_to(round, StageKind.LETTERS)
    return list(Member.objects.filter(pk__in=[one.pk for one in members]).order_by("pk"))


def test_count_looks_once_and_small_numbers_are_let_go(
    client: Client, round: Round, sam: Person
) -> None:
    members = everybody(round, 13)
    for number, one in enumerate(members):
        say(
            one,
            "after",
            answers={"speaking": 1 if number < 3 else 5},
            words=f"I made friend {number}.",
            may_quote=number < FEWEST_QUOTES,
        )
    client.force_login(sam)
    url = reverse("count_looks", args=[round.slug])
    assert quotes_of(round) == [], "no words before the count"
    assert client.post(url, {}).status_code == 422
    client.post(url, {"sure": "on"})
    table = LookTable.objects.get(slug="speaking")
    # Two never said, three are less sure, ten are surer: the small ones are hidden for good.
    assert (table.people, table.counts) == (15, [None, 10, None, None])
    page = client.get(reverse("look_list", args=[round.slug])).content.decode()
    assert "Not shown" in page and "I made friend 0." in page
    assert "I made friend 9." not in page, "only words that may be used"
    with pytest.raises(Refused, match="counted already"):
        actions.count_looks(round=round, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="They stay as they are"):
        say(members[0], "after", answers={"speaking": 5})
    assert "counted_looks" in Entry.objects.values_list("verb", flat=True)


def test_fewer_than_five_who_allow_it_are_not_quoted(round: Round, sam: Person) -> None:
    members = everybody(round, 10)
    for one in members[: FEWEST_QUOTES - 1]:
        say(one, "after", words="Good company.", may_quote=True)
    actions.count_looks(round=round, by=sam, at=timezone.now())
    assert quotes_of(round) == []


def test_of_fewer_than_ten_people_nothing_is_counted(round: Round, sam: Person) -> None:
    everybody(round, FEWEST_PEOPLE - 3)
    with pytest.raises(Refused, match="Fewer than ten"):
        actions.count_looks(round=round, by=sam, at=timezone.now())


# ---- Lessons ------------------------------------------------------------------------------------
def test_write_lesson_lesson_list_and_drop_lesson(
    client: Client, round: Round, member: Member, sam: Person, margaret: Person, outsider: Person
) -> None:
    write = reverse("write_lesson", args=[round.slug])
    for person, text in ((member.person, "Begin with tea."), (sam, "Ring people on Mondays.")):
        client.force_login(person)
        assert client.post(write, {"stage": "training"}).status_code == 422
        client.post(write, {"stage": "training", "text": text})
    listed = reverse("lesson_list", args=[round.slug])
    page = client.get(listed).content.decode()
    assert "Begin with tea." in page and "Joan" not in page, "lessons have no names"
    assert "A volunteer" in page and "A facilitator" in page
    lesson = Lesson.objects.get(from_staff=False)
    drop = reverse("drop_lesson", args=[round.slug, lesson.pk])
    assert client.post(drop).status_code == 404, "nobody takes out another's"
    with pytest.raises(Refused, match="Only its writer"):
        actions.drop_lesson(lesson=lesson, by=sam, at=timezone.now())
    # The next round's set-up page tells them.
    ahead = reverse("set_up_round")
    assert "Begin with tea." in client.get(ahead).content.decode()
    client.force_login(margaret)
    assert "Begin with tea." in client.get(listed).content.decode()
    assert client.post(write, {"stage": "training", "text": "Hm"}).status_code == 404
    client.force_login(outsider)
    assert client.get(listed).status_code == 404
    client.force_login(member.person)
    client.post(drop)
    assert "Begin with tea." not in client.get(listed).content.decode()
    client.force_login(sam)
    assert "Begin with tea." not in client.get(ahead).content.decode()
    paper = client.get(reverse("lesson_paper", args=[round.slug])).content.decode()
    assert "Getting ready" in paper and "Begin with tea." not in paper


def test_toolkit_detail_and_toolkit_pdf_hold_the_lessons_and_are_tagged(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    actions.write_lesson(
        round=round, stage="join", text="Ask at bus stops.", by=member.person, at=timezone.now()
    )
    client.force_login(sam)
    page = client.get(reverse("toolkit_detail", args=[round.slug])).content.decode()
    assert "Ask at bus stops." in page and "Joan" not in page
    file = client.get(reverse("toolkit_pdf", args=[round.slug]))
    assert file["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(file.content)) as book:
        assert book.Root.MarkInfo.Marked
        assert str(book.Root.Lang).lower() == "en-gb"
        assert "/Table" in kinds(book.Root.StructTreeRoot)


def kinds(node: Any) -> set[str]:
    """The kinds of tag in a tree."""
    found = {str(node.S)} if "/S" in node else set()
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary):
            found |= kinds(child)
    return found


# ---- The way there from home --------------------------------------------------------------------
def on_home(client: Client, member: Member) -> bool:
    client.force_login(member.person)
    page = client.get(reverse("home")).content.decode()
    return reverse("my_look", args=[member.round.slug]) in page


def test_home_leads_to_the_questions_before_reading_begins(
    client: Client, round: Round, member: Member
) -> None:
    assert on_home(client, member)
    say(member, "before", answers={SLUGS[0]: 2})
    assert not on_home(client, member), "answered"
    Look.objects.all().delete()
    open_to(round, StageKind.SCORING)
    assert not on_home(client, member), "reading has begun"


def test_home_leads_to_the_questions_once_the_panel_has_decided(
    client: Client, round: Round, member: Member
) -> None:
    open_to(round, StageKind.LETTERS)
    assert on_home(client, member)
    say(member, "after", answers={SLUGS[0]: 4})
    assert not on_home(client, member)
