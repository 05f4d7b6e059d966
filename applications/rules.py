"""What an applicant, a facilitator and a volunteer may do with bids. Reads, never writes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person, Role
from accounts.permissions import Permission, Verdict, holds, may
from accounts.rules import STAFF_ROLES
from accounts.templatetags.purse import money
from applications import content, ways
from applications.models import (
    COMMUNITIES,
    Answer,
    Application,
    ApplicationQuerySet,
    AskBack,
    Colleague,
    Eligibility,
    Extension,
    FormQuestion,
    Organisation,
    RuleCheck,
)
from commissioning.models import (
    FunderRule,
    Member,
    Round,
    RoundQuerySet,
    Stage,
    StageKind,
)
from commissioning.rules import is_member, stage_open
from ledger.models import Channel, Entry, Letter

ASK_BACK_WORKING_DAYS = 3
MOST_DOCUMENTS = 10
MOST_PAPER = 20
"""Pictures of the paper of one bid."""
WORDS_OF_QUESTION = frozenset({"label", "hint", "choices"})
MOST_WORDS_OF_A_PLACE = 20


# ---- When ------------------------------------------------------------------------------------
def open_stage_of(round: Round) -> Stage | None:
    """The round's "Open for bids" stage, from prefetched rows where there are any."""
    return next((row for row in round.stages.all() if row.kind == StageKind.OPEN), None)


def published_deadline(round: Round) -> datetime | None:
    """The last moment for bids as everybody is told it. None when no stage is planned."""
    stage = open_stage_of(round)
    if stage is None:
        return None
    return timezone.make_aware(datetime.combine(stage.closes_on, round.deadline_time))


def deadline_of(application: Application) -> datetime | None:
    """The last moment told to this organisation: the published one, or more time given to it."""
    published = published_deadline(application.round)
    until = max((row.until for row in application.extensions.all()), default=None)
    return max(published, until) if published and until else published


def _last_moment(application: Application) -> datetime | None:
    """The deadline with the round's minutes of grace, which nobody is told to count on."""
    told = deadline_of(application)
    return told + timedelta(minutes=application.round.grace_minutes) if told else None


def call_open(round: Round, *, at: datetime) -> Verdict:
    """Whether a new bid can be started: the stage is open and its time has not passed."""
    verdict = stage_open(round, StageKind.OPEN, on=timezone.localdate(at))
    if not verdict:
        return verdict
    told = published_deadline(round)
    if told and at > told + timedelta(minutes=round.grace_minutes):
        return Verdict.no(_time_ended(told))
    return verdict


def for_you(round: Round, answers: Mapping[str, str], *, pounds: Decimal | None) -> list[str]:
    """What might stand in the way of a bid, a sentence each; empty when nothing is seen (1 query).

    `answers` has yes, no, not_us or unsure for each thing a bid must be, have or may do, in its own
    words. Some only say who else may bid: those are not about everybody.
    """
    found = []
    for words, answer in answers.items():
        if answer == "no":
            found.append(_("“%(rule)s” A bid that breaks this cannot go on.") % {"rule": words})
        elif answer == "unsure":
            found.append(_("“%(rule)s” Ask us about this one first.") % {"rule": words})
    most = max((lot.limit for lot in round.lots.all()), default=round.envelope)
    if pounds is not None and pounds > most:
        found.append(_("You cannot ask for more than %(most)s.") % {"most": money(most)})
    return found


def _time_ended(told: datetime) -> str:
    return _("The time for bids ended on %(day)s at %(time)s.") % {
        "day": date_format(timezone.localtime(told), "l j F"),
        "time": date_format(timezone.localtime(told), "P"),
    }


