"""What to fund and how to choose: suggested, worded, put and voted on by the round's volunteers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.letters import write_each, write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning import agreement as sums
from commissioning import rules
from commissioning.models import (
    Agreement,
    AgreementVote,
    Choice,
    Criterion,
    FunderRule,
    LevelWord,
    Member,
    MustHave,
    Objection,
    Priority,
    Round,
    Suggestion,
    TypedVote,
)
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest


# ---- Suggesting ------------------------------------------------------------------------------
@transaction.atomic
def suggest(
    *,
    round: Round,
    about: str,
    text: str,
    by: Person,
    at: datetime,
    member: Member | None = None,
) -> Suggestion:
    """Keep what a volunteer said. A facilitator may type it for the named `member`."""
    mine = member or _place(round, by)
    on = timezone.localdate(at)
    rules.may_suggest(round, about, member=mine, by=by, on=on).require()
    suggestion = Suggestion.objects.create(
        round=round,
        about=about,
        text=text,
        member=mine,
        typed_by=by if by.pk != mine.person_id else None,
        made_at=at,
    )
    record(
        chain=round.chain,
        verb="suggested",
        by=by,
        at=at,
        suggestion=suggestion.pk,
        about=about,
        member=mine.pk,
        text=digest(text),
    )
    return suggestion


def _place(round: Round, person: Person) -> Member:
    member = Member.objects.here().filter(round=round, person=person).first()
    if member is None:
        raise Refused(_("You are not taking part in this round."))
    return member


# ---- Wording ---------------------------------------------------------------------------------
@transaction.atomic
def start_agreement(
    *, round: Round, about: str, by: Person, at: datetime, reason: str = ""
) -> Agreement:
    """Start a draft. After an earlier version it begins as a copy of it, and needs a reason."""
    on = timezone.localdate(at)
    Round.objects.select_for_update().get(pk=round.pk)
    rules.may_start_agreement(round, about, by=by, on=on).require()
    before = Agreement.objects.filter(round=round, about=about).order_by("-version").first()
    if before and not reason.strip():
        raise Refused(_("Say why a new version is needed."))
    agreement = Agreement.objects.create(
        round=round, about=about, version=before.version + 1 if before else 1, reason=reason
    )
    if before:
        _copy_words(before, agreement)
    record(
        chain=round.chain,
        verb="started_agreement",
        by=by,
        at=at,
        agreement=agreement.pk,
        about=about,
        version=agreement.version,
    )
    return agreement


def _copy_words(before: Agreement, after: Agreement) -> None:
    for priority in before.priorities.prefetch_related("suggestions"):
        grew_from = list(priority.suggestions.all())
        priority.pk, priority.agreement, priority._state.adding = None, after, True
        priority.save(force_insert=True)
        priority.suggestions.set(grew_from)
    for criterion in before.criteria.prefetch_related("suggestions", "levels"):
        grew_from, levels = list(criterion.suggestions.all()), list(criterion.levels.all())
        criterion.pk, criterion.agreement, criterion._state.adding = None, after, True
        criterion.save(force_insert=True)
        criterion.suggestions.set(grew_from)
        LevelWord.objects.bulk_create(
            LevelWord(criterion=criterion, level=row.level, word=row.word, sentence=row.sentence)
            for row in levels
        )
    MustHave.objects.bulk_create(
        MustHave(agreement=after, text=row.text, worded_by_id=row.worded_by_id)
        for row in before.must_haves.all()
    )


@transaction.atomic
def add_priority(
    *,
    agreement: Agreement,
    title: str,
    limit: Decimal,
    by: Person,
    at: datetime,
    about: str = "",
    suggestions: Iterable[Suggestion] = (),
    priority: Priority | None = None,
) -> Priority:
    """Word a kind of service to fund, with its most money in pounds; or word `priority` anew."""
    me = _word(agreement, by=by, at=at)
    others = agreement.priorities.exclude(pk=priority.pk) if priority else agreement.priorities
    if rules.lot_slug(title) in {rules.lot_slug(row.title) for row in others.all()}:
        raise Refused(_("There is one with this name already. Choose another name."))
    row = priority or Priority(agreement=agreement, order=_next_order(agreement.priorities))
    row.title, row.about, row.limit, row.worded_by = title, about, limit, me
    if priority:
        row.save(update_fields=["title", "about", "limit", "worded_by"])
    else:
        row.save(force_insert=True)
    row.suggestions.set(suggestions)
    record(
        chain=agreement.round.chain,
        verb="worded_priority",
        by=by,
        at=at,
        agreement=agreement.pk,
        priority=row.pk,
        limit=str(limit),
        text=digest(f"{title}\n{about}"),
    )
    return row


@transaction.atomic
def word_criterion(
    *,
    agreement: Agreement,
    title: str,
    question: str,
    by: Person,
    at: datetime,
    about: str = "",
    weight: int = 1,
    suggestions: Iterable[Suggestion] = (),
    criterion: Criterion | None = None,
    slug: str = "",
) -> Criterion:
    """Word a criterion and say how much it counts (a whole number); or word `criterion` anew."""
    me = _word(agreement, by=by, at=at)
    if weight < 1:
        raise Refused(_("Choose how much this counts: 1 or more."))
    row = criterion or Criterion(
        agreement=agreement,
        slug=_criterion_slug(agreement, slug or title),
        order=_next_order(agreement.criteria),
    )
    row.title, row.question, row.about, row.weight = title, question, about, weight
    row.worded_by = me
    if criterion:
        row.save(update_fields=["title", "question", "about", "weight", "worded_by"])
    else:
        row.save(force_insert=True)
    row.suggestions.set(suggestions)
    record(
        chain=agreement.round.chain,
        verb="worded_criterion",
        by=by,
        at=at,
        agreement=agreement.pk,
        criterion=row.pk,
        weight=weight,
        text=digest(f"{title}\n{question}\n{about}"),
    )
    return row


@transaction.atomic
def write_level_words(
    *,
    criterion: Criterion,
    words: Mapping[int, tuple[str, str]],
    by: Person,
    at: datetime,
) -> list[LevelWord]:
    """Say what 0 to 5 mean for a criterion: `{level: (word, sentence)}`, all six of them."""
    _word(criterion.agreement, by=by, at=at)
    if set(words) != set(rules.LEVELS) or not all(word and said for word, said in words.values()):
        raise Refused(_("Write a word and a sentence for each score from 0 to 5."))
    criterion.levels.all().delete()
    rows = LevelWord.objects.bulk_create(
        LevelWord(criterion=criterion, level=level, word=word, sentence=sentence)
        for level, (word, sentence) in sorted(words.items())
    )
    record(
        chain=criterion.agreement.round.chain,
        verb="wrote_level_words",
        by=by,
        at=at,
        criterion=criterion.pk,
        text=digest("\n".join(f"{row.level} {row.word}: {row.sentence}" for row in rows)),
    )
    return rows


@transaction.atomic
def add_must_have(*, agreement: Agreement, text: str, by: Person, at: datetime) -> MustHave:
    """Add something every bid must have."""
    me = _word(agreement, by=by, at=at)
    row = MustHave.objects.create(agreement=agreement, text=text, worded_by=me)
    record(
        chain=agreement.round.chain,
        verb="added_must_have",
        by=by,
        at=at,
        agreement=agreement.pk,
        must_have=row.pk,
        text=digest(text),
    )
    return row


@transaction.atomic
def drop_priority(*, priority: Priority, by: Person, at: datetime) -> None:
    """Take a kind of service out of the draft."""
    agreement, pk = priority.agreement, priority.pk
    _word(agreement, by=by, at=at)
    priority.delete()
    record(chain=agreement.round.chain, verb="dropped_priority", by=by, at=at, priority=pk)


@transaction.atomic
def drop_criterion(*, criterion: Criterion, by: Person, at: datetime) -> None:
    """Take a criterion out of the draft."""
    agreement, pk = criterion.agreement, criterion.pk
    _word(agreement, by=by, at=at)
    criterion.levels.all().delete()
    criterion.delete()
    record(chain=agreement.round.chain, verb="dropped_criterion", by=by, at=at, criterion=pk)


@transaction.atomic
def drop_must_have(*, must_have: MustHave, by: Person, at: datetime) -> None:
    """Take a must-have out of the draft."""
    agreement, pk = must_have.agreement, must_have.pk
    _word(agreement, by=by, at=at)
    must_have.delete()
    record(chain=agreement.round.chain, verb="dropped_must_have", by=by, at=at, must_have=pk)


def _word(agreement: Agreement, *, by: Person, at: datetime) -> Member:
    """Check that this person may word it, with the draft locked; gives their place in the round."""
    locked = Agreement.objects.select_for_update().get(pk=agreement.pk)
    rules.may_word(locked, by=by, on=timezone.localdate(at)).require()
    return _place(locked.round, by)


def _next_order(rows: "models.Manager[Priority] | models.Manager[Criterion]") -> int:
    return int(rows.aggregate(last=Max("order"))["last"] or 0) + 1


def _criterion_slug(agreement: Agreement, title: str) -> str:
    base = slugify(title)[:36].strip("-") or "criterion"
    taken = set(agreement.criteria.values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


# ---- Voting ----------------------------------------------------------------------------------
@transaction.atomic
def put_agreement(*, agreement: Agreement, by: Person, at: datetime) -> Agreement:
    """Put a draft to the vote: its words are fixed now, and everyone taking part is told."""
    row = Agreement.objects.select_for_update().get(pk=agreement.pk)
    rules.may_put(row, by=by, on=timezone.localdate(at)).require()
    first = not rules.first_list_closed(row.round)
    row.put_at, row.put_by = at, by
    row.save(update_fields=["put_at", "put_by"])
    members = row.round.members.here().select_related("person")
    facts = {
        "agreement": row,
        "round": row.round,
        "programme": row.round.programme,
        "link": _link("vote_on_agreement", row),
    }
    last_days = _own_last_days(row, on=timezone.localdate(at))
    write_each(
        (
            (
                f"agreement:{row.pk}:put:{member.pk}",
                member.person,
                {**facts, "closes_on": last_days(member.person_id)},
            )
            for member in members
        ),
        "agreement_put",
        by=by,
        at=at,
        chain=row.round.chain,
    )
    record(
        chain=row.round.chain,
        verb="put_agreement",
        by=by,
        at=at,
        agreement=row.pk,
        version=row.version,
        text=digest(_all_words(row)),
    )
    if first:
        record(
            chain=row.round.chain,
            verb="closed_first_list",
            by=by,
            at=at,
            members=[member.pk for member in members],
        )
    return row


@transaction.atomic
def vote_on_agreement(
    *, agreement: Agreement, choice: str, by: Person, at: datetime, words: str = ""
) -> AgreementVote:
    """Vote, once, as a volunteer of the round. The vote ends by itself when no more can change it.

    For a vote on paper or by phone see `type_vote`.
    """
    row = Agreement.objects.select_for_update().get(pk=agreement.pk)
    rules.may_vote(row, person=by, on=timezone.localdate(at)).require()
    return _count(row, member=_place(row.round, by), choice=choice, words=words, by=by, at=at)


@transaction.atomic
def type_vote(
    *,
    agreement: Agreement,
    member: Member,
    choice: str,
    by: Person,
    at: datetime,
    words: str = "",
) -> TypedVote:
    """Type a vote given on paper or by phone. It counts once somebody else confirms it."""
    row = Agreement.objects.select_for_update().get(pk=agreement.pk)
    rules.may_type_vote(row, member=member, by=by, on=timezone.localdate(at)).require()
    typed = TypedVote.objects.create(
        agreement=row,
        member=member,
        choice=Choice(choice),
        words=words,
        typed_at=at,
        typed_by=by,
    )
    write_to(
        member.person,
        "vote_typed",
        key=f"typed-vote:{typed.pk}",
        by=by,
        at=at,
        chain=row.round.chain,
        when=Letter.When.ANSWER,
        context={
            "typed": typed,
            "agreement": row,
            "round": row.round,
            "programme": row.round.programme,
            "by": by,
            "link": f"{settings.BASE_URL}{reverse('confirm_typed_vote', args=[typed.pk])}",
        },
    )
    record(
        chain=row.round.chain,
        verb="typed_vote",
        by=by,
        at=at,
        agreement=row.pk,
        member=member.pk,
        typed_vote=typed.pk,
    )
    return typed


@transaction.atomic
def confirm_typed_vote(*, typed: TypedVote, by: Person, at: datetime) -> AgreementVote:
    """Say that a typed vote is right; now it counts. By its owner, or a second facilitator."""
    row = Agreement.objects.select_for_update().get(pk=typed.agreement_id)
    rules.may_confirm_typed_vote(typed, by=by, on=timezone.localdate(at)).require()
    typed.confirmed_at, typed.confirmed_by = at, by
    typed.save(update_fields=["confirmed_at", "confirmed_by"])
    return _count(
        row,
        member=typed.member,
        choice=typed.choice,
        words=typed.words,
        by=by,
        at=at,
        typed_by=typed.typed_by,
    )


@transaction.atomic
def drop_typed_vote(*, typed: TypedVote, by: Person, at: datetime) -> TypedVote:
    """Take back a typed vote that is wrong, before it counted. It can be typed again."""
    rules.may_drop_typed_vote(typed, by=by).require()
    typed.dropped_at, typed.dropped_by = at, by
    typed.save(update_fields=["dropped_at", "dropped_by"])
    record(
        chain=typed.agreement.round.chain,
        verb="dropped_typed_vote",
        by=by,
        at=at,
        typed_vote=typed.pk,
    )
    return typed


@transaction.atomic
def count_votes(*, agreement: Agreement, by: Person, at: datetime) -> Agreement:
    """End a vote on its stage's last day, when enough have voted but some have not."""
    row = Agreement.objects.select_for_update().get(pk=agreement.pk)
    rules.may_count_votes(row, by=by, on=timezone.localdate(at)).require()
    _settle(row, rules.outcome(row)[0], by=by, at=at)
    return row


