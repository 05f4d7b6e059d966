"""The panel's conversation: who is in it, and that it is about no single bid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds, may
from applications.models import Application
from commissioning.models import Member
from panels.models import Panel, Said
from panels.rules.proposals import entitled
from panels.rules.seats import may_see_panel_talk
from panels.rules.visits import visit_of

SHORTEST_NAME = 6
"""A group's name with fewer letters is a word that people use anyway."""


def may_read(panel: Panel, by: Person) -> Verdict:
    """Whether a person is in this conversation: its seats that do not stand aside, and staff."""
    if holds(by, Permission.LOOK_AFTER):
        return Verdict.yes()
    allowed = may(by, Permission.READ_BIDS)
    return may_see_panel_talk(panel, by) if allowed else allowed


def may_say(panel: Panel, text: str, by: Person, *, member: Member | None) -> Verdict:
    """Whether these words may be said, as staff (no member) or as this member."""
    if not (verdict := may_read(panel, by)):
        return verdict
    own = member is not None and member.person_id == by.pk
    if not own and not (verdict := may(by, Permission.LOOK_AFTER)):
        return verdict
    if member and not (verdict := may_see_panel_talk(panel, member.person)):
        return verdict
    if not text.strip():
        return Verdict.no(_("Write something first."))
    if panel.scores_opened_at is None and bids_named(text, bids_of(panel)):
        return Verdict.no(
            _(
                "This names a bid. Each of you judges alone first, so please leave it out until "
                "the panel has opened its scores."
            )
        )
    return Verdict.yes()


def bids_of(panel: Panel) -> list[Application]:
    """Every bid of the panel's lot that was sent, with its group."""
    rows = Application.objects.filter(lot=panel.lot_id, submitted_at__isnull=False)
    return list(rows.select_related("organisation"))


def bids_named(text: str, bids: Iterable[Application]) -> set[int]:
    """The bids that a text names, by their number or by the name of their group."""
    words = " ".join(text.lower().split())
    return {
        bid.pk
        for bid in bids
        if bid.reference.lower() in words
        or (len(bid.organisation.name) >= SHORTEST_NAME and bid.organisation.name.lower() in words)
    }


def read_by(panel: Panel, by: Person) -> list[Said]:
    """What was said, without the lines that name a bid from which the reader stands aside."""
    rows = list(panel.talk.filter(application=None).select_related("member__person", "said_by"))
    aside = set(
        Application.objects.filter(lot=panel.lot_id, standing_aside__member__person=by).values_list(
            "pk", flat=True
        )
    )
    if not aside:
        return rows
    bids = [bid for bid in bids_of(panel) if bid.pk in aside]
    return [row for row in rows if not bids_named(row.text, bids)]


# ---- Why? -----------------------------------------------------------------------------------
def may_ask_why(panel: Panel, bid: Application, by: Person, *, member: Member) -> Verdict:
    """Whether this member may ask or answer why about a bid, or staff may type it for them: once
    the scores are open, where the member sees them and does not step out. Staff never ask."""
    own = member.person_id == by.pk
    allowed = may(by, Permission.VOTE if own else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    seen = visit_of(panel, member.person).sees_scores
    if not seen:
        return seen
    if bid.lot_id != panel.lot_id:
        return Verdict.no(_("Choose one of this panel’s bids."))
    if not entitled(panel, bid).filter(member=member).exists():
        return Verdict.no(_("Only panel members who do not stand aside can ask and answer why."))
    return Verdict.yes()


@dataclass(frozen=True, slots=True)
class AskedWhy:
    """A question why, with its answers in order. No name stands beside any of it."""

    question: Said
    answers: Sequence[Said]


def asked_why(bid: Application) -> list[AskedWhy]:
    """The questions why about one bid, oldest first (one query)."""
    rows = list(bid.asked_why.select_related("member").order_by("said_at", "pk"))
    answers: defaultdict[int, list[Said]] = defaultdict(list)
    for row in rows:
        if row.answers_id:
            answers[row.answers_id].append(row)
    return [AskedWhy(row, answers[row.pk]) for row in rows if not row.answers_id]
