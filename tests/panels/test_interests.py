"""Saying whom one knows: before any content, the whole lot at once, and late if need be."""

import pytest
from django.utils import timezone

from accounts.permissions import Refused
from applications.models import Eligibility
from commissioning.models import FunderRule, Lot
from ledger.models import Letter
from panels import actions
from panels.actions import Knows
from panels.models import (
    Assignment,
    Declaration,
    Interest,
    Proposal,
    ScoreSheet,
    StandingAside,
    Void,
)
from panels.rules import interests as rules
from tests.factories.panels import (
    NEED_TEXT,
    SECRET,
    agreed,
    close_scoring,
    declare_all,
    make_bid,
    open_scoring,
    reading_round,
    send,
    share_out,
    sharing_round,
    write_scores,
)

pytestmark = pytest.mark.django_db
DIRECT, INDIRECT = Interest.Kind.DIRECT, Interest.Kind.INDIRECT


def now():
    return timezone.now()


# ---- declare --------------------------------------------------------------------------------
def test_declare_covers_the_list_as_it_stands(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    assert not rules.has_declared(member, reading.lot)
    actions.declare(member=member, lot=reading.lot, by=joan, at=now())
    assert rules.has_declared(member, reading.lot)
    entry = reading.round.chain.entries.get(verb="interests_declared")
    assert entry.data["direct"] == entry.data["indirect"] == 0


def test_declare_is_asked_again_when_a_bid_comes_later(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    actions.declare(member=member, lot=reading.lot, by=joan, at=now())
    make_bid(reading.lot)
    assert not rules.has_declared(member, reading.lot)


def test_declare_stands_when_a_bid_is_withdrawn(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    actions.declare(member=member, lot=reading.lot, by=joan, at=now())
    bid = reading.bids[0]
    bid.withdrawn_at, bid.withdrawn_by = now(), reading.by
    bid.save()
    assert rules.has_declared(member, reading.lot)
    assert bid not in rules.names_only(reading.lot)


def test_declare_leaves_out_bids_that_do_not_meet_the_rules(joan):
    reading = sharing_round(joan, bids=1)
    turned_down = reading.bids[0].eligibility.get()
    kept = make_bid(reading.lot)
    rule = FunderRule.objects.create(round=reading.round, text="It is in Leeds")
    no = Eligibility.objects.create(
        application=reading.bids[0],
        eligible=False,
        rule=rule,
        reason="It is in York",
        decided_at=now(),
        decided_by=reading.by,
    )
    turned_down.replaced_by = no
    turned_down.save()
    assert list(rules.names_only(reading.lot)) == [kept]


def test_declare_direct_stands_aside_from_the_whole_lot(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    actions.declare(
        member=member,
        lot=reading.lot,
        knows=[Knows(reading.bids[0], DIRECT, "My sister runs it")],
        by=joan,
        at=now(),
    )
    aside = StandingAside.objects.get()
    assert (aside.member, aside.lot, aside.application) == (member, reading.lot, None)
    assert rules.reading_lots(member) == []
    assert reading.round.chain.entries.get(verb="interests_declared").data["direct"] == 1


def test_declare_indirect_is_put_to_the_panel(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    actions.declare(
        member=member,
        lot=reading.lot,
        knows=[Knows(reading.bids[0], INDIRECT, "A neighbour")],
        by=joan,
        at=now(),
    )
    proposal = Proposal.objects.get()
    interest = Interest.objects.get()
    assert proposal.kind == Proposal.Kind.INTEREST
    assert proposal.data == {"interest": interest.pk, "member": member.pk}
    assert not StandingAside.objects.exists()
    assert rules.conflicts(reading.round.pk) == {member.pk: {reading.bids[0].pk}}


def test_conflicts_let_go_of_a_tie_the_panel_agreed_to(joan):
    reading = sharing_round(joan)
    member = reading.member(joan)
    interest = Interest.objects.create(
        member=member, application=reading.bids[0], kind=INDIRECT, made_at=now()
    )
    agreed(
        reading.panel,
        Proposal.Kind.INTEREST,
        application=reading.bids[0],
        interest=interest.pk,
        member=member.pk,
    )
    assert rules.conflicts(reading.round.pk) == {}
    StandingAside.objects.create(
        member=member,
        lot=reading.lot,
        application=reading.bids[0],
        interest=interest,
        began_at=now(),
    )
    assert rules.conflicts(reading.round.pk) == {member.pk: {reading.bids[0].pk}}


def test_declare_refuses_a_list_that_has_changed(joan):
    reading = sharing_round(joan)
    seen = rules.digests([reading.lot.pk])[reading.lot.pk]
    make_bid(reading.lot)
    with pytest.raises(Refused, match="The list of bids has changed"):
        actions.declare(member=reading.member(joan), lot=reading.lot, seen=seen, by=joan, at=now())


def test_declare_refuses_a_bid_of_another_lot(joan):
    reading = sharing_round(joan)
    other = sharing_round()
    with pytest.raises(Refused, match="Choose only bids from this list"):
        actions.declare(
            member=reading.member(joan),
            lot=reading.lot,
            knows=[Knows(other.bids[0], DIRECT)],
            by=joan,
            at=now(),
        )
    assert not Declaration.objects.exists()


def test_declare_refuses_another_volunteer_and_takes_a_typist(joan, harold, sam):
    reading = sharing_round(joan, harold)
    with pytest.raises(Refused, match="Your role here"):
        actions.declare(member=reading.member(joan), lot=reading.lot, by=harold, at=now())
    row = actions.declare(member=reading.member(joan), lot=reading.lot, by=sam, at=now())
    assert row.typed_by == sam


def test_declare_refuses_a_lot_where_the_member_has_no_seat(joan):
    reading = sharing_round(joan)
    elsewhere = Lot.objects.create(
        round=reading.round, name="Another lot", slug="another", limit=100
    )
    with pytest.raises(Refused, match="You do not read bids in this lot"):
        actions.declare(member=reading.member(joan), lot=elsewhere, by=joan, at=now())


def test_declare_refuses_once_reading_is_closed(joan):
    reading = reading_round(joan)
    close_scoring(reading)
    with pytest.raises(Refused, match="closed on"):
        actions.declare(member=reading.member(joan), lot=reading.lot, by=joan, at=now())


# ---- declare_late ---------------------------------------------------------------------------
def test_declare_late_direct_undoes_the_whole_lot_in_one_go(joan, sam):
    reading = reading_round(joan, by=sam)
    first, second, third = reading.assignments(joan)
    sheet = send(reading, first)
    other = send(reading, second)
    actions.declare_late(
        member=reading.member(joan),
        application=first.application,
        kind=DIRECT,
        words="My son works there",
        by=joan,
        at=now(),
    )
    assert not ScoreSheet.objects.counting().exists()
    assert {void.sheet_id for void in Void.objects.all()} == {sheet.pk, other.pk}
    assert ScoreSheet.objects.count() == 2
    assert reading.assignments(joan) == []
    assert Assignment.objects.filter(ended_why=Assignment.Ended.INTEREST).count() == 3
    assert StandingAside.objects.get().application is None
    assert Interest.objects.get().is_late
    data = reading.round.chain.entries.get(verb="late_interest_declared").data
    assert data["voided"] == [sheet.pk, other.pk]
    assert "son" not in str(data)


def test_declare_late_indirect_undoes_one_bid_and_asks_the_panel(joan):
    reading = reading_round(joan)
    first, second, _third = reading.assignments(joan)
    send(reading, first)
    kept = send(reading, second)
    actions.declare_late(
        member=reading.member(joan), application=first.application, kind=INDIRECT, by=joan, at=now()
    )
    assert list(ScoreSheet.objects.counting()) == [kept]
    assert len(reading.assignments(joan)) == 2
    assert not StandingAside.objects.exists()
    assert Proposal.objects.get().application == first.application


def test_declare_late_tells_staff_who_has_most_room(joan, harold, sam):
    reading = sharing_round(joan, harold, bids=1, readers_per_bid=3, by=sam)
    declare_all(reading)
    share_out(reading)
    open_scoring(reading)
    bid = reading.bids[0]
    leaving = bid.assignments.first()
    spare = next(row for row in reading.members if not row.assignments.exists())
    actions.declare_late(
        member=leaving.member, application=bid, kind=INDIRECT, by=leaving.member.person, at=now()
    )
    letter = Letter.objects.get(kind="reader_wanted", to=sam)
    assert bid.reference in letter.body_text
    assert spare.person.name in letter.body_text
    assert leaving.member.person.name not in letter.body_text


def test_declare_late_refuses_somebody_of_another_round(joan, harold):
    reading, other = reading_round(joan), reading_round(harold)
    with pytest.raises(Refused, match="You are not taking part"):
        actions.declare_late(
            member=reading.member(joan),
            application=other.bids[0],
            kind=DIRECT,
            by=joan,
            at=now(),
        )


# ---- Pages ----------------------------------------------------------------------------------
def address(reading):
    return f"/my/reading/declare/{reading.lot.pk}/"


def test_declare_interests_shows_names_and_nothing_of_a_bid(
    client, joan, django_assert_max_num_queries
):
    reading = sharing_round(joan)
    client.force_login(joan)
    with django_assert_max_num_queries(12):
        page = client.get(address(reading)).content.decode()
    assert reading.bids[0].organisation.name in page
    assert "Mrs Contact" in page
    assert "St Aidan&#x27;s hall" in page
    assert NEED_TEXT not in page
    assert SECRET not in page
    assert "checked" not in page


def test_declare_interests_asks_for_the_box_and_keeps_the_ticks(client, joan):
    reading = sharing_round(joan)
    client.force_login(joan)
    answer = client.post(address(reading), {f"bid_{reading.bids[1].pk}": "on"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Tick the box to say that you know nobody in the rest." in page
    assert page.count("checked") == 1
    assert not Declaration.objects.exists()


def test_declare_interests_knowing_nobody_is_one_page(client, joan):
    reading = sharing_round(joan)
    client.force_login(joan)
    assert client.post(address(reading), {"rest": "on"}).url == "/my/reading/"
    assert rules.has_declared(reading.member(joan), reading.lot)


def test_say_how_you_know_follows_a_tick(client, joan, django_assert_max_num_queries):
    reading = sharing_round(joan)
    client.force_login(joan)
    known = reading.bids[1]
    how = f"{address(reading)}how/"
    assert client.get(how).url == address(reading)
    assert client.post(address(reading), {"rest": "on", f"bid_{known.pk}": "on"}).url == how
    assert not Declaration.objects.exists()
    with django_assert_max_num_queries(12):
        assert known.title in client.get(how).content.decode()
    answer = client.post(how, {f"words_{known.pk}": "She is my niece"})
    assert answer.status_code == 422
    assert "She is my niece" in answer.content.decode()
    data = {f"kind_{known.pk}": "direct", f"words_{known.pk}": "She is my niece"}
    assert client.post(how, data).url == "/my/reading/"
    interest = Interest.objects.get()
    assert (interest.application, interest.kind, interest.words) == (
        known,
        "direct",
        "She is my niece",
    )
    assert client.get(address(reading)).status_code == 403


def test_declare_interests_pages_a_long_list_in_order(client, joan):
    reading = sharing_round(joan, bids=27)
    client.force_login(joan)
    assert client.get(f"{address(reading)}?page=2").url == f"{address(reading)}?page=1"
    assert "This is page 1 of 2" in client.get(address(reading)).content.decode()
    known = reading.bids[3]
    answer = client.post(address(reading), {f"bid_{known.pk}": "on"})
    assert answer.url == f"{address(reading)}?page=2"
    assert client.post(f"{address(reading)}?page=2", {}).status_code == 422
    assert client.post(f"{address(reading)}?page=2", {"rest": "on"}).url.endswith("/how/")
    client.post(f"{address(reading)}how/", {f"kind_{known.pk}": "indirect"})
    assert Interest.objects.get().application == known
    assert rules.has_declared(reading.member(joan), reading.lot)


def test_declare_interests_asks_as_much_for_one_bid_as_for_three(
    client, joan, django_assert_max_num_queries
):
    counts = []
    reading = sharing_round(joan, bids=1)
    client.force_login(joan)
    for _more in range(2):
        with django_assert_max_num_queries(12) as asked:
            client.get(address(reading))
        counts.append(len(asked))
        make_bid(reading.lot)
        make_bid(reading.lot)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", ["outsider", "harold", "sam", "amina", "margaret", "superuser"])
@pytest.mark.parametrize("page", ["", "how/"])
def test_declare_interests_is_not_there_for_others(page, who, client, joan, request):
    reading = sharing_round(joan)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"{address(reading)}{page}").status_code == 404


def test_declare_late_page_takes_the_bid_away(client, joan, django_assert_max_num_queries):
    reading = reading_round(joan)
    assignment = write_scores(reading, reading.assignments(joan)[0])
    client.force_login(joan)
    here = f"/my/reading/{assignment.pk}/know/"
    with django_assert_max_num_queries(12):
        assert client.get(here).status_code == 200
    answer = client.post(here, {"words": "I used to clean there"})
    assert answer.status_code == 422
    assert "I used to clean there" in answer.content.decode()
    answer = client.post(here, {"kind": "indirect", "words": "I used to clean there"})
    assert answer.url == "/my/reading/"
    assert client.get(f"/my/reading/{assignment.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["outsider", "harold", "sam"])
def test_declare_late_page_is_not_there_for_others(who, client, joan, request):
    reading = reading_round(joan)
    client.force_login(request.getfixturevalue(who))
    pk = reading.assignments(joan)[0].pk
    assert client.get(f"/my/reading/{pk}/know/").status_code == 404
