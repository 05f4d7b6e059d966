"""What the program finds about the funder's rules in a bid. Reads, never writes, never decides.

For those who check the rules it goes by the newest copy that was sent, and by nothing that was
changed since. An applicant is warned by what is being written, and hears of no other group's bid.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KT

from applications import content, looking, rules
from applications.models import Application, BidVersion, FormQuestion, Organisation
from commissioning.models import FunderRule

KEPT_OF_GROUP = ("kind", "charity_number", "company_number", "postcode")


def group_of(organisation: Organisation) -> dict[str, str]:
    """What is kept of the group with a copy of its bid, for the funder's rules."""
    return {name: getattr(organisation, name) for name in KEPT_OF_GROUP}


def found_for(
    application: Application, funder_rules: Iterable[FunderRule]
) -> dict[int, looking.Found]:
    """What was found in the copy that was sent, by each rule that the program looks at."""
    newest = application.newest_version
    looked_at = [rule for rule in funder_rules if rule.looks_for]
    if newest is None or not looked_at:
        return {}
    sent = _sent(application, newest.content, newest.group, asked=newest.asked)
    others = _others(application) if _looks_around(looked_at) else []
    return _looked(looked_at, sent, others)


def warnings_for(application: Application) -> list[tuple[str, str]]:
    """Each funder's rule that what is being written does not seem to meet, and why."""
    looked_at = [rule for rule in application.round.funder_rules.breakable() if rule.looks_for]
    if not looked_at:
        return []
    bid = rules.bid_of(application, with_criteria=False)
    sent = _sent(
        application,
        content.as_content(bid),
        group_of(application.organisation),
        asked=content.total(bid.budget),
    )
    others = _others(application) if _looks_around(looked_at) else []
    found = _looked(looked_at, sent, [other for other in others if other.same])
    return [
        (rule.text, found[rule.pk].facts)
        for rule in looked_at
        if found[rule.pk].look == looking.Look.WRONG
    ]


def _looks_around(looked_at: Iterable[FunderRule]) -> bool:
    return any(rule.looks_for == FunderRule.LooksFor.ONCE for rule in looked_at)


def _looked(
    looked_at: Iterable[FunderRule], sent: looking.Sent, others: list[looking.Other]
) -> dict[int, looking.Found]:
    return {rule.pk: looking.look(rule.looks_for, rule.limits, sent, others) for rule in looked_at}


def _sent(
    application: Application, copy: dict[str, Any], group: dict[str, str], *, asked: Decimal
) -> looking.Sent:
    keys = {row.kind: row.key for row in application.round.form_questions.all()}
    said = {row["key"]: row["text"] for row in copy["answers"]}
    return looking.Sent(
        group=looking.Group(name=copy["organisation"], **group),
        asked=asked,
        area=copy["area"],
        starts=said.get(keys.get(FormQuestion.Kind.STARTS, ""), ""),
        ends=said.get(keys.get(FormQuestion.Kind.ENDS, ""), ""),
    )


def _others(application: Application) -> list[looking.Other]:
    """The round's other bids that were sent, each by its newest copy (one query)."""
    sent = Application.objects.filter(round=application.round_id).sent()
    rows = (
        BidVersion.objects.filter(application__in=sent.exclude(pk=application.pk))
        .order_by("number")
        .annotate(told_name=KT("content__organisation"))
        .values_list("application__reference", "application__organisation", "told_name", "group")
    )
    newest = {
        reference: looking.Other(
            reference,
            looking.Group(name=name, **group),
            same=organisation == application.organisation_id,
        )
        for reference, organisation, name, group in rows
    }
    return [newest[reference] for reference in sorted(newest)]