def _count(
    agreement: Agreement,
    *,
    member: Member,
    choice: str,
    words: str,
    by: Person,
    at: datetime,
    typed_by: Person | None = None,
) -> AgreementVote:
    vote = AgreementVote.objects.create(
        agreement=agreement,
        member=member,
        choice=Choice(choice),
        words=words,
        typed_by=typed_by,
        voted_at=at,
    )
    record(
        chain=agreement.round.chain,
        verb="voted_on_agreement",
        by=by,
        at=at,
        agreement=agreement.pk,
        member=member.pk,
        vote=vote.pk,
        text=digest(f"{vote.choice}\n{words}"),
        typed_by=typed_by.pk if typed_by else None,
    )
    reached, stands = rules.outcome(agreement)
    if stands and reached is not sums.Outcome.NOT_ENOUGH_YET:
        _settle(agreement, reached, by=by, at=at)
    return vote


def _settle(agreement: Agreement, reached: sums.Outcome, *, by: Person, at: datetime) -> None:
    """Store what the vote came to. Agreed priorities become lots. A tie means: talk again."""
    said = sums.tally(rules.choices(rules.seats(agreement)))
    agreed = reached is sums.Outcome.AGREED
    if agreed:
        agreement.agreed_at = at
        agreement.save(update_fields=["agreed_at"])
        if agreement.about == Suggestion.About.PRIORITIES:
            _make_lots(agreement)
    else:
        agreement.turned_down_at = at
        agreement.save(update_fields=["turned_down_at"])
    record(
        chain=agreement.round.chain,
        verb="agreed" if agreed else "turned_down",
        by=by,
        at=at,
        agreement=agreement.pk,
        about=agreement.about,
        version=agreement.version,
        outcome=reached.value,
        votes=[said.agree, said.live_with, said.disagree],
    )


