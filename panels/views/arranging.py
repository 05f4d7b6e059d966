"""A facilitator's pages about meetings and interviews: times, places, who came, minutes."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, TextField, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.diary import Appointment, as_file
from accounts.permissions import Permission, Refused, permitted
from accounts.versions import Stale
from applications.models import Colleague
from commissioning.models import Member
from ledger import clock
from ledger.trail import digest
from panels import actions, sight, timing
from panels.forms import SureForm
from panels.meeting_forms import (
    AttendanceForm,
    InterviewHelpForm,
    MeetingForm,
    MinutesForm,
    SlotsForm,
)
from panels.minutes import minutes_of
from panels.models import InterviewSlot, Meeting
from panels.rules import influence
from panels.rules import meeting as rules
from panels.rules.timing import timed_meetings
from panels.rules.visits import Visit
from panels.views.diary import meeting_appointment
from panels.views.entering import enter, for_panel, typed
from panels.views.volunteer import both_texts


def _meeting(request: HttpRequest, pk: int) -> tuple[Visit, Meeting]:
    """One meeting of a panel that is there for the reader."""
    visit = enter(request, meetings=pk)
    meeting = get_object_or_404(Meeting.objects.select_related("arranged_by"), pk=pk)
    meeting.panel = visit.panel
    return visit, meeting


# ---- Meetings -------------------------------------------------------------------------------
@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def meeting_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel's meetings: those to come, and those that were."""
    visit = enter(request, pk=pk)
    now = clock.now()
    meetings = list(visit.panel.meetings.all())
    context = {
        "visit": visit,
        "panel": visit.panel,
        "coming": [row for row in meetings if row.starts_at >= now],
        "past": [row for row in reversed(meetings) if row.starts_at < now],
    }
    return render(request, "panels/meeting_list.html", context)


@permitted(Permission.RUN_MEETINGS)
def arrange_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Arrange a meeting. Everyone who takes part is written to."""
    visit = enter(request, pk=pk)
    form = MeetingForm(typed(request))
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in MEETING_FACTS}
        try:
            meeting = actions.arrange_meeting(
                panel=visit.panel,
                starts_at=form.starts_at(),
                **asked,
                by=visit.person,
                at=clock.now(),
            )
        except Refused as error:
            form.add_error("day", str(error))
        else:
            messages.success(request, _("The meeting is arranged. The panel is told by letter."))
            return redirect("meeting_detail", meeting.pk)
    context = {"panel": visit.panel, "form": form}
    return render(
        request, "panels/arrange_meeting.html", context, status=422 if form.errors else 200
    )


MEETING_FACTS = ("kind", "minutes_long", "break_minutes", "place", "link", "notes")


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def meeting_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """When and where, who came, and the minutes."""
    visit = enter(request, meetings=pk)
    meetings = list(visit.panel.meetings.all())
    meeting = next(row for row in meetings if row.pk == pk)
    meeting.panel, on, now = visit.panel, clock.today(), clock.now()
    came, wrote = _came_and_wrote(meeting)
    timed = timed_meetings(meetings)
    time = done = None
    if meeting in timed and visit.sees_scores:
        out = sight.steps_out(visit.panel)
        hidden = sight.hidden_from(visit, out)
        time = timing.timing_for(visit, hidden, at=now, meetings=timed, meeting=meeting)
        if time and now >= time.sitting.ends_at:
            done = minutes_of(visit, meeting, timed, out, at=now)
    context = {
        "programme": visit.panel.round.programme,
        "time": time,
        "done": done,
        "visit": visit,
        "panel": visit.panel,
        "meeting": meeting,
        "came": came,
        "reflections": [(name, text) for _by, name, text in wrote],
        "may_reflect": visit.staff
        and bool(
            influence.may_reflect(meeting, visit.person, on=on, wrote=[by for by, *_rest in wrote])
        ),
        "may_note": visit.staff and bool(rules.may_note_attendance(meeting, visit.person, on=on)),
        "may_call_off": visit.staff and bool(rules.may_call_off(meeting, visit.person, at=now)),
    }
    return render(request, "panels/meeting_detail.html", context)


def _came_and_wrote(meeting: Meeting) -> tuple[list[str], list[tuple[int, str, str]]]:
    """The names of who came; and whoever of the staff wrote about their own part (an id), with name
    and words (one query)."""
    came = meeting.attendance.order_by().values_list(
        F("noted_at"),
        Value(True),
        "member__person",
        "member__person__name",
        Value("", output_field=TextField()),
    )
    wrote = meeting.reflections.order_by().values_list(
        F("written_at"), Value(False), "written_by", "written_by__name", "text"
    )
    rows = sorted(came.union(wrote, all=True))
    names = sorted(name for _at, here, _by, name, _text in rows if here)
    return names, [(by, name, text) for _at, here, by, name, text in rows if not here]


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def meeting_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting as a file for one's own diary."""
    _visit, meeting = _meeting(request, pk)
    return diary_file(meeting_appointment(meeting), "meeting.ics")


