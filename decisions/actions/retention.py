"""Deleting what was kept long enough: one person puts it forward, a second one does it.

Words and files go. A bid and an adjustment stay for counting, with an `Erasure` that says when and
by whom; of the rest the deletion itself says it. The trail is never touched.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Answer, Application, BidVersion, BudgetLine, Document, SetAside
from commissioning.models import Programme, Round
from decisions import retention, rules
from decisions.models import Clearing, DueForDeletion, Erasure, Kept, RetentionRule
from ledger.actions import record
from support.models import Adjustment

BLANK: dict[str, Any] = {
    "title": "",
    "area": "",
    "communities": [],
    "partners_named": "",
    "contact_name": "",
    "contact_channel": "",
    "contact_phone": "",
    "smallest_useful": None,
    "other_ways": [],
}


@transaction.atomic
def set_retention(
    *, programme: Programme, what: str, months: int, by: Person, at: datetime
) -> RetentionRule:
    """Say how many months the programme keeps this.

    Longer counts at once. Shorter is only asked for: it waits for a second person.
    """
    rules.may_clear(by).require()
    if not 1 <= months <= 120:
        raise Refused(_("Choose between 1 and 120 months."))
    rule = _rule(programme, what)
    facts = {"programme": programme.pk, "what": str(what), "months": months}
    if months < rule.months:
        rule.shorter, rule.asked_at, rule.asked_by = months, at, by
        rule.save(update_fields=["shorter", "asked_at", "asked_by"])
        record(chain=None, verb="asked_shorter_keeping", by=by, at=at, **facts)
        return rule
    rule.months, rule.shorter = months, None
    rule.save(update_fields=["months", "shorter"])
    record(chain=None, verb="set_retention", by=by, at=at, **facts)
    return rule


@transaction.atomic
def answer_shorter_keeping(
    *, programme: Programme, what: str, agree: bool, months: int, by: Person, at: datetime
) -> RetentionRule:
    """A second person says yes or no to keeping something for fewer months, as was asked for.

    `months` is what they were shown: another number since is not agreed to unseen.
    """
    rule = _rule(programme, what)
    rules.may_agree_shorter(by, rule).require()
    if rule.shorter != months:
        raise Refused(_("Another number was asked for since. Please look again."))
    facts = {"programme": programme.pk, "what": str(what), "months": months}
    if agree:
        rule.months, rule.agreed_at, rule.agreed_by = months, at, by
    rule.shorter = None
    rule.save(update_fields=["months", "shorter", "agreed_at", "agreed_by"])
    if agree:
        record(chain=None, verb="agreed_shorter_keeping", by=by, at=at, **facts)
    else:
        record(chain=None, verb="refused_shorter_keeping", by=by, at=at, **facts)
    return rule


def _rule(programme: Programme, what: str) -> RetentionRule:
    """The programme's rule, held still; the usual months where it had none."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    usual = {"months": retention.USUAL_MONTHS[Kept(what)]}
    rule, _made = RetentionRule.objects.get_or_create(
        programme=programme, what=Kept(what), defaults=usual
    )
    return rule


@transaction.atomic
def note_what_is_due(*, on: date) -> int:
    """Write down what is old enough to go today, so that a page need not ask for it; gives how
    many kinds. It is no act of anybody: nothing is put forward, and nothing goes."""
    over = retention.over_rounds()
    found = [
        DueForDeletion(programme=programme, what=what, count=len(due.ids))
        for programme in Programme.objects.all()
        for what in Kept
        if (due := retention.due(programme, what, on=on, over=over)).ids
    ]
    DueForDeletion.objects.all().delete()
    return len(DueForDeletion.objects.bulk_create(found))


@transaction.atomic
def put_clearing(*, programme: Programme, what: str, by: Person, at: datetime) -> Clearing:
    """Put forward the deletion of all that is due today, for a second person to do."""
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    rules.may_clear(by).require()
    if Clearing.objects.filter(programme=programme, what=what, done_at=None).exists():
        raise Refused(_("A deletion waits for a second person already."))
    found = retention.due(programme, what, on=timezone.localdate(at))
    if not found.ids:
        raise Refused(_("Nothing is old enough to be deleted."))
    row = Clearing.objects.create(
        programme=programme,
        what=Kept(what),
        count=len(found.ids),
        digest=found.digest,
        put_at=at,
        put_by=by,
    )
    record(chain=None, verb="put_clearing", by=by, at=at, clearing=row.pk, count=row.count)
    return row


