"""The outcome letters: from the panel's own words, read by the panel, and only then sent."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import address_of, render_words, write_to
from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from applications.models import Application, Eligibility, EligibilityQuerySet, Organisation
from decisions import rules
from decisions.models import Outcome, OutcomeLetter
from ledger import trail
from ledger.actions import Address, Words, record, write_letter
from ledger.models import Channel, Letter
from panels.actions.proposals import put_to_panel
from panels.models import Panel, Proposal, Shortlisting


@transaction.atomic
def write_letters(
    *, panel: Panel, by: Person, at: datetime, most: int | None = None
) -> list[OutcomeLetter]:
    """Write the letters that this panel's bids lack: one for each outcome of the standing decision,
    each "not this time" at the shortlist, and each bid found not eligible whose group nobody signs
    in for (the others hear of that at once, when the time to ask for the bid back is over).

    The panel's words go in word for word. Where a new decision says the same of a bid as a letter
    that has gone, no second letter is written. With `most`, the first so many of them only.
    """
    rules.may_write_letters(by, panel, on=timezone.localdate(at)).require()
    made = [_written(facts, panel, by=by, at=at) for facts in islice(untold(panel), most)]
    if made:
        record(
            chain=panel.round.chain,
            verb="wrote_outcome_letters",
            by=by,
            at=at,
            panel=panel.pk,
            letters={str(letter.pk): letter.digest for letter in made},
        )
    return made


def untold(panel: Panel) -> Iterator[dict[str, Any]]:
    """What each missing letter tells of: its kind, its bid, and the row it comes from."""
    found_no = against_the_rules().filter(application__lot=panel.lot_id)
    for row in found_no.select_related("application__organisation", "rule"):
        yield {
            "kind": OutcomeLetter.Kind.NOT_ELIGIBLE,
            "application": row.application,
            "eligibility": row,
        }
    said_no = not_met().filter(panel=panel, application__lot=panel.lot_id)
    for said in said_no.select_related("application__organisation", "criterion"):
        yield {
            "kind": OutcomeLetter.Kind.NOT_MET,
            "application": said.application,
            "shortlisting": said,
        }
    decision = rules.standing_decision(panel)
    if decision is None:
        return
    outcomes = Outcome.objects.filter(
        decision=decision, letter=None, application__withdrawn_at=None
    )
    told = told_of(
        OutcomeLetter.objects.filter(
            application__lot=panel.lot_id, outcome__isnull=False, letter__isnull=False
        ).select_related("outcome")
    )
    for outcome in outcomes.select_related("application__organisation", "criterion"):
        if not says_the_same(told.get(outcome.application_id), outcome):
            yield {
                "kind": rules.kind_of_letter(outcome),
                "application": outcome.application,
                "outcome": outcome,
            }


def signed_in_for() -> QuerySet[Organisation]:
    """Organisations that somebody acts for here, so that letters reach them by themselves."""
    return Organisation.objects.filter(colleagues__ended_at=None, colleagues__isnull=False)


def against_the_rules() -> EligibilityQuerySet:
    """Rule checks that said no, of which no letter tells, where nobody signs in to read it."""
    return (
        Eligibility.objects.newest()
        .final_no()
        .filter(letter=None, application__withdrawn_at=None)
        .exclude(application__organisation__in=signed_in_for())
    )


def not_met() -> QuerySet[Shortlisting]:
    """Choices of "not this time" after reading, of which no letter tells."""
    return Shortlisting.objects.filter(
        outcome=Shortlisting.Outcome.NO,
        replaced_by=None,
        letter=None,
        application__withdrawn_at=None,
    )


def told_of(letters: Iterable[OutcomeLetter]) -> dict[int, Outcome]:
    """By bid, the outcome that its newest letter that has gone told of."""
    gone = sorted((row for row in letters if row.letter_id), key=lambda row: row.pk)
    return {row.application_id: row.outcome for row in gone if row.outcome}


def says_the_same(told: Outcome | None, outcome: Outcome) -> bool:
    """Whether what was told of a bid is exactly what is so now."""
    if told is None:
        return False
    names = ("kind", "amount", "less_what", "reason", "criterion_id", "conditions", "reserve_order")
    return all(getattr(told, name) == getattr(outcome, name) for name in names)


def _written(facts: dict[str, Any], panel: Panel, *, by: Person, at: datetime) -> OutcomeLetter:
    letter = OutcomeLetter(**facts, written_at=at, written_by=by)
    _put_in_words(letter, panel)
    letter.save()
    return letter


def _put_in_words(letter: OutcomeLetter, panel: Panel) -> None:
    """Fill the subject, body and digest from the panel's rows and the staff's marked note."""
    context = {
        "bid": letter.application,
        "organisation": letter.application.organisation,
        "outcome": letter.outcome,
        "said": letter.outcome or letter.shortlisting,
        "eligibility": letter.eligibility,
        "signs_in": any(to.person for to in _readers(letter.application)),
        "staff_note": letter.staff_note,
        "panel": panel,
        "round": panel.round,
    }
    words = render_words(f"outcome_{letter.kind}", context)
    letter.subject = " ".join(words.subject.split())
    letter.body = words.text
    letter.digest = digest_of(letter.subject, letter.body)


def digest_of(subject: str, body: str) -> str:
    """The mark of a letter's exact words."""
    return trail.digest(f"{subject}\n{body}")


