"""Writing what looks after people: worries, agreements signed, helpers, expenses, private notes."""

from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import documents
from accounts.letters import write_to
from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning.actions import change_promise
from commissioning.models import Member, Round
from ledger.actions import record
from ledger.models import Letter
from support import rules
from support.conduct_words import mark
from support.models import Conduct, Expense, Helper, SupportNote, Worry

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


# ---- Worries: restricted, and outside the trail -------------------------------------------------
@transaction.atomic
def tell_worry(*, about: str, text: str, by: Person, at: datetime, told_for: str = "") -> Worry:
    """Somebody is worried about a person. Only the safeguarding lead reads it.

    No entry is made, and the letter that calls the lead says nothing of whom or what.
    """
    rules.may_tell_worry(by).require()
    if not text.strip():
        raise Refused(_("Say what worries you."))
    worry = Worry.objects.create(
        about=about.strip(), text=text.strip(), told_for=told_for.strip(), told_at=at, told_by=by
    )
    for lead in Person.objects.holding(Role.SAFEGUARDING).filter(is_active=True):
        write_to(
            lead,
            "worry_told",
            key=f"worry_told:{worry.pk}:{lead.pk}",
            by=Person.objects.machine(),
            at=at,
            when=Letter.When.ANSWER,
            context={},
        )
    return worry


@transaction.atomic
def hear_worry(*, worry: Worry, done: str, by: Person, at: datetime) -> None:
    """The safeguarding lead writes what was done. It can be added to later."""
    rules.may_hear_worry(worry, by).require()
    if not done.strip():
        raise Refused(_("Say what you did."))
    worry.done, worry.heard_at, worry.heard_by = done.strip(), at, by
    worry.save(update_fields=["done", "heard_at", "heard_by"])


# ---- The agreement on confidentiality and conduct -----------------------------------------------
@transaction.atomic
def sign_conduct(
    *, round: Round, person: Person, by: Person, at: datetime, on_paper: bool = False
) -> Conduct:
    """A person signs; or a facilitator notes the paper they signed. The words' mark is kept."""
    rules.may_sign_conduct(round, person, by, on_paper=on_paper).require()
    made = Conduct.objects.create(
        round=round, person=person, wording=mark(), on_paper=on_paper, signed_at=at, signed_by=by
    )
    record(
        chain=round.chain,
        verb="signed_conduct",
        by=by,
        at=at,
        person=person.pk,
        wording=made.wording,
        on_paper=on_paper,
    )
    return made


@transaction.atomic
def take_back_consent(*, signed: Conduct, by: Person, at: datetime) -> None:
    """A person takes their agreement back. What they let us use about them stops being used:
    what they can speak of from experience goes, and their name will not stand in the report."""
    signed = Conduct.objects.select_for_update(of=("self",)).get(pk=signed.pk)
    rules.may_take_back(signed, by).require()
    signed.taken_back_at, signed.taken_back_by = at, by
    signed.save(update_fields=["taken_back_at", "taken_back_by"])
    member = Member.objects.here().filter(round=signed.round_id, person=signed.person_id).first()
    if member:
        change_promise(member=member, by=by, at=at, experience=[], may_be_named=False)
    record(
        chain=signed.round.chain, verb="took_back_conduct", by=by, at=at, person=signed.person_id
    )


# ---- Helpers of one volunteer -------------------------------------------------------------------
@transaction.atomic
def name_helper(*, member: Member, supporter: Person, by: Person, at: datetime) -> Helper:
    """A facilitator writes down that a supporter helps a volunteer, who is told and may end it."""
    rules.may_name_helper(member, supporter, by).require()
    helper = Helper.objects.create(member=member, supporter=supporter, began_at=at, began_by=by)
    for person in (member.person, supporter):
        write_to(
            person,
            "helper_named",
            key=f"helper_named:{helper.pk}:{person.pk}",
            by=by,
            at=at,
            chain=member.round.chain,
            context={"helper": helper, "round": member.round},
        )
    record(chain=member.round.chain, verb="named_helper", by=by, at=at, helper=helper.pk)
    return helper