def working_days_after(day: date, count: int) -> date:
    """The day so many working days (Monday to Friday) after this one."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


# ---- Applicants ------------------------------------------------------------------------------
def acts_for(person: Person, organisation: Organisation) -> Verdict:
    """Whether a person acts for this organisation today."""
    if any(row.person_id == person.pk for row in colleagues_of(organisation)):
        return Verdict.yes()
    return Verdict.no(_("You do not act for this organisation."))


def colleagues_of(organisation: Organisation) -> list[Colleague]:
    """Who acts for the organisation today. Asks nothing where its colleagues are at hand."""
    return [row for row in organisation.colleagues.all() if row.ended_at is None]


def may_end_colleague(organisation: Organisation, person: Person) -> Verdict:
    """Whether a person may take somebody off: the last who acts for a group stays."""
    verdict = acts_for(person, organisation)
    if verdict and len(colleagues_of(organisation)) == 1:
        return Verdict.no(_("Somebody must act for the organisation. Add another person first."))
    return verdict


def may_start_organisation(person: Person) -> Verdict:
    """Anybody may bid for a group, but not those who are paid to run the fund."""
    if person.holds(Role.FACILITATOR, Role.ADMINISTRATOR):
        return Verdict.no(_("People who work for the fund cannot bid to it."))
    return Verdict.yes()


def may_be_colleague(person: Person) -> Verdict:
    """Whether others may make this person act for their group: nobody who has a part in running the
    fund, or a group could take a board member or whoever hears complaints out of its round."""
    verdict = may_start_organisation(person)
    if verdict and person.holds(*STAFF_ROLES):
        return Verdict.no(
            _(
                "This person helps to run the fund, so they cannot act for a group here. Add "
                "somebody else, or ring us if this is wrong."
            )
        )
    return verdict


def may_add_first(organisation: Organisation, person: Person) -> Verdict:
    """Whether a facilitator may add the first person who signs in for a group that came on paper.

    Never whoever brought the group in: they typed where its letter goes, and the person they add
    could say that what they typed is right.
    """
    if colleagues_of(organisation):
        return Verdict.no(_("Somebody signs in for this group already. They can add others."))
    if organisation.made_by_id == person.pk:
        return Verdict.no(
            _("You brought this group in. Ask another facilitator to add who signs in for it.")
        )
    return _may_type_for_group(organisation, person)


def may_end_first(colleague: Colleague, person: Person) -> Verdict:
    """Whether a facilitator may take off the one whom staff let sign in for a group on paper: the
    group says that they do not act for it. Nobody whom a group chose itself."""
    organisation = colleague.organisation
    chosen = any(row.person_id == colleague.added_by_id for row in organisation.colleagues.all())
    if chosen or colleagues_of(organisation) != [colleague]:
        return Verdict.no(_("Only the group itself can change who signs in for it."))
    return _may_type_for_group(organisation, person)


def _may_type_for_group(organisation: Organisation, person: Person) -> Verdict:
    beside = Application.objects.filter(round__applications__organisation=organisation)
    return may(person, Permission.TYPE_FOR) and _has_none_of(beside, person)


def may_start(round: Round, organisation: Organisation, person: Person, *, at: datetime) -> Verdict:
    """Whether this person may start a bid for the organisation now."""
    return (
        acts_for(person, organisation) and may(person, Permission.APPLY) and call_open(round, at=at)
    )


def may_write(application: Application, person: Person) -> Verdict:
    """Whether a person may change what is being written.

    There is no deadline here: words typed a minute too late are kept. Only sending has one. But
    what volunteers read and go by stays as it was sent once bidding has closed.
    """
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back. Nothing in it can be changed."))
    if stays_as_sent(application):
        return Verdict.no(
            _("Bids have closed. Yours stays as you sent it. You can ask to change one thing.")
        )
    return acts_for(person, application.organisation) and may(person, Permission.APPLY)


def stays_as_sent(application: Application) -> bool:
    """Whether bidding has closed on a bid that was sent. Then only `correction_rules` open it."""
    stage = open_stage_of(application.round)
    return bool(application.submitted_at and stage and stage.closed_at)


def may_send(application: Application, person: Person, *, at: datetime) -> Verdict:
    """Whether the bid may be sent now. What is missing in it is `gaps`' matter."""
    verdict = may_write(application, person)
    return verdict and in_time(application, at=at)


def in_time(application: Application, *, at: datetime) -> Verdict:
    """Whether this bid can still be sent: its own deadline with grace, and the stage is open."""
    told, last = deadline_of(application), _last_moment(application)
    if told and last and at > last:
        return Verdict.no(_time_ended(told))
    return stage_open(application.round, StageKind.OPEN, on=timezone.localdate(at))


def may_withdraw(application: Application, person: Person) -> Verdict:
    """Whether a bid may be taken back: any time until the panel has decided."""
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back already."))
    for stage in application.round.stages.all():
        if stage.kind == StageKind.DECISION and stage.closed_at:
            return Verdict.no(
                _(
                    "The panel has decided. If you no longer want the money, say no to the offer, "
                    "or ring us. We tell the panel, and it chooses again."
                )
            )
    return acts_for(person, application.organisation) and may(person, Permission.APPLY)


def may_confirm_typed(application: Application, person: Person) -> Verdict:
    """Whether the applicant may say that a bid typed for them is right."""
    if application.came_by == Application.CameBy.WEB or not application.submitted_at:
        return Verdict.no(_("This bid was not typed in by somebody else."))
    if application.declared_true:
        return Verdict.no(_("You have said already that this bid is right."))
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back. Nothing in it can be changed."))
    return acts_for(person, application.organisation) and may(person, Permission.APPLY)


# ---- What is said of the project ---------------------------------------------------------------
def detail_labels() -> dict[str, str]:
    """What each part of the page about the project is called where it is read."""
    return {
        "title": _("Project"),
        "area": _("Where"),
        "communities": _("Who it is for most of all"),
        "partners_named": _("People and partners"),
        "smallest_useful": _("Smallest sum that would still help"),
        "contact_name": _("Whom to talk to"),
        "contact_channel": _("How they like to hear from us"),
        "contact_phone": _("Their phone number"),
    }


