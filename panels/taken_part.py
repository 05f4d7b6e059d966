"""What one volunteer did in a round, in plain sentences for a certificate or letter. No scores."""

from collections.abc import Iterator

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
    agreed = Agreement.objects.filter(round=member.round_id, agreed_at__isnull=False)
    if agreed.filter(votes__member=member).exists():
        yield _("Helped to agree what the money is for.")
    sheets = ScoreSheet.objects.counting().filter(member=member, phase=Phase.READING)
    bids = sheets.values("application").distinct().count()
    if bids:
        words = ngettext(
            "Read %(many)s bid with care, and gave reasons.",
            "Read %(many)s bids with care, and gave reasons.",
            bids,
        )
        yield words % {"many": bids}
    met = ScoreSheet.objects.counting().filter(member=member, phase=Phase.INTERVIEW)
    groups = met.values("application").distinct().count()
    if groups:
        words = ngettext(
            "Met %(many)s group and asked it questions.",
            "Met %(many)s groups and asked them questions.",
            groups,
        )
        yield words % {"many": groups}
    there = Attendance.objects.filter(member=member, meeting__called_off_at=None).count()
    if there:
        words = ngettext(
            "Came to %(many)s meeting of the panel.",
            "Came to %(many)s meetings of the panel.",
            there,
        )
        yield words % {"many": there}
    came = GatheringReply.objects.filter(member=member, came_at__isnull=False).count()
    if came:
        words = ngettext(
            "Came %(many)s time to learn or read with others.",
            "Came %(many)s times to learn or read with others.",
            came,
        )
        yield words % {"many": came}
