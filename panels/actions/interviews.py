"""The questions the panel asks, the times it offers, and what members scored after meeting."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from applications.models import Application, Colleague
from commissioning.models import Criterion
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.models import (
    InterviewDraft,
    InterviewQuestion,
    InterviewSlot,
    Panel,
    Phase,
    Score,
    ScoreSheet,
    Seat,
)
from panels.rules import meeting as rules
from panels.rules.scoring import sheet_digest

CHOSEN = ["application", "chosen_at", "chosen_by", "access_needs", "agreed", "more_minutes"]


# ---- Questions ------------------------------------------------------------------------------
@transaction.atomic
def write_interview_question(
    *,
    panel: Panel,
    text: str,
    by: Person,
    at: datetime,
    criterion: Criterion | None = None,
    asked_by: Seat | None = None,
    question: InterviewQuestion | None = None,
) -> InterviewQuestion:
    """A panel member writes a core question, or changes one before anyone has scored."""
    panel = (
        Panel.objects.select_for_update(of=("self",))
        .select_related("round__chain")
        .get(pk=panel.pk)
    )
    rules.may_prepare_interviews(panel, by).require()
    rules.question_complete(panel, text, criterion, asked_by).require()
    facts = {"text": text.strip(), "criterion": criterion, "asked_by": asked_by}
    if question:
        InterviewQuestion.objects.filter(pk=question.pk, panel=panel).update(**facts)
        question.refresh_from_db()
    else:
        question = InterviewQuestion.objects.create(
            panel=panel,
            order=panel.interview_questions.count() + 1,
            written_at=at,
            written_by=by,
            **facts,
        )
    record(
        chain=panel.round.chain,
        verb="wrote_interview_question",
        by=by,
        at=at,
        question=question.pk,
        panel=panel.pk,
        asked_by=asked_by.pk if asked_by else None,
        text=digest(question.text),
    )
    return question


@transaction.atomic
def drop_interview_question(*, question: InterviewQuestion, by: Person, at: datetime) -> None:
    """A panel member takes a question off the list before anyone has scored."""
    panel = (
        Panel.objects.select_for_update(of=("self",))
        .select_related("round__chain")
        .get(pk=question.panel_id)
    )
    rules.may_prepare_interviews(panel, by).require()
    if not rules.open_questions(panel).filter(pk=question.pk).update(dropped_at=at):
        return
    record(
        chain=panel.round.chain,
        verb="dropped_interview_question",
        by=by,
        at=at,
        question=question.pk,
        panel=panel.pk,
    )


# ---- Times ----------------------------------------------------------------------------------
@transaction.atomic
def offer_slot(
    *,
    panel: Panel,
    starts_at: datetime,
    by: Person,
    at: datetime,
    minutes_long: int = 45,
    place: str = "",
    link: str = "",
) -> InterviewSlot:
    """A facilitator offers one time and place."""
    return offer_slots(
        panel=panel,
        first=starts_at,
        how_many=1,
        minutes_long=minutes_long,
        place=place,
        link=link,
        by=by,
        at=at,
    )[0]


@transaction.atomic
def offer_slots(
    *,
    panel: Panel,
    first: datetime,
    how_many: int,
    by: Person,
    at: datetime,
    minutes_long: int = 45,
    minutes_between: int = 15,
    place: str = "",
    link: str = "",
    refreshments: str = "",
) -> list[InterviewSlot]:
    """A facilitator offers several times one after another, all of the same length."""
    rules.may_change_times(panel, by).require()
    rules.may_arrange(panel, first, by, at=at).require()
    if not 1 <= how_many <= rules.MOST_SLOTS_AT_ONCE:
        raise Refused(_("Offer 1 to %(most)s times at once.") % {"most": rules.MOST_SLOTS_AT_ONCE})
    other = panel.slots.exclude(minutes_long=minutes_long).first()
    if other:
        raise Refused(
            _("Every organisation has the same time: %(minutes)s minutes.")
            % {"minutes": other.minutes_long}
        )
    step = timedelta(minutes=minutes_long + minutes_between)
    try:
        with transaction.atomic():
            slots = [
                InterviewSlot.objects.create(
                    panel=panel,
                    starts_at=first + place_in_row * step,
                    minutes_long=minutes_long,
                    place=place,
                    link=link,
                    refreshments=refreshments.strip(),
                    offered_at=at,
                    offered_by=by,
                )
                for place_in_row in range(how_many)
            ]
    except IntegrityError:
        raise Refused(_("One of these times is offered already.")) from None
    record(
        chain=panel.round.chain,
        verb="offered_interview_times",
        by=by,
        at=at,
        panel=panel.pk,
        slots=[slot.pk for slot in slots],
        minutes=minutes_long,
    )
    return slots


@transaction.atomic
def remove_slot(*, slot: InterviewSlot, by: Person, at: datetime) -> None:
    """A facilitator takes away a time that nobody has chosen."""
    rules.may_change_times(slot.panel, by).require()
    number, chain = slot.pk, slot.panel.round.chain
    if not InterviewSlot.objects.filter(pk=slot.pk, application=None).delete()[0]:
        raise Refused(_("Somebody has chosen this time. Ring them first; they can choose another."))
    record(
        chain=chain,
        verb="removed_interview_time",
        by=by,
        at=at,
        slot=number,
        panel=slot.panel_id,
    )


@transaction.atomic
def invite_to_interview(*, panel: Panel, by: Person, at: datetime) -> list[Application]:
    """Ask every organisation the panel meets to choose a time. Gives those that nobody acts for.

    Pressed again, only those who have no letter yet are written to.
    """
    panel = (
        Panel.objects.select_for_update(of=("self",))
        .select_related("round__chain")
        .get(pk=panel.pk)
    )
    rules.may_invite(panel, by).require()
    met = [
        row.application
        for row in rules.to_be_met().filter(panel=panel).select_related("application__organisation")
    ]
    people: dict[int, list[Person]] = {}
    for row in Colleague.objects.filter(
        organisation__in=[bid.organisation_id for bid in met], ended_at=None
    ).select_related("person"):
        people.setdefault(row.organisation_id, []).append(row.person)
    for bid in met:
        for person in people.get(bid.organisation_id, []):
            write_to(
                person,
                "interview_invitation",
                key=f"interview-invitation-{bid.pk}-{person.pk}",
                by=by,
                at=at,
                chain=panel.round.chain,
                context={"application": bid, "panel": panel},
            )
    if not panel.invited_at:
        panel.invited_at, panel.invited_by = at, by
        panel.save(update_fields=["invited_at", "invited_by"])
    by_hand = [bid for bid in met if bid.organisation_id not in people]
    record(
        chain=panel.round.chain,
        verb="invited_to_interview",
        by=by,
        at=at,
        panel=panel.pk,
        bids=sorted(bid.pk for bid in met),
        by_hand=sorted(bid.pk for bid in by_hand),
    )
    return by_hand


def free_slot(application: Application, *, by: Person, at: datetime) -> None:
    """Give back the time to meet the panel that a bid had, where it is still to come."""
    slot = (
        InterviewSlot.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain")
        .filter(application=application, starts_at__gt=at)
        .first()
    )
    if slot is None:
        return
    slot.application = slot.chosen_at = slot.chosen_by = None
    slot.access_needs = slot.agreed = ""
    slot.more_minutes = 0
    slot.save(update_fields=CHOSEN)
    record(
        chain=slot.panel.round.chain,
        verb="freed_interview_time",
        by=by,
        at=at,
        slot=slot.pk,
        application=application.pk,
    )


@transaction.atomic
def choose_slot(
    *,
    slot: InterviewSlot,
    application: Application,
    by: Person,
    at: datetime,
    access_needs: str = "",
) -> InterviewSlot:
    """An applicant takes a time, giving back the one they had. Two cannot take the same one."""
    Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    slot = (
        InterviewSlot.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain")
        .get(pk=slot.pk)
    )
    rules.may_choose_slot(slot, application, by, at=at).require()
    before = InterviewSlot.objects.filter(application=application).exclude(pk=slot.pk).first()
    if before:
        # What was agreed goes with them; the time on top must be looked at anew.
        slot.agreed = before.agreed
        InterviewSlot.objects.filter(pk=before.pk).update(
            application=None,
            chosen_at=None,
            chosen_by=None,
            access_needs="",
            agreed="",
            more_minutes=0,
        )
    slot.application, slot.chosen_at, slot.chosen_by = application, at, by
    slot.access_needs = access_needs.strip()
    slot.save(update_fields=CHOSEN)
    write_to(
        by,
        "slot_chosen",
        key=f"slot-chosen-{slot.pk}-{application.pk}-{at.isoformat()}",
        by=by,
        at=at,
        chain=slot.panel.round.chain,
        when=Letter.When.ANSWER,
        context={
            "slot": slot,
            "application": application,
            "questions": list(rules.open_questions(slot.panel)),
        },
    )
    record(
        chain=slot.panel.round.chain,
        verb="chose_interview_time",
        by=by,
        at=at,
        slot=slot.pk,
        bid=application.pk,
    )
    return slot


@transaction.atomic
def agree_interview_help(
    *, slot: InterviewSlot, agreed: str, more_minutes: int, by: Person, at: datetime
) -> InterviewSlot:
    """Staff note what was agreed with an organisation so that it can take part as well as others.

    It is told by letter. The panel reads what was agreed, and never what they need it for."""
    slot = (
        InterviewSlot.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain", "application__organisation")
        .get(pk=slot.pk)
    )
    application = slot.application
    if application is None:
        raise Refused(_("Nobody has chosen this time."))
    rules.may_agree_help(slot, more_minutes, by, at=at).require()
    if not agreed.strip():
        raise Refused(_("Write what you agreed."))
    slot.agreed, slot.more_minutes = agreed.strip(), more_minutes
    slot.save(update_fields=["agreed", "more_minutes"])
    people = Colleague.objects.filter(organisation=application.organisation_id, ended_at=None)
    for row in people.select_related("person"):
        write_to(
            row.person,
            "interview_help_agreed",
            key=f"interview-help-{slot.pk}-{row.person_id}-{at.isoformat()}",
            by=by,
            at=at,
            chain=slot.panel.round.chain,
            context={"slot": slot, "application": application},
        )
    record(
        chain=slot.panel.round.chain,
        verb="agreed_interview_help",
        by=by,
        at=at,
        slot=slot.pk,
        bid=application.pk,
        minutes=more_minutes,
        agreed=digest(slot.agreed),
    )
    return slot


# ---- Scores ---------------------------------------------------------------------------------
@transaction.atomic
def save_interview_draft(
    *,
    seat: Seat,
    application: Application,
    question: InterviewQuestion,
    value: int | None,
    cannot_judge: bool,
    reason: str,
    version: int,
    client_id: str = "",
    by: Person,
    at: datetime,
) -> InterviewDraft:
    """Save a member's unsent score and notes on one question. Version 0 is the first save.

    Stale when another save came first; the same `client_id` again is the same save.
    """
    rules.may_still_score(seat, application, by, on=timezone.localdate(at)).require()
    if value is not None and not 0 <= value <= 5:
        raise Refused(_("A score is a number from 0 to 5."))
    about = {"seat": seat, "application": application, "question": question}
    facts = {
        "value": None if cannot_judge else value,
        "cannot_judge": cannot_judge,
        "reason": reason,
        "client_id": client_id,
        "saved_at": at,
        "saved_by": by,
    }
    drafts = InterviewDraft.objects.filter(**about)
    if version == 0:
        try:
            with transaction.atomic():
                return InterviewDraft.objects.create(**about, **facts)
        except IntegrityError:
            pass  # another save came first: told below
    elif drafts.filter(version=version).update(version=version + 1, **facts):
        return drafts.get()
    there = drafts.first()
    if there and client_id and there.client_id == client_id:
        return there
    if there and (there.value, there.cannot_judge, there.reason) == (
        facts["value"],
        cannot_judge,
        reason,
    ):
        return there  # the same words came from another place, or from this one by another way
    raise Stale(
        theirs={"score": score_words(there), "reason": there.reason if there else ""},
        version=there.version if there else 0,
    )


def score_words(draft: InterviewDraft | None) -> str:
    """What an unsent score says, for somebody who must choose between two."""
    if draft is None or (draft.value is None and not draft.cannot_judge):
        return ""
    return _("I cannot judge this") if draft.cannot_judge else str(draft.value)


@transaction.atomic
def send_interview_scores(
    *, seat: Seat, application: Application, by: Person, at: datetime, why: str = ""
) -> ScoreSheet:
    """Send one member's interview scores. Every question needs a score or "I cannot judge".

    Pressed twice, it is one sheet.
    """
    Seat.objects.select_for_update().get(pk=seat.pk)
    rules.may_score_interview(seat, application, by, on=timezone.localdate(at)).require()
    sent = rules.sent_interview(seat, application)
    if sent:
        return sent
    drafts = {
        draft.question_id: draft
        for draft in InterviewDraft.objects.filter(seat=seat, application=application)
    }
    questions = list(rules.open_questions(seat.panel).select_for_update())
    if not questions:
        raise Refused(_("The panel has no questions to score yet."))
    for question in questions:
        if not score_words(drafts.get(question.pk)):
            raise Refused(
                _("Choose a score for “%(question)s”, or say that you cannot judge it.")
                % {"question": question.text}
            )
    sheet = ScoreSheet.objects.create(
        member_id=seat.member_id,
        application=application,
        version=application.versions.latest("number"),
        phase=Phase.INTERVIEW,
        why=why.strip(),
        sent_at=at,
        sent_by=by,
    )
    Score.objects.bulk_create(
        Score(
            sheet=sheet,
            question=question,
            value=drafts[question.pk].value,
            reason=drafts[question.pk].reason,
        )
        for question in questions
    )
    said = [(str(pk), drafts[pk].value, drafts[pk].reason) for pk in (row.pk for row in questions)]
    record(
        chain=seat.panel.round.chain,
        verb="sent_interview_scores",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=seat.member_id,
        application=application.pk,
        digest=sheet_digest(why=sheet.why, scores=said),
    )
    return sheet