@transaction.atomic
def change_staff_note(
    *, letter: OutcomeLetter, note: str, by: Person, at: datetime
) -> OutcomeLetter:
    """Add or change what staff say in a letter, marked there as theirs. Not once it is agreed."""
    letter = (
        OutcomeLetter.objects.select_for_update(of=("self",))
        .select_related("application__lot__panel__round__chain", "application__organisation")
        .get(pk=letter.pk)
    )
    rules.may_change_staff_note(by, letter).require()
    panel = letter.application.lot.panel
    letter.staff_note = note.strip()
    _put_in_words(letter, panel)
    letter.save(update_fields=["staff_note", "subject", "body", "digest"])
    record(
        chain=panel.round.chain,
        verb="changed_staff_note",
        by=by,
        at=at,
        letter=letter.pk,
        digest=letter.digest,
    )
    return letter


@transaction.atomic
def put_letters(*, panel: Panel, by: Person, at: datetime) -> Proposal:
    """Ask the panel to read every letter that it has not agreed yet, as it stands now."""
    panel = Panel.objects.select_for_update().select_related("round", "lot").get(pk=panel.pk)
    rules.may_put_letters(by, panel, on=timezone.localdate(at)).require()
    letters = list(letters_to_agree(panel))
    if not letters:
        raise Refused(_("There are no letters for the panel to read."))
    proposal = put_to_panel(
        panel=panel,
        kind=Proposal.Kind.LETTERS,
        words=_("Read the letters to the groups. Say if they may go."),
        data={"letters": {str(letter.pk): letter.digest for letter in letters}},
        by=by,
        at=at,
    )
    for seat in rules.entitled_seats(panel):
        write_to(
            seat.member.person,
            "letters_to_read",
            key=f"letters_to_read:{proposal.pk}:{seat.pk}",
            by=by,
            at=at,
            context={"panel": panel, "proposal": proposal},
            chain=panel.round.chain,
        )
    return proposal


def letters_to_agree(panel: Panel) -> Iterable[OutcomeLetter]:
    """The panel's letters that are not agreed, and still tell what is so."""
    decision = rules.standing_decision(panel)
    letters = OutcomeLetter.objects.filter(
        application__lot=panel.lot_id, approved_by_proposal=None
    ).exclude(shortlisting__replaced_by__isnull=False)
    letters = letters.exclude(eligibility__replaced_by__isnull=False)
    for letter in letters.select_related("outcome", "application__organisation"):
        if letter.outcome is None or (decision and letter.outcome.decision_id == decision.pk):
            yield letter


@transaction.atomic
def send_letters(*, panel: Panel, by: Person, at: datetime) -> list[OutcomeLetter]:
    """Send each letter that the panel agreed and that may go today; the others wait.

    Each goes to everyone who acts for the organisation, or on paper to its contact where nobody
    signs in. Refused, with the reason, when none may go. When the post is in doubt, it is held.
    """
    may(by, Permission.SEND_LETTERS).require()
    rows = (
        OutcomeLetter.objects.select_for_update(of=("self",))
        .filter(application__lot=panel.lot_id, letter=None, approved_by_proposal__isnull=False)
        .select_related(
            "application__organisation",
            "approved_by_proposal",
            "outcome__decision__panel__round",
            "outcome__decision__panel__lot",
        )
    )
    sent, refusals = [], []
    for letter in rows.prefetch_related("outcome__checks"):
        now_digest = digest_of(letter.subject, letter.body)
        verdict = rules.may_send_letter(letter, digest=now_digest, on=timezone.localdate(at))
        if verdict:
            sent.append(_sent(letter, panel, by=by, at=at))
        else:
            refusals.append(verdict)
    if not sent:
        if refusals:
            refusals[0].require()
        raise Refused(_("There are no agreed letters waiting to go."))
    record(
        chain=panel.round.chain,
        verb="sent_outcome_letters",
        by=by,
        at=at,
        panel=panel.pk,
        letters={str(letter.pk): letter.digest for letter in sent},
    )
    return sent


def _sent(letter: OutcomeLetter, panel: Panel, *, by: Person, at: datetime) -> OutcomeLetter:
    words = Words(letter.subject, letter.body, _in_html(letter))
    written = [
        write_letter(
            key=f"outcome_letter:{letter.pk}:{to.person.pk if to.person else 'contact'}",
            kind="outcome_letter",
            to=to,
            words=words,
            by=by,
            at=at,
            chain=panel.round.chain,
            on_doubt=Letter.OnDoubt.HOLD,
        )
        for to in _readers(letter.application)
    ]
    letter.letter = written[0]
    letter.save(update_fields=["letter"])
    return letter


def _in_html(letter: OutcomeLetter) -> str:
    return render_to_string(
        "letters/outcome_letter/body.html", {"subject": letter.subject, "body": letter.body}
    )


def _readers(bid: Application) -> list[Address]:
    """Everyone who acts for the organisation; else its contact, by post."""
    people = Person.objects.filter(
        acts_for__organisation=bid.organisation_id, acts_for__ended_at=None, is_active=True
    ).order_by("pk")
    addresses = [address_of(person) for person in people.distinct()]
    if addresses:
        return addresses
    name = bid.contact_name or bid.organisation.name
    return [Address(name, Channel.POST, bid.organisation.address)]
