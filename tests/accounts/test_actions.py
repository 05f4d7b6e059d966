"""Inviting, giving and ending roles, details, breaks: what is allowed, and what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import Break, KeptWork, Person, Role, RoleHolding, SignIn
from accounts.permissions import Refused
from ledger.checking import troubles
from ledger.models import Channel, Entry, Letter
from tests.factories.commissioning import join, make_round

AT = timezone.make_aware(datetime(2026, 3, 3, 10))  # noqa: DTZ001  # made aware at once
DAY = AT.date()


def verbs() -> list[str]:
    return list(Entry.objects.filter(chain__key="house").values_list("verb", flat=True))


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    return str(caught.value)


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


# ---- invite_person ---------------------------------------------------------------------------
def test_invite_person_by_email(sam: Person) -> None:
    nell = actions.invite_person(
        name="Nell O'Neill", email="Nell@Example.org", role=Role.VOLUNTEER, by=sam, at=AT
    )
    assert again(nell).sign_in_email == "nell@example.org"
    assert again(nell).held_roles == {"volunteer"}
    letter = Letter.objects.get()
    assert (letter.when, letter.channel, letter.to) == ("answer", "email", nell)
    assert letter.to_address == "nell@example.org"
    assert "Type this email: nell@example.org." in letter.body_text
    assert "/account/login/" in letter.body_text
    assert "Dear Nell," in letter.body_text
    assert "&#x27;" not in letter.body_text
    assert verbs() == ["person_invited"]
    entry = Entry.objects.get()
    assert entry.data == {"person": nell.pk, "role": "volunteer"}
    assert not list(troubles())


def test_invite_person_letter_holds_no_secret(sam: Person) -> None:
    for name in ("a", "b"):
        actions.invite_person(
            name="Same Name", email=f"{name}@example.org", role=Role.VOLUNTEER, by=sam, at=AT
        )
    one, two = Letter.objects.values_list("body_text", flat=True)
    assert one.replace("b@example.org", "a@example.org") == two.replace(
        "b@example.org", "a@example.org"
    )


def test_invite_person_without_an_email_by_post(sam: Person) -> None:
    nell = actions.invite_person(
        name="Nell",
        role=Role.VOLUNTEER,
        by=sam,
        at=AT,
        postal_address="1 Lane\nLeeds",
        channel=Channel.POST,
    )
    assert again(nell).sign_in_email is None
    letter = Letter.objects.get()
    assert (letter.channel, letter.to_address) == ("post", "1 Lane\nLeeds")
    assert "You need no computer." in letter.body_text


def test_invite_person_twice_without_an_email(sam: Person) -> None:
    for _turn in range(2):
        actions.invite_person(
            name="Nell", role=Role.VOLUNTEER, by=sam, at=AT, phone="1", channel=Channel.PHONE
        )
    assert Person.objects.get_queryset().filter(name="Nell").count() == 2


def test_invite_person_already_known_gets_the_role(sam: Person, outsider: Person) -> None:
    found = actions.invite_person(
        name="Other Name", email="olive@example.org", role=Role.VOLUNTEER, by=sam, at=AT
    )
    assert found == outsider
    assert again(outsider).name == "Olive Outsider"
    assert again(outsider).held_roles == {"volunteer"}
    assert verbs() == ["role_given"]


@pytest.mark.parametrize("who", ["joan", "amina", "margaret", "administrator", "outsider"])
def test_invite_person_as_volunteer_is_for_facilitators(
    request: pytest.FixtureRequest, who: str
) -> None:
    by = request.getfixturevalue(who)
    sentence = refusal(
        lambda: actions.invite_person(
            name="N", email="n@example.org", role=Role.VOLUNTEER, by=by, at=AT
        )
    )
    assert sentence == "Only a facilitator can do this."


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.BOARD, Role.SAFEGUARDING])
def test_invite_person_as_staff_is_for_administrators(
    sam: Person, administrator: Person, role: Role
) -> None:
    def invite(by: Person) -> Person:
        return actions.invite_person(name="N", email="n@example.org", role=role, by=by, at=AT)

    assert refusal(lambda: invite(sam)) == "Only an administrator can do this."
    assert again(invite(administrator)).held_roles == {role.value}


def test_superuser_invites_nobody(superuser: Person) -> None:
    refusal(
        lambda: actions.invite_person(
            name="N", email="n@example.org", role=Role.FACILITATOR, by=superuser, at=AT
        )
    )


# ---- give_role: never both -------------------------------------------------------------------
@pytest.mark.parametrize(
    "role", [Role.FACILITATOR, Role.ADMINISTRATOR, Role.SAFEGUARDING, Role.COMPLAINTS]
)
def test_give_role_of_staff_to_a_volunteer_is_refused(
    administrator: Person, joan: Person, role: Role
) -> None:
    sentence = refusal(lambda: actions.give_role(person=joan, role=role, by=administrator, at=AT))
    assert sentence == (
        "Joan Ibbotson is a volunteer. Nobody can be a volunteer and staff at the same time. "
        "End the volunteer role first."
    )
    assert again(joan).held_roles == {"volunteer"}


def test_give_role_of_volunteer_to_staff_is_refused(sam: Person, ruth: Person) -> None:
    sentence = refusal(lambda: actions.give_role(person=ruth, role=Role.VOLUNTEER, by=sam, at=AT))
    assert sentence.startswith("Ruth Bentley works for the fund.")


def test_never_both_is_held_by_the_database_too(joan: Person, sam: Person) -> None:
    for role in (Role.FACILITATOR, Role.ADMINISTRATOR):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleHolding.objects.create(person=joan, role=role, began_at=AT, began_by=sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleHolding.objects.create(person=sam, role=Role.VOLUNTEER, began_at=AT, began_by=sam)


def test_give_role_after_the_other_has_ended(
    administrator: Person, sam: Person, joan: Person
) -> None:
    actions.end_role(person=joan, role=Role.VOLUNTEER, by=sam, at=AT)
    actions.give_role(person=joan, role=Role.FACILITATOR, by=administrator, at=AT)
    assert again(joan).held_roles == {"facilitator"}
    assert verbs() == ["role_ended", "role_given"]


def test_give_role_of_board_to_a_volunteer_is_allowed(administrator: Person, joan: Person) -> None:
    actions.give_role(person=joan, role=Role.BOARD, by=administrator, at=AT)
    assert again(joan).held_roles == {"volunteer", "board"}


def test_give_role_to_oneself(administrator: Person, outsider: Person, sam: Person) -> None:
    sentence = refusal(
        lambda: actions.give_role(
            person=administrator, role=Role.SAFEGUARDING, by=administrator, at=AT
        )
    )
    assert sentence == "You cannot give yourself a role. Ask somebody else to do it."
    actions.give_role(person=outsider, role=Role.APPLICANT, by=outsider, at=AT)
    assert again(outsider).held_roles == {"applicant"}
    assert not Letter.objects.exists()
    sentence = refusal(lambda: actions.give_role(person=sam, role=Role.APPLICANT, by=sam, at=AT))
    assert sentence == "People who work for the fund cannot send it a bid."


def test_give_role_of_applicant_to_another_is_refused(sam: Person, outsider: Person) -> None:
    refusal(lambda: actions.give_role(person=outsider, role=Role.APPLICANT, by=sam, at=AT))


def test_give_role_of_facilitator_to_a_bidder_is_refused(
    administrator: Person, amina: Person
) -> None:
    sentence = refusal(
        lambda: actions.give_role(person=amina, role=Role.FACILITATOR, by=administrator, at=AT)
    )
    assert sentence == "Amina Yusuf sends bids to this fund, so they cannot work for it."


def test_give_role_twice_is_refused(sam: Person, joan: Person) -> None:
    sentence = refusal(lambda: actions.give_role(person=joan, role=Role.VOLUNTEER, by=sam, at=AT))
    assert sentence == "Joan Ibbotson has this role already."


def test_give_role_to_somebody_not_active(sam: Person, outsider: Person) -> None:
    outsider.is_active = False
    outsider.save(update_fields=["is_active"])
    refusal(lambda: actions.give_role(person=outsider, role=Role.VOLUNTEER, by=sam, at=AT))
    machine = Person.objects.machine()
    refusal(lambda: actions.give_role(person=machine, role=Role.VOLUNTEER, by=sam, at=AT))


# ---- end_role --------------------------------------------------------------------------------
def test_end_role_keeps_the_past(sam: Person, joan: Person) -> None:
    actions.end_role(person=joan, role=Role.VOLUNTEER, by=sam, at=AT)
    holding = joan.roles.get()
    assert (holding.ended_at, holding.ended_by) == (AT, sam)
    assert Letter.objects.get().subject == "Your role has ended: volunteer"


def test_end_role_of_a_volunteer_in_a_round_is_refused(sam: Person, joan: Person) -> None:
    join(make_round(by=sam), joan, by=sam)
    sentence = refusal(lambda: actions.end_role(person=joan, role=Role.VOLUNTEER, by=sam, at=AT))
    assert sentence == "Joan Ibbotson is still in a round. They leave the round first."


def test_end_role_by_oneself(joan: Person, administrator: Person) -> None:
    actions.end_role(person=joan, role=Role.VOLUNTEER, by=joan, at=AT)
    assert again(joan).held_roles == frozenset()
    assert not Letter.objects.exists()


def test_end_role_of_the_last_administrator_is_refused(administrator: Person) -> None:
    sentence = refusal(
        lambda: actions.end_role(
            person=administrator, role=Role.ADMINISTRATOR, by=administrator, at=AT
        )
    )
    assert sentence == "There must always be an administrator. Invite another one first."


def test_end_role_not_held_and_not_yours(sam: Person, joan: Person, ruth: Person) -> None:
    sentence = refusal(lambda: actions.end_role(person=joan, role=Role.BOARD, by=sam, at=AT))
    assert sentence == "Joan Ibbotson does not have this role."
    refusal(lambda: actions.end_role(person=ruth, role=Role.FACILITATOR, by=sam, at=AT))


# ---- change_details --------------------------------------------------------------------------
def test_change_details_of_oneself(joan: Person) -> None:
    changed = actions.change_details(
        person=joan, by=joan, at=AT, phone="0113 496 0000", name="Joan Ibbotson"
    )
    assert changed == ["phone"]
    assert again(joan).phone == "0113 496 0000"
    entry = Entry.objects.get()
    assert entry.data == {"person": joan.pk, "fields": ["phone"]}
    assert "0113" not in entry.payload
    assert actions.change_details(person=joan, by=joan, at=AT, phone="0113 496 0000") == []
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("who", ["harold", "amina", "margaret", "administrator", "superuser"])
def test_change_details_of_another_is_for_facilitators(
    request: pytest.FixtureRequest, joan: Person, who: str
) -> None:
    by = request.getfixturevalue(who)
    refusal(lambda: actions.change_details(person=joan, by=by, at=AT, phone="1"))


def test_change_details_of_staff_is_their_own(sam: Person, margaret: Person, ruth: Person) -> None:
    for person in (margaret, ruth):
        sentence = refusal(
            lambda person=person: actions.change_details(person=person, by=sam, at=AT, phone="1")
        )
        assert sentence == "Staff and board members change their own details."


def test_change_details_of_the_sign_in_email_until_used(sam: Person, joan: Person) -> None:
    actions.change_details(person=joan, by=sam, at=AT, sign_in_email="Joan2@example.org")
    assert again(joan).sign_in_email == "joan2@example.org"
    assert Letter.objects.get().to_address == "joan2@example.org"
    joan.last_login = AT
    joan.save(update_fields=["last_login"])
    sentence = refusal(
        lambda: actions.change_details(person=joan, by=sam, at=AT, sign_in_email="x@example.org")
    )
    assert sentence == "Joan Ibbotson has signed in with this email. Only they can change it now."
    assert again(joan).sign_in_email == "joan2@example.org"


def test_change_details_of_ones_own_sign_in_email_goes_another_way(joan: Person) -> None:
    refusal(
        lambda: actions.change_details(person=joan, by=joan, at=AT, sign_in_email="x@example.org")
    )


def test_change_details_takes_no_other_field(joan: Person) -> None:
    with pytest.raises(TypeError):
        actions.change_details(person=joan, by=joan, at=AT, is_superuser=True)


# ---- take_break, come_back -------------------------------------------------------------------
def test_take_break_with_and_without_an_end(joan: Person) -> None:
    actions.take_break(person=joan, starts_on=DAY, ends_on=DAY, by=joan, at=AT)
    later = DAY + timedelta(days=1)
    actions.take_break(person=joan, starts_on=later, by=joan, at=AT)
    assert Break.objects.on(DAY).count() == 1
    assert Break.objects.on(DAY + timedelta(days=400)).count() == 1
    assert verbs() == ["break_taken", "break_taken"]


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (-1, 5, "A break starts today or later."),
        (5, 4, "The last day of a break cannot come before the first."),
        (0, None, "There is a break on some of these days already."),
        (12, 20, "There is a break on some of these days already."),
    ],
)
def test_take_break_refused(joan: Person, first: int, last: int | None, sentence: str) -> None:
    Break.objects.create(
        person=joan,
        starts_on=DAY + timedelta(days=10),
        ends_on=DAY + timedelta(days=15),
        asked_at=AT,
        asked_by=joan,
    )
    ends_on = None if last is None else DAY + timedelta(days=last)
    assert sentence == refusal(
        lambda: actions.take_break(
            person=joan, starts_on=DAY + timedelta(days=first), ends_on=ends_on, by=joan, at=AT
        )
    )


def test_take_break_beside_another(joan: Person) -> None:
    actions.take_break(person=joan, starts_on=DAY, ends_on=DAY, by=joan, at=AT)
    actions.take_break(person=joan, starts_on=DAY + timedelta(days=1), by=joan, at=AT)
    assert joan.breaks.count() == 2


def test_take_break_for_somebody_by_a_facilitator(
    sam: Person, joan: Person, harold: Person
) -> None:
    taken = actions.take_break(person=joan, starts_on=DAY, by=sam, at=AT)
    assert taken.asked_by == sam
    refusal(lambda: actions.take_break(person=joan, starts_on=DAY, by=harold, at=AT))


def test_come_back_ends_the_break_yesterday(joan: Person) -> None:
    Break.objects.create(person=joan, starts_on=DAY - timedelta(days=3), asked_at=AT, asked_by=joan)
    actions.come_back(person=joan, by=joan, at=AT)
    assert joan.breaks.get().ends_on == DAY - timedelta(days=1)
    assert not joan.breaks.on(DAY).exists()
    assert refusal(lambda: actions.come_back(person=joan, by=joan, at=AT)) == (
        "There is no break to end."
    )


def test_come_back_calls_off_what_has_not_lasted_a_day(joan: Person) -> None:
    actions.take_break(person=joan, starts_on=DAY, by=joan, at=AT)
    actions.come_back(person=joan, by=joan, at=AT)
    assert not joan.breaks.exists()
    assert verbs() == ["break_taken", "came_back"]


# ---- keep_work -------------------------------------------------------------------------------
def test_keep_work_lets_old_words_go_after_a_day(joan: Person, harold: Person) -> None:
    actions.keep_work(person=harold, path="/a/", fields={"x": ["old"]}, at=AT)
    actions.keep_work(
        person=joan, path="/b/", fields={"x": ["new"]}, at=AT + timedelta(hours=24, minutes=1)
    )
    assert list(KeptWork.objects.values_list("path", flat=True)) == ["/b/"]


# ---- invite_facilitator ----------------------------------------------------------------------
def test_invite_facilitator_starts_a_new_installation(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("invite_facilitator", "Fay@Example.org", "--name", "Fay First")
    fay = Person.objects.get(sign_in_email="fay@example.org")
    assert fay.held_roles == {"facilitator", "administrator"}
    assert Entry.objects.first().by == Person.objects.operator()
    assert "Fay First is invited" in capsys.readouterr().out
    call_command("invite_facilitator", "gus@example.org", "--name", "Gus")
    assert Person.objects.get(sign_in_email="gus@example.org").held_roles == {"facilitator"}


def test_invite_facilitator_refuses_plainly(joan: Person) -> None:
    with pytest.raises(CommandError, match="not a whole email"):
        call_command("invite_facilitator", "fay", "--name", "Fay")
    with pytest.raises(CommandError, match="Joan Ibbotson is a volunteer"):
        call_command("invite_facilitator", "joan@example.org", "--name", "Joan")


# ---- forget_second_step ----------------------------------------------------------------------
def test_forget_second_step_lets_somebody_in_by_email_alone(sam: Person) -> None:
    for kind in (Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=sam, type=kind, data={})
    browser = Client()
    browser.force_login(sam)
    key = browser.session.session_key
    SignIn.objects.create(person=sam, session_key=key, device="A phone", began_at=AT)
    call_command("forget_second_step", "Sam@Example.org")
    assert not Authenticator.objects.filter(user=sam).exists()
    assert "_auth_user_id" not in browser.session, "signed out everywhere"
    assert Letter.objects.get(kind="second_step_gone").to == sam
    entry = Entry.objects.get(verb="second_step_forgotten")
    assert (entry.by, entry.data["person"]) == (Person.objects.operator(), sam.pk)


def test_forget_second_step_is_for_nobody_on_the_site(
    sam: Person, ruth: Person, administrator: Person
) -> None:
    for by in (sam, ruth, administrator):
        with pytest.raises(Refused, match="Only whoever keeps the server running"):
            actions.forget_second_step(person=sam, by=by, at=timezone.now())
    with pytest.raises(CommandError, match="Nobody signs in with nobody"):
        call_command("forget_second_step", "nobody@example.org")
