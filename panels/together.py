"""What the panel read and whom it met, side by side or together, by a rule agreed beforehand.

Nothing here decides. Middles are exact fractions, so that bids that are level are shown as level.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from applications.models import Application
from panels import agenda, marking, shortlist, sight
from panels.models import CombineRule
from panels.rules.proposals import combine_rule
from panels.rules.visits import Visit

WEIGHTS = {
    CombineRule.SAME: (1, 1),
    CombineRule.READING: (2, 1),
    CombineRule.MEETING: (1, 2),
}
"""How much what was read counts, and how much the meeting. Side by side, nothing is added up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bid that the panel met. `points` is of 100, and none where nothing is added up."""

    bid: Application
    reading: agenda.Range | None
    meeting: agenda.Range | None
    points: int | None
    place: int | None
    level: Sequence[str]

    @property
    def words(self) -> str:
        """Where it stands by the panel's rule, as a sentence; nothing where it cannot be told."""
        if self.points is None or self.place is None:
            return ""
        facts = {"place": self.place, "points": self.points, "others": ", ".join(self.level)}
        if self.level:
            return _("Place %(place)s, level with %(others)s: %(points)s out of 100.") % facts
        return _("Place %(place)s: %(points)s out of 100.") % facts


def combined(
    rule: CombineRule, reading: Fraction | None, meeting: Fraction | None
) -> Fraction | None:
    """Both middles (parts of 1) together by the rule; none where one lacks or nothing is added."""
    if rule not in WEIGHTS or reading is None or meeting is None:
        return None
    one, other = WEIGHTS[rule]
    return (one * reading + other * meeting) / (one + other)


def meeting_pictures(visit: Visit, seen: sight.Sight) -> dict[int, shortlist.Picture]:
    """Each bid (id) as members scored the meeting, every question alike (one query)."""
    said: defaultdict[int, list[shortlist.Score]] = defaultdict(list)
    for row in sight.interviews_in_sight(visit, seen.out):
        said[row.application].append(shortlist.Score(row.reader, row.question, row.value))
    asked = {score.criterion for rows in said.values() for score in rows}
    weights = dict.fromkeys(sorted(asked), 1)
    return {bid: shortlist.picture(rows, weights, seen.middle) for bid, rows in said.items()}


def rows_for(
    visit: Visit, seen: sight.Sight, bids: Sequence[Application]
) -> tuple[list[Row], CombineRule, str]:
    """The bids that this visitor may see, best by the rule first; the rule; and how sure the order
    by reading is, in a sentence."""
    rule = combine_rule(visit.panel)
    read, met = seen.pictures(), meeting_pictures(visit, seen)
    shown = {bid.pk: bid for bid in bids if bid.pk not in seen.hidden}
    both: dict[int, Fraction | None] = {
        pk: combined(rule, _middle(read, pk), _middle(met, pk)) for pk in shown
    }
    places = shortlist.ranks(both)
    level = {pk: group for group in shortlist.level(both) for pk in group}
    rows = [
        Row(
            bid=bid,
            reading=agenda.range_of(read[pk]) if pk in read else None,
            meeting=agenda.range_of(met[pk]) if pk in met else None,
            points=None if both[pk] is None else round((both[pk] or 0) * 100),
            place=places[pk],
            level=[shown[other].reference for other in level.get(pk, ()) if other != pk],
        )
        for pk, bid in shown.items()
    ]
    rows.sort(key=lambda row: (row.place is None, row.place or 0, row.bid.reference))
    return rows, rule, agenda.sure_words(marking.sureness_of(read))


def _middle(pictures: Mapping[int, shortlist.Picture], bid: int) -> Fraction | None:
    return pictures[bid].middle if bid in pictures else None
