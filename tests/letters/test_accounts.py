"""Letters about accounts: asked in, a role, a lost email, a lost second step, what waits."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.utils import timezone

from accounts import actions
from accounts.models import Person, Role
from commissioning.actions import leave_round
from commissioning.models import Round, StageKind
from ledger.models import Channel
from tests.conftest import Cast, Once
from tests.factories import commissioning as make
from tests.letters.reading import Build, Letters, ask_each_day, read_through
from tests.test_paper import as_

LETTERS = Letters()


def joined(cast: Cast) -> Round:
    """A round that three volunteers take part in."""
    round = make.make_round(by=cast.sam, name="Warm rooms")
    make.join(round, cast.joan, cast.harold, cast.priya, by=cast.sam)
    return round


def now() -> Any:
    return timezone.now()


@LETTERS.scene(
    "Take part in", "Volunteers choose who gets the money.", leads=["account_login"], begins=joined
)
def invitation(round: Round, cast: Cast) -> Person:
    return actions.invite_person(
        name="Nell New", role=Role.VOLUNTEER, email="nell@example.org", by=cast.sam, at=now()
    )


@LETTERS.scene(
    "Sign in to Good Company for the first time",
    "Your role is: facilitator.",
    leads=["account_login"],
    begins=joined,
)
def invitation__staff(round: Round, cast: Cast) -> Person:
    return actions.invite_person(
        name="Nell New",
        role=Role.FACILITATOR,
        email="nell@example.org",
        by=cast.administrator,
        at=now(),
    )


@LETTERS.scene(
    "Take part in",
    "You need no computer. We do everything with you by post or by phone.",
    begins=joined,
)
def invitation__by_post(round: Round, cast: Cast) -> Person:
    return actions.invite_person(
        name="Nell New",
        role=Role.VOLUNTEER,
        postal_address="1 Lane, Leeds",
        channel=Channel.POST,
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "your new role: volunteer",
    "You have a new role in Good Company: volunteer.",
    leads=["who_can_do_what"],
    begins=joined,
)
def role_given(round: Round, cast: Cast) -> Person:
    actions.give_role(person=cast.outsider, role=Role.VOLUNTEER, by=cast.sam, at=now())
    return cast.outsider


@LETTERS.scene(
    "Your role has ended: volunteer",
    "You can still sign in and read your letters",
    leads=["letter_list"],
)
def role_ended(none: None, cast: Cast) -> Person:
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    actions.end_role(person=nell, role=Role.VOLUNTEER, by=cast.sam, at=now())
    return nell


@LETTERS.scene(
    "The role of Joan Ibbotson has changed",
    "They have a new role now: board member. They are a volunteer still.",
    begins=joined,
)
def role_changed(round: Round, cast: Cast) -> list[Person]:
    actions.give_role(person=cast.joan, role=Role.BOARD, by=cast.administrator, at=now())
    return [cast.harold, cast.priya]


@LETTERS.scene(
    "The role of Joan Ibbotson has changed",
    "They cannot score, vote or sign. What they did before stays on the record.",
    begins=joined,
)
def role_changed__ended(round: Round, cast: Cast) -> list[Person]:
    leave_round(member=round.members.get(person=cast.joan), by=cast.joan, at=now())
    actions.end_role(person=cast.joan, role=Role.VOLUNTEER, by=cast.sam, at=now())
    return [cast.harold, cast.priya]


WHY = "Her old provider closed."


@LETTERS.scene(
    "You sign in with a new email now",
    "So Sam Okafor asked for a new one, and Ruth Bentley agreed.",
    hides=[WHY, "new.joan@"],
    begins=joined,
)
def new_email(round: Round, cast: Cast) -> list[Person]:
    """To the new address, and to the old one too."""
    new_address(cast)
    return [Person.objects.get(name=JOAN)] * 2


JOAN = "Joan Ibbotson"


def new_address(cast: Cast) -> None:
    as_(cast.joan)  # she has signed in with the old one
    new = actions.ask_for_new_email(
        person=cast.joan, email="new.joan@example.org", why=WHY, by=cast.sam, at=now()
    )
    actions.agree_new_email(new=new, by=cast.ruth, at=now())


@LETTERS.scene(
    "Joan Ibbotson signs in with a new email",
    "We tell you, so that nobody can take a place in secret.",
    hides=[WHY, "new.joan@"],
    begins=joined,
)
def new_email_of_another(round: Round, cast: Cast) -> list[Person]:
    new_address(cast)
    return [cast.harold, cast.priya]


@LETTERS.scene("Your second step for signing in is gone", "You are signed out on every computer.")
def second_step_gone(none: None, cast: Cast) -> Person:
    Authenticator.objects.create(user=cast.sam, type=Authenticator.Type.WEBAUTHN, data={})
    call_command("forget_second_step", "sam@example.org")
    return cast.sam


@LETTERS.scene(
    "A gentle note",
    "Today is the last day for it.",
    leads=["join_round", "ask_for_fewer_letters"],
    begins=joined,
)
def tasks_due(round: Round, cast: Cast) -> Person:
    """The day's own question finds who was asked in and has not answered."""
    stage = make.open_to(round, StageKind.JOIN)
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    make.invite(round, nell, by=cast.sam)
    ask_each_day(make.moment(stage.closes_on, 9))
    return nell


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_about_accounts(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
