"""What a volunteer takes home: a certificate of plain facts, and a letter about them."""

import io
from typing import Any

import pikepdf
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import StageKind
from ledger.models import Entry, Letter
from panels import actions as panel_actions
from panels.models import Attendance, Meeting
from panels.taken_part import facts_of
from support import actions
from support.models import Reference, TrainingTopic
from tests.factories.commissioning import close
from tests.factories.panels import Reading, reading_round, send
from tests.support.test_looking_back import kinds


@pytest.fixture
def reading(joan: Person, harold: Person, sam: Person) -> Reading:
    """Joan finished a topic, read two of her three bids, and was at a meeting."""
    made = reading_round(joan, harold, by=sam)
    member, now = made.member(joan), timezone.now()
    topic = TrainingTopic.objects.filter(round=made.round).first() or TrainingTopic.objects.create(
        round=made.round, slug="fair", title="Fair minds"
    )
    member.training_done.get_or_create(
        topic=topic, defaults={"how": "read", "done_at": now, "done_by": joan}
    )
    for given in member.assignments.all()[:2]:
        send(made, given, value=4)
    meeting = Meeting.objects.create(
        panel=made.panel, kind="shortlist", starts_at=now, arranged_at=now, arranged_by=sam
    )
    Attendance.objects.create(meeting=meeting, member=member, noted_at=now, noted_by=sam)
    return made


def decided(reading: Reading) -> None:
    """Every stage up to the decision is over."""
    for stage in reading.round.stages.order_by("order"):
        if not stage.opened_at:
            stage.opened_at, stage.opened_by = timezone.now(), reading.by
            stage.save()
        if not stage.closed_at:
            close(stage, by=reading.by)
        if stage.kind == StageKind.DECISION:
            break


def test_facts_of_counts_by_hand_and_tells_no_score(reading: Reading, joan: Person) -> None:
    told = facts_of(reading.member(joan))
    assert "Read 2 bids with care, and gave reasons." in told
    assert "Came to 1 meeting of the panel." in told
    assert any(fact.startswith("Finished ") for fact in told)
    assert not any("4" in fact for fact in told), "each of her scores was a 4"


def test_facts_of_asks_two_questions(
    reading: Reading, joan: Person, django_assert_num_queries: Any
) -> None:
    member = reading.member(joan)
    with django_assert_num_queries(2):
        assert len(facts_of(member)) >= 3


def test_facts_of_counts_no_scores_that_were_taken_back(reading: Reading, joan: Person) -> None:
    given = reading.member(joan).assignments.filter(sheets__isnull=False).first()
    panel_actions.take_back_scores(assignment=given, by=joan, at=timezone.now())
    assert "Read 1 bid with care, and gave reasons." in facts_of(reading.member(joan))


def test_certificate_detail_and_certificate_pdf_come_with_the_decision(
    client: Client, reading: Reading, joan: Person, harold: Person, outsider: Person
) -> None:
    client.force_login(joan)
    page = reverse("certificate_detail", args=[reading.round.slug])
    early = client.get(page)
    assert early.status_code == 403
    assert "once the panel has decided" in early.content.decode()
    decided(reading)
    assert "Read 2 bids" in client.get(page).content.decode()
    file = client.get(reverse("certificate_pdf", args=[reading.round.slug]))
    with pikepdf.open(io.BytesIO(file.content)) as book:
        assert book.Root.MarkInfo.Marked
        assert {"/H1", "/P"} <= kinds(book.Root.StructTreeRoot)
        assert "Joan Ibbotson" in str(book.docinfo.get("/Title"))
    client.force_login(outsider)
    assert client.get(page).status_code == 404


def test_write_reference_then_reference_detail_and_reference_pdf(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    member = reading.member(joan)
    client.force_login(sam)
    url = reverse("write_reference", args=[reading.round.slug, member.pk])
    assert "Read 2 bids" in client.get(url).content.decode()
    assert client.post(url, {"text": " "}).status_code == 422
    client.post(url, {"text": "Joan asks the question nobody else asks."})
    letter = Reference.objects.get()
    assert letter.facts == facts_of(member) and letter.written_by == sam
    told = Letter.objects.get(kind="reference_written")
    assert told.to == joan and "nobody else asks" not in told.body_text
    assert Entry.objects.filter(verb="wrote_reference").count() == 1
    client.post(url, {"text": "Joan asks what nobody else asks."})
    client.force_login(joan)
    page = client.get(reverse("reference_detail", args=[reading.round.slug])).content.decode()
    assert "asks what nobody else asks" in page and "the question nobody" not in page
    file = client.get(reverse("reference_pdf", args=[reading.round.slug]))
    with pikepdf.open(io.BytesIO(file.content)) as book:
        assert book.Root.MarkInfo.Marked
    client.force_login(harold)
    assert client.get(reverse("reference_detail", args=[reading.round.slug])).status_code == 404
    assert client.get(url).status_code == 404


def test_a_letter_is_about_somebody_else_who_took_part(
    reading: Reading, joan: Person, sam: Person
) -> None:
    member = reading.member(joan)
    for by, text in ((joan, "I am good."), (sam, "  ")):
        with pytest.raises(Refused), transaction.atomic():
            actions.write_reference(member=member, text=text, facts=[], by=by, at=timezone.now())
    assert not Reference.objects.exists()
