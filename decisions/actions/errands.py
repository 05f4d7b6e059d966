"""Errands: a copy of the report, or many letters, asked for on a page and done by a worker.

An errand is a row; whoever holds it may be killed at any moment, and the next tick takes it up
again. A copy is kept in the transaction that ends its errand. Letters are written in handfuls, each
counted in its own transaction, so what is counted is there, and nothing is there twice.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from commissioning.models import Round
from decisions import rules
from decisions.actions.letters import untold, write_letters
from decisions.actions.reports import export_report
from decisions.models import Errand, ReportFile
from panels.models import Panel

logger = logging.getLogger(__name__)
Stage = Errand.Stage

AT_ONCE = 10
"""How many letters are written in one transaction."""
MOST_TRIES = 3
"""How often an errand is begun before we say that it does not work."""


class Superseded(Exception):
    """Somebody else has taken the errand up since, or it was stopped."""


@transaction.atomic
def ask_for_copy(
    *,
    round: Round,
    format: str,
    audience: str,
    digest: str,
    by: Person,
    at: datetime,
    large_print: bool = False,
) -> Errand:
    """Ask for a copy of the report as it was read (`digest`). Asking twice is asking once."""
    rules.may_export(by, round, digest=digest).require()
    wanted = {
        "round": round,
        "format": ReportFile.Format(format),
        "audience": ReportFile.Audience(audience),
        "large_print": large_print,
    }
    return _asked(Errand(kind=Errand.Kind.COPY, asked_at=at, asked_by=by, **wanted), wanted)


@transaction.atomic
def ask_for_letters(*, panel: Panel, by: Person, at: datetime) -> Errand:
    """Ask for all letters that this panel's bids lack. Asking twice is asking once."""
    rules.may_write_letters(by, panel, on=timezone.localdate(at)).require()
    many = sum(1 for _facts in untold(panel))
    errand = Errand(
        kind=Errand.Kind.LETTERS,
        round=panel.round,
        panel=panel,
        of=many,
        asked_at=at,
        asked_by=by,
    )
    return _asked(errand, {"panel": panel})


def _asked(errand: Errand, wanted: dict[str, Any]) -> Errand:
    """This errand, or the one that was asked for already and is not over."""
    same = Errand.objects.unfinished().filter(kind=errand.kind, **wanted)
    found = same.first()
    if found:
        return found
    try:
        with transaction.atomic():
            errand.save(force_insert=True)
    except IntegrityError:
        return same.get()
    return errand


@transaction.atomic
def stop_errand(*, errand: Errand, by: Person, at: datetime) -> None:
    """Stop what was asked for. What is made by then stays; whoever works on it finds out.

    Raises Refused when it is over already.
    """
    copy = errand.kind == Errand.Kind.COPY
    may(by, Permission.READ_REPORTS if copy else Permission.SEND_LETTERS).require()
    stopped = Errand.objects.unfinished().filter(pk=errand.pk)
    if not stopped.update(stage=Stage.STOPPED, done_at=at, stopped_by=by):
        raise Refused(_("It was over before you stopped it."))


# ---- The worker's side ----------------------------------------------------------------------
def _until(now: datetime) -> datetime:
    """How far ahead a worker holds an errand. It is held anew all along (`hold_errand`)."""
    return now + timedelta(seconds=settings.SHARE_CLAIM_SECONDS)


def take_up_errand(*, now: datetime) -> Errand | None:
    """Claim the oldest errand that waits, or whose holder is gone: by a counted update.

    `now` is real time, whatever day the round believes it is.
    """
    free = Errand.objects.unfinished().filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    for errand in free.order_by("asked_at", "pk"):
        mine = free.filter(pk=errand.pk, tries=errand.tries).update(
            claimed_until=_until(now), tries=F("tries") + 1, stage=Stage.WORKING
        )
        if mine:
            found = Errand.objects.select_related("round__chain", "round__programme", "asked_by")
            return found.get(pk=errand.pk)
    return None


def hold_errand(*, errand: Errand, now: datetime) -> bool:
    """Go on holding an errand; false when somebody else has it, or it is over."""
    return bool(_held(errand).update(claimed_until=_until(now)))


def _held(errand: Errand) -> Any:
    return Errand.objects.unfinished().filter(pk=errand.pk, tries=errand.tries)


def do_errand(*, errand: Errand, by: Person, at: datetime) -> None:
    """Do what was asked; where it does not work, say why in a sentence.

    `by` is whoever asked: what is made is theirs.
    """
    if errand.tries > MOST_TRIES:
        _fail(
            errand,
            _(
                "It was begun several times and stopped each time. "
                "Please tell whoever looks after this site."
            ),
            at=at,
        )
        return
    do = _copy if errand.kind == Errand.Kind.COPY else _letters
    try:
        do(errand, by=by, at=at)
    except Superseded:
        return
    except Refused as refusal:
        _fail(errand, str(refusal), at=at)
    except Exception:
        # Whatever it was, whoever asked gets a sentence and not a page that waits for ever.
        logger.exception("What was asked for in errand %s did not work.", errand.pk)
        _fail(
            errand,
            _("Something went wrong on our side. Please try it once more."),
            at=at,
        )


def _fail(errand: Errand, sentence: str, *, at: datetime) -> None:
    _held(errand).update(stage=Stage.FAILED, done_at=at, sentence=sentence)


def _copy(errand: Errand, *, by: Person, at: datetime) -> None:
    """Make the copy anew: of one that was broken off there is nothing to go on with."""
    _still(errand, made=0)
    export_report(
        round=errand.round,
        format=errand.format,
        audience=errand.audience,
        large_print=errand.large_print,
        by=by,
        at=at,
        tell=_teller(errand),
        finish=lambda row: _still(errand, stage=Stage.DONE, done_at=at, file=row),
    )


def _teller(errand: Errand) -> Callable[[int], None]:
    def tell(pages: int) -> None:
        _still(errand, made=pages)

    return tell


def _letters(errand: Errand, *, by: Person, at: datetime) -> None:
    """Handful by handful; those written before stay."""
    panel = Panel.objects.select_related("round__chain", "lot").get(errands=errand)
    while _handful(errand, panel, by=by, at=at) == AT_ONCE:
        pass
    _still(errand, stage=Stage.DONE, done_at=at)


@transaction.atomic
def _handful(errand: Errand, panel: Panel, *, by: Person, at: datetime) -> int:
    """Some letters, counted in the transaction that writes them."""
    written = len(write_letters(panel=panel, by=by, at=at, most=AT_ONCE))
    _still(errand, made=F("made") + written)
    return written


def _still(errand: Errand, **fields: Any) -> None:
    """Write down how far it is. Raises Superseded when it is ours no more."""
    if not _held(errand).update(**fields):
        raise Superseded
