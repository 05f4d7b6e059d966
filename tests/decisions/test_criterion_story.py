"""One criterion, followed: from people’s own words to the scores, the reasons and the report."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning import actions as commissioning
from commissioning.models import Criterion, StageKind, Suggestion
from decisions.reading import report_of
from panels.models import Phase, ScoreSheet
from tests.factories import commissioning as make
from tests.factories import decisions as deciding
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db


def test_a_criterion_is_followed_from_what_people_said_to_the_report(
    client: Client, joan: Person, harold: Person, priya: Person, sam: Person
) -> None:
    facts = deciding.deciding_round(joan, harold, priya, by=sam)
    round, criterion = facts.round, facts.criterion
    said = [
        Suggestion.objects.create(
            round=round,
            about="criteria",
            text=words,
            member=facts.reading.member(person),
            typed_by=typed_by,
            made_at=timezone.now(),
        )
        for person, words, typed_by in (
            (joan, "Did they ask us?", None),
            (joan, "Did they listen?", None),
            (harold, "Ask the old ones first.", sam),
        )
    ]
    with unguarded():  # it was worded long before
        criterion.suggestions.set(said)
    client.force_login(priya)
    page = client.get(reverse("agreement_detail", args=[round.slug, criterion.agreement_id])).text
    assert "It grew from 3 suggestions" in page
    for one in said:
        assert one.text in page, "its story stays in sight of volunteers"
    assert "Harold Whitaker" in page
    deciding.decided(facts)
    report = report_of(type(round).objects.get(pk=round.pk), at=timezone.now())
    row = next(row for row in report.criteria.rows if row.title == criterion.title)
    assert (row.suggestions, row.people, row.weight) == (3, 2, criterion.weight)
    bid = next(bid for bid in report.bids if bid.criterion == criterion.title)
    assert bid.reason, "the reason rests on it"
    spread = next(one for one in bid.spreads if one.criterion == criterion.title)
    sheets = ScoreSheet.objects.counting().filter(
        application__reference=bid.reference, phase=Phase.READING
    )
    assert sum(spread.first) + spread.cannot_first == sheets.count() > 0
    text = render_to_string("decisions/_report.html", {"report": report})
    assert "It grew from 3 suggestions, of 2 volunteers." in text


def test_a_facilitator_words_no_criterion_and_gives_no_vote(
    client: Client, joan: Person, harold: Person, priya: Person, sam: Person
) -> None:
    round = make.make_round(by=sam)
    members = make.join(round, joan, harold, priya)
    make.open_to(round, StageKind.CRITERIA)
    draft = make.make_draft(round)
    criterion = make.make_criterion(draft, members[0])
    client.force_login(sam)
    url = reverse("word_criterion", args=[round.slug, draft.pk, criterion.pk])
    assert client.post(url, {"title": "Mine"}).status_code in (403, 404)
    at = timezone.now()
    commissioning.put_agreement(agreement=draft, by=joan, at=at)
    with pytest.raises(Refused):
        commissioning.vote_on_agreement(agreement=draft, choice="agree", by=sam, at=at)
    assert Criterion.objects.get(pk=criterion.pk).title == criterion.title
