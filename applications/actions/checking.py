"""Bids against the funder's rules. A ruling is never changed: a later one replaces it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from applications import looking_rules, rules
from applications.models import Application, AskBack, Eligibility, RuleCheck
from commissioning.models import FunderRule, Member
from ledger.actions import record
from ledger.trail import digest


@transaction.atomic
def check_rule(
    *,
    application: Application,
    rule: FunderRule,
    answer: str,
    by: Person,
    at: datetime,
    note: str = "",
) -> RuleCheck:
    """Write down one look at one funder rule: "yes", "no" or "unsure". Raises Refused.

    The entry keeps what the program found beside it. The answer is the person's alone.
    """
    rules.may_check_rules(application, by, on=timezone.localdate(at)).require()
    if rule.round_id != application.round_id:
        raise Refused(_("This is not a rule of this round."))
    if rule.only_tells:
        raise Refused(_("No bid can break this rule. You need not check it."))
    if answer not in RuleCheck.Answer.values:
        raise Refused(_("Choose yes, no, or not sure."))
    made = _kept(application, rule, answer, note, by=by, at=at)
    found = looking_rules.found_for(application, [rule]).get(rule.pk)
    record(
        chain=application.round.chain,
        verb="rule_checked",
        by=by,
        at=at,
        application=application.pk,
        rule=rule.pk,
        answer=str(answer),
        program_found=str(found.look) if found else None,
    )
    return made


def _kept(
    application: Application, rule: FunderRule, answer: str, note: str, *, by: Person, at: datetime
) -> RuleCheck:
    """One answer of each person on each rule: their newest."""
    made, _made = RuleCheck.objects.update_or_create(
        application=application,
        rule=rule,
        checked_by=by,
        defaults={"answer": answer, "note": note.strip(), "checked_at": at},
    )
    return made


@transaction.atomic
def settle_eligibility(
    *,
    application: Application,
    eligible: bool,
    by: Person,
    at: datetime,
    rule: FunderRule | None = None,
    reason: str = "",
) -> Eligibility:
    """Say that a bid goes on (one person is enough), or that it does not.

    A "no" cites a funder's rule and gives a reason, and counts once a second person agrees. A yes
    that follows a "no", or a volunteer's asking, gives a reason too. Raises Refused.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    rules.may_settle(
        locked, by, eligible=eligible, rule=rule, reason=reason, on=timezone.localdate(at)
    ).require()
    return _rule_on(locked, eligible=eligible, rule=rule, reason=reason, by=by, at=at)


def _rule_on(
    application: Application,
    *,
    eligible: bool,
    rule: FunderRule | None,
    reason: str,
    by: Person,
    at: datetime,
) -> Eligibility:
    earlier = rules.newest_ruling(application)
    made = Eligibility.objects.create(
        application=application,
        eligible=eligible,
        rule=None if eligible else rule,
        reason=reason.strip(),
        decided_at=at,
        decided_by=by,
    )
    if earlier:
        earlier.replaced_by = made
        earlier.save(update_fields=["replaced_by"])
    record(
        chain=application.round.chain,
        verb="eligibility_settled",
        by=by,
        at=at,
        application=application.pk,
        eligibility=made.pk,
        eligible=eligible,
        rule=made.rule_id,
        reason_digest=digest(made.reason),
        replaces=earlier.pk if earlier else None,
    )
    return made


@transaction.atomic
def second_eligibility(
    *, eligibility: Eligibility, by: Person, at: datetime, words: str = ""
) -> Eligibility:
    """A second person agrees with a "no", which counts from now on.

    Where a volunteer asked for the bid, the board upholds the rule in `words`. Raises Refused.
    """
    locked = Eligibility.objects.select_for_update().get(pk=eligibility.pk)
    rules.may_second(locked, by, on=timezone.localdate(at)).require()
    if rules.was_asked_back(locked.application_id) and not words.strip():
        raise Refused(_("Say in words why the funder’s rule holds."))
    locked.seconded_at, locked.seconded_by = at, by
    locked.upheld_because = words.strip()
    locked.save(update_fields=["seconded_at", "seconded_by", "upheld_because"])
    record(
        chain=locked.application.round.chain,
        verb="eligibility_seconded",
        by=by,
        at=at,
        application=locked.application_id,
        eligibility=locked.pk,
        rule=locked.rule_id,
        words=digest(locked.upheld_because) if locked.upheld_because else "",
    )
    return locked


@transaction.atomic
def see_no_differently(
    *, eligibility: Eligibility, words: str, by: Person, at: datetime
) -> RuleCheck:
    """A second person does not agree with a "no": they say, in words, that the rule is met.

    The "no" still counts for nothing. Whoever wrote it reads the words, and may say yes. Raises
    Refused.
    """
    locked = Eligibility.objects.select_for_update().get(pk=eligibility.pk)
    rules.may_second(locked, by, on=timezone.localdate(at)).require()
    if not words.strip():
        raise Refused(_("Say in words why you see it differently."))
    assert locked.rule  # noqa: S101  # a "no" cites one
    made = _kept(locked.application, locked.rule, RuleCheck.Answer.YES, words, by=by, at=at)
    record(
        chain=locked.application.round.chain,
        verb="eligibility_not_seconded",
        by=by,
        at=at,
        application=locked.application_id,
        eligibility=locked.pk,
        rule=locked.rule_id,
        words_digest=digest(made.note),
    )
    return made


@transaction.atomic
def ask_back(
    *, eligibility: Eligibility, member: Member, reason: str, by: Person, at: datetime
) -> AskBack:
    """A volunteer asks for a bid that was found outside the rules. It is undecided from now on.

    It goes on if the panel votes for it or a facilitator rules again; it stays out only if a board
    member upholds the rule in writing. Raises Refused.
    """
    locked = Eligibility.objects.select_for_update().get(pk=eligibility.pk)
    rules.may_ask_back(locked, by, on=timezone.localdate(at)).require()
    if member.person_id != by.pk or member.round_id != locked.application.round_id:
        raise Refused(_("You can only ask in your own name."))
    if not reason.strip():
        raise Refused(_("Say why the panel should see this bid."))
    made = AskBack.objects.create(
        eligibility=locked, member=member, reason=reason.strip(), asked_at=at
    )
    record(
        chain=locked.application.round.chain,
        verb="bid_asked_back",
        by=by,
        at=at,
        application=locked.application_id,
        eligibility=locked.pk,
        ask_back=made.pk,
        reason_digest=digest(made.reason),
    )
    return made


@transaction.atomic
def return_bid(*, eligibility: Eligibility, reason: str, by: Person, at: datetime) -> Eligibility:
    """The volunteers' vote brings a bid back that one of them asked for. Raises Refused.

    Called from the vote itself, inside its transaction; `by` is the member whose vote settled it.
    """
    locked = Eligibility.objects.select_for_update().get(pk=eligibility.pk)
    rules.may_return(locked, by).require()
    if not reason.strip():
        raise Refused(_("Give the reason in words."))
    return _rule_on(locked.application, eligible=True, rule=None, reason=reason, by=by, at=at)
