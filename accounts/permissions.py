"""Who may do what: one table, shown to everybody at /who-can-do-what/.

The facilitator's row has no scoring, declaring, voting or deciding in it, and no role is above it.
Rules ask this table first and then the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Role


class Permission(Enum):
    """One thing somebody may do, with the sentence the site shows for it."""

    # the panel's own work
    TAKE_PART = _("Suggest and agree what to fund")
    DECLARE = _("Say when they know the people in a bid")
    READ_BIDS = _("Read the bids they are given")
    SCORE = _("Score bids")
    VOTE = _("Vote in the panel")
    DECIDE = _("Decide who gets money, and sign")
    # volunteers and staff together
    BUILD_FORM = _("Write the questions that bids answer")
    # staff support
    SET_UP = _("Set up a round: dates, money and the funder's rules")
    INVITE_VOLUNTEERS = _("Invite volunteers")
    CHECK_RULES = _("Check bids against the funder's rules")
    SHARE_OUT = _("Share bids out for reading")
    RUN_MEETINGS = _("Arrange meetings and interviews, and keep minutes")
    TYPE_FOR = _("Type for a volunteer, who then confirms it")
    SEND_LETTERS = _("Send the panel's letters")
    LOOK_AFTER = _("Look after volunteers, and answer questions")
    # applicants
    APPLY = _("Write and send a bid")
    # board
    READ_REPORTS = _("Read reports and progress")
    NOTE_REPORT = _("Note the report, or ask about how things were done")
    # the site
    INVITE_STAFF = _("Invite facilitators and board members")
    KEEP_SITE = _("Keep the site running")
    # helpers
    HELP_ONE = _("Help one volunteer to read and type")
    HEAR_WORRIES = _("Hear a worry about somebody's safety")
    HEAR_COMPLAINTS = _("Hear a complaint about how things were done")


P = Permission
MAY: dict[Role, frozenset[Permission]] = {
    Role.VOLUNTEER: frozenset(
        {P.TAKE_PART, P.DECLARE, P.READ_BIDS, P.SCORE, P.VOTE, P.DECIDE, P.BUILD_FORM}
    ),
    Role.FACILITATOR: frozenset(
        {
            P.BUILD_FORM,
            P.SET_UP,
            P.INVITE_VOLUNTEERS,
            P.CHECK_RULES,
            P.SHARE_OUT,
            P.RUN_MEETINGS,
            P.TYPE_FOR,
            P.SEND_LETTERS,
            P.LOOK_AFTER,
            P.READ_REPORTS,
        }
    ),
    Role.APPLICANT: frozenset({P.APPLY}),
    Role.BOARD: frozenset({P.READ_REPORTS, P.NOTE_REPORT}),
    Role.ADMINISTRATOR: frozenset({P.INVITE_STAFF, P.KEEP_SITE}),
    Role.SUPPORTER: frozenset({P.HELP_ONE}),
    Role.SAFEGUARDING: frozenset({P.HEAR_WORRIES}),
    Role.COMPLAINTS: frozenset({P.HEAR_COMPLAINTS}),
}

NEVER: dict[Role, Any] = {
    Role.VOLUNTEER: _("See a bid before saying who they know, or another's score too early."),
    Role.FACILITATOR: _("Score, vote, rank, decide, or see scores before the panel opens them."),
    Role.APPLICANT: _("See other bids, or who scored."),
    Role.BOARD: _("Score or decide, or pick a different winner."),
    Role.ADMINISTRATOR: _("See scores, join a panel, or act as somebody else."),
    Role.SUPPORTER: _("Vote, or act without the volunteer."),
    Role.SAFEGUARDING: _("Change a decision."),
    Role.COMPLAINTS: _("Change a decision."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a rule: true, or false with one plain sentence saying why."""

    allowed: bool
    sentence: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    @classmethod
    def yes(cls) -> Verdict:
        return cls(True)

    @classmethod
    def no(cls, sentence: Any) -> Verdict:
        return cls(False, str(sentence))

    def require(self) -> None:
        """Raise Refused with the sentence, unless the answer was yes."""
        if not self.allowed:
            raise Refused(self.sentence)


class Refused(Exception):
    """A rule said no. Its text is one plain sentence; the site shows it as a page."""


def holds(person: Any, permission: Permission) -> bool:
    """Whether any role the person holds today carries this permission. No bypass for anyone."""
    if not isinstance(person, Person) or not person.is_active:
        return False
    return any(permission in MAY[Role(role)] for role in person.held_roles)


def may(person: Any, permission: Permission) -> Verdict:
    """The table's answer, as a verdict."""
    if holds(person, permission):
        return Verdict.yes()
    return Verdict.no(_("Your role here does not include this."))


View = Callable[..., HttpResponseBase]


def reader(request: HttpRequest) -> Person:
    """Who is reading this page; it is not there for somebody who is not signed in."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def permitted(*permissions: Permission) -> Callable[[View], View]:
    """A page for signed-in people whose role carries one of these; for others it is not there."""

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(holds(request.user, permission) for permission in permissions):
                raise Http404
            return view(request, *args, **kwargs)

        inner.permissions = permissions  # type: ignore[attr-defined]  # read by the matrix test
        return login_required(inner)

    return wrap