def detail_as_text(application: Application, name: str) -> str:
    """One of these as it is read: choices in their words, a sum in pounds."""
    value = getattr(application, name)
    if name == "communities":
        known = dict(COMMUNITIES)
        return "\n".join(str(known.get(slug, slug)) for slug in value)
    if name == "smallest_useful":
        return money(value)
    if name == "contact_channel":
        return str(dict(Channel.choices).get(value, value))
    return str(value)


def details_as_text(application: Application, names: Iterable[str]) -> str:
    """Several of these, each with its name before it."""
    labels = detail_labels()
    return "\n".join(f"{labels[name]}: {detail_as_text(application, name)}" for name in names)


# ---- What is missing -------------------------------------------------------------------------
class Place(Enum):
    """Which page puts a gap right."""

    DETAILS = "details"
    QUESTION = "question"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to put right before a bid can be sent, and where."""

    sentence: str
    place: Place
    key: str = ""


def kind_is_free(round: Round, kind: str, *, but: FormQuestion | None = None) -> Verdict:
    """Whether a question may be of this kind: the days a bid plans to work between are asked once
    each, so that open data can tell them."""
    others = FormQuestion.objects.filter(round=round, kind=kind)
    if but and but.pk:
        others = others.exclude(pk=but.pk)
    if kind in FormQuestion.PLANNED and others.exists():
        return Verdict.no(_("The form asks for that day already. Choose “A date” here."))
    return Verdict.yes()


def trouble_with(question: FormQuestion, text: str) -> str:
    """What is wrong with an answer, as what to do about it; empty when it will do."""
    text = text.strip()
    if not text:
        return _("Answer “%(label)s”.") % {"label": question.label} if question.required else ""
    spare = content.count_words(text) - (question.most_words or 0)
    if question.most_words and spare > 0:
        return ngettext(
            "“%(label)s”: take out %(count)s word.",
            "“%(label)s”: take out %(count)s words.",
            spare,
        ) % {"label": question.label, "count": spare}
    return _wrong_kind(question, text)


def _wrong_kind(question: FormQuestion, text: str) -> str:
    said = {"label": question.label}
    kind = question.kind
    if kind == FormQuestion.Kind.NUMBER and not text.replace(",", "").isdigit():
        return _("“%(label)s”: type a whole number in figures, like 40.") % said
    if kind == FormQuestion.Kind.MONEY and as_pounds(text) is None:
        return _("“%(label)s”: type a sum in pounds, like 250 or 250.50.") % said
    if kind == FormQuestion.Kind.CHOICE and text not in question.choices:
        return _("“%(label)s”: choose one of the answers.") % said
    if kind == FormQuestion.Kind.PLACE and content.count_words(text) > MOST_WORDS_OF_A_PLACE:
        return _("“%(label)s”: name the place in a few words.") % said
    if question.asks_a_day and not _is_day(text):
        return _("“%(label)s”: type a real day, like 3 3 2026.") % said
    return ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def as_pounds(text: str) -> Decimal | None:
    """A sum as people type it (£1,250.50, 1250) in pounds, or None when it is no sum."""
    plain = text.strip().removeprefix("£").replace(",", "").replace(" ", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0 or value != value.quantize(content.PENNY):
        return None
    return value


def gaps(application: Application) -> list[Gap]:
    """Everything that keeps a bid from being sent, in the order of its pages."""
    return [
        *detail_gaps(application),
        *_question_gaps(
            application.round.form_questions.all(),
            application.answers.all(),
            ways.from_rows(application.other_ways),
        ),
        *_budget_gaps(application),
    ]


def detail_gaps(application: Application) -> Iterator[Gap]:
    """What is still to be said on the page about the project."""
    if not application.title.strip():
        yield Gap(_("Give your project a name."), Place.DETAILS, "title")
    if not application.area.strip():
        yield Gap(_("Say where your project happens."), Place.DETAILS, "area")
    if not application.contact_name.strip():
        yield Gap(_("Say whom we can talk to about this bid."), Place.DETAILS, "contact_name")
    if application.contact_channel == Channel.PHONE and not application.contact_phone.strip():
        yield Gap(_("Give a phone number to ring them on."), Place.DETAILS, "contact_phone")


def _question_gaps(
    questions: Iterable[FormQuestion], answers: Iterable[Answer], given: dict[str, ways.Way]
) -> Iterator[Gap]:
    written = {answer.question_id: answer.text for answer in answers}
    for question in questions:
        text = written.get(question.pk, "")
        trouble = "" if _is_in_link(question, text, given) else trouble_with(question, text)
        if trouble:
            yield Gap(trouble, Place.QUESTION, question.key)
    if ends_before_it_starts({row.kind: written.get(row.pk, "") for row in questions}):
        last = next(row for row in questions if row.kind == FormQuestion.Kind.ENDS)
        yield Gap(_("Choose a last day that comes after the first day."), Place.QUESTION, last.key)


def _is_in_link(question: FormQuestion, text: str, given: dict[str, ways.Way]) -> bool:
    """Whether nothing is written because a video or a recording says it."""
    in_words = question.kind in FormQuestion.IN_WORDS
    return not text.strip() and in_words and ways.by_link(given, ways.part_of(question.key))


def ends_before_it_starts(by_kind: Mapping[str, str]) -> bool:
    """Whether the planned days, by the kind of their question, are the wrong way round."""
    starts, ends = (by_kind.get(kind, "") for kind in FormQuestion.PLANNED)
    return _is_day(starts) and _is_day(ends) and ends < starts


def _budget_gaps(application: Application) -> Iterator[Gap]:
    asked = content.total(budget_of(application))
    if not asked:
        yield Gap(_("Say what the money is for, and how much you ask from us."), Place.BUDGET)
    elif asked > application.lot.limit:
        yield Gap(_("You ask for more than this part of the fund has."), Place.BUDGET)
    elif application.smallest_useful and application.smallest_useful > asked:
        yield Gap(
            _("The smallest sum that would still help cannot be more than the sum you ask for."),
            Place.DETAILS,
            "smallest_useful",
        )


def budget_of(application: Application) -> tuple[content.Line, ...]:
    """The budget as it is being written."""
    return tuple(
        content.Line(row.item, row.cost, row.asked) for row in application.budget_lines.all()
    )


def bid_of(application: Application, *, with_criteria: bool = True) -> content.Bid:
    """The bid as it would be sent now, from what is being written.

    Which criteria an answer serves is only asked of the database `with_criteria`.
    """
    written = {answer.question_id: answer.text for answer in application.answers.all()}
    questions = list(application.round.form_questions.all())
    summary = next((row for row in questions if row.key == content.SUMMARY), None)
    given = ways.from_rows(application.other_ways)

    def words_of(question: FormQuestion) -> str:
        text = written.get(question.pk, "").strip()
        return ways.said_in_link() if _is_in_link(question, text, given) else text

    return content.Bid(
        title=application.title.strip(),
        organisation=application.organisation.name,
        summary=words_of(summary) if summary else "",
        area=application.area.strip(),
        partners=content.lines_of(application.partners_named),
        answers=tuple(
            content.AnswerText(
                key=question.key,
                label=question.label,
                text=words_of(question) or not_answered(),
                criteria=tuple(sorted(row.slug for row in question.criteria.all()))
                if with_criteria
                else (),
            )
            for question in questions
            if question is not summary
        ),
        budget=budget_of(application),
        documents=tuple(
            (str(row.uuid), row.name) for row in application.documents.all() if row.in_bid
        ),
        smallest_useful=application.smallest_useful,
        other_ways=tuple(asdict(way) for way in ways.spread(given, parts_in_words(questions))),
    )


def parts_in_words(questions: Iterable[FormQuestion]) -> list[str]:
    """The parts that are written in words: what can be in another language, or in a link."""
    return [ways.part_of(row.key) for row in questions if row.kind in FormQuestion.IN_WORDS]


not_answered = content.not_answered


def mark_of(application: Application) -> str:
    """A mark of all that is written, sent as it is only if it is what its sender has read."""
    told = content.as_content(bid_of(application, with_criteria=False))
    more = {name: detail_as_text(application, name) for name in detail_labels()}
    return content.digest(told | {"details": more})


def newest_change(application: Application) -> tuple[str, Person, datetime] | None:
    """What was written last, by whom and when, of what says so."""
    found = [
        (row.question.label, row.saved_by, row.saved_at)
        for row in application.answers.select_related("question", "saved_by")
    ]
    files = application.documents.filter(of_paper=False)
    for row in files.select_related("added_by", "removed_by"):
        found.append((row.name, row.added_by, row.added_at))
        if row.removed_by and row.removed_at:
            found.append((row.name, row.removed_by, row.removed_at))
    if application.saved_by and application.saved_at:
        found.append((_("Your project, and its costs"), application.saved_by, application.saved_at))
    return max(found, key=lambda row: row[2], default=None)


def unsent_of(application: Application) -> dict[str, Any] | None:
    """The bid as it is being written, where that differs from the newest copy that was sent.

    A part put right is in that copy and in what is written, so it is no difference.
    """
    newest = application.newest_version
    if newest is None:
        return None
    now = content.as_content(bid_of(application, with_criteria=False))
    then = {
        **newest.content,
        "answers": [{**row, "criteria": []} for row in newest.content["answers"]],
    }
    if application.came_by == Application.CameBy.IMPORT:
        then |= _as_if_written(then, now)
    return now if now != then else None


def _as_if_written(then: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What a file of another system says by itself, as the same bid would say it written here."""
    asked = {row["key"] for row in now["answers"]}
    answers = [row for row in then["answers"] if row["key"] in asked]
    return {
        "organisation": now["organisation"],
        "answers": [
            {**row, "text": not_answered()} if row["text"] == content.not_asked() else row
            for row in answers
        ],
    }