def _make_lots(agreement: Agreement) -> None:
    """Agreed priorities become the round's lots, or change the lots of the same name."""
    for priority in agreement.priorities.all():
        agreement.round.lots.update_or_create(
            slug=rules.lot_slug(priority.title),
            defaults={
                "name": priority.title,
                "about": priority.about,
                "limit": priority.limit,
                "order": priority.order,
            },
        )


def _all_words(agreement: Agreement) -> str:
    """Everything that is voted on, as one text to digest."""
    lines = [f"{row.title}\n{row.about}\n{row.limit}" for row in agreement.priorities.all()]
    for criterion in agreement.criteria.prefetch_related("levels"):
        lines.append(
            f"{criterion.title}\n{criterion.question}\n{criterion.about}\n{criterion.weight}"
        )
        lines += [f"{row.level} {row.word}: {row.sentence}" for row in criterion.levels.all()]
    return "\n".join([*lines, *(row.text for row in agreement.must_haves.order_by("pk"))])


# ---- A facilitator's only say ----------------------------------------------------------------
@transaction.atomic
def object_to_agreement(
    *, agreement: Agreement, funder_rule: FunderRule, text: str, by: Person, at: datetime
) -> Objection:
    """Say in writing which funder rule a wording would break. Shown beside the vote; no veto."""
    rules.may_object(agreement, by=by).require()
    if funder_rule.round_id != agreement.round_id:
        raise Refused(_("Choose a rule of this round."))
    row = Objection.objects.create(
        agreement=agreement, funder_rule=funder_rule, text=text, made_at=at, made_by=by
    )
    record(
        chain=agreement.round.chain,
        verb="objected",
        by=by,
        at=at,
        agreement=agreement.pk,
        funder_rule=funder_rule.pk,
        text=digest(text),
    )
    return row


def _link(page: str, agreement: Agreement) -> str:
    return f"{settings.BASE_URL}{reverse(page, args=[agreement.round.slug, agreement.pk])}"


def _own_last_days(agreement: Agreement, *, on: date) -> Callable[[int], date | None]:
    """Until when each person (id) can vote: longer for those whose agreed rests are longer."""
    round, stage = agreement.round, rules.last_stage_for(agreement)
    longer = rules.longer_rests([round])

    def last_day(person: int) -> date | None:
        more = longer.get((round.pk, person), 0)
        return rules.own_last_day(round, on, stage.closes_on, more=more) if stage else None

    return last_day
