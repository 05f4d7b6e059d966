"""Putting something to the panel, answering, settling, and what follows."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.actions import withdraw_application
from commissioning.models import Member
from commissioning.rules import may_close_stage
from ledger import clock
from ledger.models import Entry, Letter
from panels import actions
from panels.models import Interest, Proposal, ProposalVote, StandingAside
from tests.conftest import Once
from tests.factories.commissioning import make_volunteers
from tests.factories.meeting import (
    act_for,
    agree,
    choose_to_meet,
    close_all,
    everyone_says,
    open_scores,
    opened_round,
    propose,
    put,
    scored_round,
    seat_of,
    seats_of,
    vote,
)
from tests.factories.panels import Reading, sharing_round

pytestmark = pytest.mark.django_db
Kind = Proposal.Kind


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: scored_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """Everybody has sent; the shortlist stage is open; Joan has the first of four seats."""
    return deepcopy(begun)


def aside_from(reading: Reading, person: Person, *, bid: bool = False) -> None:
    """The person stands aside from the whole lot, or from the first bid alone."""
    member = reading.member(person)
    interest = Interest.objects.create(
        member=member, application=reading.bids[0], kind="direct", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=member,
        lot=reading.lot,
        application=reading.bids[0] if bid else None,
        interest=interest,
        began_at=timezone.now(),
    )


# ---- Putting --------------------------------------------------------------------------------
def test_put_to_panel_by_a_member_tells_every_other_seat_once(reading: Reading) -> None:
    put(reading.panel, Kind.OPEN_SCORES)
    told = Letter.objects.filter(kind="put_to_panel")
    assert {letter.to_id for letter in told} == {
        seat.member.person_id for seat in seats_of(reading.panel)[1:]
    }


def test_put_to_panel_many_choices_in_a_meeting_are_one_letter_each(reading: Reading) -> None:
    open_scores(reading.panel)
    before = Letter.objects.count()
    propose(reading.panel, reading.bids[0])
    propose(reading.panel, reading.bids[1])
    assert Letter.objects.count() - before == 3


def test_put_to_panel_is_refused_to_staff(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="Your role here does not include this"):
        put(reading.panel, Kind.OPEN_SCORES, sam)


def test_put_to_panel_by_staff_about_a_stage(reading: Reading, sam: Person) -> None:
    proposal = put(reading.panel, Kind.CLOSE_EARLY, sam, data={"stage": "scoring"})
    assert proposal.put_by == sam


def test_put_to_panel_is_refused_to_a_member_of_another_panel(
    reading: Reading, priya: Person
) -> None:
    with pytest.raises(Refused, match="You do not sit on this panel"):
        put(reading.panel, Kind.OTHER, priya, words="May I?")


def test_put_to_panel_is_refused_to_who_stands_aside(reading: Reading, harold: Person) -> None:
    aside_from(reading, harold)
    with pytest.raises(Refused, match="standing aside from this part of the money"):
        put(reading.panel, Kind.OTHER, harold, words="May I?")


def test_put_to_panel_open_scores_waits_for_its_stage(reading: Reading) -> None:
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        put(reading.panel, Kind.OPEN_SCORES)


def test_put_to_panel_the_same_twice_is_refused(reading: Reading) -> None:
    put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="in front of the panel already"):
        put(reading.panel, Kind.OPEN_SCORES)


def test_put_to_panel_open_scores_once_open_is_refused(reading: Reading) -> None:
    open_scores(reading.panel)
    with pytest.raises(Refused, match="open already"):
        put(reading.panel, Kind.OPEN_SCORES)


def test_put_to_panel_in_own_words_needs_words(reading: Reading) -> None:
    with pytest.raises(Refused, match="Write what you put"):
        put(reading.panel, Kind.OTHER, words="  ")


# ---- Answering and settling -----------------------------------------------------------------
def test_vote_on_proposal_settles_once_it_is_certain(reading: Reading) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    first, second, third, _fourth = seats_of(reading.panel)
    vote(proposal, first)
    vote(proposal, second, "live_with")
    proposal.refresh_from_db()
    assert not proposal.settled_at, "two of four are not a quorum"
    vote(proposal, third)
    proposal.refresh_from_db()
    reading.panel.refresh_from_db()
    assert proposal.outcome == Proposal.Outcome.AGREED, "before the fourth has answered"
    assert reading.panel.scores_opened_at == proposal.settled_at


def test_vote_on_proposal_two_against_two_is_a_tie(reading: Reading) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    for seat, choice in zip(
        seats_of(reading.panel), ["agree", "disagree", "live_with", "disagree"], strict=True
    ):
        vote(proposal, seat, choice)
    proposal.refresh_from_db()
    reading.panel.refresh_from_db()
    assert proposal.outcome == Proposal.Outcome.TIE
    assert reading.panel.scores_opened_at is None
    assert put(reading.panel, Kind.OPEN_SCORES), "it may be put again"


def test_vote_on_proposal_more_against_is_not_agreed(reading: Reading) -> None:
    proposal = everyone_says(put(reading.panel, Kind.OPEN_SCORES), "disagree")
    reading.panel.refresh_from_db()
    assert proposal.outcome == Proposal.Outcome.NOT_AGREED
    assert reading.panel.scores_opened_at is None


def test_vote_on_proposal_of_staff_is_kept_and_does_not_count(
    reading: Reading, joan: Person, sam: Person
) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    for seat in seats_of(reading.panel):
        actions.vote_on_proposal(
            proposal=proposal, seat=seat, choice="agree", by=sam, at=timezone.now()
        )
    proposal.refresh_from_db()
    assert not proposal.settled_at
    assert ProposalVote.objects.counting().count() == 0
    assert Letter.objects.filter(kind="panel_vote_typed", to=joan).exists()


def test_vote_on_proposal_is_not_typed_for_one_who_is_no_volunteer_now(
    reading: Reading, joan: Person, sam: Person
) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    joan.roles.update(ended_at=timezone.now(), ended_by=sam)
    with pytest.raises(Refused, match="Joan Ibbotson is not a volunteer now"):
        actions.vote_on_proposal(
            proposal=proposal,
            seat=seat_of(reading.panel, joan),
            choice="agree",
            by=sam,
            at=timezone.now(),
        )


@pytest.mark.parametrize("who", ["margaret", "amina", "administrator", "superuser", "outsider"])
def test_vote_on_proposal_is_refused_to_everybody_else(
    reading: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="Your role here does not include this"):
        actions.vote_on_proposal(
            proposal=proposal,
            seat=seats_of(reading.panel)[0],
            choice="agree",
            by=request.getfixturevalue(who),
            at=timezone.now(),
        )


def test_vote_on_proposal_for_another_member_is_refused(reading: Reading, harold: Person) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="Your role here does not include this"):
        actions.vote_on_proposal(
            proposal=proposal,
            seat=seats_of(reading.panel)[0],
            choice="agree",
            by=harold,
            at=timezone.now(),
        )


def test_vote_on_proposal_twice_is_refused(reading: Reading) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    vote(proposal, seats_of(reading.panel)[0])
    with pytest.raises(Refused, match="You have answered this already"):
        vote(proposal, seats_of(reading.panel)[0])


def test_vote_on_proposal_once_settled_is_refused(reading: Reading) -> None:
    proposal = agree(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="settled this already"):
        vote(proposal, seats_of(reading.panel)[3])


def test_vote_on_proposal_is_refused_to_who_stands_aside_and_quorum_shrinks(
    reading: Reading, harold: Person
) -> None:
    aside_from(reading, harold)
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="do not stand aside"):
        vote(proposal, seat_of(reading.panel, harold))
    assert everyone_says(proposal).outcome == Proposal.Outcome.AGREED
    assert proposal.votes.count() == 3


def test_vote_on_proposal_about_one_bid_leaves_out_who_stands_aside_from_it(
    joan: Person, harold: Person, sam: Person
) -> None:
    reading = opened_round(joan, harold, by=sam)
    aside_from(reading, harold, bid=True)
    with pytest.raises(Refused, match="do not stand aside"):
        vote(propose(reading.panel, reading.bids[0]), seat_of(reading.panel, harold))
    vote(propose(reading.panel, reading.bids[1]), seat_of(reading.panel, harold))


def test_vote_on_proposal_nobody_answers_on_their_own_interest(
    reading: Reading, harold: Person
) -> None:
    interest = actions.declare_late(
        member=reading.member(harold),
        application=reading.bids[0],
        kind=Interest.Kind.INDIRECT,
        by=harold,
        at=timezone.now(),
    )
    proposal = Proposal.objects.get(kind=Kind.INTEREST, data__interest=interest.pk)
    with pytest.raises(Refused, match="do not stand aside"):
        vote(proposal, seat_of(reading.panel, harold))
    everyone_says(proposal, "disagree")
    aside = StandingAside.objects.get(member__person=harold)
    assert aside.application == reading.bids[0]


def test_vote_on_proposal_after_its_stage_closed_is_refused(reading: Reading) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        vote(proposal, seats_of(reading.panel)[0])


# ---- The database ---------------------------------------------------------------------------
def raw_vote(proposal: Proposal, reading: Reading, **fields: object) -> None:
    """A vote written past every rule."""
    with transaction.atomic():
        ProposalVote.objects.create(
            **{
                "proposal": proposal,
                "seat": seats_of(reading.panel)[0],
                "choice": "agree",
                "voted_at": timezone.now(),
                **fields,
            }
        )


def test_the_database_refuses_a_vote_of_who_stands_aside(reading: Reading, joan: Person) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    aside_from(reading, joan)
    with pytest.raises(IntegrityError, match="only a panel member who does not stand aside"):
        raw_vote(proposal, reading)


def test_the_database_refuses_a_typed_vote_that_is_confirmed_from_the_start(
    reading: Reading, sam: Person, ruth: Person
) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    with pytest.raises(IntegrityError):
        raw_vote(proposal, reading, typed_by=sam, confirmed_by=ruth, confirmed_at=timezone.now())


def test_the_database_refuses_a_vote_confirmed_by_its_typist(reading: Reading, sam: Person) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    raw_vote(proposal, reading, typed_by=sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalVote.objects.update(confirmed_by=sam, confirmed_at=timezone.now())


def test_the_database_refuses_agreement_that_nobody_gave(reading: Reading, sam: Person) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(IntegrityError, match="nothing is agreed"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(outcome="agreed", settled_at=timezone.now())
    with pytest.raises(IntegrityError, match="not settled yet"), transaction.atomic():
        Proposal.objects.create(
            panel=reading.panel,
            kind=Kind.OPEN_SCORES,
            put_at=timezone.now(),
            put_by=sam,
            outcome="agreed",
            settled_at=timezone.now(),
        )


def test_the_database_refuses_to_open_scores_without_the_panel(reading: Reading) -> None:
    reading.panel.scores_opened_at = timezone.now()
    with pytest.raises(IntegrityError, match="only the panel opens its scores"):
        reading.panel.save()


# ---- Typed and confirmed --------------------------------------------------------------------
@pytest.fixture
def typed(reading: Reading, joan: Person, sam: Person) -> ProposalVote:
    """Joan's answer, typed by Sam; the rest have not answered."""
    return actions.vote_on_proposal(
        proposal=put(reading.panel, Kind.OPEN_SCORES),
        seat=seat_of(reading.panel, joan),
        choice="agree",
        by=sam,
        at=timezone.now(),
    )


