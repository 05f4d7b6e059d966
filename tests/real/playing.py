"""A whole round on the real bids: the example's telling, with other people, money and bids.

Everything goes through the example's own steps, which act as the pages do. What differs is said
here: 60 volunteers who are invited, bids that come in by the import command, readers without a seat
beside each panel, some who cannot score, and decisions that follow the scores and the money.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

import accounts.actions
import applications.actions
import panels.actions
from accounts.models import Person, Role
from applications.models import Application
from commissioning.models import StageKind
from decisions import rules
from decisions.example import story
from decisions.example.play import Play
from decisions.example.words import people, read
from decisions.models import OutcomeKind
from decisions.reading import pictures
from ledger import clock
from ledger.models import Channel
from panels.models import Abstention, Assignment, Interest, Panel, Proposal
from panels.rules.scoring import unsent

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "grants" / "community_applications.csv"
MAPPING = ROOT / "docs" / "mapping-example.toml"

NORTH, SOUTH = "the-north-of-the-county", "the-south-of-the-county"
LOTS = {
    "oxford-south-and-east": ("Oxford, south and east", 15_000, 9, "getting-about"),
    "oxford-centre-and-headington": ("Oxford, centre and Headington", 16_000, 9, "at-home"),
    "oxford-north-and-west": ("Oxford, north and west", 20_000, 10, "loss-and-change"),
    NORTH: ("The north of the county", 12_000, 16, "shared-tables"),
    SOUTH: ("The south of the county", 15_000, 16, "places-and-groups"),
}
"""Name, pounds, readers, and which of the example's panels sits."""
DISTRICTS = {
    "oxford-south-and-east": ("OX4",),
    "oxford-centre-and-headington": ("OX1", "OX3"),
    "oxford-north-and-west": ("OX2", "OX5"),
    NORTH: tuple(f"OX{number}" for number in (7, 15, 16, 17, 18, 20, 25, 26, 27, 28, 29)),
}
MEETS = 8
TOO_MUCH = story.NotEligible(
    "lot-and-time", "You asked for more than the whole of this part of the money."
)


