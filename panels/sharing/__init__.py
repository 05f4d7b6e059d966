"""Sharing out the bids: which reader reads which. Plain values in and out; no Django, no clock.

``propose`` gives a proposal that a person then confirms. The same problem and seed give the same
proposal, whatever order things are listed in and however fast the computer is.

What is never broken: a different person in each place; nobody reads a bid they have an interest
in, or in a format they cannot use; nobody is given more than the limit they chose, or more hours
than they offered; nobody reads in a lot that is not theirs, or before their training is done.
Readings that are kept stay.

What is aimed for, in this order: every place filled; someone experienced on each bid; the fullest
share (readings over limit) as small as can be; someone with lived experience on each bid; nobody
who reads alone; nobody who offered help left with none, and the other shares even; the same people
together again and again, weighed against what people would like to read. ``Aim`` changes the order.

How: a flow gives everyone a fair load (``fair``), circles of four or five give them company
(``circles``), what is wrong is mended (``mend``), and a search makes company and wishes better
(``search``). Nothing ever holds a table of people by bids.
"""

from panels.sharing.changes import Event, after
from panels.sharing.engine import share_out
from panels.sharing.interviews import interview_panels
from panels.sharing.told import Telling, why_not
from panels.sharing.values import Aim, Bid, Pair, Problem, Proposal, Reader, Shortfall

__all__ = [
    "Aim",
    "Bid",
    "Event",
    "Pair",
    "Problem",
    "Proposal",
    "Reader",
    "Shortfall",
    "after",
    "interview_panels",
    "propose",
    "share_out",
    "why_not",
]


def propose(problem: Problem) -> Proposal:
    """Share the bids out. ValueError if an id is there twice, or a kept pair names no bid here."""
    share = share_out(problem)
    return Telling(problem, share.pairs() | problem.kept).proposal()
