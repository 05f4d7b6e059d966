"""Counts of people, made safe to show: no number under five can be worked out from them.

A table counts each person once: one row for "Prefer not to say" (the keeper) and one for each
answer. Its total is shown. A count under five is hidden; then the keeper is hidden too, so that
nothing is found by taking away. If that leaves one hidden row alone, or the hidden rows come to
under five together, the next row in the table's fixed order is hidden as well. Which row makes way
never hangs on how big it is: choosing the smallest would tell something (a test shows how).

Over time, people are counted in batches that share nobody, each at least ten people. A batch is
made safe by itself and then the raw counts are let go. So taking one date from another gives a
batch, which is safe, and never one new person.
"""

from collections.abc import Sequence

FEWEST = 5
"""A count under this is not shown."""
FEWEST_PEOPLE = 10
"""A table of fewer people is not shown at all; they wait for the next date."""

Shown = tuple[int | None, ...]
"""A table as it may be shown: a number, or None for a row that is hidden."""


def suppress(counts: Sequence[int], *, keeper: int = 0) -> Shown:
    """One table of counts with what must be hidden as None. Its total may be shown beside it.

    `keeper`: the row for "Prefer not to say". ValueError for fewer than ten people, a count below
    nothing, or a table of one row: those are not to be shown.
    """
    if len(counts) < 2 or any(count < 0 for count in counts):
        raise ValueError("A table has two rows or more, and no count below nothing.")
    if sum(counts) < FEWEST_PEOPLE:
        raise ValueError("Too few people to show anything about them.")
    hidden = {row for row, count in enumerate(counts) if count < FEWEST}
    if hidden:
        hidden.add(keeper)
        for row in range(len(counts)):
            if len(hidden) > 1 and sum(counts[each] for each in hidden) >= FEWEST:
                break
            hidden.add(row)
    return tuple(None if row in hidden else count for row, count in enumerate(counts))


def together(batches: Sequence[Shown]) -> Shown:
    """The batches of one table added up. A row that is hidden in one of them stays hidden."""
    if len({len(batch) for batch in batches}) > 1:
        raise ValueError("These are not batches of one table.")
    return tuple(
        None if None in row else sum(count for count in row if count is not None)
        for row in zip(*batches, strict=True)
    )
