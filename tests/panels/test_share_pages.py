"""The share-out as a facilitator and the panel look at it: lists, effects, and taking it back."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from applications.models import Application, BidVersion, Eligibility, Organisation
from commissioning.models import Lot, Member
from ledger.models import Letter
from panels import actions
from panels.models import Assignment, ShareChange, ShareRun, ShareUndo
from panels.rules import share as rules
from panels.share_effect import Facts, circles_of, effect_of
from tests.conftest import Cast, Once
from tests.factories.commissioning import make_person
from tests.factories.panels import Reading, declare_all, share_out, sharing_round
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db
LISTS = ("sharing_people", "sharing_bids", "sharing_circles", "sharing_changes")
MOST_QUERIES, MOST_BYTES = 12, 60_000


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Six people, four bids with three readers each; nothing proposed yet."""

    def build(cast: Cast) -> Reading:
        people = [
            cast.joan,
            cast.harold,
            cast.priya,
            *(make_person(f"Reader {n}", Role.VOLUNTEER) for n in "ABC"),
        ]
        reading = sharing_round(*people, by=cast.sam, bids=4, readers_per_bid=3)
        declare_all(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def propose(reading: Reading) -> ShareRun:
    return actions.propose_sharing(round=reading.round, by=reading.by, at=timezone.now())


def page_of(client: Client, name: str, reading: Reading, query: str = "") -> str:
    answer = client.get(reverse(name, args=[reading.round.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


# ---- The numbers ----------------------------------------------------------------------------
def test_effect_of_counts_what_people_will_ask_about() -> None:
    facts = Facts(
        limits={1: 2, 2: 4, 3: 5, 4: 3},
        ready=frozenset({1, 2, 3, 4}),
        experienced=frozenset({1}),
        lived={2: ["carer"]},
        serves={10: ["carer"], 11: [], 12: ["lonely"]},
        wanted=2,
    )
    effect = effect_of(facts, {(10, 1), (10, 2), (11, 1), (11, 3), (12, 2), (99, 4)})
    assert effect.fullest == (2, 2)
    assert effect.spread == (1, 2, 0, 1)
    assert (effect.idle, effect.empty, effect.short) == ((4,), 1, (12,))
    assert (effect.no_experienced, effect.no_lived) == ((12,), (12,))
    assert effect.alone == (1, 2), "each shares one bid with somebody, and no two"
    assert effect.over == ()


def test_circles_of_puts_those_who_share_most_first() -> None:
    assert circles_of({1: [5, 6], 2: [6, 5], 3: [7, 8], 4: []}) == [((5, 6), 2), ((7, 8), 1)]


# ---- Lists ----------------------------------------------------------------------------------
def test_sharing_people_says_what_each_would_read_and_with_whom(
    client: Client, reading: Reading, sam: Person, joan: Person
) -> None:
    run = propose(reading)
    client.force_login(sam)
    page = page_of(client, "sharing_people", reading, "?q=joan")
    own = [bid for bid, who in rules.pairs_of(run) if who == reading.member(joan).pk]
    assert f"{len(own)} of the 5 they offered, about" in page
    assert all(bid.reference in page for bid in reading.bids if bid.pk in own)
    assert "Harold Whitaker</th>" not in page
    assert "1 person" in page


def test_sharing_people_finds_those_who_have_not_declared(
    client: Client, sam: Person, joan: Person
) -> None:
    reading = sharing_round(joan, by=sam)
    declare_all(reading, joan)
    client.force_login(sam)
    page = page_of(client, "sharing_people", reading, "?show=waiting")
    assert "1 person" in page
    assert "Joan Ibbotson" in page
    assert "Nobody found." in page_of(client, "sharing_people", reading, "?show=over")
    assert "4 people" in page_of(client, "sharing_people", reading, "?show=none")


def test_sharing_detail_leads_to_those_who_read_alone_and_typing_is_one_step_away(
    client: Client, reading: Reading, sam: Person, joan: Person
) -> None:
    """Each bid has readers of its own, but for Joan's two: she meets others there, each once."""
    run = propose(reading)
    member, others = reading.member(joan), [m for m in reading.members if m.person_id != joan.pk]
    one, two = reading.bids[:2]
    pairs = [[one.pk, member.pk], [two.pk, member.pk], [one.pk, others[0].pk]]
    with unguarded():
        ShareRun.objects.filter(pk=run.pk).update(answer={**run.answer, "pairs": pairs})
    client.force_login(sam)
    page = page_of(client, "sharing_detail", reading)
    assert "1 person shares no two bids with anybody." in page
    assert "?show=alone" in page
    page = page_of(client, "sharing_people", reading, "?show=alone")
    assert "1 person" in page and f"{joan.name}</th>" in page
    assert reverse("type_promise", args=[reading.round.slug, member.pk]) in page


def test_sharing_bids_names_each_bids_readers(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = propose(reading)
    client.force_login(sam)
    bid = reading.bids[0]
    page = page_of(client, "sharing_bids", reading, f"?q={bid.reference}")
    readers = {who for one, who in rules.pairs_of(run) if one == bid.pk}
    for member in reading.members:
        assert (str(member) in page) == (member.pk in readers)
    assert "No bid found." in page_of(client, "sharing_bids", reading, "?show=short")


def test_sharing_detail_leads_to_the_bids_that_it_counts(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = propose(reading)
    served = reading.bids[0]
    Application.objects.filter(pk=served.pk).update(communities=["carer"])
    old_hand = next(who for one, who in rules.pairs_of(run) if one == served.pk)
    Member.objects.update(has_scored_before=False, experience=[])
    client.force_login(sam)
    page = page_of(client, "sharing_detail", reading)
    assert "?show=new" in page
    assert "?show=apart" in page
    page = page_of(client, "sharing_bids", reading, "?show=apart")
    assert [bid.reference in page for bid in reading.bids] == [
        bid.pk == served.pk for bid in reading.bids
    ]
    Member.objects.filter(pk=old_hand).update(has_scored_before=True, experience=["carer"])
    assert "<title>Those with nobody with relevant experience – Each bid’s readers" in page
    page = page_of(client, "sharing_bids", reading, "?show=new")
    theirs = {one for one, who in rules.pairs_of(run) if who == old_hand}
    assert [bid.reference in page for bid in reading.bids] == [
        bid.pk not in theirs for bid in reading.bids
    ]
    assert "No bid found." in page_of(client, "sharing_bids", reading, "?show=apart")


def test_sharing_circles_says_who_reads_together(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = propose(reading)
    client.force_login(sam)
    page = page_of(client, "sharing_circles", reading)
    teams = {}
    for bid, who in rules.pairs_of(run):
        teams.setdefault(bid, set()).add(who)
    assert page.count("together</li>") == len({frozenset(team) for team in teams.values()})


@pytest.mark.parametrize("name", [*LISTS, "undo_sharing"])
@pytest.mark.parametrize("who", ["outsider", "joan", "amina", "margaret", "administrator"])
def test_lists_of_the_share_out_are_not_there_for_others(
    client: Client, reading: Reading, name: str, who: str, request: pytest.FixtureRequest
) -> None:
    propose(reading)
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(name, args=[reading.round.slug])).status_code == 404


# ---- Size -----------------------------------------------------------------------------------
def fill_up(lot: Lot, by: Person, *, people: range, bids: range) -> None:
    """A crowd of volunteers and bids with these numbers, put there straight."""
    now, round = timezone.now(), lot.round
    with unguarded():
        crowd = Person.objects.bulk_create(
            Person(name=f"Volunteer {n:05}", sign_in_email=f"v{n}@example.org") for n in people
        )
        Member.objects.bulk_create(
            Member(
                round=round,
                person=person,
                invited_at=now,
                invited_by=by,
                joined_at=now,
                joined_by=person,
                confirmed_at=now,
                confirmed_by=person,
                bids_wanted=19,
                experience=["carer"],
            )
            for person in crowd
        )
        group = Organisation.objects.create(name="A group with many bids", made_at=now, made_by=by)
        sent = {"made_at": now, "made_by": by, "submitted_at": now, "submitted_by": by}
        made = Application.objects.bulk_create(
            Application(
                round=round,
                lot=lot,
                organisation=group,
                reference=f"XX-{n:05}",
                title=f"A bid about many things, with a longer title {n}",
                communities=["carer"],
                **sent,
            )
            for n in bids
        )
        BidVersion.objects.bulk_create(
            BidVersion(
                application=bid,
                number=1,
                content={},
                asked=1000,
                words=1500,
                digest=f"x{bid.pk}",
                sent_at=now,
                sent_by=by,
            )
            for bid in made
        )
        Eligibility.objects.bulk_create(
            Eligibility(
                application=bid, eligible=True, decided_at=now, decided_by=by, reason="Looked at"
            )
            for bid in made
        )


def spread_out(reading: Reading) -> ShareRun:
    """A proposal that gives each bid three readers in turn; the sum itself is tested elsewhere."""
    members = list(Member.objects.here().filter(round=reading.round).values_list("pk", flat=True))
    bids = list(Application.objects.filter(round=reading.round).values_list("pk", flat=True))
    pairs = [
        [bid, members[(place * 3 + turn) % len(members)]]
        for place, bid in enumerate(bids)
        for turn in range(3)
    ]
    return ShareRun.objects.create(
        round=reading.round,
        seed=1,
        answer={
            "pairs": pairs,
            "reasons": {f"{bid}:{who}": ["lived:carer", "load:9/19"] for bid, who in pairs},
            "shortfalls": [],
        },
        proposed_at=timezone.now(),
        proposed_by=reading.by,
    )


def weigh(client: Client, reading: Reading) -> dict[str, tuple[int, int]]:
    """Each page of the share-out: how many queries, how many bytes."""
    slug = reading.round.slug
    addresses = {
        name: reverse(name, args=[slug]) for name in ("sharing_detail", "confirm_sharing", *LISTS)
    }
    addresses["change_share"] = reverse("change_share", args=[slug, reading.bids[0].pk])
    for show in ("waiting", "none", "over"):
        addresses[show] = f"{addresses['sharing_people']}?show={show}"
    for show in ("short", "new", "apart"):
        addresses[show] = f"{addresses['sharing_bids']}?show={show}"
    found = {}
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code == 200
        found[name] = (len(asked), len(answer.content))
    return found


def test_pages_of_the_share_out_are_no_heavier_for_ten_times_as_many(
    client: Client, reading: Reading, sam: Person
) -> None:
    client.force_login(sam)
    fill_up(reading.lot, sam, people=range(30), bids=range(80))
    spread_out(reading)
    small = weigh(client, reading)
    fill_up(reading.lot, sam, people=range(30, 300), bids=range(80, 596))
    spread_out(reading)
    large = weigh(client, reading)
    for name, (queries, size) in large.items():
        assert queries == small[name][0] <= MOST_QUERIES, name
        assert size < MOST_BYTES, name
    # The page says how many there are, and shows one page of them.
    assert "306 people" in page_of(client, "sharing_people", reading)


# ---- What a change does ---------------------------------------------------------------------
def test_change_share_shows_before_and_after_and_changes_nothing_yet(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = propose(reading)
    pairs = rules.pairs_of(run)
    bid = reading.bids[0]
    giver = next(row for row in reading.members if (bid.pk, row.pk) in pairs)
    taker = next(row for row in reading.members if (bid.pk, row.pk) not in pairs)
    counts = {row.pk: sum(who == row.pk for _bid, who in pairs) for row in (giver, taker)}
    client.force_login(sam)
    here = reverse("change_share", args=[reading.round.slug, bid.pk])
    data = {"taken_from": giver.pk, "given_to": taker.pk, "reason": "She asked for it"}
    page = client.post(here, data).content.decode()
    assert f"{counts[giver.pk]} of the 5 they offered" in page
    assert f"{counts[taker.pk] + 1} of the 5 they offered" in page
    assert "The fullest share" in page
    assert not ShareChange.objects.exists()
    # Another choice than the one whose effect was seen is shown first, too.
    other = {**data, "given_to": "nobody", "seen": f"{giver.pk}>{taker.pk}"}
    page = client.post(here, other).content.decode()
    assert "Places without a reader" in page
    assert not ShareChange.objects.exists()
    assert client.post(here, {**data, "seen": f"{giver.pk}>{taker.pk}"}).status_code == 302
    assert ShareChange.objects.get().reason == "She asked for it"


def test_change_share_finds_somebody_by_name(client: Client, reading: Reading, sam: Person) -> None:
    propose(reading)
    client.force_login(sam)
    here = reverse("change_share", args=[reading.round.slug, reading.bids[0].pk])
    page = client.get(f"{here}?q=nobody+of+this+name").content.decode()
    assert "who have" not in page
    assert client.get(here).content.decode().count('type="radio"') >= 5


# ---- In sight of the panel ------------------------------------------------------------------
def test_panel_sharing_counts_each_change_in_sight_of_the_panel(
    client: Client, reading: Reading, joan: Person
) -> None:
    run = share_out(reading)
    bid = reading.bids[0]
    pairs = rules.pairs_of(run)
    giver = next(row for row in reading.members if (bid.pk, row.pk) in pairs)
    actions.change_share(
        run=run,
        application=bid,
        taken_from=giver,
        reason="A reason that the panel reads",
        by=reading.by,
        at=timezone.now(),
    )
    client.force_login(joan)
    page = client.get(reverse("panel_detail", args=[reading.panel.pk])).content.decode()
    assert reverse("panel_sharing", args=[reading.panel.pk]) in page
    page = client.get(reverse("panel_sharing", args=[reading.panel.pk])).content.decode()
    assert "1 change in this round." in page
    assert "A reason that the panel reads" in page
    assert "Nobody has too much to read" in page
    assert str(run.seed) in page


@pytest.mark.parametrize("who", ["outsider", "amina", "margaret"])
def test_panel_sharing_is_not_there_for_others(
    client: Client, reading: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("panel_sharing", args=[reading.panel.pk])).status_code == 404


# ---- Taking it back -------------------------------------------------------------------------
def test_undo_sharing_makes_it_a_proposal_again(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = share_out(reading)
    pairs = rules.pairs_of(run)
    client.force_login(sam)
    here = reverse("undo_sharing", args=[reading.round.slug])
    assert here in page_of(client, "sharing_detail", reading)
    assert client.post(here, {"sure": "on"}).status_code == 422
    assert client.post(here, {"reason": "Too soon"}).status_code == 422
    assert client.post(here, {"reason": "Too soon", "sure": "on"}).status_code == 302
    assert not Assignment.objects.current().exists()
    assert set(Assignment.objects.values_list("ended_why", flat=True)) == {"undone"}
    assert not rules.share_is_confirmed(reading.round)
    again = rules.newest_run(reading.round)
    assert again is not None
    assert (again.again, again.confirmed_at, again.seed) == (run, None, run.seed)
    assert rules.pairs_of(again) == pairs
    entry = reading.round.chain.entries.get(verb="sharing_undone")
    assert entry.data["ended"] == len(pairs)
    assert "Too soon" not in str(entry.data)
    readers = {who for _bid, who in pairs}
    told = Letter.objects.filter(kind="share_undone")
    assert {letter.to_id for letter in told} == {
        row.person_id for row in reading.members if row.pk in readers
    }
    assert "Too soon" in page_of(client, "sharing_changes", reading)
    given = actions.confirm_sharing(run=again, by=sam, at=timezone.now())
    assert {(row.application_id, row.member_id) for row in given} == pairs
    assert all(row.reasons != ["by_hand"] for row in given)


def test_undo_sharing_keeps_the_changes_made_by_hand(reading: Reading) -> None:
    run = propose(reading)
    bid, pairs = reading.bids[0], rules.pairs_of(run)
    taker = next(row for row in reading.members if (bid.pk, row.pk) not in pairs)
    actions.change_share(
        run=run, application=bid, given_to=taker, reason="Asked", by=reading.by, at=timezone.now()
    )
    actions.confirm_sharing(run=run, by=reading.by, at=timezone.now())
    again = actions.undo_sharing(run=run, reason="Once more", by=reading.by, at=timezone.now())
    assert (bid.pk, taker.pk) in rules.pairs_of(again)
    assert ShareChange.objects.filter(run__round=reading.round).count() == 1


def test_undo_sharing_is_refused_once_a_bid_was_opened(
    client: Client, reading: Reading, sam: Person
) -> None:
    run = share_out(reading)
    first = Assignment.objects.current().first()
    assert first is not None
    Assignment.objects.filter(pk=first.pk).update(started_at=timezone.now())
    with pytest.raises(Refused, match="Somebody has opened a bid"):
        actions.undo_sharing(run=run, reason="Too late", by=sam, at=timezone.now())
    client.force_login(sam)
    assert client.get(reverse("undo_sharing", args=[reading.round.slug])).status_code == 403
    assert reverse("undo_sharing", args=[reading.round.slug]) not in page_of(
        client, "sharing_detail", reading
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        ShareUndo.objects.create(run=run, reason="x", undone_at=timezone.now(), undone_by=sam)


def test_undo_sharing_is_refused_where_there_is_nothing_to_take_back(
    reading: Reading, joan: Person
) -> None:
    run, at = propose(reading), timezone.now()
    with pytest.raises(Refused, match="no share-out to take back"):
        actions.undo_sharing(run=run, reason="Why not", by=reading.by, at=at)
    actions.confirm_sharing(run=run, by=reading.by, at=at)
    with pytest.raises(Refused, match="Your role here"):
        actions.undo_sharing(run=run, reason="Mine", by=joan, at=at)
    with pytest.raises(Refused, match="Give a reason"):
        actions.undo_sharing(run=run, reason=" ", by=reading.by, at=at)
    propose(reading)
    with pytest.raises(Refused, match="no share-out to take back"):
        actions.undo_sharing(run=run, reason="Old", by=reading.by, at=at + timedelta(hours=1))
