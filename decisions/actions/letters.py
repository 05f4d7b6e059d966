"""The outcome letters: from the panel's own words, read by the panel, and only then sent."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import address_of, render_words, write_to
from accounts.models import Person
from accounts.permissions import Permission, Refused, Verdict, may
from applications.models import Application, Eligibility, EligibilityQuerySet, Organisation
from commissioning.models import Criterion
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
    in for (the others hear of that by themselves), once the time to ask for the bid back is over.

    The panel's words go in word for word. Where a new decision says the same of a bid as a letter
    that has gone, no second letter is written. With `most`, the first so many of them only.
    """
    rules.may_write_letters(by, panel, on=timezone.localdate(at)).require()
    missing = untold(panel, on=timezone.localdate(at))
    made = [_written(facts, panel, by=by, at=at) for facts in islice(missing, most)]
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


def untold(panel: Panel, *, on: date) -> Iterator[dict[str, Any]]:
    """What each missing letter tells of: its kind, its bid, and the row it comes from."""
    found_no = against_the_rules(on).filter(application__lot=panel.lot_id, letter=None)
    for row in found_no.select_related("application__organisation", "rule"):
        yield {
            "kind": OutcomeLetter.Kind.NOT_ELIGIBLE,
            "application": row.application,
            "eligibility": row,
        }
    said_no = not_met().filter(panel=panel, application__lot=panel.lot_id, letter=None)
    for said in said_no.select_related("application__organisation", "criterion"):
        yield {
            "kind": OutcomeLetter.Kind.NOT_MET,
            "application": said.application,
            "shortlisting": said,
        }
    for outcome in _outcomes_to_tell(panel):
        if not hasattr(outcome, "letter"):
            yield {
                "kind": rules.kind_of_letter(outcome),
                "application": outcome.application,
                "outcome": outcome,
            }


def bids_that_wait(panel: Panel) -> list[Application]:
    """The bids of a panel whose groups have had no letter that says what now stands. A decision on
    hold may wait."""
    here = {"application__lot": panel.lot_id, "letter__letter": None}
    found_no = against_the_rules().filter(**here).select_related("application__organisation")
    said_no = not_met().filter(panel=panel, **here).select_related("application__organisation")
    waiting = [row.application for row in found_no] + [row.application for row in said_no]
    decision = rules.standing_decision(panel)
    if decision and not rules.is_held(decision):
        waiting += [outcome.application for outcome in _outcomes_to_tell(panel)]
    return waiting


def _outcomes_to_tell(panel: Panel) -> Iterator[Outcome]:
    """The outcomes that stand, where no letter that has gone says just this."""
    told = told_of(
        OutcomeLetter.objects.filter(
            application__lot=panel.lot_id, outcome__isnull=False, letter__isnull=False
        ).select_related("outcome")
    )
    rows = Outcome.objects.filter(
        decision=rules.standing_decision(panel), application__withdrawn_at=None
    )
    for outcome in rows.select_related("application__organisation", "criterion", "letter"):
        if not says_the_same(told.get(outcome.application_id), outcome):
            yield outcome


def signed_in_for() -> QuerySet[Organisation]:
    """Organisations that somebody acts for here, so that letters reach them by themselves."""
    return Organisation.objects.filter(colleagues__ended_at=None, colleagues__isnull=False)


def against_the_rules(on: date | None = None) -> EligibilityQuerySet:
    """Rule checks that said no, where nobody signs in to read of it; with `on`, those of which the
    group may be told on that day."""
    rows = (
        Eligibility.objects.newest()
        .final_no()
        .filter(application__withdrawn_at=None)
        .exclude(application__organisation__in=signed_in_for())
    )
    return rows.filter(seconded_at__date__lte=rules.last_day_of_no(on=on)) if on else rows


def not_met() -> QuerySet[Shortlisting]:
    """Choices of "not this time" after reading that stand."""
    return Shortlisting.objects.filter(
        outcome=Shortlisting.Outcome.NO,
        replaced_by=None,
        application__withdrawn_at=None,
    )


def told_of(letters: Iterable[OutcomeLetter]) -> dict[int, Outcome]:
    """By bid, the outcome that its newest letter that has gone told of."""
    gone = sorted((row for row in letters if row.letter_id), key=lambda row: row.pk)
    return {row.application_id: row.outcome for row in gone if row.outcome}


