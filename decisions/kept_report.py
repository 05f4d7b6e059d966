"""The report as pages show it: read from the rows once, and kept while both trails stand still.

Everything the report tells is told by an entry too, in the round's trail or in the house's. So a
reading is good until either has moved on, or the day has (rests are counted in days). The tick
reads it ahead of its readers; a page that comes before the tick reads it itself. What is put to
panels, agreed or exported is always read anew by `reading.report_of`.
"""

from dataclasses import fields, is_dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from commissioning.models import Round
from decisions import report as facts
from decisions import rules
from decisions.reading import report_of
from decisions.report import Report
from ledger.actions import HOUSE
from ledger.models import Chain
from ledger.trail import digest

KEPT_SECONDS = 25 * 60 * 60
SHAPE = digest(
    ",".join(
        f"{name}.{field.name}:{field.type}"
        for name, found in sorted(vars(facts).items())
        if isinstance(found, type) and is_dataclass(found)
        for field in fields(found)
    )
)[:16]
"""What the structure is made of: one kept by an older version of the program is not read."""


def with_heads(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Rounds with what `kept_report` asks of them, in the same query."""
    house = Chain.objects.filter(key=HOUSE).values("head_hash")[:1]
    return rounds.select_related("programme", "chain").annotate(house_head=Subquery(house))


def kept_report(round: Round, *, at: datetime) -> Report:
    """The report of a round that came through `with_heads` (one question to the cache)."""
    key = _key(round, at)
    report: Report | None = cache.get(key)
    if report is None:
        report = report_of(round, at=at)
        cache.set(key, report, KEPT_SECONDS)
    return report


def keep_reports(*, at: datetime) -> int:
    """Read every report that can be read and is not kept as things stand; gives how many."""
    rounds = with_heads(Round.objects.filter(panels__isnull=False).distinct())
    ready = [row for row in rounds if rules.report_is_ready(row)]
    wanted = [row for row in ready if not cache.has_key(_key(row, at))]
    for row in wanted:
        kept_report(row, at=at)
    return len(wanted)


def _key(round: Round, at: datetime) -> str:
    house = vars(round)["house_head"] or ""
    day = timezone.localdate(at).isoformat()
    return f"report:{SHAPE}:{round.pk}:{round.chain.head_hash}:{house}:{day}"
