"""What somebody who bids, checks bids or may ask for one could do next."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, holds
from applications import rules, way_rules
from applications.models import Application, Correction, Eligibility, HelpQuestion
from commissioning.around import Around, is_in, look_around, was_opened
from commissioning.models import StageKind

# So near the end, an unsent bid is the first thing to do.
NEAR = timedelta(days=7)
TYPED = (Application.CameBy.PAPER, Application.CameBy.IMPORT)


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps for one person on one day: as an applicant, as a facilitator, as a volunteer."""
    if holds(person, Permission.APPLY):
        yield from _to_put_right(person, on)
        yield from _for_applicant(person, on)
    if holds(person, Permission.CHECK_RULES):
        yield from _for_facilitator(person, around or look_around(person, on=on))
    if holds(person, Permission.TAKE_PART):
        yield from _for_volunteer(around or look_around(person, on=on), on)


def _for_applicant(person: Person, on: date) -> Iterator[NextStep]:
    mine = (
        Application.objects.filter(
            organisation__colleagues__person=person,
            organisation__colleagues__ended_at=None,
            withdrawn_at=None,
        )
        .filter(
            Q(submitted_at=None) | (~Q(came_by=Application.CameBy.WEB) & Q(declared_true=False))
        )
        .select_related("round")
        .prefetch_related("round__stages", "extensions")
    )
    for bid in mine:
        name = {"title": bid.title or bid.reference}
        url = reverse("application_detail", args=[bid.pk])
        if bid.submitted_at:
            yield NextStep(
                _("Say if “%(title)s” is your bid. Somebody typed it for you.") % name,
                _("Look at it"),
                reverse("confirm_typed_bid", args=[bid.pk]),
                10,
            )
            continue
        told = rules.deadline_of(bid)
        stage = rules.open_stage_of(bid.round)
        if told is None or stage is None or stage.closed_at or timezone.localdate(told) < on:
            continue
        near = timezone.localdate(told) - on <= NEAR
        yield NextStep(
            _("Go on with your bid “%(title)s”. Send it by %(day)s.")
            % {**name, "day": date_format(timezone.localtime(told), "l j F")},
            _("Go on"),
            url,
            60,
            Pressing.NOW if near else Pressing.SOON,
        )


def _to_put_right(person: Person, on: date) -> Iterator[NextStep]:
    """What staff asked of this applicant's group, while there is time."""
    asked = Correction.objects.waiting().filter(
        until_on__gte=on,
        application__withdrawn_at=None,
        application__organisation__colleagues__person=person,
        application__organisation__colleagues__ended_at=None,
    )
    for row in asked.select_related("application"):
        bid, until = row.application, row.until_on or on
        yield NextStep(
            _("Put one thing right in your bid “%(title)s” by %(day)s.")
            % {"title": bid.title or bid.reference, "day": date_format(until, "l j F")},
            _("Put it right"),
            reverse("answer_correction", args=[bid.pk, row.pk]),
            10,
            Pressing.NOW,
        )


def _for_facilitator(person: Person, around: Around) -> Iterator[NextStep]:
    yield from _at_the_desk(person)
    if around.any_in(StageKind.ELIGIBILITY):
        yield from _to_check(person)
        yield from _to_put_plainly()


def _at_the_desk(person: Person) -> Iterator[NextStep]:
    """Questions about bidding, parts of bids that applicants wish to put right, and typed bids that
    wait for a second person (one query)."""
    asked = HelpQuestion.objects.filter(answered_at=None).order_by()
    wished = Correction.objects.to_settle().filter(application__withdrawn_at=None).order_by()
    waiting = asked.values_list(Value("help_desk"), "round__slug").annotate(Count("pk"))
    waiting = waiting.union(
        wished.values_list(Value("correction_list"), "application__round__slug").annotate(
            Count("pk")
        )
    )
    typed = rules.to_compare(person).order_by()
    waiting = waiting.union(
        typed.values_list(Value("bid_list"), "round__slug").annotate(Count("pk"))
    )
    for page, slug, count in sorted(waiting, reverse=True):
        words, button = _desk_words(page, count)
        yield NextStep(words % {"count": count}, button, reverse(page, args=[slug]), 5 * count)


