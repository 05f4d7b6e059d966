"""The panel's conversation, and the quiet list of who may need a call."""

from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import take_break
from accounts.models import Person
from accounts.permissions import Refused
from ledger.models import Entry
from panels.actions.conversation import say_to_panel
from panels.calls import Facts, calls_today, is_alone, reasons, slow
from panels.models import Interest, Said, StandingAside
from panels.rules import conversation as rules
from support import actions as support
from tests.conftest import Cast, Once
from tests.factories.panels import Reading, open_scores, reading_round

DAY = date(2026, 6, 1)
QUIET = Facts(
    joined_on=DAY - timedelta(days=60),
    called_on=DAY - timedelta(days=20),
    again_on=None,
    in_company=True,
    left=0,
    given=4,
    time_gone=None,
    untrained=False,
    met_on=None,
)


@pytest.fixture(scope="module")
def built(once: Once[Reading]) -> Reading:
    return once(lambda cast: reading_round(cast.joan, cast.harold, cast.priya, by=cast.sam))


@pytest.fixture
def reading(db: None, built: Reading) -> Reading:
    return deepcopy(built)


def stand_aside(reading: Reading, person: Person, *, whole_lot: bool) -> None:
    member, bid = reading.member(person), reading.bids[0]
    tie = Interest.objects.create(
        member=member, application=bid, kind="direct", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=member,
        lot=reading.lot,
        application=None if whole_lot else bid,
        interest=tie,
        began_at=timezone.now(),
    )


# ---- The conversation ---------------------------------------------------------------------------
def test_panel_conversation_marks_staff_and_who_typed(client: Client, reading: Reading) -> None:
    cast = Cast()
    url = reverse("panel_conversation", args=[reading.panel.pk])
    client.force_login(cast.joan)
    assert client.post(url, {"text": " "}).status_code == 422
    client.post(url, {"text": "Shall we have tea at three?"})
    client.force_login(cast.sam)
    client.post(url, {"text": "The kettle is on."})
    client.post(url, {"text": "I like cake.", "member": reading.member(cast.harold).pk})
    client.force_login(cast.harold)
    page = " ".join(client.get(url).content.decode().split())
    for words in ("Shall we have tea", "Sam Okafor, staff", "Harold Whitaker, typed by Sam Okafor"):
        assert words in page
    payloads = "".join(entry.payload for entry in Entry.objects.all())
    assert "kettle" not in payloads
    client.force_login(cast.outsider)
    assert client.get(url).status_code == 404


def test_nothing_of_a_single_bid_before_scores_are_opened(reading: Reading) -> None:
    cast, bid = Cast(), reading.bids[0]
    for text in (f"I love {bid.reference.lower()}!", f"What of {bid.organisation.name.upper()}s?"):
        with pytest.raises(Refused, match="names a bid"):
            say_to_panel(
                panel=reading.panel,
                text=text,
                by=cast.joan,
                at=timezone.now(),
                member=reading.member(cast.joan),
            )
    open_scores(reading)
    assert rules.may_say(
        reading.panel,
        f"Let us talk of {bid.reference}.",
        cast.joan,
        member=reading.member(cast.joan),
    )


def test_whoever_stands_aside_is_not_in_it(client: Client, reading: Reading) -> None:
    """From the whole lot: not in it at all. From one bid: without the lines that name it."""
    cast = Cast()
    bid = reading.bids[0]
    Said.objects.create(
        panel=reading.panel, text=f"About {bid.reference}", said_at=timezone.now(), said_by=cast.sam
    )
    Said.objects.create(
        panel=reading.panel, text="About the tea", said_at=timezone.now(), said_by=cast.sam
    )
    stand_aside(reading, cast.harold, whole_lot=False)
    assert [row.text for row in rules.read_by(reading.panel, cast.harold)] == ["About the tea"]
    assert len(rules.read_by(reading.panel, cast.joan)) == 2
    stand_aside(reading, cast.priya, whole_lot=True)
    client.force_login(cast.priya)
    answer = client.get(reverse("panel_conversation", args=[reading.panel.pk]))
    assert answer.status_code == 403 and "stand aside" in answer.content.decode()