class RealRound(Play):
    """The real bids' round. `letters_to` are groups whose first person staff add by hand."""

    def __init__(self, *, now: datetime, folder: Path, letters_to: int = 2) -> None:
        super().__init__(now=now)
        self.folder = folder
        self.letters_to = letters_to
        self.said: list[str] = []
        self._chosen: dict[str, list[str]] = {}
        self._plan: dict[str, story.Given] = {}

    # ---- Who and what -----------------------------------------------------------------------

    @cached_property
    def _own_words(self) -> dict[str, Any]:
        words = {**read("round")}
        money = sum(limit for _name, limit, _readers, _panel in LOTS.values())
        words["programme"] = {**words["programme"], "envelope": money}
        kept = {"not-for-profit", "lot-and-time", "new-groups"}
        words["funder_rules"] = [row for row in words["funder_rules"] if row["slug"] in kept]
        words["lots"] = [
            {"slug": slug, "name": name, "description": "Small groups there.", "limit": limit}
            for slug, (name, limit, _readers, _panel) in LOTS.items()
        ]
        words["priorities"] = [
            {"person": "joan", "lot": slug, "words": f"Something near home: {name}."}
            for slug, (name, _limit, _readers, _panel) in LOTS.items()
        ]
        return words

    def _words(self) -> dict[str, Any]:
        return self._own_words

    def _first_people(self) -> list[dict[str, Any]]:
        """Staff and board only: volunteers are invited."""
        return [row for row in super()._first_people() if row["role"] != "volunteer"]

    @cached_property
    def _sixty(self) -> list[dict[str, Any]]:
        rows = people("volunteer")
        more = [
            {
                **row,
                "slug": f"{row['slug']}-too",
                "name": f"{row['name'].split()[0]} Reader {number}",
                "sign_in_email": f"reader{number}@example.org",
                "channel": Channel.EMAIL,
                "needs": "",
            }
            for number, row in enumerate(rows, start=1)
        ]
        return [
            {**row, "bids_wanted": 11 + number % 9} for number, row in enumerate([*rows, *more])
        ]

    def _volunteers(self) -> list[dict[str, Any]]:
        return self._sixty

    def _cast(self) -> None:
        super()._cast()
        for row in self._sixty:
            self.people[row["slug"]] = accounts.actions.invite_person(
                name=row["name"],
                role=Role.VOLUNTEER,
                email=row["sign_in_email"] or "",
                phone=row.get("phone", ""),
                postal_address=row.get("address", ""),
                channel=row.get("channel", Channel.EMAIL),
                by=self.people["sam"],
                at=self.now - timedelta(days=420),
            )

    def _sitting(self) -> dict[str, list[str]]:
        return {lot: story.PANELS[panel] for lot, (_n, _l, _r, panel) in LOTS.items()}

    @cached_property
    def _circles(self) -> dict[str, list[str]]:
        left = [row["slug"] for row in self._sixty if row["slug"].endswith("-too")]
        found = {}
        for lot, sitting in self._sitting().items():
            more = LOTS[lot][2] - len(sitting)
            found[lot] = [*sitting, *left[:more]]
            left = left[more:]
        return found

    def _readers(self) -> dict[str, list[str]]:
        return self._circles

    def _speaks_for(self, bid: Application) -> Person | None:
        found = bid.organisation.colleagues.filter(ended_at=None).first()
        return found.person if found else None

    # ---- Bids -------------------------------------------------------------------------------

    def _open(self, day: date, *, unfinished: bool) -> None:
        """The file's rows, a part for each lot, brought in by the command on that very day."""
        self._know_the_round()
        clock.move(days=(day + timedelta(days=1) - timezone.localdate(self.now)).days)
        for lot, path in self._parts().items():
            for options in (["--dry-run"], []):
                out = io.StringIO()
                call_command(
                    "import_applications", self.round.slug, str(path), "--lot", lot,
                    "--mapping", str(MAPPING), *options, stdout=out,
                )  # fmt: skip
                self.said.append(out.getvalue())
        clock.put_right()
        self._know_the_bids()

    def _parts(self) -> dict[str, Path]:
        with FILE.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        lot_of = {district: lot for lot, names in DISTRICTS.items() for district in names}
        paths = {}
        for lot in LOTS:
            paths[lot] = self.folder / f"{lot}.csv"
            with paths[lot].open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(
                    row for row in rows if lot_of.get(row["postcode_district"], SOUTH) == lot
                )
        return paths

    def _know_the_bids(self) -> None:
        found = Application.objects.filter(round=self.round).select_related("lot", "organisation")
        for bid in found.prefetch_related("versions").order_by("pk"):
            self.bids[bid.reference] = bid
            self.slugs[bid.pk] = bid.reference

    def _checkers(self, number: int) -> tuple[Person, Person]:
        pair = self.people["imran"], self.people["catrin"]
        return pair if number % 2 else pair[::-1]

    def _ruled_out(self, bid: str) -> story.NotEligible | None:
        row = self.bids[bid]
        return TOO_MUCH if row.asked > row.lot.limit else None

    def _ties(self, person: str) -> list[panels.actions.Knows]:
        """Brendan's sister works for a group in his lot; Priya and a reader know one a little."""
        said = {
            "brendan": (2, Interest.Kind.DIRECT, "My sister is on the committee."),
            "priya": (4, Interest.Kind.INDIRECT, "I went to a coffee morning of theirs once."),
            self._circles[SOUTH][-1]: (
                6,
                Interest.Kind.DIRECT,
                "My son is paid by them.",
            ),
        }
        if person not in said:
            return []
        number, kind, words = said[person]
        lot = next(lot for lot, circle in self._circles.items() if person in circle)
        bids = [bid for bid in self.bids.values() if bid.lot.slug == lot]
        going_on = [bid for bid in bids if not self._ruled_out(bid.reference)]
        return [panels.actions.Knows(going_on[number], kind, words)]

    # ---- Scores -----------------------------------------------------------------------------

    def _worth(self, bid: str) -> Sequence[int]:
        """Near what the real funder thought: a share of what was asked for, with some luck."""
        row = self.bids[bid]
        share = float((row.outside_awarded or 0) / row.asked)
        return [
            max(0, min(5, round(0.4 + 2.2 * min(share, 1) + (row.pk * 7 + place * 3) % 5 / 2)))
            for place in range(len(story.CRITERIA))
        ]

    def _scoring(self, day: date, *, unfinished: bool) -> None:
        super()._scoring(day, unfinished=unfinished)
        for panel in Panel.objects.filter(
            lot__in=unsent(self.round).values("application__lot")
        ).select_related("round__chain", "lot"):
            at = self.at(self._stage("scoring").closes_on, 12)
            proposal = panels.actions.put_to_panel(
                panel=panel,
                kind=Proposal.Kind.CLOSE_EARLY,
                words="Two sheets are late. Shall we go on without them?",
                data={"stage": str(StageKind.SCORING)},
                by=self._writers(panel)[0].member.person,
                at=at,
            )
            self._votes_of_writers(proposal, at)

    def _read(self, assignment: Assignment, at: datetime, *, sends: bool, partly: bool) -> None:
        """Most send. One in forty cannot score it; one in a hundred is still writing at the end."""
        person = assignment.member.person
        if person.sign_in_email and assignment.pk % 40 == 7:
            panels.actions.start_reading(assignment=assignment, by=person, at=at)
            panels.actions.abstain(
                assignment=assignment, why=Abstention.Why.NOT_MY_AREA, by=person, at=at
            )
            return
        late = bool(person.sign_in_email) and assignment.pk % 100 == 11
        super()._read(assignment, at, sends=sends and not late, partly=partly or late)

    # ---- Choosing ---------------------------------------------------------------------------

    def _meet(self, lot: str) -> list[str]:
        """The eight whose middle is highest, once the panel has opened its scores."""
        if lot not in self._chosen:
            bids = {
                bid.pk: bid.reference
                for bid in self.bids.values()
                if bid.lot.slug == lot and not self._ruled_out(bid.reference)
            }
            weights = {row.pk: row.weight for row in self.criteria.values()}
            seen = pictures(self.round, bids, weights)
            order = sorted(bids, key=lambda pk: (-(seen[pk].middle or 0), pk))
            self._chosen[lot] = [bids[pk] for pk in order[:MEETS]]
        return self._chosen[lot]

    def _offer_times(self, panel: Panel, meet: list[str], day: date, *, days: int) -> None:
        """Two groups to be met have told staff who speaks for them."""
        number = list(LOTS).index(panel.lot.slug)
        if number < self.letters_to:
            applications.actions.add_first_colleague(
                organisation=self.bids[meet[0]].organisation,
                email=f"group{number}@example.org",
                name=f"Speaks Forgroup {number}",
                address="Leeds",
                by=self.people["ruth"],
                at=self.at(day, 9),
            )
        super()._offer_times(panel, meet, day, days=days)

    def _given(self, bid: str) -> story.Given:
        if bid not in self._plan:
            self._decide(self.bids[bid].lot.slug)
        return self._plan[bid]

    def _decide(self, lot: str) -> None:
        """Yes in full while there is money, less for the next, one reserve, and no to the rest."""
        left = rules.pot(self.panels[lot]).most
        reserves = 0
        for bid in self._meet(lot):
            asked = self.bids[bid].asked
            if asked <= left:
                given = story.Given(OutcomeKind.AWARD, asked)
            elif left >= max(asked / 2, Decimal(500)):
                given = story.Given(OutcomeKind.LESS, left, "The second half of the year.")
            elif not reserves:
                reserves += 1
                given = story.Given(OutcomeKind.RESERVE, reserve_order=reserves)
            else:
                given = story.Given(OutcomeKind.NO)
            left -= given.amount
            self._plan[bid] = given
