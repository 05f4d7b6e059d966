"""The report as pages show it: read from the rows once, and kept while both trails stand still.

Everything the report tells is told by an entry too, in the round's trail or in the house's. So a
reading is good until either has moved on, or the day has (rests are counted in days). The tick
reads it ahead of its readers. A page that comes before the tick rings for it and waits
(`views.waiting`), since some forty questions are more than a page should ask. What is put to
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


def kept_report(round: Round, *, at: datetime, wanted: str = "") -> Report:
    """The report of a round that came through `with_heads`, read now if it is not kept.

    It is kept for a page that waits under an older mark (`wanted`) too, or that page might wait
    for ever in a busy hour.
    """
    mark = mark_at(round, at)
    report = found_report(round, mark)
    if report is None:
        report = report_of(round, at=at)
        cache.set(_key(round, mark), report, KEPT_SECONDS)
    if wanted not in ("", mark):
        cache.set(_key(round, wanted), report, KEPT_SECONDS)
    return report


def found_report(round: Round, mark: str) -> Report | None:
    """The report as it was kept under this mark, or nothing (one question to the cache)."""
    report: Report | None = cache.get(_key(round, mark))
    return report


def mark_at(round: Round, at: datetime) -> str:
    """A short mark of how things stand: both trails' heads, and the day."""
    house = vars(round)["house_head"] or ""
    return digest(f"{round.chain.head_hash}:{house}:{timezone.localdate(at).isoformat()}")[:20]


def keep_reports(*, at: datetime) -> int:
    """Read every report that can be read and is not kept as things stand; gives how many."""
    rounds = with_heads(Round.objects.filter(panels__isnull=False).distinct())
    ready = [row for row in rounds if rules.report_is_ready(row)]
    wanted = [row for row in ready if not cache.has_key(_key(row, mark_at(row, at)))]
    for row in wanted:
        kept_report(row, at=at)
    return len(wanted)


def _key(round: Round, mark: str) -> str:
    return f"report:{SHAPE}:{round.pk}:{mark}"