def test_nobody_speaks_as_another_volunteer(reading: Reading) -> None:
    cast = Cast()
    with pytest.raises(Refused):
        say_to_panel(
            panel=reading.panel,
            text="Hello",
            by=cast.joan,
            at=timezone.now(),
            member=reading.member(cast.harold),
        )


# ---- Who may need a call ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, []),
        ({"joined_on": DAY, "called_on": None}, ["Is new. Say hello."]),
        ({"in_company": False}, ["Has worked alone for long. Offer company."]),
        ({"in_company": False, "joined_on": DAY - timedelta(days=20)}, []),
        ({"again_on": DAY}, ["You said you would ring again."]),
        ({"again_on": DAY + timedelta(days=1)}, []),
        ({"met_on": DAY}, ["Was at a meeting where much was decided. Ask how it was."]),
        ({"met_on": DAY - timedelta(days=4)}, []),
        ({"time_gone": 0.8, "left": 3}, ["Has much left to read, and the time is short."]),
        ({"time_gone": 0.4, "left": 4}, []),
        ({"time_gone": 0.6, "left": 1}, []),
        ({"untrained": True, "time_gone": 0.1}, ["Has not got ready yet, and reading has begun."]),
        ({"called_on": DAY, "in_company": False, "time_gone": 0.9, "left": 4}, []),
    ],
)
def test_reasons_are_plain_and_few(more: dict[str, object], words: list[str]) -> None:
    facts = Facts(**{**{name: getattr(QUIET, name) for name in Facts.__slots__}, **more})  # type: ignore[arg-type]  # a table of changes
    assert list(reasons(facts, on=DAY)) == words


def test_somebody_without_bids_is_never_slow() -> None:
    facts = Facts(**{**{n: getattr(QUIET, n) for n in Facts.__slots__}, "given": 0, "time_gone": 1})
    assert not slow(facts) and not is_alone(facts, on=DAY)


def test_call_today_leaves_out_who_rests_and_who_was_rung(
    client: Client, reading: Reading, django_assert_max_num_queries: object
) -> None:
    cast, now = Cast(), timezone.now()
    on = timezone.localdate(now)
    client.force_login(cast.sam)
    url = reverse("call_today", args=[reading.round.slug])
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = client.get(url).content.decode()
    assert "Joan Ibbotson" in page and "Is new" in page
    take_break(person=cast.harold, starts_on=on, by=cast.harold, at=now)
    support.note_support(member=reading.member(cast.joan), text="We talked.", by=cast.sam, at=now)
    names = {call.member.person for call in calls_today(reading.round, on=on, at=now)}
    assert cast.harold not in names and cast.joan not in names and cast.priya in names
    client.force_login(cast.joan)
    assert client.get(url).status_code == 404


def test_company_of_any_kind_ends_being_alone(reading: Reading) -> None:
    cast, now = Cast(), timezone.now()
    on = timezone.localdate(now) + timedelta(days=40)
    later = now + timedelta(days=40)

    def alone() -> set[Person]:
        return {c.member.person for c in calls_today(reading.round, on=on, at=later) if c.alone}

    assert {cast.joan, cast.harold, cast.priya} <= alone()
    pair = support.ask_buddy(
        asker=reading.member(cast.joan), asked=reading.member(cast.harold), by=cast.joan, at=now
    )
    assert cast.joan in alone(), "being asked is no company yet"
    support.accept_buddy(buddies=pair, by=cast.harold, at=now)
    assert not {cast.joan, cast.harold} & alone()
    say_to_panel(
        panel=reading.panel,
        text="Hello all",
        by=cast.priya,
        at=now,
        member=reading.member(cast.priya),
    )
    assert cast.priya not in alone()
