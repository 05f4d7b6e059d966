"""Ways round the rest, the sight and the decisions that a well-meaning manager might take.

Each is tried through the newest pages' own actions; docs/security.md lists them with what refused.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions as people
from accounts.models import NewEmail, Person, Role
from accounts.permissions import Refused
from applications.models import Colleague
from commissioning import actions as rounds
from commissioning.models import HoursGiven, Round, StageKind, TypedAnswer
from decisions import actions as decisions
from decisions.models import Complaint
from ledger.models import Letter
from support.actions import care, company
from support.models import Expense, Gathering
from tests.factories.commissioning import join, make_lot, make_person, make_round
from tests.factories.meeting import close_all
from tests.factories.panels import reading_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(joan: Person, harold: Person, sam: Person) -> Round:
    round = make_round(by=sam)
    join(round, joan, harold)
    return round


def claim(round: Round, person: Person, by: Person) -> Expense:
    return care.claim_expense(
        member=round.members.get(person=person),
        kind="travel",
        what="The bus",
        amount=Decimal(5),
        spent_on=timezone.localdate(),
        by=by,
        at=timezone.now(),
    )


def test_nobody_types_a_claim_and_pays_it_too(
    round: Round, joan: Person, sam: Person, ruth: Person
) -> None:
    typed = claim(round, joan, by=sam)
    with pytest.raises(Refused, match="Another facilitator pays it back"):
        care.pay_expense(expense=typed, by=sam, at=timezone.now())
    care.pay_expense(expense=typed, by=ruth, at=timezone.now())
    own = claim(round, joan, by=joan)
    care.pay_expense(expense=own, by=sam, at=timezone.now())


def test_where_there_is_one_facilitator_a_typed_claim_is_paid_all_the_same(
    round: Round, joan: Person, sam: Person
) -> None:
    Person.objects.holding(Role.FACILITATOR).exclude(pk=sam.pk).update(is_active=False)
    care.pay_expense(expense=claim(round, joan, by=sam), by=sam, at=timezone.now())
    assert Letter.objects.get(kind="expense_paid").to == joan


def test_a_paid_claim_is_not_made_larger_afterwards(
    round: Round, joan: Person, sam: Person
) -> None:
    paid = claim(round, joan, by=joan)
    care.pay_expense(expense=paid, by=sam, at=timezone.now())
    for change in ({"amount": 500}, {"paid_at": None, "paid_by": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(paid).objects.filter(pk=paid.pk).update(**change)


def test_hours_that_a_member_said_are_not_typed_over(
    round: Round, joan: Person, sam: Person
) -> None:
    """The report tells hours promised and given; a manager would like them to be near."""
    member, stage = round.members.get(person=joan), StageKind.TRAINING
    facts = {"member": member, "stage": stage, "at": timezone.now()}
    with pytest.raises(DatabaseError), transaction.atomic():
        HoursGiven.objects.create(
            member=member, stage=stage, hours=3, said_at=facts["at"], said_by=sam
        )
    typed = rounds.type_hours(hours=Decimal(3), by=sam, **facts)
    with pytest.raises(Refused, match="Another person must check"):
        rounds.confirm_typed_answer(typed=typed, by=sam, at=facts["at"])
    with pytest.raises(DatabaseError), transaction.atomic():
        TypedAnswer.objects.filter(pk=typed.pk).update(said={"stage": "training", "hours": "200"})
    rounds.say_hours(hours=Decimal(9), by=joan, **facts)
    with pytest.raises(Refused, match="They said it themselves"):
        rounds.type_hours(hours=Decimal(3), by=sam, **facts)
    with pytest.raises(DatabaseError), transaction.atomic():
        member.hours_given.all().delete()


def test_wishes_are_said_by_their_giver_alone(round: Round, joan: Person, sam: Person) -> None:
    """Who reads what follows wishes; so does who could sit."""
    lot = make_lot(round, "Company")
    with pytest.raises(Refused, match="Only you can change what you promised"):
        rounds.say_wishes(
            member=round.members.get(person=joan), wishes={lot: True}, by=sam, at=timezone.now()
        )


def test_nobody_makes_up_the_second_person_for_a_lost_email(
    round: Round, joan: Person, sam: Person, ruth: Person
) -> None:
    """Whoever is facilitator and administrator could invite somebody who is nobody, and be both."""
    now = timezone.now()
    people.note_sign_in_email(person=joan, by=joan, at=now)
    joan.last_login = now
    joan.save(update_fields=["last_login"])
    people.give_role(person=sam, role=Role.ADMINISTRATOR, by=Person.objects.operator(), at=now)
    sam = Person.objects.get(pk=sam.pk)
    friend = people.invite_person(
        name="Nobody", email="nobody@example.org", role=Role.FACILITATOR, by=sam, at=now
    )
    new = NewEmail.objects.create(
        person=joan, email="sam.too@example.org", why="She rang.", asked_at=now, asked_by=sam
    )
    with pytest.raises(Refused, match="Your role here is new"):
        people.agree_new_email(new=new, by=Person.objects.get(pk=friend.pk), at=now)
    people.agree_new_email(new=new, by=ruth, at=now)


def test_no_time_together_is_set_into_a_time_of_rest(joan: Person, sam: Person) -> None:
    reading = reading_round(joan, by=sam)
    close_all(reading, rest=7)
    in_rest, after = (timezone.now() + timedelta(days=days) for days in (2, 9))
    facts = {"kind": Gathering.Kind.values[0], "place": "The hall", "by": sam, "at": timezone.now()}
    round = Round.objects.get(pk=reading.round.pk)
    with pytest.raises(Refused, match="Everybody rests on"):
        company.arrange_gathering(round=round, starts_at=in_rest, **facts)
    made = company.arrange_gathering(round=round, starts_at=after, **facts)
    with pytest.raises(Refused, match="Everybody rests on"):
        company.change_gathering(
            gathering=made, changes={"starts_at": in_rest}, by=sam, at=timezone.now()
        )


def test_a_facilitator_who_takes_up_hearing_complaints_hears_none(
    joan: Person, sam: Person, ruth: Person, amina: Person
) -> None:
    """Not by the role, not through the list of people, not through the letters."""
    now, reading = timezone.now(), reading_round(joan, by=sam)
    bid = reading.bids[0]
    Colleague.objects.create(
        organisation=bid.organisation, person=amina, added_at=now, added_by=amina
    )
    handler = make_person("Hattie Hearer", Role.COMPLAINTS)
    facts = {"application": bid, "text": "Ruth hurried us.", "made_at": now, "made_by": amina}
    days = {"hear_on": now.date(), "answer_on": now.date()}
    complaint = Complaint.objects.create(**facts, **days)
    ruth.roles.create(role=Role.COMPLAINTS, began_at=now, began_by=handler)
    ruth = Person.objects.get(pk=ruth.pk)
    with pytest.raises(Refused, match="You had a part in this"):
        decisions.take_complaint(complaint=complaint, by=ruth, at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(complaint).objects.filter(pk=complaint.pk).update(taken_at=now, taken_by=ruth)
    browser = Client()
    browser.force_login(ruth)
    for page in ("complaint_list", "outbox"):
        assert "hurried" not in browser.get(reverse(page)).text
    person = browser.get(reverse("person_detail", args=[amina.pk]))
    assert person.status_code == 404 or "hurried" not in person.text


def test_staff_are_nobodys_supporter(
    round: Round, joan: Person, harold: Person, sam: Person, ruth: Person
) -> None:
    """Whoever helps a volunteer to read sees what that volunteer reads."""
    for helper in (sam, ruth, harold):
        with pytest.raises(Refused, match=r"as a supporter|cannot be a supporter"):
            care.name_helper(
                member=round.members.get(person=joan), supporter=helper, by=sam, at=timezone.now()
            )


def test_the_boards_question_stays_as_it_was_asked(
    round: Round, margaret: Person, sam: Person
) -> None:
    asked = round.board_notes.create(
        kind="question", text="Why so late?", made_at=timezone.now(), made_by=margaret
    )
    for change in ({"text": "Well done."}, {"made_by": sam}):
        with pytest.raises(DatabaseError), transaction.atomic():
            round.board_notes.filter(pk=asked.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        round.board_notes.create(
            kind="noted", text="All well.", made_at=timezone.now(), made_by=sam
        )
