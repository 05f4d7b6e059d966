"""What becomes of a bid, as those who bid read it: a letter of each kind, an offer, a complaint."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from applications.models import Application, Colleague, Eligibility
from commissioning.models import FunderRule
from decisions.models import Acceptance, Complaint, OutcomeLetter
from decisions.tasks import ask_who_is_owed
from ledger.tasks import send_due
from tests.factories import decisions as build
from tests.factories.commissioning import make_person
from tests.factories.panels import make_bid
from tests.factories.unguarded import unguarded
from tests.journeys.conftest import Newcomer
from tests.journeys.people import squash

pytestmark = pytest.mark.django_db(transaction=True)

Kind = OutcomeLetter.Kind
# What each letter must say, whatever else it says.
SAYS = {
    Kind.YES: ("Good news", build.REASON),
    Kind.LESS: ("£600.50", "The van.", "Tell us.", build.REASON),
    Kind.RESERVE: ("reserve", build.REASON),
    Kind.NO: (build.REASON,),
    Kind.NOT_MET: ("It does not say who it is for.",),
    Kind.NOT_ELIGIBLE: ("The work is in Leeds.", "All of it is in York."),
}


@pytest.fixture
def deciding(joan: Person, harold: Person, priya: Person, sam: Person) -> build.Deciding:
    """A round of four bids that were met, and one that was not."""
    return build.deciding_round(joan, harold, priya, by=sam, bids=4, not_met=1)


def act_for(bid: Application, name: str) -> Person:
    """Somebody who signs in for the group of this bid."""
    person = make_person(name, Role.APPLICANT)
    Colleague.objects.create(
        organisation=bid.organisation, person=person, added_at=timezone.now(), added_by=person
    )
    return person


def found_not_eligible(bid: Application, by: Person, second: Person) -> None:
    """A rule check that said no three weeks ago, with its second person."""
    then = timezone.now() - timedelta(days=21)
    rule = FunderRule.objects.create(round=bid.round, text="The work is in Leeds.")
    ruling = Eligibility.objects.create(
        application=bid,
        eligible=False,
        rule=rule,
        reason="All of it is in York.",
        decided_at=then,
        decided_by=by,
        seconded_at=then,
        seconded_by=second,
    )
    Eligibility.objects.filter(application=bid).exclude(pk=ruling.pk).update(replaced_by=ruling)


def test_a_letter_of_each_kind_is_read(
    newcomer: Newcomer, deciding: build.Deciding, sam: Person, ruth: Person
) -> None:
    outside = make_bid(deciding.panel.lot)
    found_not_eligible(outside, sam, ruth)
    bids = dict(zip(SAYS, [*deciding.bids, *deciding.not_met, outside], strict=True))
    with unguarded():  # names of which none is a part of another
        for kind, bid in bids.items():
            bid.title = f"The {kind} idea"
            bid.save(update_fields=["title"])
    people = {kind: act_for(bid, f"Ann {kind.title()}") for kind, bid in bids.items()}
    build.decided(deciding)
    build.sent_letters(deciding)
    ask_who_is_owed()
    send_due()
    for kind, person in people.items():
        reader = newcomer(person.name, person.sign_in_email, phone=True)
        reader.is_signed_in_as(person)
        reader.opens_letter("about your bid")
        assert all(words in squash(reader.letters()[-1].body) for words in SAYS[kind]), kind
        assert bids[kind].organisation.name in reader.letters()[-1].body
        others = [bid.title for bid in bids.values() if bid != bids[kind]]
        assert not [title for title in others if title in reader.letters()[-1].body]
        if kind != Kind.NOT_ELIGIBLE:
            reader.heading("What the panel decided")
            reader.sees(*SAYS[kind][1 if kind == Kind.YES else 0 :])
            assert reader.offers("Say if you take the money") == (kind in (Kind.YES, Kind.LESS))
        reader.does_not_see(*others)


def test_an_offer_is_accepted_with_its_conditions(
    newcomer: Newcomer, deciding: build.Deciding, sam: Person
) -> None:
    less = deciding.bids[1]
    person = act_for(less, "Amina Yusuf")
    build.decided(deciding)
    build.sent_letters(deciding)
    amina = newcomer(person.name, person.sign_in_email, phone=True)
    amina.is_signed_in_as(person)
    amina.go_home()
    amina.follow("Read about it")
    amina.sees("What is left out", "The van.", "What the panel asks of you", "Tell us.")
    amina.follow("Say if you take the money")
    amina.press("Send your answer", answer=422)
    amina.choose("Yes, we take it")
    amina.tick("This is our answer. We know that we cannot change it here")
    amina.press("Send your answer")
    amina.sees("Amina Yusuf said yes on")
    assert not amina.offers("Say if you take the money")
    assert Acceptance.objects.get(outcome__application=less).accepted
    staff = newcomer("Sam", "sam@example.org")
    staff.is_signed_in_as(sam)
    staff.go(reverse("due_diligence", args=[deciding.round.slug]))
    staff.sees("The group has said yes.")


def test_a_complaint_is_heard_by_somebody_who_had_no_part(
    newcomer: Newcomer, deciding: build.Deciding, sam: Person
) -> None:
    bid = deciding.bids[3]
    person, hearer = act_for(bid, "Leon Field"), make_person("Hattie Hearer", Role.COMPLAINTS)
    build.decided(deciding)
    build.sent_letters(deciding)
    leon = newcomer(person.name, person.sign_in_email, phone=True)
    leon.is_signed_in_as(person)
    leon.go(reverse("outcome_detail", args=[bid.pk]))
    leon.follow("Complain about how things were done")
    leon.sees("A complaint cannot change what the panel chose.", "Hattie Hearer")
    leon.writes("Our talk was half an hour. Others had an hour.")
    leon.press("Send your complaint")
    leon.sees("You hear who looks into it by", "Our talk was half an hour.")
    send_due()
    hattie = newcomer("Hattie", hearer.sign_in_email)
    hattie.is_signed_in_as(hearer)
    hattie.opens_letter("a group complains about how things were done")
    hattie.press("I look into this")
    hattie.sees("Our talk was half an hour. Others had an hour.")
    hattie.choose("It was not done as it should be")
    hattie.writes("You are right, and we are sorry. A clock is on the table now.")
    hattie.tick("I have read my answer again. It can go to the group")
    hattie.press("Send your answer")
    send_due()
    leon.opens_letter("The answer to your complaint")
    leon.sees("Hattie Hearer", "A clock is on the table now.")
    assert Complaint.objects.get().answered_by == hearer
    staff = newcomer("Sam", "sam@example.org")
    staff.is_signed_in_as(sam)
    staff.is_refused(reverse("answer_complaint", args=[Complaint.objects.get().pk]))
    staff.is_refused(reverse("complaint_list"))