def changed_since_sent(application: Application) -> bool:
    """Whether what is being written differs from the newest copy that was sent."""
    return unsent_of(application) is not None


# ---- The form --------------------------------------------------------------------------------
def may_change_form(round: Round, person: Person) -> Verdict:
    """Whether the questions may be changed, until bids open: by a facilitator, or by a volunteer
    who takes part in this round."""
    stage = open_stage_of(round)
    if round.frozen_at or (stage and stage.opened_at):
        return Verdict.no(_("Bids have opened. The questions stay as they are."))
    verdict = may(person, Permission.BUILD_FORM)
    if not verdict or holds(person, Permission.SET_UP):
        return verdict
    return is_member(round, person)


def left_to_volunteers(round: Round, person: Person) -> frozenset[int]:
    """Ids of the questions that staff leave alone: a volunteer of the round wrote them, or put them
    in other words. None for volunteers; for staff one query, since the trail tells it."""
    if not holds(person, Permission.SET_UP):
        return frozenset()
    told = Entry.objects.filter(chain=round.chain_id, by__in=round.members.values("person"))
    rows = told.filter(verb__in=["form_question_added", "form_question_changed"])
    return frozenset(
        data["question"]
        for data in rows.values_list("data", flat=True)
        if not WORDS_OF_QUESTION.isdisjoint(data.get("fields", WORDS_OF_QUESTION))
    )


