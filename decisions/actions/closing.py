"""When the report's stage closes: what the panels agreed is the report as it is."""

from datetime import datetime

from accounts.models import Person
from commissioning.models import StageKind
from commissioning.pace import AnyStage
from decisions import rules
from decisions.reading import report_of
from decisions.report import mark_of


def stage_closed(stage: AnyStage, *, by: Person, at: datetime) -> None:
    """Refuse to close the report's stage where any fact is not as every panel has agreed it.

    The gate has asked what pages can ask. To compare all facts takes the whole report.
    """
    if stage.kind == StageKind.REPORT and stage.round.panels.exists():
        mark = mark_of(report_of(stage.round, at=at))
        rules.report_agreed(stage.round, digest=mark).require()
