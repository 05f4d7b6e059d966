"""The order in which a panel talks about its bids, and how far it has got. What differs most comes
first, then people step out as seldom as may be; bids that are level are shown as level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from applications.models import Application
from panels import marking, shortlist
from panels.models import Panel, Proposal, Shortlisting
from panels.rules.visits import Visit
from panels.sight import Sight

WELL, PARTLY = 0.75, 0.5
"""Reliability of a bid's middle from which readers are said to agree well, and in part."""

NOT_SETTLED = (Proposal.Outcome.TIE, Proposal.Outcome.NOT_AGREED)


@dataclass(frozen=True, slots=True)
class Range:
    """Where readers' own totals lie, each out of 100, lowest first."""

    totals: tuple[int, ...]

    @property
    def low(self) -> int:
        """The lowest total."""
        return self.totals[0]

    @property
    def width(self) -> int:
        """How far apart the lowest and highest are."""
        return self.totals[-1] - self.totals[0]

    @property
    def words(self) -> str:
        """The same as a sentence."""
        if not self.width:
            return _("Everyone’s total is %(low)s out of 100.") % {"low": self.low}
        return _("Totals go from %(low)s to %(high)s out of 100.") % {
            "low": self.low,
            "high": self.totals[-1],
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One bid on the agenda. A bid the reader steps out for has no more than its name."""

    bid: Application
    status: str
    kind: str
    mine_out: bool = False
    out: Sequence[str] = ()
    readers: int = 0
    range: Range | None = None
    cannot_judge: int = 0
    stood_back: int = 0
    place: int | None = None
    level: Sequence[str] = ()
    nearly: int = 0
    """How many others the scores alone cannot tell it from, those that are level apart."""
    settled: bool = False
    kept_back: bool = False
    """On a screen in the room, for as long as somebody who steps out for it may be there."""


def bids_of(panel: Panel) -> QuerySet[Application]:
    """The bids of a panel that go on, each with how far the panel has got with it (one query)."""
    about = Proposal.objects.filter(application=OuterRef("pk"), kind=Proposal.Kind.SHORTLIST)
    settled = about.filter(settled_at__isnull=False).order_by("-settled_at", "-pk")
    chosen = Shortlisting.objects.filter(application=OuterRef("pk"), replaced_by=None)
    return (
        Application.objects.eligible()
        .filter(lot=panel.lot_id)
        .select_related("organisation")
        .with_sent_name()
        .annotate(
            chosen=Subquery(chosen.values("outcome")[:1]),
            open_proposal=Subquery(about.filter(settled_at=None).values("pk")[:1]),
            last_outcome=Subquery(settled.values("outcome")[:1]),
        )
    )


def range_of(picture: shortlist.Picture) -> Range | None:
    """Where the totals of a bid's readers lie; none where nobody judged anything."""
    totals = tuple(sorted(round(total.share * 100) for total in picture.totals.values()))
    return Range(totals) if totals else None


def status_of(bid: Application) -> tuple[str, str]:
    """How far the panel has got with a bid of `bids_of`: a word, and its kind."""
    facts = vars(bid)
    if facts["open_proposal"]:
        return _("In front of the panel"), "now"
    if facts["chosen"]:
        return str(Shortlisting.Outcome(facts["chosen"]).label), "done"
    if facts["last_outcome"] == Proposal.Outcome.TIE:
        return _("Split: talk again"), "care"
    if facts["last_outcome"] == Proposal.Outcome.NOT_AGREED:
        return _("Not agreed: talk again"), "care"
    return _("To talk about"), "todo"


def split_again(bid: Application, proposals: Sequence[Proposal]) -> bool:
    """Whether the panel has twice not agreed about a bid of `bids_of` and nothing is in front of
    it. `proposals` are all that were put about it."""
    tried = sum(row.outcome in NOT_SETTLED for row in proposals)
    facts = vars(bid)
    return tried > 1 and not facts["chosen"] and not facts["open_proposal"]


def rows_for(
    visit: Visit, seen: Sight, *, in_the_room: bool = False
) -> tuple[list[Row], marking.Sureness | None]:
    """The whole agenda for one visitor, widest apart first, and how sure its order is
    (one query).

    `in_the_room`: for all to see, so a bid that anybody steps out for has no more than its name,
    and nothing that is said of the others rests on it."""
    bids = {bid.pk: bid for bid in bids_of(visit.panel)}
    found = seen.pictures()
    nothing = shortlist.picture([], seen.weights, seen.middle)
    kept_back = {pk for pk in seen.out if pk} - seen.hidden if in_the_room else set()
    shown = bids.keys() - seen.hidden - kept_back
    pictures = {pk: found.get(pk, nothing) for pk in bids if pk in shown}
    middles = {pk: picture.middle for pk, picture in pictures.items()}
    places = shortlist.ranks(middles)
    out = {pk: [member for member, _name in seen.out.get(pk, ())] for pk in pictures}
    level = {pk: group for group in shortlist.level(middles) for pk in group}
    sure = marking.sureness_of(pictures)
    nearly = marking.nearly_level(pictures, sure) if sure else {}
    rows = [
        _row(
            bids[pk],
            pictures[pk],
            place=places[pk],
            level=[bids[other].reference for other in level.get(pk, ()) if other != pk],
            nearly=len(set(nearly.get(pk, ())) - set(level.get(pk, ()))),
            out=[name for _member, name in seen.out.get(pk, ())],
        )
        for pk in shortlist.differ_most_first(pictures, out)
    ]
    stepping_out = [
        Row(bid=bids[pk], status=_("You step out"), kind="rest", mine_out=True)
        for pk in sorted(seen.hidden & bids.keys())
    ]
    for pk in sorted(kept_back & bids.keys()):
        row = _row(bids[pk], nothing, out=[name for _member, name in seen.out[pk]])
        rows.append(replace(row, kept_back=True))
    return rows + stepping_out, sure


def sure_words(sure: marking.Sureness | None) -> str:
    """How sure the order of the bids is, in a sentence; nothing where it cannot be told."""
    if sure is None:
        return ""
    points = round(sure.too_close(sure.readers, sure.readers) * 100)
    if not points:
        return ""
    if sure.together >= WELL:
        agree = _("Readers of the same bid mostly agree.")
    elif sure.together >= PARTLY:
        agree = _("Readers of the same bid agree in part.")
    else:
        agree = _("Readers of the same bid often differ.")
    near = _("Scores alone cannot choose between bids less than %(points)s points of 100 apart.")
    return f"{agree} {near % {'points': points}}"


def _row(
    bid: Application,
    picture: shortlist.Picture,
    *,
    place: int | None = None,
    level: Sequence[str] = (),
    nearly: int = 0,
    out: Sequence[str],
) -> Row:
    word, kind = status_of(bid)
    criteria = max(1, len(picture.spreads))
    return Row(
        bid=bid,
        status=word,
        kind=kind,
        out=out,
        readers=len(picture.totals),
        range=range_of(picture),
        cannot_judge=picture.cannot_judge,
        stood_back=picture.abstained // criteria,
        place=place,
        level=level,
        nearly=nearly,
        settled=kind == "done",
    )
