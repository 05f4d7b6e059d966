"""When one named part of a sent bid may be put right, by whom, and until when. Never writes.

What was sent is read as it was sent. A part may be put right only before any scores for the bid
were sent, and the sum asked for never goes up. Staff may ask for a part once, for a rule of the
funder that they name, while they check the rules. Names that volunteers go by when they say whom
they know stay as they are once that has begun.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from applications import content, parts, rules
from applications.models import Application, BidVersion, Correction, Document, FormQuestion
from commissioning.models import FunderRule, StageKind
from commissioning.pace import stage_of

MOST_DAYS = 21
"""How long an applicant has for an answer, at most."""


def waiting_for(corrections: Iterable[Correction], *, on: date) -> Correction | None:
    """What an applicant may still answer today."""
    open_ones = (row for row in corrections if row.kind == Correction.Kind.ASKED)
    return next((row for row in open_ones if not row.answered_at and not late(row, on=on)), None)


def late(correction: Correction, *, on: date) -> bool:
    """Whether the last day for an answer is over, and none came."""
    until = correction.until_on
    return correction.answered_at is None and until is not None and on > until


def still_unread(application: Application) -> Verdict:
    """Whether the bid may still be put right: no scores for it were ever sent, reading is not over.

    `sheets` are the panel's own rows. The sentence tells no more than that scoring has begun.
    """
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if not application.submitted_at:
        return Verdict.no(_("This bid was not sent."))
    scoring = stage_of(application.round, StageKind.SCORING, application.lot_id)
    if (scoring and scoring.closed_at) or application.sheets.exists():
        return Verdict.no(_("Scoring of this bid has begun. It stays as it was sent."))
    return Verdict.yes()


def _declaring(application: Application) -> bool:
    stages = application.round.stages.all()
    return any(row.kind == StageKind.SHARING and row.opened_at for row in stages)


def open_parts(application: Application, version: BidVersion) -> list[str]:
    """The parts that can be put right today."""
    found = parts.parts_of(version.content)
    return [row for row in found if row not in parts.NAMES] if _declaring(application) else found


def _may_touch(application: Application, version: BidVersion | None, part: str) -> Verdict:
    if version is None or part not in parts.parts_of(version.content):
        return Verdict.no(_("Choose one part of this bid."))
    if part not in open_parts(application, version):
        return Verdict.no(
            _("Volunteers go by this name to say whom they know. It cannot change any more.")
        )
    return Verdict.yes()


def _one_at_a_time(application: Application, *, on: date) -> Verdict:
    rows = application.corrections.all()
    wished = any(row.kind == Correction.Kind.WISHED and not row.settled_at for row in rows)
    if wished or waiting_for(rows, on=on):
        return Verdict.no(_("One thing waits for an answer already. One at a time, please."))
    return Verdict.yes()


# ---- Staff ask -------------------------------------------------------------------------------
def may_ask(application: Application, person: Person, *, on: date) -> Verdict:
    """Whether staff may ask the applicant for one thing now, whatever it is."""
    return rules.may_check_rules(application, person, on=on) and could_ask(application, on=on)


def could_ask(application: Application, *, on: date) -> Verdict:
    """Whether the applicant can be asked for one thing, by somebody who may check the rules."""
    verdict = still_unread(application)
    if not verdict:
        return verdict
    if not rules.colleagues_of(application.organisation):
        return Verdict.no(_("Nobody of this group can sign in. Add somebody of theirs first."))
    if rules.newest_ruling(application):
        return Verdict.no(_("Somebody has said yes or no to this bid. There is nothing to ask."))
    return _one_at_a_time(application, on=on)


def may_ask_for(
    application: Application,
    person: Person,
    *,
    part: str,
    rule: FunderRule | None,
    until: date,
    on: date,
) -> Verdict:
    """Whether staff may ask for this part, for this rule, until this day. Each part once."""
    verdict = may_ask(application, person, on=on)
    verdict = verdict and _may_touch(application, application.newest_version, part)
    if not verdict:
        return verdict
    if rule is None or rule.round_id != application.round_id:
        return Verdict.no(_("Choose the funder’s rule that this is about."))
    if application.corrections.filter(kind=Correction.Kind.ASKED, part=part).exists():
        return Verdict.no(_("You have asked for this part before. Each part is asked for once."))
    if not 0 < (until - on).days <= MOST_DAYS:
        return Verdict.no(_("Choose a day from tomorrow on, at most three weeks away."))
    return Verdict.yes()


def may_answer(correction: Correction, person: Person, *, on: date) -> Verdict:
    """Whether a person may answer what was asked: they act for the group, and it is in time."""
    application = correction.application
    verdict = rules.acts_for(person, application.organisation) and may(person, Permission.APPLY)
    verdict = verdict and still_unread(application)
    if not verdict:
        return verdict
    if correction.kind != Correction.Kind.ASKED or correction.answered_at:
        return Verdict.no(_("This has its answer already."))
    if late(correction, on=on) and correction.until_on:
        day = date_format(correction.until_on, "l j F")
        return Verdict.no(_("The time for this answer ended on %(day)s.") % {"day": day})
    return _may_touch(application, application.newest_version, correction.part)


# ---- Applicants wish -------------------------------------------------------------------------
def may_wish(application: Application, person: Person, *, on: date) -> Verdict:
    """Whether an applicant may ask to put one part right: sent, and bidding has closed."""
    if application.submitted_at and not rules.stays_as_sent(application):
        return Verdict.no(_("You can still change your bid yourself, and send it again."))
    verdict = still_unread(application) and rules.acts_for(person, application.organisation)
    verdict = verdict and may(person, Permission.APPLY)
    if not verdict:
        return verdict
    return _one_at_a_time(application, on=on)


def may_wish_for(application: Application, person: Person, *, part: str, on: date) -> Verdict:
    """The same for one part."""
    verdict = may_wish(application, person, on=on)
    return verdict and _may_touch(application, application.newest_version, part)


def may_settle_wish(correction: Correction, person: Person, *, granted: bool) -> Verdict:
    """Whether staff may say yes or no to what an applicant wishes. A no is always possible."""
    verdict = may(person, Permission.CHECK_RULES)
    if not verdict:
        return verdict
    if correction.kind != Correction.Kind.WISHED or correction.settled_at:
        return Verdict.no(_("This has its answer already."))
    if not granted:
        return Verdict.yes()
    verdict = still_unread(correction.application)
    newest = correction.application.newest_version
    return verdict and _may_touch(correction.application, newest, correction.part)


# ---- What is put there -----------------------------------------------------------------------
def trouble_with(application: Application, version: BidVersion, part: str, value: Any) -> str:
    """What is wrong with a part's new value, as what to do about it; empty when it will do."""
    if value == parts.value_of(version.content, part):
        return _("Nothing is different yet. Put it right first.")
    if parts.is_file(part):
        return _trouble_with_file(application, version, part, value)
    key = parts.key_of(part)
    if key:
        question = FormQuestion.objects.filter(round=application.round_id, key=key).first()
        return rules.trouble_with(question, value) if question else ""
    if part == parts.BUDGET:
        return _trouble_with_costs(version, value)
    if part == parts.SMALLEST:
        low = Decimal(value) if value else Decimal(0)
        return (
            _("The smallest sum that would still help cannot be more than the sum you ask for.")
            if low > version.asked
            else ""
        )
    if part != parts.PARTNERS and not str(value).strip():
        return _("Write what it should say.")
    return ""


def _trouble_with_file(
    application: Application, version: BidVersion, part: str, value: dict[str, str]
) -> str:
    """A new file must have come with this bid, and must not be the one that is there."""
    now = parts.value_of(version.content, part)
    rows = Document.objects.filter(application=application, uuid__in=[now["uuid"], value["uuid"]])
    marks = {str(row.uuid): row.sha256 for row in rows}
    if value["uuid"] not in marks:
        return _("Choose a file to put in its place.")
    if marks.get(now["uuid"]) == marks[value["uuid"]]:
        return _("This is the same file. Choose another one.")
    return ""


def _trouble_with_costs(version: BidVersion, value: list[dict[str, str]]) -> str:
    asked = parts.asked_in(value)
    smallest = version.content.get(parts.SMALLEST) or "0"
    if not asked:
        return _("Say what the money is for, and how much you ask from us.")
    if asked > version.asked:
        return _("You cannot ask for more than you did. You asked for £%(sum)s.") % {
            "sum": content.pounds(version.asked)
        }
    if asked < Decimal(smallest):
        return _("You said that less than £%(sum)s would not help.") % {"sum": smallest}
    return ""
