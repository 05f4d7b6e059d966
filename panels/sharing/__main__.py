"""python -m panels.sharing INSTANCE.json ANSWER.json: share out a benchmark instance.

It reads and writes the published benchmark's JSON. With --before and --event, only what the event
vacates is solved again. Ends with status 2, and says what is short, where a place stays empty.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from panels.sharing.bounds import fewest_uncovered, fullest_share_bound, unmatched
from panels.sharing.changes import after
from panels.sharing.engine import share_out
from panels.sharing.files import (
    Names,
    as_answer,
    as_shortage,
    read_event,
    read_instance,
    read_pairs,
)
from panels.sharing.interviews import interview_panels
from panels.sharing.shortage import in_words, shortage
from panels.sharing.told import Telling
from panels.sharing.values import Aim, Problem

SMALL_PROOF = 40_000
"""People times bids up to which the linear relaxation is solved too."""


def main() -> int:
    """Run the command."""
    options = _options()
    # The answer before is read first and its reasons let go, so that not both fill the memory.
    before = _readings(options.before) if options.before else {}
    data = json.loads(options.instance.read_text())
    sizes = {place: tuple(lot["panel_size"]) for place, lot in enumerate(data["lots"])}
    problem, names = read_instance(data, this_bid_only=options.this_bid_only)
    del data
    problem = replace(
        problem,
        seed=options.seed,
        seconds=options.seconds,
        aim=Aim.LIVED if options.coverage_first else Aim.SHARE,
    )
    if options.before:
        pairs = read_pairs(before, names)
        before = {}
        event = read_event(json.loads(options.event.read_text()), names)
        problem = after(problem, pairs, event)
    share = share_out(problem)
    proposal = Telling(problem, share.pairs()).proposal()
    answer = as_answer(proposal, interview_panels(share, sizes), names)
    if options.proof:
        answer["proof"] = proof(problem, names)
    short = shortage(problem, share)
    if short:
        answer["short"] = as_shortage(short, names)
        sys.stderr.write("\n".join([*in_words(short), ""]))
    options.answer.write_text(json.dumps(answer, separators=(",", ":"), sort_keys=True))
    return 2 if short else 0


def _readings(path: Path) -> dict[str, Any]:
    """An answer's readings alone."""
    answer: dict[str, Any] = json.loads(path.read_text())
    return {"assignment": answer["assignment"]} if "assignment" in answer else answer


def proof(problem: Problem, names: Names) -> dict[str, Any]:
    """What no answer can beat: the fullest share, and bids without lived experience."""
    share = fullest_share_bound(problem)
    found: dict[str, Any] = {
        "worst_share": share,
        "nobody_can_match": [names.bids[bid] for bid in unmatched(problem)],
    }
    if share is not None and len(problem.readers) * len(problem.bids) <= SMALL_PROOF:
        found["no_lived_experience"] = fewest_uncovered(problem, share)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m panels.sharing", description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to look for company")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coverage-first", action="store_true")
    parser.add_argument(
        "--this-bid-only",
        action="store_true",
        help="a conflict keeps someone from that organisation's bids, not from the whole lot",
    )
    parser.add_argument("--proof", action="store_true", help="add what no answer can beat")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--event", type=Path)
    options = parser.parse_args()
    if bool(options.before) != bool(options.event):
        parser.error("--before and --event go together.")
    return options


if __name__ == "__main__":
    sys.exit(main())