@transaction.atomic
def do_clearing(*, clearing: Clearing, by: Person, at: datetime) -> Clearing:
    """Delete exactly what was put forward, by somebody else. Refused if it is not the same now."""
    programme = Programme.objects.select_for_update().get(pk=clearing.programme_id)
    row = Clearing.objects.select_for_update().get(pk=clearing.pk)
    rules.may_do_clearing(by, row).require()
    found = retention.due(programme, row.what, on=timezone.localdate(row.put_at))
    if found.digest != row.digest:
        raise Refused(_("The list is not the same any more. Put it forward again."))
    # The mark comes first: guards let words go only where one says by which deletion.
    Erasure.objects.bulk_create(_marks(row, found, by=by, at=at))
    if row.what == Kept.DRAFTS:
        _empty_drafts(found.ids)
    elif row.what == Kept.NEEDS:
        empty_needs(found.ids)
    elif row.what == Kept.BIDS:
        _empty_bids(found.ids, by=by, at=at)
    else:
        for number, part in enumerate(retention.PARTS[row.what]):
            empty_part(part, found.ids_of(number))
    DueForDeletion.objects.filter(programme=programme, what=row.what).delete()
    row.done_at, row.done_by = at, by
    row.save(update_fields=["done_at", "done_by"])
    record(chain=None, verb="did_clearing", by=by, at=at, clearing=row.pk, count=row.count)
    return row


def _marks(clearing: Clearing, found: retention.Due, *, by: Person, at: datetime) -> list[Erasure]:
    """Of what each mark of this deletion is. Of care and costs the deletion itself says it all."""
    erased = {"clearing": clearing, "made_at": at, "made_by": by}
    match clearing.what:
        case Kept.DRAFTS | Kept.BIDS:
            return [Erasure(application_id=pk, **erased) for pk in found.ids]
        case Kept.NEEDS:
            return [Erasure(adjustment_id=pk, **erased) for pk in found.ids]
        case Kept.DECISIONS:
            rounds = Round.objects.filter(programme=clearing.programme_id, erasure=None)
            return [Erasure(round=row, **erased) for row in rounds]
    return []


def _empty_bids(ids: Sequence[int], *, by: Person, at: datetime) -> None:
    """The words, files and people of bids that got no money. Sums, number and title stay."""
    _delete_drafts(ids)
    files = Document.objects.filter(application__in=ids)
    for name in files.exclude(file="").values_list("file", flat=True):
        transaction.on_commit(partial(default_storage.delete, name))
    files.here().update(removed_at=at, removed_by=by)
    for copy in BidVersion.objects.filter(application__in=ids).order_by("number"):
        # What was put right stands in the newest copy alone, and the name and place are to stay.
        kept = {name: copy.content[name] for name in ("title", "area") if copy.content.get(name)}
        Application.objects.filter(pk=copy.application_id).update(**kept)
    for model, blank in retention.SENT_WORDS.items():
        model._default_manager.filter(application__in=ids).update(**blank)
    Application.objects.filter(pk__in=ids).update(
        partners_named="",
        contact_name="",
        contact_channel="",
        contact_phone="",
        other_ways=[],
        unsent=None,
    )


def _delete_drafts(ids: Sequence[int]) -> None:
    """What was being written, and the words that made way for it."""
    for model in (Answer, SetAside, BudgetLine):
        model._default_manager.filter(application__in=ids).delete()


def _empty_drafts(ids: Sequence[int]) -> None:
    _delete_drafts(ids)
    for name in Document.objects.filter(application__in=ids).values_list("file", flat=True):
        # After the commit: a file that is gone cannot be brought back by a rollback.
        transaction.on_commit(partial(default_storage.delete, name))
    Application.objects.filter(pk__in=ids, submitted_at=None).update(**BLANK)


def empty_needs(ids: Sequence[int]) -> None:
    """What was asked for and agreed to make taking part easier goes; that there was something
    stays."""
    rows = Adjustment.objects.filter(pk__in=ids)
    rows.update(asked="")
    rows.filter(agreed_at__isnull=False).update(agreed="–")


def empty_part(part: retention.Part, ids: Sequence[int]) -> None:
    """The words of these rows go, with their files: blanked, or the whole rows."""
    rows = part.model._default_manager.filter(pk__in=ids)
    if part.file:
        for name in rows.exclude(**{part.file: ""}).values_list(part.file, flat=True):
            transaction.on_commit(partial(default_storage.delete, name))
    if part.blank:
        rows.update(**part.blank)
    else:
        rows.delete()
