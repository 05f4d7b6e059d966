"""One reader's own scores side by side, to look again at the early ones. Nobody else's are here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commissioning.models import Criterion, Member
from panels.models import Phase, Score, ScoreDraft
from panels.rules.scoring import Reading, readings_of


@dataclass(frozen=True, slots=True)
class Row:
    """One bid with the reader's own score for each criterion, in the criteria's order."""

    reading: Reading
    words: Sequence[str]
    """A number, "Cannot judge", or nothing where nothing is chosen yet."""

    @property
    def begun(self) -> bool:
        """Whether any score is chosen."""
        return any(self.words)


def own_scores(member: Member) -> tuple[list[Criterion], list[Row]]:
    """The criteria, and a row for each bid in the reader's share that was not taken back by its
    group (5 queries). Where a sheet counts it holds, or else what is still being written."""
    criteria = list(Criterion.objects.agreed_for(member.round))
    readings = [row for row in readings_of(member.person, member.round) if not row.withdrawn]
    sheets = {row.sent_sheet: row.assignment.pk for row in readings if row.sent_sheet}
    drafts = ScoreDraft.objects.filter(assignment__in=[row.assignment.pk for row in readings])
    found = {
        (assignment, criterion): _word(value, chosen=value is not None or cannot)
        for assignment, criterion, value, cannot in drafts.values_list(
            "assignment", "criterion", "value", "cannot_judge"
        )
        if assignment not in sheets.values()
    }
    sent = Score.objects.filter(sheet__in=sheets, sheet__phase=Phase.READING)
    for sheet, criterion, value in sent.values_list("sheet", "criterion", "value"):
        found[sheets[sheet], criterion] = _word(value, chosen=True)
    return criteria, [
        Row(row, [found.get((row.assignment.pk, criterion.pk), "") for criterion in criteria])
        for row in readings
    ]


def _word(value: int | None, *, chosen: bool) -> str:
    if not chosen:
        return ""
    return _("Cannot judge") if value is None else str(value)