@transaction.atomic
def say_whom_helper_knows(*, helper: Helper, knows: str, by: Person, at: datetime) -> None:
    """A supporter says whom they have a link with among those who may bid."""
    rules.may_say_knows(helper, by).require()
    helper.knows = knows.strip()
    helper.save(update_fields=["knows"])
    record(chain=helper.member.round.chain, verb="helper_declared", by=by, at=at, helper=helper.pk)


@transaction.atomic
def end_helper(*, helper: Helper, by: Person, at: datetime) -> None:
    """The help ends, with no reason asked."""
    rules.may_end_helper(helper, by).require()
    helper.ended_at, helper.ended_by = at, by
    helper.save(update_fields=["ended_at", "ended_by"])
    record(chain=helper.member.round.chain, verb="ended_helper", by=by, at=at, helper=helper.pk)


# ---- Expenses -----------------------------------------------------------------------------------
def claim_expense(
    *,
    member: Member,
    kind: str,
    what: str,
    amount: Decimal,
    spent_on: date,
    by: Person,
    at: datetime,
    receipt: "UploadedFile[bytes] | None" = None,
) -> Expense:
    """A volunteer asks for money back, with or without a receipt; or it is typed for them.

    Raises documents.BadFile (a Refused) with what to do when the file cannot be taken.
    """
    rules.may_claim(
        member, by, amount=amount, spent_on=spent_on, on=timezone.localdate(at)
    ).require()
    claim = Expense(
        member=member,
        kind=kind,
        what=what.strip(),
        amount=amount,
        spent_on=spent_on,
        claimed_at=at,
        claimed_by=by,
    )
    with ExitStack() as files:
        if receipt:
            checked = documents.inspect(receipt, most_bytes=settings.DOCUMENT_MAX_BYTES)
            name, data = f"receipts/{uuid4()}.{checked.kind}", ContentFile(checked.data)
            claim.receipt_name = checked.name
            claim.receipt.name = files.enter_context(documents.stored(name, data))
        with transaction.atomic():
            claim.save(force_insert=True)
            record(chain=member.round.chain, verb="claimed_expense", by=by, at=at, expense=claim.pk)
    return claim


@transaction.atomic
def pay_expense(*, expense: Expense, by: Person, at: datetime) -> None:
    """A facilitator says that a claim was paid back, and the volunteer is told."""
    expense = _locked_claim(expense)
    rules.may_settle(expense, by).require()
    expense.paid_at, expense.paid_by = at, by
    expense.save(update_fields=["paid_at", "paid_by"])
    _tell_claimer(expense, "expense_paid", by=by, at=at)
    record(chain=expense.member.round.chain, verb="paid_expense", by=by, at=at, expense=expense.pk)


@transaction.atomic
def refuse_expense(*, expense: Expense, why: str, by: Person, at: datetime) -> None:
    """A facilitator says kindly why a claim cannot be paid, and the volunteer is told."""
    expense = _locked_claim(expense)
    rules.may_settle(expense, by).require()
    if not why.strip():
        raise Refused(_("Say why, so that the volunteer knows."))
    expense.refused_at, expense.refused_by, expense.refused_why = at, by, why.strip()
    expense.save(update_fields=["refused_at", "refused_by", "refused_why"])
    _tell_claimer(expense, "expense_refused", by=by, at=at)
    record(
        chain=expense.member.round.chain, verb="refused_expense", by=by, at=at, expense=expense.pk
    )


def _locked_claim(expense: Expense) -> Expense:
    rows = Expense.objects.select_for_update(of=("self",)).select_related(
        "member__person", "member__round__chain"
    )
    return rows.get(pk=expense.pk)


def _tell_claimer(expense: Expense, name: str, *, by: Person, at: datetime) -> None:
    write_to(
        expense.member.person,
        name,
        key=f"{name}:{expense.pk}",
        by=by,
        at=at,
        chain=expense.member.round.chain,
        context={"expense": expense},
    )


# ---- The private log ----------------------------------------------------------------------------
@transaction.atomic
def note_support(
    *, member: Member, text: str, by: Person, at: datetime, again_on: date | None = None
) -> SupportNote:
    """A facilitator's private line about a call or visit. It makes no entry and no letter."""
    rules.may_note(member, by).require()
    if not text.strip():
        raise Refused(_("Write a line first."))
    return SupportNote.objects.create(
        member=member, text=text.strip(), noted_at=at, noted_by=by, again_on=again_on
    )