def _desk_words(page: str, count: int) -> tuple[str, str]:
    """What waits on a page of the desk, and the button that leads there."""
    if page == "help_desk":
        words = ngettext(
            "Answer %(count)s question about bidding.",
            "Answer %(count)s questions about bidding.",
            count,
        )
        return words, _("Answer")
    if page == "bid_list":
        words = ngettext(
            "Compare %(count)s typed bid with the paper.",
            "Compare %(count)s typed bids with the paper.",
            count,
        )
        return words, _("See the bids")
    words = ngettext(
        "Say yes or no to %(count)s change a group asks for.",
        "Say yes or no to %(count)s changes that groups ask for.",
        count,
    )
    return words, _("Look at it")


def _open(kind: str) -> dict[str, Any]:
    """A round with this stage open, for filtering bids."""
    return {
        "round__stages__kind": kind,
        "round__stages__opened_at__isnull": False,
        "round__stages__closed_at": None,
    }


def _to_check(person: Person) -> Iterator[NextStep]:
    """Bids that wait for a second person, and bids that nobody has settled (one query)."""
    seconds = Eligibility.objects.newest().filter(eligible=False, seconded_at=None)
    seconds = seconds.exclude(decided_by=person)
    rows = (
        Application.objects.filter(**_open(StageKind.ELIGIBILITY), withdrawn_at=None)
        .values("round__slug")
        .annotate(
            to_second=Count("pk", filter=Q(pk__in=seconds.values("application"))),
            to_check=Count("pk", filter=Q(pk__in=Application.objects.undecided().values("pk"))),
        )
        .order_by("round__slug")
    )
    for row in rows:
        url = reverse("eligibility_list", args=[row["round__slug"]])
        if count := row["to_second"]:
            words = ngettext(
                "Be the second person for %(count)s bid.",
                "Be the second person for %(count)s bids.",
                count,
            )
            yield NextStep(words % {"count": count}, _("Look at it"), url, 10 * count)
        if count := row["to_check"]:
            words = ngettext(
                "Check the funder’s rules for %(count)s bid.",
                "Check the funder’s rules for %(count)s bids.",
                count,
            )
            yield NextStep(words % {"count": count}, _("Check"), url, 5 * count)


def _to_put_plainly() -> Iterator[NextStep]:
    """Bids that wait for plain-English words before they can go on."""
    bids = (
        Application.objects.filter(**_open(StageKind.ELIGIBILITY), withdrawn_at=None)
        .sent()
        .exclude(other_ways=[])
        .select_related("round")
        .prefetch_related("versions", "plain_words")
        .order_by("round__slug")
    )
    waiting = Counter(
        bid.round.slug
        for bid in bids
        if not all(row["done"] for row in way_rules.to_put_plainly(bid))
    )
    for slug, count in waiting.items():
        words = ngettext(
            "Put %(count)s bid into plain English, or ask somebody who can.",
            "Put %(count)s bids into plain English, or ask somebody who can.",
            count,
        )
        url = reverse("plain_words_list", args=[slug])
        yield NextStep(words % {"count": count}, _("See which"), url, 20 * count)


def _for_volunteer(around: Around, on: date) -> Iterator[NextStep]:
    """While the form is written, and while a bid can still be asked for; never in a rest or on a
    break."""
    for place in around.awake(on=on):
        if not (place.round.frozen_at or was_opened(place.round, StageKind.OPEN)):
            yield NextStep(
                _("You can help to write the questions for the bid form."),
                _("See the questions"),
                reverse("form_question_list", args=[place.round.slug]),
                10,
                Pressing.IF_YOU_WISH,
            )
        if not is_in(place.round, StageKind.ELIGIBILITY):
            continue
        found = (
            Eligibility.objects.newest()
            .final_no()
            .filter(application__round=place.round, application__withdrawn_at=None)
            .filter(upheld_because="")
        )
        days = [until for row in found if (until := rules.ask_back_until(row)) and on <= until]
        if days:
            yield NextStep(
                _("Look at the bids that cannot go on. You can ask for one until %(day)s.")
                % {"day": date_format(max(days), "l j F")},
                _("Look at them"),
                reverse("eligibility_list_volunteer", args=[place.round.slug]),
                10,
                Pressing.WHEN_YOU_LIKE,
            )
