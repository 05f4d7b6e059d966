"""What one volunteer did in a round, in plain sentences for a certificate or letter. No scores."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissioning.models import Agreement, Member
from panels.models import Attendance, Phase, ScoreSheet
from support.models import GatheringReply, TrainingDone


def facts_of(member: Member) -> list[str]:
    """Training done, bids read, meetings and times together: worked out from what was recorded."""
    return list(_facts(member))


def _facts(member: Member) -> Iterator[str]:
    topics = TrainingDone.objects.filter(member=member).order_by("topic__order", "topic")
    titles = list(topics.values_list("topic__title", flat=True))
    if titles:
        words = ngettext(
            "Finished %(many)s part of the training: %(titles)s.",
            "Finished %(many)s parts of the training: %(titles)s.",
            len(titles),
        )
        yield words % {"many": len(titles), "titles": "; ".join(titles)}
    agreed, bids, groups, there, came = _counted(member)
    if agreed:
        yield _("Helped to agree what the money is for.")
    if bids:
        words = ngettext(
            "Read %(many)s bid with care, and gave reasons.",
            "Read %(many)s bids with care, and gave reasons.",
            bids,
        )
        yield words % {"many": bids}
    if groups:
        words = ngettext(
            "Met %(many)s group and asked it questions.",
            "Met %(many)s groups and asked them questions.",
            groups,
        )
        yield words % {"many": groups}
    if there:
        words = ngettext(
            "Came to %(many)s meeting of the panel.",
            "Came to %(many)s meetings of the panel.",
            there,
        )
        yield words % {"many": there}
    if came:
        words = ngettext(
            "Came %(many)s time to learn or read with others.",
            "Came %(many)s times to learn or read with others.",
            came,
        )
        yield words % {"many": came}


def _counted(member: Member) -> tuple[bool, int, int, int, int]:
    """Whether they voted on what was agreed; bids read, groups met, meetings, and times together
    (one query)."""
    sheets = ScoreSheet.objects.counting()
    agreed = Agreement.objects.filter(
        round=member.round_id, agreed_at__isnull=False, votes__member=member
    )
    counts = [
        _many(sheets.filter(phase=Phase.READING), "application"),
        _many(sheets.filter(phase=Phase.INTERVIEW), "application"),
        _many(Attendance.objects.filter(meeting__called_off_at=None), "pk"),
        _many(GatheringReply.objects.filter(came_at__isnull=False), "pk"),
    ]
    row = Member.objects.filter(pk=member.pk).values_list(Exists(agreed), *counts).get()
    return bool(row[0]), row[1] or 0, row[2] or 0, row[3] or 0, row[4] or 0


def _many(rows: QuerySet[Any], what: str) -> Subquery:
    """How many different ones of these rows are the member's."""
    own = rows.filter(member=OuterRef("pk")).order_by().values("member")
    return Subquery(own.annotate(many=Count(what, distinct=True)).values("many"))