def confirm(vote: ProposalVote, by: Person) -> None:
    actions.confirm_vote(vote=vote, by=by, at=timezone.now())
    vote.refresh_from_db()


def test_confirm_vote_by_its_member_counts_and_may_settle(
    reading: Reading, typed: ProposalVote, joan: Person
) -> None:
    for seat in seats_of(reading.panel)[1:3]:
        vote(typed.proposal, seat)
    confirm(typed, joan)
    reading.panel.refresh_from_db()
    assert reading.panel.scores_opened_at


def test_confirm_vote_by_a_second_facilitator_writes_to_the_member(
    typed: ProposalVote, joan: Person, ruth: Person
) -> None:
    confirm(typed, ruth)
    assert typed.confirmed_by == ruth
    assert Letter.objects.filter(kind="panel_vote_confirmed", to=joan).count() == 1


def test_confirm_vote_by_who_typed_it_is_refused(typed: ProposalVote, sam: Person) -> None:
    with pytest.raises(Refused, match="somebody else must check it"):
        confirm(typed, sam)


def test_confirm_vote_by_another_member_is_refused(typed: ProposalVote, harold: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        confirm(typed, harold)


def test_confirm_vote_typed_wrongly_the_member_answers_again(
    reading: Reading, typed: ProposalVote, joan: Person
) -> None:
    vote(typed.proposal, seat_of(reading.panel, joan), "disagree")
    assert list(ProposalVote.objects.counting().values_list("choice", flat=True)) == ["disagree"]
    with pytest.raises(Refused, match="There is an answer already"):
        confirm(typed, joan)


def test_confirm_vote_an_older_typing_is_refused(
    reading: Reading, typed: ProposalVote, joan: Person, ruth: Person
) -> None:
    newer = actions.vote_on_proposal(
        proposal=typed.proposal, seat=typed.seat, choice="disagree", by=ruth, at=timezone.now()
    )
    with pytest.raises(Refused, match="A newer answer"):
        confirm(typed, joan)
    confirm(newer, joan)


# ---- Counting without the rest --------------------------------------------------------------
def count(proposal: Proposal, by: Person, *, days: int = 0) -> Proposal:
    return actions.count_answers(proposal=proposal, by=by, at=timezone.now() + timedelta(days=days))


@pytest.fixture
def undecided(reading: Reading) -> Proposal:
    """Two for, one against, one still to come: not certain."""
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    for seat, choice in zip(
        seats_of(reading.panel)[:3], ["agree", "agree", "disagree"], strict=True
    ):
        vote(proposal, seat, choice)
    proposal.refresh_from_db()
    assert not proposal.settled_at
    return proposal


def test_count_answers_waits_for_the_rest_at_first(undecided: Proposal, joan: Person) -> None:
    with pytest.raises(Refused, match="Some have not answered yet"):
        count(undecided, joan)


def test_count_answers_after_three_days(undecided: Proposal, joan: Person) -> None:
    assert count(undecided, joan, days=3).outcome == Proposal.Outcome.AGREED


def test_count_answers_on_the_day_the_panel_meets(
    reading: Reading, undecided: Proposal, joan: Person, sam: Person
) -> None:
    actions.arrange_meeting(
        panel=reading.panel,
        kind="shortlist",
        starts_at=timezone.now() + timedelta(seconds=1),
        place="Mill Hill",
        by=sam,
        at=timezone.now(),
    )
    assert count(undecided, joan).outcome == Proposal.Outcome.AGREED


def test_count_answers_when_the_one_left_has_gone(
    reading: Reading, undecided: Proposal, joan: Person
) -> None:
    last = seats_of(reading.panel)[3]
    actions.end_seat(seat=last, by=last.member.person, at=timezone.now())
    assert count(undecided, joan).outcome == Proposal.Outcome.AGREED


def test_count_answers_without_a_quorum_is_refused(reading: Reading, joan: Person) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    vote(proposal, seats_of(reading.panel)[0])
    with pytest.raises(Refused, match="At least 3 answers are needed"):
        count(proposal, joan, days=9)


def test_count_answers_is_never_staffs(undecided: Proposal, sam: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        count(undecided, sam, days=9)


# ---- Taking back, and doing what was agreed -------------------------------------------------
def test_drop_proposal_by_who_put_it(reading: Reading, joan: Person, harold: Person) -> None:
    proposal = put(reading.panel, Kind.OPEN_SCORES)
    with pytest.raises(Refused, match="Only the person who put this"):
        actions.drop_proposal(proposal=proposal, by=harold, at=timezone.now())
    actions.drop_proposal(proposal=proposal, by=joan, at=timezone.now())
    proposal.refresh_from_db()
    assert proposal.outcome == Proposal.Outcome.DROPPED


def test_carry_out_proposal_changes_days_of_rest_as_agreed(joan: Person, sam: Person) -> None:
    early = sharing_round(joan, by=sam, bids=1)
    facts = {"stage": "scoring", "recovery_days": 1}
    proposal = agree(early.panel, Kind.SHORTEN_REST, sam, data=facts)
    actions.carry_out_proposal(proposal=proposal, by=sam, at=timezone.now())
    assert early.round.stages.get(kind="scoring").recovery_days == 1


def test_carry_out_proposal_closes_a_stage_sooner_as_agreed(reading: Reading, sam: Person) -> None:
    open_scores(reading.panel)
    for bid in reading.bids:
        choose_to_meet(reading.panel, bid)
    proposal = agree(reading.panel, Kind.CLOSE_EARLY, sam, data={"stage": "shortlist"})
    stage = reading.round.stages.get(kind="shortlist")
    assert not may_close_stage(stage, on=timezone.localdate())
    actions.carry_out_proposal(proposal=proposal, by=sam, at=timezone.now())
    stage.refresh_from_db()
    assert stage.closed_by == sam


def test_carry_out_proposal_that_is_not_agreed_is_refused(reading: Reading, sam: Person) -> None:
    proposal = put(reading.panel, Kind.SHORTEN_REST, sam, data={"stage": "shortlist"})
    with pytest.raises(Refused, match="The panel has not agreed to this"):
        actions.carry_out_proposal(proposal=proposal, by=sam, at=timezone.now())


def test_carry_out_proposal_waits_for_every_panel_of_the_round(
    reading: Reading, sam: Person
) -> None:
    lot = reading.round.lots.create(name="Another", slug="another", limit=1)
    actions.make_panel(lot=lot, name="The other panel", by=sam, at=timezone.now())
    facts = {"stage": "shortlist", "recovery_days": 1}
    proposal = agree(reading.panel, Kind.SHORTEN_REST, sam, data=facts)
    with pytest.raises(Refused, match="“The other panel” has not agreed"):
        actions.carry_out_proposal(proposal=proposal, by=sam, at=timezone.now())


def test_carry_out_proposal_is_not_a_members(reading: Reading, joan: Person, sam: Person) -> None:
    facts = {"stage": "shortlist", "recovery_days": 1}
    proposal = agree(reading.panel, Kind.SHORTEN_REST, sam, data=facts)
    with pytest.raises(Refused, match="Your role here"):
        actions.carry_out_proposal(proposal=proposal, by=joan, at=timezone.now())


# ---- Pages ----------------------------------------------------------------------------------
def test_proposal_list_and_detail_for_a_member(
    client: Client, reading: Reading, joan: Person
) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Shall we have tea first?")
    client.force_login(joan)
    page = client.get(reverse("proposal_list", args=[reading.panel.pk]))
    assert b"Shall we have tea first?" in page.content
    page = client.get(reverse("proposal_detail", args=[proposal.pk]))
    assert b"Shall we have tea first?" in page.content
    assert page.context["may_answer"]


def test_proposal_detail_shows_no_counts_before_one_has_answered(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    vote(proposal, seats_of(reading.panel)[1], "disagree", "Not before noon.")
    for person in (joan, sam):
        client.force_login(person)
        page = client.get(reverse("proposal_detail", args=[proposal.pk]))
        assert page.context["result"] is None
        assert b"Not before noon" not in page.content
    vote(proposal, seats_of(reading.panel)[0])
    client.force_login(joan)
    page = client.get(reverse("proposal_detail", args=[proposal.pk]))
    assert [count for _word, count in page.context["result"]["rows"]] == [1, 0, 1]
    assert b"Not before noon" in page.content
    client.force_login(sam)
    page = client.get(reverse("proposal_detail", args=[proposal.pk]))
    assert page.context["result"] is None, "staff see how people answered only at the end"


def test_proposal_detail_marks_an_answer_that_was_typed(
    client: Client, typed: ProposalVote, joan: Person
) -> None:
    client.force_login(joan)
    page = client.get(reverse("proposal_detail", args=[typed.proposal_id]))
    assert b"It does not count yet" in page.content
    assert reverse("confirm_vote", args=[typed.pk]).encode() in page.content


def test_vote_on_proposal_page(client: Client, reading: Reading, joan: Person) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    client.force_login(joan)
    url = reverse("vote_on_proposal", args=[proposal.pk])
    page = client.get(url)
    assert page.status_code == 200
    assert b"checked" not in page.content, "nothing is chosen beforehand"
    page = client.post(url, {"words": "I like tea."})
    assert page.status_code == 422
    assert b"I like tea." in page.content
    page = client.post(url, {"choice": "live_with", "words": "I like tea."})
    assert page.status_code == 302
    assert proposal.votes.get().choice == "live_with"


def test_put_proposal_page(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("put_proposal", args=[reading.panel.pk])
    assert client.post(url, {"words": " "}).status_code == 422
    page = client.post(url, {"words": "Shall we meet on Tuesdays?"})
    proposal = Proposal.objects.get(kind=Kind.OTHER)
    assert page["Location"] == reverse("vote_on_proposal", args=[proposal.pk])


def test_put_for_panel_page_of_staff(client: Client, reading: Reading, sam: Person) -> None:
    client.force_login(sam)
    url = reverse("put_for_panel", args=[reading.panel.pk])
    assert client.get(url).status_code == 200
    page = client.post(url, {"kind": "shorten_rest", "words": "The hall is booked."})
    assert page.status_code == 422
    assert b"The hall is booked." in page.content
    assert {"stage", "recovery_days"} <= set(page.context["form"].errors)
    page = client.post(url, {"kind": "add_member", "words": "One has left."})
    assert page.status_code == 422
    client.post(
        url,
        {"kind": "shorten_rest", "stage": "shortlist", "recovery_days": "1", "words": "Booked."},
    )
    assert Proposal.objects.get().data == {"stage": "shortlist", "recovery_days": 1}


def test_put_for_panel_a_new_member_may_then_be_seated(
    client: Client, reading: Reading, sam: Person
) -> None:
    person = make_volunteers(1)[0]
    new = Member.objects.create(
        round=reading.round,
        person=person,
        invited_at=timezone.now(),
        invited_by=sam,
        joined_at=timezone.now(),
        joined_by=person,
    )
    client.force_login(sam)
    url = reverse("put_for_panel", args=[reading.panel.pk])
    client.post(url, {"kind": "add_member", "member": new.pk, "words": "One has left."})
    with pytest.raises(Refused, match="must confirm this person first"):
        actions.seat_member(panel=reading.panel, member=new, by=sam, at=timezone.now())
    everyone_says(Proposal.objects.get(kind=Kind.ADD_MEMBER))
    new.refresh_from_db()
    assert new.confirmed_at
    assert reading.round.chain.entries.filter(verb="panel_confirmed_newcomer").count() == 1
    assert Letter.objects.filter(kind="place_confirmed", to=person).count() == 1
    assert actions.seat_member(panel=reading.panel, member=new, by=sam, at=timezone.now())


def test_put_for_panel_is_not_there_for_a_member(
    client: Client, reading: Reading, joan: Person
) -> None:
    client.force_login(joan)
    assert client.get(reverse("put_for_panel", args=[reading.panel.pk])).status_code == 404


def test_type_vote_on_proposal_page(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    proposal = put(reading.panel, Kind.OTHER, words="Tea?")
    seat = seat_of(reading.panel, joan)
    client.force_login(sam)
    url = reverse("type_vote_on_proposal", args=[proposal.pk, seat.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"words": "On the phone"}).status_code == 422
    client.post(url, {"choice": "agree", "words": "On the phone"})
    assert proposal.votes.get().typed_by == sam
    client.force_login(joan)
    assert client.get(url).status_code == 404


def test_confirm_vote_page(client: Client, typed: ProposalVote, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("confirm_vote", args=[typed.pk])
    page = client.get(url)
    assert b"Sam Okafor" in page.content
    typed.refresh_from_db()
    assert typed.confirmed_at is None, "looking changes nothing"
    client.post(url)
    typed.refresh_from_db()
    assert typed.confirmed_by == joan


def test_confirm_vote_page_of_a_second_facilitator(
    client: Client, typed: ProposalVote, ruth: Person, sam: Person
) -> None:
    url = reverse("confirm_vote", args=[typed.pk])
    client.force_login(sam)
    assert client.get(url).status_code == 403
    client.force_login(ruth)
    assert b"the sheet that they signed" in client.get(url).content


def test_count_answers_drop_proposal_and_carry_out_proposal_are_posts(
    client: Client, reading: Reading, undecided: Proposal, joan: Person, sam: Person
) -> None:
    client.force_login(joan)
    url = reverse("count_answers", args=[undecided.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 403
    clock.move(days=4)
    assert client.post(url).status_code == 302
    other = put(reading.panel, Kind.OTHER, words="Tea?")
    client.post(reverse("drop_proposal", args=[other.pk]))
    other.refresh_from_db()
    assert other.outcome == "dropped"
    asked = put(reading.panel, Kind.CLOSE_EARLY, sam, data={"stage": "shortlist"})
    client.force_login(sam)
    url = reverse("carry_out_proposal", args=[asked.pk])
    assert client.get(url).status_code == 405
    page = client.post(url)
    assert page.context["sentence"] == "The panel has not agreed to this."


def test_proposal_list_asks_as_much_for_three_as_for_one(
    client: Client, reading: Reading, joan: Person, django_assert_max_num_queries: object
) -> None:
    client.force_login(joan)
    url = reverse("proposal_list", args=[reading.panel.pk])
    put(reading.panel, Kind.OTHER, words="One?")
    agree(reading.panel, Kind.OTHER, words="Two?")
    with django_assert_max_num_queries(12) as first:
        client.get(url)
    put(reading.panel, Kind.OTHER, words="Three?")
    agree(reading.panel, Kind.OTHER, words="Four?")
    with django_assert_max_num_queries(12) as second:
        client.get(url)
    assert len(first) == len(second)


def test_proposal_detail_asks_no_more_than_twelve(
    client: Client,
    reading: Reading,
    undecided: Proposal,
    joan: Person,
    sam: Person,
    django_assert_max_num_queries: object,
) -> None:
    for person in (joan, sam):
        client.force_login(person)
        with django_assert_max_num_queries(12):
            client.get(reverse("proposal_detail", args=[undecided.pk]))


def test_proposals_about_a_bid_are_hidden_from_who_steps_out(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    reading = opened_round(joan, harold, by=sam)
    proposal = propose(reading.panel, reading.bids[0])
    aside_from(reading, harold, bid=True)
    client.force_login(harold)
    for name in ("proposal_detail", "vote_on_proposal"):
        assert client.get(reverse(name, args=[proposal.pk])).status_code == 404
    page = client.get(reverse("proposal_list", args=[reading.panel.pk]))
    assert reading.bids[0].reference.encode() not in page.content


def test_a_bid_taken_back_takes_what_was_put_about_it_off_the_table(
    joan: Person, amina: Person, sam: Person
) -> None:
    reading = opened_round(joan, by=sam)
    gone, stays = reading.bids[:2]
    about, other = (propose(reading.panel, bid, "meet") for bid in (gone, stays))
    vote(about, seats_of(reading.panel)[0])
    act_for(gone, amina)
    withdraw_application(application=gone, by=amina, at=timezone.now())
    about.refresh_from_db()
    other.refresh_from_db()
    assert about.outcome == Proposal.Outcome.DROPPED
    assert other.settled_at is None
    entry = Entry.objects.get(verb="dropped_proposal_with_bid")
    assert entry.data == {"proposal": about.pk, "application": gone.pk}
    with pytest.raises(Refused):
        vote(about, seats_of(reading.panel)[1])
    assert everyone_says(other).outcome == Proposal.Outcome.AGREED
