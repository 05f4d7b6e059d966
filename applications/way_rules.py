"""Who may give a bid in another language or by a link, and who puts it into plain English.

The round says what is welcome. What was given so before stays, and can always be taken away.
Plain-English words stand beside the applicant's own. Once a volunteer has opened the bid they
change no more: what readers saw stays. Reads, never writes.
"""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from applications import correction_rules, rules, ways
from applications.models import Application, FormQuestion, PlainWords
from commissioning.models import Round
from ledger.models import Entry


def is_welcome(round: Round) -> bool:
    """Whether a bid to this round may be given in another way at all."""
    return round.other_languages or round.video_links


def parts_open(round: Round) -> list[tuple[str, str]]:
    """What can be given in another way, with its name: the whole bid, and each answer in words."""
    questions = [row for row in round.form_questions.all() if row.kind in FormQuestion.IN_WORDS]
    return [
        (ways.ALL, _("The whole bid")),
        *((ways.part_of(row.key), row.label) for row in questions),
    ]


def may_give(application: Application, person: Person) -> Verdict:
    """Whether a person may say that a part is in another language or in a link."""
    if not is_welcome(application.round) and not application.other_ways:
        return Verdict.no(_("This round takes bids in English and in writing only. Ring us."))
    return rules.may_write(application, person)


def trouble_with(round: Round, way: ways.Way) -> dict[str, str]:
    """What is wrong with a way, as what to do about it, by field. Empty: it can be kept."""
    if way.part not in dict(parts_open(round)):
        return {"language": _("Choose one part of this bid.")}
    found = {}
    if way.language and not round.other_languages:
        found["language"] = _("This round takes bids in English only. Ring us.")
    if way.link and not round.video_links:
        found["link"] = _("This round takes no videos or recordings. Ring us.")
    elif sentence := ways.trouble_with_link(way.link):
        found["link"] = sentence
    return found


def newest_words(application: Application, part: str) -> PlainWords | None:
    """The words that stand beside this part of the newest copy."""
    newest = application.newest_version
    if newest is None:
        return None
    rows = application.plain_words.filter(part=part, mark=ways.mark_of(newest.content, part))
    return rows.select_related("put_by").last()


def to_put_plainly(bid: Application) -> list[dict[str, Any]]:
    """The parts of a bid that need plain-English words, and whether these are there."""
    newest = bid.newest_version
    if newest is None:
        return []
    missing = ways.missing(newest.content, bid.plain_words.all())
    return [
        {
            "part": way.part,
            "label": ways.label_of(newest.content, way.part),
            "how": ways.in_words(way),
            "done": way not in missing,
        }
        for way in ways.to_put_plainly(newest.content)
    ]


def may_put_plainly(application: Application, person: Person, part: str) -> Verdict:
    """Whether staff may put this part of a sent bid into plain English now."""
    verdict = may(person, Permission.CHECK_RULES)
    if not verdict:
        return verdict
    newest = application.newest_version
    if application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if newest is None or part not in {way.part for way in ways.to_put_plainly(newest.content)}:
        return Verdict.no(_("This part of the bid needs no other words."))
    if not rules.stays_as_sent(application):
        return Verdict.no(_("The group can still change this bid. Wait until bids have closed."))
    if newest_words(application, part) is None:
        return Verdict.yes()
    if correction_rules.still_unread(application) and not _opened(application):
        return Verdict.yes()
    return Verdict.no(
        _(
            "Volunteers have this bid with these words. They stay as they are. Is something in "
            "them wrong? Tell the whole panel when it meets, before it talks about the bid."
        )
    )


def _opened(application: Application) -> bool:
    """Whether a volunteer has opened the bid, or has it on paper. Both are the panel's own rows."""
    given = dict(application.assignments.values_list("pk", "started_at"))
    if any(given.values()):
        return True
    packs = Entry.objects.filter(chain=application.round.chain_id, verb="pack_given")
    return any(
        not given.keys().isdisjoint(data["assignments"])
        for data in packs.values_list("data", flat=True)
    )