def diary_file(one: Appointment, name: str) -> HttpResponse:
    """An appointment for the browser to hand to a calendar."""
    response = HttpResponse(as_file(one), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@permitted(Permission.RUN_MEETINGS)
def call_off_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a meeting off. Everyone is told at once, even those who rest."""
    visit, meeting = _meeting(request, pk)
    rules.may_call_off(meeting, visit.person, at=clock.now()).require()
    form = SureForm(
        typed(request),
        label=_("Yes, call this meeting off"),
        mistake=_("Tick the box to call the meeting off."),
    )
    if request.method == "POST" and form.is_valid():
        actions.call_off_meeting(meeting=meeting, by=visit.person, at=clock.now())
        messages.success(request, _("The meeting is called off. The panel is told at once."))
        return redirect("meeting_list", visit.panel.pk)
    context = {"panel": visit.panel, "meeting": meeting, "form": form}
    return render(
        request, "panels/call_off_meeting.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.RUN_MEETINGS)
def note_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Note who came."""
    visit, meeting = _meeting(request, pk)
    rules.may_note_attendance(meeting, visit.person, on=clock.today()).require()
    members = Member.objects.filter(seats__panel=visit.panel).select_related("person").distinct()
    came = list(meeting.attendance.values_list("member", flat=True))
    form = AttendanceForm(typed(request), members=members, initial={"members": came})
    if request.method == "POST" and form.is_valid():
        people = list(form.cleaned_data["members"])
        actions.note_attendance(meeting=meeting, members=people, by=visit.person, at=clock.now())
        messages.success(request, _("You noted who came."))
        return redirect("meeting_detail", pk)
    context = {"panel": visit.panel, "meeting": meeting, "form": form}
    return render(
        request, "panels/note_attendance.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.RUN_MEETINGS)
def write_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what was said about how things were done."""
    visit, meeting = _meeting(request, pk)
    there = {"minutes": meeting.minutes, "seen": digest(meeting.minutes)}
    form = MinutesForm(typed(request), initial=there)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_minutes(
                meeting=meeting, **form.cleaned_data, by=visit.person, at=clock.now()
            )
        except Stale as error:
            data = {name: form.data[name] for name in form.data}
            form.data = {**data, "seen": digest(error.theirs["minutes"])}
            return both_texts(request, error, form, reverse("write_minutes", args=[pk]))
        messages.success(request, _("The minutes are kept. The panel can read them."))
        return redirect("meeting_detail", pk)
    timed = timed_meetings(visit.panel.meetings.all())
    done = minutes_of(visit, meeting, timed, sight.steps_out(visit.panel), at=clock.now())
    context = {"panel": visit.panel, "meeting": meeting, "form": form, "done": done}
    return render(request, "panels/write_minutes.html", context, status=422 if form.errors else 200)


# ---- Interviews -----------------------------------------------------------------------------
@permitted(Permission.RUN_MEETINGS)
@require_safe
def slot_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The times offered, who has chosen which, what they need, and who still has to choose."""
    visit = enter(request, pk=pk)
    slots = list(visit.panel.slots.select_related("application__organisation"))
    chosen = {slot.application_id for slot in slots}
    nobody = ~Exists(
        Colleague.objects.filter(organisation=OuterRef("application__organisation"), ended_at=None)
    )
    met = rules.to_be_met().filter(panel=visit.panel).annotate(by_hand=nobody)
    context = {
        "panel": visit.panel,
        "slots": slots,
        "waiting": [
            row
            for row in met.select_related("application__organisation")
            if row.application_id not in chosen
        ],
        "may_change": rules.may_change_times(visit.panel, visit.person),
        "may_invite": rules.may_invite(visit.panel, visit.person),
    }
    return render(request, "panels/slot_list.html", context)


@permitted(Permission.RUN_MEETINGS)
def offer_slot(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer several times, one after another."""
    visit = enter(request, pk=pk)
    form = SlotsForm(typed(request))
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in SLOT_FACTS}
        try:
            made = actions.offer_slots(
                panel=visit.panel, first=form.starts_at(), **asked, by=visit.person, at=clock.now()
            )
        except Refused as error:
            form.add_error("day", str(error))
        else:
            messages.success(request, _("Times offered: %(count)s.") % {"count": len(made)})
            return redirect("slot_list", pk)
    context = {"panel": visit.panel, "form": form}
    return render(request, "panels/offer_slot.html", context, status=422 if form.errors else 200)


SLOT_FACTS = (
    "how_many", "minutes_long", "minutes_between", "place", "link", "refreshments",
)  # fmt: skip


@permitted(Permission.RUN_MEETINGS)
def agree_interview_help(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what was agreed with an organisation for its meeting, with what it said it needs."""
    visit = enter(request, slots=pk)
    slots = visit.panel.slots.select_related("application__organisation")
    slot = get_object_or_404(slots, pk=pk, application__isnull=False)
    slot.panel = visit.panel
    rules.may_change_times(visit.panel, visit.person).require()
    there = {"agreed": slot.agreed, "more_minutes": slot.more_minutes}
    form = InterviewHelpForm(typed(request), initial=there)
    if request.method == "POST" and form.is_valid():
        try:
            actions.agree_interview_help(
                slot=slot, **form.cleaned_data, by=visit.person, at=clock.now()
            )
        except Refused as error:
            form.add_error("more_minutes", str(error))
        else:
            messages.success(request, _("It is kept. The group gets a letter about it."))
            return redirect("slot_list", visit.panel.pk)
    context = {"panel": visit.panel, "slot": slot, "form": form}
    return render(
        request, "panels/agree_interview_help.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.RUN_MEETINGS)
@require_POST
def remove_slot(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a time that nobody has chosen."""
    visit = enter(request, slots=pk)
    slot = get_object_or_404(InterviewSlot, pk=pk)
    slot.panel = visit.panel
    actions.remove_slot(slot=slot, by=visit.person, at=clock.now())
    messages.success(request, _("The time is taken away."))
    return redirect("slot_list", visit.panel.pk)


@permitted(Permission.RUN_MEETINGS)
@require_POST
def invite_to_interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to every organisation the panel meets, and say which must be written to by hand."""
    visit = enter(request, pk=pk)
    by_hand = actions.invite_to_interview(panel=visit.panel, by=visit.person, at=clock.now())
    messages.success(request, _("The organisations are asked to choose a time."))
    if by_hand:
        names: Any = ", ".join(str(bid.organisation) for bid in by_hand)
        words = _("Nobody signs in for these, so please ring or write to them: %(names)s.")
        messages.warning(request, words % {"names": names})
    return redirect("slot_list", pk)
