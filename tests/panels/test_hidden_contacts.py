"""Contact details are hidden from readers wherever they meet a bid, and from nobody else."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from applications.models import Application
from panels import actions
from panels.actions.beside import begin_beside, let_read_beside
from support.actions import name_helper, sign_conduct
from tests.factories.applications import answer, make_open_round, make_sent_bid
from tests.factories.commissioning import make_person
from tests.factories.panels import reading_round, send_copy

pytestmark = pytest.mark.django_db

MARK = "(contact details are hidden while reading)"
SECRETS = ("amina@example.org", "0113 496 0101", "facebook.com/amina")


def shown(client, person, name, *args) -> str:
    client.force_login(person)
    page = client.get(reverse(name, args=args))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


@pytest.fixture
def given(joan, sam):
    reading = reading_round(joan, by=sam)
    row = reading.assignments(joan)[0]
    bid = Application.objects.get(pk=row.application_id)
    slug = reading.criteria[0].slug
    send_copy(
        bid,
        [],
        summary=f"Write to {SECRETS[0]} about it.",
        answers=[
            {
                "key": "need",
                "label": "Need",
                "text": f"Ring {SECRETS[1]} or see {SECRETS[2]}.",
                "criteria": [slug],
            }
        ],
    )
    return actions.start_reading(assignment=row, by=joan, at=timezone.now()), slug


def test_readers_see_no_contact_details(client, given, joan, sam):
    row, slug = given
    pages = [
        shown(client, joan, "read_bid", row.pk),
        shown(client, joan, "score_criterion", row.pk, slug),
        shown(client, joan, "reading_pack", row.member_id),
        shown(client, sam, "reading_pack", row.member_id),
    ]
    for page in pages:
        assert MARK in page
        assert not any(secret in page for secret in SECRETS)
    row.refresh_from_db()
    assert SECRETS[0] in row.version.content["summary"]


def test_staff_and_the_group_see_all_of_it(client, given, sam, amina):
    row, _slug = given
    bid = row.application
    page = shown(client, sam, "bid_detail", bid.round.slug, bid.pk)
    assert all(secret in page for secret in SECRETS)
    own = make_sent_bid(make_open_round(), amina)
    answer(own, "summary", f"Ring {SECRETS[1]}.", by=amina)
    assert SECRETS[1] in shown(client, amina, "answer_question", own.pk, "summary")
    assert SECRETS[1] in shown(client, amina, "check_application", own.pk)
    as_read = shown(client, amina, "preview_application", own.pk)
    assert MARK in as_read
    assert SECRETS[1] not in as_read


def test_a_helper_beside_a_reader_sees_no_contact_details(client, given, joan, sam):
    row, _slug = given
    aled, now = make_person("Aled Ibbotson", Role.SUPPORTER), timezone.now()
    name_helper(member=row.member, supporter=aled, by=sam, at=now)
    sign_conduct(round=row.member.round, person=aled, by=aled, at=now)
    let_read_beside(helper=aled.helps.get(), by=joan, at=now)
    begin_beside(assignment=row, knows_nobody=True, by=aled, at=now)
    page = shown(client, aled, "read_beside", row.pk)
    assert MARK in page
    assert not [secret for secret in SECRETS if secret in page]
