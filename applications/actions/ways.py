"""Saying that a part of a bid is in another language or in a link, and putting it into English."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from applications import content, way_rules, ways
from applications.models import Application, PlainWords
from ledger.actions import record
from ledger.trail import digest


@transaction.atomic
def save_way(*, application: Application, way: ways.Way, before: ways.Way, by: Person) -> None:
    """Keep how one part is given; with neither language nor link it is as all others again.

    `before` is what the writer saw there. Raises Refused, or Stale (theirs: {"language", "link"})
    when a colleague said something else in the meantime.
    """
    stored = Application.objects.select_for_update(of=("self",)).select_related("round")
    bid = stored.get(pk=application.pk)
    way_rules.may_give(bid, by).require()
    if found := way_rules.trouble_with(bid.round, way):
        raise Refused(next(iter(found.values())))
    rows = ways.from_rows(bid.other_ways)
    there = rows.get(way.part, ways.Way(way.part))
    if there not in (before, way):
        raise Stale(theirs={"language": there.language, "link": there.link}, version=0)
    rows[way.part] = way
    order = [part for part, _label in way_rules.parts_open(bid.round)]
    bid.other_ways = [
        asdict(rows[part])
        for part in order
        if part in rows and (rows[part].language or rows[part].link)
    ]
    bid.save(update_fields=["other_ways"])
    application.other_ways = bid.other_ways


@transaction.atomic
def put_plainly(
    *,
    application: Application,
    part: str,
    text: str,
    who: str,
    seen: int,
    by: Person,
    at: datetime,
) -> PlainWords:
    """Put plain-English words beside one part of a sent bid. The group's own words stay.

    `seen` is the id of the words that stood there, or 0. Raises Refused, or Stale (theirs:
    {"text", "who"}) when somebody wrote others in the meantime.
    """
    Application.objects.select_for_update().get(pk=application.pk)
    bid = Application.objects.whole().get(pk=application.pk)
    version = bid.newest_version
    if version is None:
        raise Refused(_("This bid was not sent."))
    way_rules.may_put_plainly(bid, by, part).require()
    text, who = content.tidy(text).strip(), who.strip()
    if not text:
        raise Refused(_("Write what it says, in plain English."))
    if not who:
        raise Refused(_("Say who wrote these words."))
    there = way_rules.newest_words(bid, part)
    if there and (there.text, there.who) == (text, who):
        return there
    if there and there.pk != seen:
        raise Stale(theirs={"text": there.text, "who": there.who}, version=there.pk)
    made = PlainWords.objects.create(
        application=bid,
        version=version,
        part=part,
        mark=ways.mark_of(version.content, part),
        text=text,
        who=who,
        put_at=at,
        put_by=by,
    )
    record(
        chain=bid.round.chain,
        verb="put_plainly",
        by=by,
        at=at,
        application=bid.pk,
        bid_version=version.pk,
        part=part,
        words=made.pk,
        digest=digest(text),
    )
    return made