def may_change_question(question: FormQuestion, person: Person) -> Verdict:
    """Whether the person may change this question or take it off."""
    verdict = may_change_form(question.round, person)
    if verdict and question.pk in left_to_volunteers(question.round, person):
        return Verdict.no(
            _(
                "A volunteer wrote this question. Only volunteers can change it or take it off. "
                "If you know plainer words, tell them."
            )
        )
    return verdict


def may_change_all(round: Round, person: Person) -> Verdict:
    """Whether the person may put other questions in the place of all that are here."""
    verdict = may_change_form(round, person)
    theirs = left_to_volunteers(round, person) if verdict else ()
    if theirs and round.form_questions.filter(pk__in=theirs).exists():
        return Verdict.no(
            _(
                "Volunteers wrote some of these questions. "
                "Only a volunteer can put others in their place."
            )
        )
    return verdict


def earlier_forms(round: Round) -> RoundQuerySet:
    """Earlier rounds of the same programme with questions to copy, the newest first."""
    before = Round.objects.filter(programme=round.programme_id, made_at__lt=round.made_at)
    asked = FormQuestion.objects.filter(round=OuterRef("pk"))
    return before.filter(Exists(asked)).order_by("-made_at")


def may_copy_form(round: Round, earlier: Round, person: Person, *, replaces: bool) -> Verdict:
    """Whether the questions of an earlier round may come here. Those that are here go for them
    only where that was asked for."""
    if not earlier_forms(round).filter(pk=earlier.pk).exists():
        return Verdict.no(_("Choose an earlier round that has questions."))
    if not replaces and round.form_questions.exists():
        return Verdict.no(_("This round has questions now. Look at them before they go."))
    return may_change_all(round, person)


# ---- Helping ---------------------------------------------------------------------------------
def may_ask_for_help(round: Round, person: Person) -> Verdict:
    """Anybody signed in may ask about applying while the round takes bids or checks them."""
    stage = open_stage_of(round)
    if stage is None or not stage.opened_at:
        return Verdict.no(_("This round is not open for bids yet."))
    return may_start_organisation(person)


def may_give_more_time(
    application: Application, person: Person, *, until: datetime, at: datetime
) -> Verdict:
    """Whether this organisation may have until then, from a facilitator, while bids come in."""
    told = deadline_of(application)
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if until <= at or (told and until <= told):
        return Verdict.no(_("Choose a time after the end this bid has now."))
    verdict = may(person, Permission.LOOK_AFTER)
    return verdict and stage_open(application.round, StageKind.OPEN, on=timezone.localdate(at))


def extensions_open(round: Round, *, on: date) -> list[Extension]:
    """More time that still runs on this day."""
    day_starts = timezone.make_aware(datetime.combine(on, datetime.min.time()))
    return list(
        Extension.objects.filter(
            application__round=round, application__withdrawn_at=None, until__gte=day_starts
        ).select_related("application")
    )


