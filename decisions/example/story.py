"""What happens in the example round: who sits where, how good each bid is, who gets what.

These are the choices of a story, written by hand, so that the example shows a bit of everything: a
panel that reads 2 bids and one that reads 19, people on paper, ties, reserves, awards of less.
"""

from decimal import Decimal
from typing import NamedTuple

PANELS = {
    "getting-about": ["surinder", "ken", "kazimierz", "noreen", "vera", "eileen"],
    "at-home": ["maureen", "graham", "wing", "myrtle", "beverley", "olga"],
    "shared-tables": ["joan", "harold", "meiling", "trevor", "stanley", "brendan"],
    "loss-and-change": ["priya", "yasmin", "zofia", "winston", "dolores", "gurdev"],
    "places-and-groups": ["robin", "malcolm", "judith", "tariq", "sandra", "derek"],
}

# Who has not said yet whom they know, while the bids are being shared out.
STILL_TO_DECLARE = ("eileen", "brendan", "dolores")

# How a fair-minded reader would find each bid, 0 to 5: need, people, shaped, difference, value.
QUALITY = {
    "otley-slow-boots": (2, 3, 4, 3, 3),
    "twelve-seats-community-transport": (4, 4, 3, 4, 5),
    "dosti-doorstep": (5, 5, 4, 4, 4),
    "hearthspan": (3, 1, 1, 2, 1),
    "knock-and-wait": (5, 4, 5, 4, 4),
    "the-tuesday-line": (4, 4, 4, 4, 4),
    "violet-hours": (4, 4, 4, 3, 3),
    "back-fence-growers": (3, 3, 4, 3, 2),
    "hands-at-table": (3, 4, 4, 2, 3),
    "hollin-beck-parish-council": (2, 2, 1, 2, 1),
    "one-pan-club": (4, 3, 5, 4, 4),
    "saturday-pot": (5, 5, 4, 4, 4),
    "soup-friday": (3, 2, 3, 2, 4),
    "zion-row-chapel-kitchen": (5, 4, 4, 5, 4),
    "croft-row-chapel": (3, 3, 3, 2, 4),
    "garforth-sitters": (3, 3, 2, 3, 2),
    "hold-the-door": (5, 5, 5, 4, 4),
    "kindly-cleared": (1, 2, 1, 2, 1),
    "knocking-off-time": (2, 3, 4, 2, 1),
    "long-note-singing": (4, 3, 4, 4, 3),
    "quiet-hands": (4, 4, 4, 3, 3),
    "the-late-post": (5, 5, 5, 4, 3),
    "the-second-chair": (4, 4, 4, 4, 5),
    "the-slow-talkers": (4, 3, 4, 3, 3),
    "thresholds-ahead": (2, 2, 1, 3, 2),
    "wharfe-bank-newcomers": (3, 4, 3, 3, 4),
    "aire-hands-deaf-club": (5, 5, 5, 4, 4),
    "al-zaytun-womens-circle": (5, 5, 4, 4, 4),
    "armley-mend-and-natter": (3, 3, 3, 2, 3),
    "brackenfold-tenants": (4, 4, 4, 3, 3),
    "dom-bocian": (3, 3, 3, 2, 3),
    "jubilee-tin-hall": (3, 3, 4, 3, 4),
    "kiln-hill-radio": (3, 2, 3, 3, 2),
    "lantern-library-friends": (3, 3, 3, 3, 3),
    "lilac-wednesday": (4, 4, 5, 4, 3),
    "morley-strollers": (2, 2, 2, 2, 1),
    "northmere-foundation": (3, 2, 1, 2, 1),
    "nutmeg-row-elders": (4, 5, 4, 4, 3),
    "second-waltz": (2, 2, 2, 3, 2),
    "st-aldreda-garforth": (3, 3, 2, 3, 3),
    "tail-end-allotments": (1, 2, 3, 2, 4),
    "tub-and-tippler-shed": (4, 4, 5, 4, 4),
    "windle-beck-bowling-club": (1, 2, 2, 2, 2),
}
CRITERIA = ("need", "people", "shaped", "difference", "value")


class NotEligible(NamedTuple):
    """Which funder rule a bid does not meet, and why, in words for the applicant."""

    rule: str
    reason: str


NOT_ELIGIBLE = {
    "copper-ladle-kitchens": NotEligible(
        "not-for-profit",
        "Your company may pay its profits to its owners. This fund cannot give money to a group "
        "that does that.",
    ),
    "upper-calder-lantern-club": NotEligible(
        "older-people",
        "Your bid is for people who live in Todmorden. This fund is for people in Leeds.",
    ),
    "ellerthwaite-parish-council": NotEligible(
        "not-buildings",
        "Most of the money would pay for a car park and a games court. This fund is for people "
        "and cannot pay for building work.",
    ),
}

# Who knows whom. Direct: stands aside from the whole lot. Indirect: the panel decides.
INTERESTS = {
    "brendan": ("saturday-pot", "direct", "My sister cooks there on Saturdays and is paid for it."),
    "priya": ("hold-the-door", "indirect", "I went to one of their coffee mornings years ago."),
}

MEET = {
    "getting-about": ["twelve-seats-community-transport", "otley-slow-boots"],
    "at-home": ["knock-and-wait", "dosti-doorstep", "the-tuesday-line", "violet-hours"],
    "shared-tables": ["zion-row-chapel-kitchen", "saturday-pot", "one-pan-club"],
    "loss-and-change": ["hold-the-door", "the-late-post", "the-second-chair", "long-note-singing"],
    "places-and-groups": [
        "aire-hands-deaf-club",
        "al-zaytun-womens-circle",
        "tub-and-tippler-shed",
        "nutmeg-row-elders",
        "brackenfold-tenants",
    ],
}


class Given(NamedTuple):
    """What the panel decides for one bid it met."""

    kind: str
    amount: Decimal = Decimal(0)
    less_what: str = ""
    reserve_order: int | None = None


GIVEN = {
    "twelve-seats-community-transport": Given("award"),
    "otley-slow-boots": Given("no"),
    "knock-and-wait": Given("award"),
    "dosti-doorstep": Given("award"),
    "the-tuesday-line": Given("reserve", reserve_order=1),
    "violet-hours": Given("no"),
    "zion-row-chapel-kitchen": Given("award"),
    "saturday-pot": Given("award"),
    "one-pan-club": Given("reserve", reserve_order=1),
    "hold-the-door": Given("award"),
    "the-late-post": Given("award"),
    "the-second-chair": Given(
        "less", Decimal(50000), "The second year's training days, which could be shared."
    ),
    "long-note-singing": Given("reserve", reserve_order=1),
    "aire-hands-deaf-club": Given("award"),
    "al-zaytun-womens-circle": Given("award"),
    "tub-and-tippler-shed": Given("award"),
    "nutmeg-row-elders": Given("reserve", reserve_order=1),
    "brackenfold-tenants": Given("no"),
}