TOLD = (
    "kind",
    "amount",
    "less_what",
    "reason",
    "criterion_id",
    "by_criterion",
    "conditions",
    "reserve_order",
)
"""All that a letter tells of an outcome."""


def says_the_same(told: Outcome | None, outcome: Outcome) -> bool:
    """Whether what was told of a bid is exactly what is so now."""
    if told is None:
        return False
    return all(getattr(told, name) == getattr(outcome, name) for name in TOLD)


def _written(facts: dict[str, Any], panel: Panel, *, by: Person, at: datetime) -> OutcomeLetter:
    letter = OutcomeLetter(**facts, written_at=at, written_by=by)
    _put_in_words(letter, panel)
    letter.save()
    return letter


def _put_in_words(letter: OutcomeLetter, panel: Panel) -> None:
    """Fill the subject, body, days and digest from the panel's rows and the staff's marked note."""
    said = letter.outcome or letter.shortlisting
    programme = panel.round.programme
    letter.complain_days, letter.offer_days = programme.complain_days, programme.offer_days
    context = {
        "programme": programme,
        "bid": letter.application,
        "organisation": letter.application.organisation,
        "outcome": letter.outcome,
        "said": said,
        "titles": Criterion.objects.titles_of(said.by_criterion) if said else {},
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
    days = ["complain_days", "offer_days"]
    letter.save(update_fields=["staff_note", "subject", "body", "digest", *days])
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
    letters = letters_to_agree(panel, on=timezone.localdate(at))
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


def letters_to_agree(panel: Panel, *, on: date) -> list[OutcomeLetter]:
    """The panel's letters that are not agreed, and still tell what is so."""
    letters = OutcomeLetter.objects.with_what_it_tells().filter(
        application__lot=panel.lot_id, approved_by_proposal=None
    )
    return [letter for letter in letters if rules.is_still_so(letter, on=on)]


def may_go(letter: OutcomeLetter, *, on: date) -> Verdict:
    """Whether this letter may go on this day, with the words that stand in it now."""
    digest = digest_of(letter.subject, letter.body)
    return rules.may_send_letter(letter, digest=digest, on=on)


def sort_letters(
    panel: Panel, *, on: date
) -> tuple[list[OutcomeLetter], list[tuple[OutcomeLetter, str]]]:
    """The letters the panel agreed: those that may go today, and those that stay, each with why.

    Refused, with the reason, when none may go.
    """
    rows = OutcomeLetter.objects.waiting_to_go(panel).with_what_it_tells()
    found = [(letter, may_go(letter, on=on)) for letter in rows]
    going = [letter for letter, verdict in found if verdict]
    if found and not going:
        found[0][1].require()
    if not going:
        raise Refused(_("There are no agreed letters waiting to go."))
    return going, [(letter, verdict.sentence) for letter, verdict in found if not verdict]


def send_letters(*, panel: Panel, by: Person, at: datetime) -> list[OutcomeLetter]:
    """Send each letter that the panel agreed and that may go today; the others wait. Refused, with
    the reason, when none may go. For a page, a worker does the same (`ask_to_send`)."""
    may(by, Permission.SEND_LETTERS).require()
    going, _staying = sort_letters(panel, on=timezone.localdate(at))
    return [send_letter(letter=letter, by=by, at=at) for letter in going]


@transaction.atomic
def send_letter(*, letter: OutcomeLetter, by: Person, at: datetime) -> OutcomeLetter:
    """Send one letter that the panel agreed, if what it says is still so. Raises Refused.

    It goes to everyone who acts for the organisation, or on paper to its contact where nobody
    signs in. When the post is in doubt, it is held.
    """
    may(by, Permission.SEND_LETTERS).require()
    # The bid is locked too: who takes it back comes before this letter, or after it.
    letter = (
        OutcomeLetter.objects.with_what_it_tells()
        .select_for_update(of=("self", "application"))
        .get(pk=letter.pk)
    )
    may_go(letter, on=timezone.localdate(at)).require()
    panel = letter.application.lot.panel
    sent = _sent(letter, panel, by=by, at=at)
    record(
        chain=panel.round.chain,
        verb="sent_outcome_letters",
        by=by,
        at=at,
        panel=panel.pk,
        letters={str(letter.pk): letter.digest},
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