def may_type_bid(round: Round, person: Person, *, at: datetime) -> Verdict:
    """Whether a facilitator may type a bid that came on paper: until the rules have been checked.

    For paper the day it was received governs (`came_in_time`), so the clock time is not asked. What
    is typed after the close goes on only once a second person has compared it (`may_settle`).
    """
    verdict = may(person, Permission.TYPE_FOR)
    stage, on = open_stage_of(round), timezone.localdate(at)
    if not verdict or stage is None or not stage.closed_at:
        return verdict and stage_open(round, StageKind.OPEN, on=on)
    if any(
        row.kind == StageKind.SHARING and row.opened_at
        for row in (*round.stages.all(), *round.own_stages.all())
    ):
        return Verdict.no(
            _("Bids are being shared out, so no more can come in. Ring the group and tell them.")
        )
    checking = stage_open(round, StageKind.ELIGIBILITY, on=on)
    if checking:
        return checking
    return Verdict.no(
        checking.sentence
        + " "
        + _("A paper bid that came in time can be typed while the rules are being checked.")
    )


def typed_late(application: Application) -> bool:
    """Whether a bid on paper was typed in after bidding had closed."""
    stage = open_stage_of(application.round)
    return bool(
        application.came_by == Application.CameBy.PAPER
        and application.submitted_at
        and stage
        and stage.closed_at
        and application.submitted_at > stage.closed_at
    )


def last_days(round: Round) -> dict[str, date]:
    """The last day for a bid to reach the fund, by the name of each group with more time, and for
    all others under "" (one query, and the stages)."""
    told = published_deadline(round)
    days = {"": timezone.localdate(told)} if told else {}
    rows = Extension.objects.filter(application__round=round).select_related(
        "application__organisation"
    )
    for row in rows:
        name, until = row.application.organisation.name.casefold(), timezone.localdate(row.until)
        days[name] = max(until, days.get(name, until), days.get("", until))
    return days


def came_in_time(group: str, received_on: date, *, last: Mapping[str, date], on: date) -> Verdict:
    """Whether a bid that was not sent on this site reached the fund in time: its last day is whole.

    `last` is `last_days` of the round.
    """
    if received_on > on:
        return Verdict.no(_("Type the day it reached you. It cannot be after today."))
    until = last.get(group.casefold(), last.get(""))
    if until and received_on > until:
        return Verdict.no(
            _(
                "Bids could come in until %(day)s. This one came later, so it cannot be taken. "
                "Please ring the group and tell them."
            )
            % {"day": date_format(until, "l j F")}
        )
    return Verdict.yes()


def to_compare(person: Person) -> ApplicationQuerySet:
    """Typed bids that this person, as a second one, may compare with the paper."""
    own = Colleague.objects.filter(organisation=OuterRef("organisation"), ended_at=None)
    late = Q(pk__in=Application.objects.typed_late().values("pk"))
    typed = Application.objects.sent().filter(
        late | (~Exists(own) & Q(declared_true=False)),
        came_by=Application.CameBy.PAPER,
        compared_at=None,
    )
    return typed.exclude(submitted_by=person)


def may_compare(application: Application, person: Person) -> Verdict:
    """Whether a second person may say that a typed bid is what the paper says.

    Only where nobody of the group can sign in: else the group says so itself. Whatever was typed
    after the close is compared: a second person looks at the day it came, too.
    """
    if application.came_by != Application.CameBy.PAPER or not application.submitted_at:
        return Verdict.no(_("This bid did not come on paper."))
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    late = typed_late(application)
    if (application.declared_true and not late) or application.compared_at:
        return Verdict.no(_("Somebody has said already that this bid is right."))
    if not late and colleagues_of(application.organisation):
        return Verdict.no(_("Somebody of this group can sign in. They say if it is right."))
    if application.submitted_by_id == person.pk:
        return Verdict.no(_("You typed this bid. Another person must compare it with the paper."))
    return may(person, Permission.TYPE_FOR)


def may_add_paper(application: Application, person: Person) -> Verdict:
    """Whether a picture of the paper may be put with a bid that was typed from it."""
    if application.came_by != Application.CameBy.PAPER:
        return Verdict.no(_("This bid did not come on paper."))
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    return may(person, Permission.TYPE_FOR)


def may_take_paper_away(application: Application, person: Person) -> Verdict:
    """Whether such a picture may go again: not once somebody has said that the bid is right."""
    if application.declared_true or application.compared_at:
        return Verdict.no(
            _("Somebody has said that this bid is right, so the pictures of its paper stay.")
        )
    return may_add_paper(application, person)


def may_bring_bids(round: Round, person: Person, *, at: datetime) -> Verdict:
    """Whether bids may be brought in from another system: by whoever runs the server, or by those
    who type bids in, as each of them is one that somebody else sent."""
    if person.kind == Person.Kind.OPERATOR:
        return stage_open(round, StageKind.OPEN, on=timezone.localdate(at))
    verdict = may(person, Permission.TYPE_FOR)
    return verdict and stage_open(round, StageKind.OPEN, on=timezone.localdate(at))


