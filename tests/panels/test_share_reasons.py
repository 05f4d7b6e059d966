"""Why me, and why not: what a reader is told of their share, and what nobody else ever is."""

import io
import json
from copy import deepcopy

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from commissioning.models import Member
from ledger.models import Entry, Letter
from panels import actions
from panels.actions import Knows
from panels.models import Assignment, Interest, ShareReply
from panels.rules import share as rules
from tests.conftest import Cast, Once
from tests.factories.panels import Reading, declare_all, make_bid, share_out, sharing_round

pytestmark = pytest.mark.django_db
OWN = "You offered to read as somebody who is lesbian, gay, bisexual or trans."
TELLS = ("lgbt", "lesbian", "bisexual", "lived:")
"""What would give away what Joan offered."""


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Joan offered something of her own life; every bid is about that. Bids are given out."""

    def build(cast: Cast) -> Reading:
        people = [cast.joan, cast.harold, cast.priya]
        reading = sharing_round(*people, by=cast.sam, bids=0, readers_per_bid=3, wanted=5)
        reading.bids += [
            make_bid(reading.lot, title=f"Tea {n}", communities=["lgbt"]) for n in range(4)
        ]
        Member.objects.filter(person=cast.joan).update(experience=["lgbt"])
        declare_all(reading)
        share_out(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def share_page(client: Client, reading: Reading, person: Person, name: str) -> str:
    client.force_login(person)
    answer = client.get(reverse(name, args=[reading.member(person).pk]))
    assert answer.status_code == 200
    return answer.content.decode()


# ---- Why me ---------------------------------------------------------------------------------
def test_reply_to_share_tells_its_owner_what_they_offered_and_with_whom_they_read(
    client: Client, reading: Reading, joan: Person
) -> None:
    page = share_page(client, reading, joan, "reply_to_share")
    assert OWN in page
    mates = {
        name
        for bid in rules.mates_by_bid(
            reading.member(joan), [row.application_id for row in reading.assignments(joan)]
        ).values()
        for name in bid.values()
    }
    assert sum(name in page for name in mates) >= 2
    assert "You read it with" in page


def test_a_bid_can_be_handed_back_from_the_share_before_reading_opens(
    client: Client, joan: Person, harold: Person, priya: Person
) -> None:
    reading = sharing_round(joan, harold, priya, bids=2, readers_per_bid=2)
    declare_all(reading)
    share_out(reading)
    page = share_page(client, reading, joan, "reply_to_share")
    own = reading.assignments(joan)
    assert own
    back = reverse("hand_back_bid", args=[own[0].pk])
    assert back in page
    assert reverse("reply_to_share", args=[reading.member(joan).pk]) in client.get(back).text
    assert client.post(back).status_code == 302
    assert own[0].pk not in {row.pk for row in reading.assignments(joan)}


def test_reply_to_share_names_only_those_who_read_it_still(
    client: Client, reading: Reading, joan: Person, harold: Person
) -> None:
    for row in reading.assignments(harold):
        actions.hand_back(assignment=row, by=harold, at=timezone.now())
    assert "Harold Whitaker" not in share_page(client, reading, joan, "reply_to_share")


def test_reply_to_share_counts_as_it_is_today(
    client: Client, reading: Reading, joan: Person
) -> None:
    count = len(reading.assignments(joan))
    actions.hand_back(assignment=reading.assignments(joan)[0], by=joan, at=timezone.now())
    page = share_page(client, reading, joan, "reply_to_share")
    assert f"You said up to 5 bids. You have {count - 1}." in page


def test_reason_words_name_each_reader_once() -> None:
    mates = {7: "Harold", 8: "Priya"}
    assert rules.reason_words(["lived:carer", "with:7", "with:8", "with:9"], mates) == [
        "You offered your experience of caring. This bid is about that.",
        "You read it with Harold and Priya. You share other bids too, so you can talk later.",
    ]


# ---- Why not --------------------------------------------------------------------------------
def test_other_bids_says_why_each_is_not_theirs(
    client: Client, reading: Reading, joan: Person, harold: Person, django_assert_max_num_queries
) -> None:
    own = reading.assignments(joan)
    actions.hand_back(assignment=own[0], by=joan, at=timezone.now())
    known = own[1].application
    actions.declare_late(
        member=reading.member(joan),
        application=known,
        kind=Interest.Kind.INDIRECT,
        by=joan,
        at=timezone.now(),
    )
    page = share_page(client, reading, joan, "other_bids")
    with django_assert_max_num_queries(12):
        client.get(reverse("other_bids", args=[reading.member(joan).pk]))
    assert "You had it. It was handed back" in page
    assert "You said that you know people in it." in page
    kept = {row.application.reference for row in reading.assignments(joan)}
    assert not [reference for reference in kept if reference in page]
    assert "Harold" not in page
    found = client.get(reverse("other_bids", args=[reading.member(joan).pk]), {"q": str(known)})
    assert found.content.decode().count("<dt>") == 1


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("load:2/5", {}, "The draw gave it to others."),
        ("load:2/5", {"missing": 1}, "It still needs a reader"),
        ("full:5/5", {}, "You can ask for more."),
        ("untrained", {}, "not finished getting ready"),
        ("other_lot", {"away": True}, "You are on a break."),
        ("other_lot", {}, "You do not read in this part of the money."),
        ("load:1/5", {"ended": "fewer"}, "asked for fewer bids"),
        ("conflict", {"ended": "interest"}, "you know people in it"),
    ],
)
def test_why_not_me_words_are_about_the_reader_alone(
    code: str, facts: dict[str, object], words: str
) -> None:
    said = rules.why_not_me_words(code, **{"missing": 0, "away": False, "ended": "", **facts})
    assert words in said


def test_other_bids_are_not_told_of_before_a_declaration_or_where_one_stands_aside(
    client: Client, joan: Person, harold: Person
) -> None:
    reading = sharing_round(joan, harold)
    assert "no other bid" in share_page(client, reading, joan, "other_bids")
    actions.declare(
        member=reading.member(harold),
        lot=reading.lot,
        knows=[Knows(reading.bids[0], Interest.Kind.DIRECT)],
        by=harold,
        at=timezone.now(),
    )
    assert "no other bid" in share_page(client, reading, harold, "other_bids")
    declare_all(reading, harold)
    assert reading.bids[0].title in share_page(client, reading, joan, "other_bids")


@pytest.mark.parametrize("who", ["outsider", "harold", "sam"])
def test_other_bids_are_not_there_for_others(
    client: Client, reading: Reading, joan: Person, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("other_bids", args=[reading.member(joan).pk])).status_code == 404


# ---- Never to anybody else ------------------------------------------------------------------
def leaks(text: str) -> list[str]:
    return [word for word in TELLS if word in text.casefold()]


def all_pages(client: Client, reading: Reading, person: Person) -> dict[str, str]:
    """Every page of the share-out, prints and trail, as this person gets them."""
    client.force_login(person)
    slug, panel = reading.round.slug, reading.panel.pk
    joan = next(row for row in reading.members if "Joan" in str(row))
    own = [row for row in reading.members if row.person == person]
    addresses = [
        reverse(name, args=[slug])
        for name in (
            "sharing_detail",
            "sharing_people",
            "sharing_bids",
            "sharing_circles",
            "sharing_changes",
            "reading_progress",
            "panel_list",
            "trail_list",
        )
    ]
    addresses += [reverse(name, args=[panel]) for name in ("panel_detail", "panel_sharing")]
    addresses += [reverse("change_share", args=[slug, bid.pk]) for bid in reading.bids]
    addresses += [reverse("reading_pack", args=[row.pk]) for row in (joan, *own)]
    addresses += [
        reverse(name, args=[row.pk]) for name in ("reply_to_share", "other_bids") for row in own
    ]
    addresses += [reverse("my_bids")]
    pages = {}
    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200:
            pages[address] = answer.content.decode()
    return pages


@pytest.mark.parametrize(("who", "least"), [("harold", 6), ("sam", 12), ("margaret", 0)])
def test_what_joan_offered_is_told_to_nobody_else(
    client: Client, reading: Reading, who: str, least: int, request: pytest.FixtureRequest
) -> None:
    pages = all_pages(client, reading, request.getfixturevalue(who))
    assert len(pages) >= least
    assert {address: leaks(page) for address, page in pages.items() if leaks(page)} == {}


def test_this_search_finds_it_where_it_may_stand(
    client: Client, reading: Reading, joan: Person
) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    found = {address for address, page in all_pages(client, reading, joan).items() if leaks(page)}
    assert found == {reverse("reply_to_share", args=[reading.member(joan).pk])}


def test_staff_read_only_that_it_is_relevant(client: Client, reading: Reading, sam: Person) -> None:
    bid = next(bid for bid in reading.bids if "lived:lgbt" in codes(reading, bid))
    client.force_login(sam)
    page = client.get(reverse("change_share", args=[reading.round.slug, bid.pk])).content.decode()
    assert "brings relevant experience" in page


def codes(reading: Reading, bid: object) -> list[str]:
    rows = Assignment.objects.filter(application=bid, member=reading.members[0])
    return [code for row in rows for code in row.reasons]


def test_what_joan_offered_is_in_no_entry_letter_or_export(reading: Reading) -> None:
    actions.reply_to_share(
        member=reading.members[0],
        answer=ShareReply.Answer.FEWER,
        bids_wanted=2,
        by=reading.members[0].person,
        at=timezone.now(),
    )
    assert not leaks(" ".join(json.dumps(entry.data) for entry in Entry.objects.all()))
    letters = Letter.objects.all()
    assert not leaks(" ".join(f"{row.subject} {row.body_text} {row.body_html}" for row in letters))
    out = io.StringIO()
    call_command("export_sharing", reading.round.slug, stdout=out)
    instance = json.loads(out.getvalue())
    assert [row["tags"] for row in instance["volunteers"]] == [[], [], [], []]
    out = io.StringIO()
    call_command("export_sharing", reading.round.slug, "--experience", stdout=out)
    assert ["lgbt"] in [row["tags"] for row in json.loads(out.getvalue())["volunteers"]]
