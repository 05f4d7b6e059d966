"""What the facilitator's pages of the share-out look at, and how they say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissioning.models import Member, Round
from panels.models import ShareRequest, ShareRun
from panels.rules.share import Listed, Offer, Pair, counting, joined, listed_bids, pairs_of
from panels.share_effect import Effect, Facts


def facts_for(round: Round, bids: Iterable[Listed], offered: Iterable[Offer]) -> Facts:
    """The facts behind the numbers, from the lists there are."""
    people = list(offered)
    return Facts(
        limits={row.member.pk: row.limit for row in people},
        ready=frozenset(row.member.pk for row in people if row.trained and row.open_lots),
        experienced=frozenset(row.member.pk for row in people if row.member.has_scored_before),
        lived={row.member.pk: row.member.experience for row in people if row.member.experience},
        serves={row.pk: row.communities for row in bids if not row.withdrawn_at},
        wanted=round.readers_per_bid,
    )


def facts_about_bids(round: Round) -> Facts:
    """As much of the facts as what is said of bids needs (2 queries)."""
    people = Member.objects.filter(round=round).values_list("pk", "has_scored_before", "experience")
    return Facts(
        limits={},
        experienced=frozenset(pk for pk, experienced, _lived in people if experienced),
        lived={pk: lived for pk, _experienced, lived in people if lived},
        serves={row.pk: row.communities for row in listed_bids(round) if not row.withdrawn_at},
        wanted=round.readers_per_bid,
    )


def pairs_shown(round: Round, run: ShareRun | None) -> frozenset[Pair]:
    """Who reads what as the pages show it: the proposal, or what is so once it was confirmed."""
    return pairs_of(run) if run and not run.confirmed_at else counting(round)


def newest_request(round: Round) -> ShareRequest | None:
    """The last time somebody asked for a proposal (one query)."""
    return ShareRequest.objects.filter(round=round).first()


def names_of(round: Round) -> tuple[dict[int, str], list[int]]:
    """The name of everybody who ever took part in the round, and who does today (one query)."""
    rows = Member.objects.filter(round=round).order_by("person__name", "pk")
    found = list(rows.values_list("pk", "person__name", "confirmed_at", "ended_at"))
    here = [pk for pk, _name, confirmed_at, ended_at in found if confirmed_at and not ended_at]
    return {pk: name for pk, name, _confirmed, _ended in found}, here


# ---- In plain words -------------------------------------------------------------------------
def load_words(count: int, limit: int) -> str:
    """6 of the 7 they offered."""
    if not count:
        return ngettext(
            "none of the %(limit)s they offered", "none of the %(limit)s they offered", limit
        ) % {"limit": limit}
    if count > limit:
        return _("%(count)s, and they asked for %(limit)s") % {"count": count, "limit": limit}
    return _("%(count)s of the %(limit)s they offered") % {"count": count, "limit": limit}


def reason_words_for_others(codes: Iterable[str]) -> list[str]:
    """Why somebody reads a bid, for anybody but themselves. What they lived through is theirs to
    tell: of that it says only that it is relevant."""
    said = []
    for code in codes:
        kind = code.partition(":")[0]
        if kind == "lived":
            said.append(_("brings relevant experience"))
        elif kind == "experienced":
            said.append(_("has scored bids before"))
        elif kind == "prefers":
            said.append(_("asked to read about this"))
        elif kind == "by_hand":
            said.append(_("was given it by hand"))
    return list(dict.fromkeys(said))


def remedy_words(remedies: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> list[str]:
    """What would be enough to fill every place, a plain sentence each. Each was tried."""
    said = []
    for row in remedies:
        count, bids, who = row["count"], row["bids"], row["who"]
        if row["kind"] == "new_people":
            words = ngettext(
                "%(count)s person more, who can read %(bids)s.",
                "%(count)s people more, who can each read %(bids)s.",
                count,
            )
        elif row["kind"] == "new_experienced":
            words = ngettext(
                "%(count)s person more who has scored before, and can read %(bids)s.",
                "%(count)s people more who have scored before, and can each read %(bids)s.",
                count,
            )
        elif row["kind"] == "one_more":
            words = ngettext("One bid more for %(who)s.", "One bid more each for %(who)s.", count)
        elif row["kind"] == "train":
            words = ngettext(
                "%(who)s finishing their training.", "%(who)s finishing their training.", count
            )
        else:
            words = ngettext(
                "One reader fewer for %(count)s bid.",
                "One reader fewer for %(count)s bids.",
                len(set(who)),
            )
            count = len(set(who))
        said.append(
            words
            % {
                "count": count,
                "bids": ngettext("%(n)s bid", "%(n)s bids", bids) % {"n": bids},
                "who": joined([names.get(one, "") for one in who[:MOST_NAMED]], len(who)),
            }
        )
    return said


MOST_NAMED = 6
"""How many names stand in one sentence before the rest are only counted."""


def effect_rows(before: Effect, after: Effect) -> list[tuple[str, str, str]]:
    """What a change does to the whole: a label, before and after. Only what differs, but the
    fullest share always."""
    rows = [
        (_("The fullest share"), _share(before), _share(after)),
        (_("Places without a reader"), before.empty, after.empty),
        (
            _("Bids nobody with experience of scoring reads"),
            *_counts(before, after, "no_experienced"),
        ),
        (_("Bids nobody with relevant experience reads"), *_counts(before, after, "no_lived")),
        (_("People who read alone"), *_counts(before, after, "alone")),
        (_("People ready to read who have no bid"), *_counts(before, after, "idle")),
        (_("People with more than they can read"), *_counts(before, after, "over")),
    ]
    return [
        (label, str(was), str(now))
        for place, (label, was, now) in enumerate(rows)
        if place == 0 or was != now
    ]


def _counts(before: Effect, after: Effect, name: str) -> tuple[int, int]:
    return len(getattr(before, name)), len(getattr(after, name))


def _share(effect: Effect) -> str:
    count, limit = effect.fullest
    return _("%(count)s of %(limit)s") % {"count": count, "limit": limit}