# ---- The funder's rules ----------------------------------------------------------------------
def may_check_rules(application: Application, person: Person, *, on: date) -> Verdict:
    """Whether a person may look at the funder's rules for this bid now."""
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if not application.submitted_at:
        return Verdict.no(_("This bid was not sent."))
    verdict = may(person, Permission.CHECK_RULES)
    verdict = verdict and stage_open(application.round, StageKind.ELIGIBILITY, on=on)
    return verdict and has_no_bid_in(application.round, person)


def has_no_bid_in(round: Round, person: Person) -> Verdict:
    """Whether a person acts for no group that bids in the round. Others check the rules there."""
    return _has_none_of(Application.objects.filter(round=round), person)


def _has_none_of(bids: ApplicationQuerySet, person: Person) -> Verdict:
    theirs = bids.filter(
        organisation__colleagues__person=person,
        organisation__colleagues__ended_at=None,
    )
    if theirs.sent().exists():
        return Verdict.no(
            _("You act for a group that bids in this round. Please ask somebody else to look.")
        )
    return Verdict.yes()


def may_settle(
    application: Application,
    person: Person,
    *,
    eligible: bool,
    rule: FunderRule | None,
    reason: str,
    on: date,
) -> Verdict:
    """Whether a person may say that the bid goes on, or that it does not, and why."""
    verdict = may_check_rules(application, person, on=on)
    if not verdict:
        return verdict
    waits = application.corrections.waiting().filter(until_on__gte=on).first()
    if waits and waits.until_on:
        return Verdict.no(
            _("The group has until %(day)s to put one thing right. Please wait for it.")
            % {"day": date_format(waits.until_on, "l j F")}
        )
    newest = application.newest_version
    if eligible and newest and ways.missing(newest.content, application.plain_words.all()):
        return Verdict.no(
            _("Some of this bid is not in plain English yet. Put the words beside it first.")
        )
    if eligible and typed_late(application) and not application.compared_at:
        return Verdict.no(
            _(
                "This bid was typed in after the close. First a second person must compare it with "
                "the paper, and look at the day it came."
            )
        )
    if eligible and not (looked_at := meets_all_rules(application)):
        return looked_at
    earlier = newest_ruling(application)
    cited = rule and rule.round_id == application.round_id and not rule.only_tells
    if not eligible and not cited:
        return Verdict.no(_("Choose the funder's rule that this bid does not meet."))
    if not reason.strip() and (not eligible or (earlier and not earlier.eligible)):
        return Verdict.no(_("Give the reason in words."))
    return Verdict.yes()


def breakable(round: Round) -> list[FunderRule]:
    """The funder's rules that bids are held against, from prefetched rows where there are any."""
    return [rule for rule in round.funder_rules.all() if not rule.only_tells]


def meets_all_rules(application: Application) -> Verdict:
    """Whether somebody said of each of the funder's rules that this bid meets it, from prefetched
    rows where there are any.

    What was said last of a rule stands, whoever said it. "Not sure" leaves the rule open.
    """
    said: dict[int, str] = {}
    for row in sorted(application.rule_checks.all(), key=lambda row: (row.checked_at, row.pk)):
        if row.answer != RuleCheck.Answer.UNSURE:
            said[row.rule_id] = row.answer
    asked = breakable(application.round)
    left = [rule.text for rule in asked if rule.pk not in said]
    if left:
        return Verdict.no(
            _("Nobody has said yes or no yet to: %(rules)s. Check the funder’s rules first.")
            % {"rules": _in_quotes(left)}
        )
    broken = [rule.text for rule in asked if said[rule.pk] == RuleCheck.Answer.NO]
    if broken:
        return Verdict.no(
            _(
                "Somebody said that this bid does not meet: %(rules)s. Say no here. Or check that "
                "rule again first, if it does meet it."
            )
            % {"rules": _in_quotes(broken)}
        )
    return Verdict.yes()


