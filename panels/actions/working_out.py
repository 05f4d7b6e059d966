"""Working out who could read what: asked for on a page, done by a worker, kept as a proposal.

A request is a row; whoever holds it may be killed at any moment, and the next tick takes it up
again. Nothing is written but progress until the proposal is there, and that is one transaction.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Round
from ledger.actions import record
from ledger.trail import digest
from panels import sharing
from panels.models import ShareRequest, ShareRun
from panels.rules import share as rules
from panels.share_answer import Tell, work_out

logger = logging.getLogger(__name__)
Stage = ShareRequest.Stage

MOST_TRIES = 3
"""How often a request is begun before we say that it does not work."""


class Superseded(Exception):
    """Somebody else has taken the request up since."""


@transaction.atomic
def ask_for_sharing(*, round: Round, by: Person, at: datetime) -> ShareRequest:
    """Ask for a proposal. Asking twice is asking once: there is one request at a time."""
    rules.may_propose_sharing(round, by, on=timezone.localdate(at)).require()
    waiting = ShareRequest.objects.filter(round=round, done_at=None)
    try:
        with transaction.atomic():
            return waiting.first() or ShareRequest.objects.create(
                round=round, asked_at=at, asked_by=by
            )
    except IntegrityError:
        return waiting.get()


def propose_sharing(*, round: Round, by: Person, at: datetime) -> ShareRun:
    """Work out who could read what, here and now. The same facts give the same answer."""
    rules.may_propose_sharing(round, by, on=timezone.localdate(at)).require()
    problem = _gather(round, at=at)
    proposal, answer = work_out(problem, lambda _stage: None)
    return _keep(round, problem, proposal, answer, by=by, at=at)


def _gather(round: Round, *, at: datetime) -> sharing.Problem:
    return rules.problem_for(round, on=timezone.localdate(at), seed=rules.seed_for(round))


@transaction.atomic
def _keep(
    round: Round,
    problem: sharing.Problem,
    proposal: sharing.Proposal,
    answer: Mapping[str, Any],
    *,
    by: Person,
    at: datetime,
) -> ShareRun:
    """Write the proposal down. Nothing is given to anybody yet."""
    run = ShareRun.objects.create(
        round=round,
        seed=problem.seed,
        aim=str(problem.aim),
        answer=answer,
        proposed_at=at,
        proposed_by=by,
    )
    record(
        chain=round.chain,
        verb="sharing_proposed",
        by=by,
        at=at,
        run=run.pk,
        seed=run.seed,
        aim=run.aim,
        pairs=len(proposal.pairs),
        shortfalls=len(proposal.shortfalls),
        digest=pairs_digest(proposal.pairs),
    )
    return run


def pairs_digest(pairs: frozenset[rules.Pair]) -> str:
    """The mark of who reads what."""
    return digest(";".join(f"{bid}:{member}" for bid, member in sorted(pairs)))


# ---- The worker's side ----------------------------------------------------------------------
def _until(now: datetime) -> datetime:
    """How far ahead a worker holds a request. It is held anew all along (`hold_sharing`)."""
    return now + timedelta(seconds=settings.SHARE_CLAIM_SECONDS)


def take_up_sharing(*, now: datetime) -> ShareRequest | None:
    """Claim the oldest request that waits, or whose holder is gone: by a counted update.

    `now` is real time, whatever day the round believes it is.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    for request in ShareRequest.objects.filter(free, done_at=None).order_by("asked_at", "pk"):
        mine = ShareRequest.objects.filter(
            free, pk=request.pk, done_at=None, tries=request.tries
        ).update(claimed_until=_until(now), tries=F("tries") + 1, stage=Stage.GATHERING)
        if mine:
            return ShareRequest.objects.select_related("round__chain", "asked_by").get(
                pk=request.pk
            )
    return None


def hold_sharing(*, request: ShareRequest, now: datetime) -> bool:
    """Go on holding a request; false when somebody else has it, or it is done."""
    return bool(_held(request).update(claimed_until=_until(now)))


def _held(request: ShareRequest) -> Any:
    return ShareRequest.objects.filter(pk=request.pk, tries=request.tries, done_at=None)


def work_out_sharing(*, request: ShareRequest, by: Person, at: datetime) -> ShareRun | None:
    """Do what was asked and keep the proposal; where it does not work, say why in a sentence.

    `by` is whoever asked: the proposal is theirs.
    """
    if request.tries > MOST_TRIES:
        _fail(
            request,
            _(
                "It was begun several times and stopped each time. "
                "Please tell whoever looks after this site."
            ),
            at=at,
        )
        return None
    try:
        return _worked_out(request, by=by, at=at)
    except Superseded:
        return None
    except Refused as refusal:
        _fail(request, str(refusal), at=at)
    except Exception:
        # Whatever it was, whoever asked gets a sentence and not a page that waits for ever.
        logger.exception("The share-out asked for in request %s did not work.", request.pk)
        _fail(
            request,
            _("Something went wrong on our side. Nothing was changed. Please try it once more."),
            at=at,
        )
    return None


def _worked_out(request: ShareRequest, *, by: Person, at: datetime) -> ShareRun:
    round = request.round
    rules.may_propose_sharing(round, by, on=timezone.localdate(at)).require()
    problem = _gather(round, at=at)
    if not _held(request).update(people=len(problem.readers), bids=len(problem.bids)):
        raise Superseded
    proposal, answer = work_out(problem, _teller(request))
    with transaction.atomic():
        run = _keep(round, problem, proposal, answer, by=by, at=at)
        if not _held(request).update(stage=Stage.DONE, done_at=at, run=run):
            raise Superseded  # the run goes with the transaction
    return run


def _teller(request: ShareRequest) -> Tell:
    def tell(stage: str) -> None:
        if not _held(request).update(stage=stage):
            raise Superseded

    return tell


def _fail(request: ShareRequest, sentence: str, *, at: datetime) -> None:
    _held(request).update(stage=Stage.FAILED, done_at=at, sentence=sentence)
