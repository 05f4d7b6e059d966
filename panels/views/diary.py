"""A volunteer's own diary as a feed: last days, rests and meetings, which move when they move."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.diary import Appointment, WholeDays, as_feed
from accounts.models import Person
from accounts.permissions import Permission, permitted, reader
from commissioning import timetable
from commissioning.models import Member
from commissioning.pace import all_plans, lots_of
from commissioning.rules import in_words, longer_rests
from ledger import clock
from panels.models import InterviewSlot, Meeting, Seat
from support.models import Gathering, GatheringReply
from support.views.together import gathering_appointment

_SALT = "diary"


@permitted(Permission.READ_BIDS)
@require_safe
def my_diary(request: HttpRequest) -> HttpResponse:
    """How to have one's dates in one's own calendar, kept right by themselves."""
    me = reader(request)
    token = signing.Signer(salt=_SALT).sign(f"{me.pk}.{me.diary_number}")
    address = f"{settings.BASE_URL}{reverse('diary_feed', args=[token])}"
    return render(request, "panels/my_diary.html", {"address": address})


@permitted(Permission.READ_BIDS)
@require_POST
def make_new_diary_address(request: HttpRequest) -> HttpResponse:
    """For an address that got about: a new one, and the old one is dead from now on."""
    me = reader(request)
    actions.make_new_diary_address(person=me, by=me, at=clock.now())
    messages.success(request, _("Your dates have a new address. The old one opens nothing now."))
    return redirect("my_diary")


@require_safe
def diary_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The dates of whoever this address was made for. A calendar cannot sign in, so the address is
    the key: it names no bid and no group, and it opens nothing else."""
    try:
        pk, _dot, number = signing.Signer(salt=_SALT).unsign(token).partition(".")
    except signing.BadSignature:
        raise Http404 from None
    # An address made before addresses could change counts as the first one.
    theirs = Person.objects.filter(is_active=True, diary_number=number or 0)
    person = get_object_or_404(theirs, pk=pk)
    feed = as_feed(_("My dates"), _dates(person, clock.today()))
    response = HttpResponse(feed, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _dates(person: Person, today: date) -> Iterator[Appointment | WholeDays]:
    yield from _stages(person, today)
    yield from _meetings(person)
    yield from _interviews(person)
    yield from _together(person)


def _stages(person: Person, today: date) -> Iterator[WholeDays]:
    """The last day of each stage that asks something, and each rest, real or still planned."""
    places = Member.objects.here().filter(person=person)
    here = list(places.select_related("round").prefetch_related("round__stages"))
    rounds = [place.round for place in here]
    longer, lots = longer_rests(rounds), lots_of(rounds, people=[person.pk])
    for place in here:
        who = (place.round_id, place.person_id)
        whole = timetable.moved(all_plans(place.round), on=today)
        name, plan = place.round.name, timetable.for_person(whole, lots.get(who, ()))
        own = timetable.longer(plan, longer.get(who, 0))
        for stage in own:
            if stage.kind not in timetable.ASKS_VOLUNTEERS:
                continue
            which = f"{stage.kind}-{stage.lot}" if stage.lot else stage.kind
            key = f"{place.round_id}-{which}@{settings.BASE_URL}"
            last = closes = stage.closed_on or stage.closes_on
            theirs = timetable.for_panel(whole, stage.lot)
            if own != theirs and not stage.closed_on:
                # Only what comes before it takes days away; its own rest begins when it closes.
                last = timetable.own_last_day(
                    stage.opened_on or stage.opens_on,
                    closes,
                    rests=timetable.rests(_before(stage, theirs, theirs), planned=True),
                    own=timetable.rests(_before(stage, own, theirs), planned=True),
                )
            title = _("%(round)s: last day of “%(stage)s”")
            words = title % {"round": name, "stage": in_words(stage.name)}
            yield WholeDays(f"last-{key}", last, last, words, clock.now())
            if stage.recovery_days:
                first, end = closes + timetable.DAY, closes + timedelta(days=stage.recovery_days)
                words = _("%(round)s: rest. Nothing is due.") % {"round": name}
                yield WholeDays(f"rest-{key}", first, end, words, clock.now())


def _before(
    stage: timetable.StagePlan,
    plan: Iterable[timetable.StagePlan],
    line: Iterable[timetable.StagePlan],
) -> list[timetable.StagePlan]:
    """What comes before a stage in its panel's line, and what closes sooner for other panels."""
    its_own, order = {(one.kind, one.lot) for one in line}, timetable.KINDS.index
    closes = stage.closed_on or stage.closes_on
    return [
        one
        for one in plan
        if (
            order(one.kind) < order(stage.kind)
            if (one.kind, one.lot) in its_own
            else (one.closed_on or one.closes_on) < closes
        )
    ]


def _meetings(person: Person) -> Iterator[Appointment]:
    seats = Seat.objects.held().filter(member__person=person)
    rows = Meeting.objects.filter(panel__in=seats.values("panel")).select_related("panel")
    for meeting in rows:
        yield meeting_appointment(meeting)


def meeting_appointment(meeting: Meeting) -> Appointment:
    """A meeting for a diary. Its id is the same in the feed and in its own file, so that a calendar
    that has both shows it once."""
    return Appointment(
        uid=f"meeting-{meeting.pk}@{settings.BASE_URL}",
        starts_at=meeting.starts_at,
        minutes_long=meeting.minutes_long,
        title=f"{meeting.panel}: {meeting.get_kind_display()}",
        written_at=meeting.called_off_at or meeting.arranged_at,
        place=meeting.place,
        link=meeting.link,
        called_off=meeting.called_off_at is not None,
    )


def _interviews(person: Person) -> Iterator[Appointment]:
    """Times with a group. Which group is not said: the address may lie about."""
    seats = Seat.objects.held().filter(member__person=person)
    rows = InterviewSlot.objects.filter(
        panel__in=seats.values("panel"), application__withdrawn_at=None, chosen_at__isnull=False
    )
    for slot in rows.select_related("panel"):
        yield Appointment(
            uid=f"time-{slot.pk}@{settings.BASE_URL}",
            starts_at=slot.starts_at,
            minutes_long=slot.minutes_in_all,
            title=_("%(panel)s meets a group") % {"panel": slot.panel},
            written_at=slot.chosen_at or slot.offered_at,
            place=slot.place,
            link=slot.link,
        )


def _together(person: Person) -> Iterator[Appointment]:
    """Times to learn or to read in company, but those the person said they cannot come to."""
    places = Member.objects.here().filter(person=person)
    not_coming = GatheringReply.objects.filter(member__in=places, coming=False)
    rows = Gathering.objects.filter(round__in=places.values("round"))
    for gathering in rows.exclude(pk__in=not_coming.values("gathering")):
        yield gathering_appointment(gathering)
