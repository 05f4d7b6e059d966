"""A plain min-cost flow on a sharing instance: the yardstick for speed, used nowhere else.

Source → person (one arc a bid, dearer each time) → bid → sink, with an arc for each person who
may read each bid. It knows shares, wishes and lived experience; nothing of experience or company.

Hours are beyond a flow: ``plain_flow`` forgets them. ``flow_within_hours`` lowers the limit of
whoever was given too many hours and solves again, until nobody has: that is the first answer of a
flow that keeps the hard rules.
"""

from collections.abc import Sequence
from random import Random

import numpy as np
from ortools.graph.python import min_cost_flow

from panels.sharing.engine import likely_caps
from panels.sharing.share import Share
from panels.sharing.table import Table
from panels.sharing.values import Problem


def plain_flow(problem: Problem, candidates: int | None = None) -> list[list[int]]:
    """Teams by bid. ``candidates`` is how many people are looked at for each bid, if not all."""
    table = Table(problem)
    return solve(table, table.limit, candidates)


def flow_within_hours(problem: Problem) -> tuple[list[list[int]], int]:
    """Teams by bid in which nobody has too many hours, and how often the flow was solved."""
    table = Table(problem)
    caps = likely_caps(Share(table))
    solved = 0
    while True:
        teams = solve(table, caps)
        solved += 1
        own: list[list[int]] = [[] for _ in caps]
        for bid, team in enumerate(teams):
            for who in team:
                own[who].append(bid)
        over = [
            who
            for who, bids in enumerate(own)
            if sum(table.length[bid] for bid in bids) > table.budget[who]
        ]
        if not over:
            return teams, solved
        for who in over:
            caps[who] = len(own[who]) - 1


def solve(table: Table, limits: Sequence[int], candidates: int | None = None) -> list[list[int]]:
    """Teams by bid, where nobody has more bids than these limits."""
    people, bids = len(table.readers), len(table.bids)
    dice = Random(1)
    tails, heads, widths, costs = [], [], [], []
    for who, limit in enumerate(table.limit):
        for count in range(limits[who]):
            tails.append(0)
            heads.append(2 + who)
            widths.append(1)
            costs.append(round(1000 * (2 * count + 1) / limit))
    first = len(tails)
    pairs = []
    for bid in range(bids):
        looked = range(people) if candidates is None else dice.sample(range(people), candidates)
        for who in looked:
            if table.may(who, bid):
                pairs.append((who, bid))
                tails.append(2 + who)
                heads.append(2 + people + bid)
                widths.append(1)
                costs.append(
                    -10 * table.wish(who, bid) - 30 * bool(table.tags[who] & table.serves[bid])
                )
        tails.append(2 + people + bid)
        heads.append(1)
        widths.append(table.wanted[bid])
        costs.append(0)
        pairs.append((-1, bid))
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.array(tails), np.array(heads), np.array(widths), np.array(costs)
    )
    places = sum(table.wanted)
    flow.set_node_supply(0, places)
    flow.set_node_supply(1, -places)
    flow.solve_max_flow_with_min_cost()
    used = flow.flows(arcs[first:])
    teams: list[list[int]] = [[] for _ in range(bids)]
    for (who, bid), amount in zip(pairs, used, strict=True):
        if who >= 0 and amount:
            teams[bid].append(who)
    return teams