def _in_quotes(texts: Iterable[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)


def who_differs(application: Application) -> list[RuleCheck]:
    """What others said since somebody said no, without a second person yet: that the rule is met.
    From prefetched rows where there are any."""
    ruling = newest_ruling(application)
    if ruling is None or ruling.eligible or ruling.seconded_at:
        return []
    return [
        row
        for row in application.rule_checks.all()
        if row.rule_id == ruling.rule_id
        and row.answer == RuleCheck.Answer.YES
        and row.checked_at > ruling.decided_at
        and row.checked_by_id != ruling.decided_by_id
    ]


def newest_ruling(application: Application) -> Eligibility | None:
    """The ruling on a bid that no later one replaced, from prefetched rows where there are any."""
    return next((row for row in application.eligibility.all() if not row.replaced_by_id), None)


def told_no(bids: Iterable[Application]) -> dict[int, Eligibility]:
    """By bid, why it does not go on, once its group has a letter about it (one query).

    Not before: until then the volunteers of the round may ask for the bid.
    """
    key = Concat(Value("not_eligible:"), Cast("pk", CharField()), Value(":"))
    by_itself = Letter.objects.filter(kind="not_eligible", key__startswith=OuterRef("key"))
    rulings = (
        Eligibility.objects.newest()
        .final_no()
        .filter(application__in=[bid.pk for bid in bids], application__withdrawn_at=None)
        .annotate(key=key)
        .filter(Exists(by_itself) | Q(letter__letter__isnull=False))
        .select_related("rule")
    )
    return {row.application_id: row for row in rulings}


def was_asked_back(application_id: int) -> bool:
    """Whether a volunteer ever asked for this bid."""
    return AskBack.objects.filter(eligibility__application=application_id).exists()


def may_second(eligibility: Eligibility, person: Person, *, on: date) -> Verdict:
    """Whether this person may be the second to say no: another facilitator, or a board member.

    Where a volunteer has asked for the bid back, only a board member may uphold the rule.
    """
    if eligibility.eligible or eligibility.seconded_at or eligibility.replaced_by_id:
        return Verdict.no(_("This does not need a second person."))
    if eligibility.decided_by_id == person.pk:
        return Verdict.no(_("You said no first. A second person must look at it."))
    asked = was_asked_back(eligibility.application_id)
    allowed = (Role.BOARD,) if asked else (Role.FACILITATOR, Role.BOARD)
    if not person.holds(*allowed):
        if asked and person.holds(Role.FACILITATOR):
            return Verdict.no(_("A volunteer asked for this bid. A board member must look at it."))
        return Verdict.no(_("Your role here does not include this."))
    round = eligibility.application.round
    return has_no_bid_in(round, person) and stage_open(round, StageKind.ELIGIBILITY, on=on)


def ask_back_until(eligibility: Eligibility) -> date | None:
    """The last day a volunteer may ask for the bid; None while the "no" does not count yet."""
    if not eligibility.seconded_at:
        return None
    return working_days_after(timezone.localdate(eligibility.seconded_at), ASK_BACK_WORKING_DAYS)


def may_ask_back(eligibility: Eligibility, person: Person, *, on: date) -> Verdict:
    """Whether a volunteer of the round may ask for this bid back today."""
    verdict = may(person, Permission.TAKE_PART)
    verdict = verdict and is_member(eligibility.application.round, person)
    if not verdict:
        return verdict
    until = ask_back_until(eligibility)
    if eligibility.eligible or eligibility.replaced_by_id or until is None:
        return Verdict.no(_("This bid was not found outside the rules."))
    if eligibility.asked_back.all():
        return Verdict.no(_("This bid has been asked for already."))
    if was_asked_back(eligibility.application_id):
        return Verdict.no(_("The board has looked at this and upheld the funder's rule."))
    if on > until:
        return Verdict.no(
            _("The time to ask for this bid ended on %(day)s.")
            % {"day": date_format(until, "l j F")}
        )
    return Verdict.yes()


def may_return(eligibility: Eligibility, person: Person) -> Verdict:
    """Whether the panel's vote may bring this bid back: it was asked for, without answer yet.

    One person who says no again does not stop the vote. The board does, by being the second.
    """
    asked = AskBack.objects.filter(eligibility__application=eligibility.application_id)
    if eligibility.eligible or eligibility.replaced_by_id or not asked.exists():
        return Verdict.no(_("Nobody has asked for this bid back."))
    if not asked.waiting().exists():
        return Verdict.no(_("The board has looked at this and upheld the funder's rule."))
    if (
        not Member.objects.here()
        .filter(round=eligibility.application.round_id, person=person)
        .exists()
    ):
        return Verdict.no(_("You are not taking part in this round."))
    return may(person, Permission.VOTE)


# ---- Starting from an earlier bid --------------------------------------------------------------
def earlier_bids(application: Application) -> ApplicationQuerySet:
    """The other bids of the same group whose words this one could begin with, the newest first."""
    others = Application.objects.filter(organisation=application.organisation_id)
    return (
        others.exclude(pk=application.pk).select_related("round", "lot").order_by("-made_at", "-pk")
    )


def may_start_from(application: Application, earlier: Application, by: Person) -> Verdict:
    """Whether an unsent bid may begin with the words of an earlier one of the same group."""
    allowed = may_write(application, by)
    if not allowed:
        return allowed
    if application.submitted_at:
        return Verdict.no(_("This bid is sent already. You can still change it by hand."))
    if earlier.organisation_id != application.organisation_id or earlier.pk == application.pk:
        return Verdict.no(_("Choose an earlier bid of the same group."))
    return Verdict.yes()
