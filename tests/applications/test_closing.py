"""As bidding closes every bid stands as it was sent; what was not sent is kept for its group."""

import importlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from applications import actions, rules
from applications.actions.closing import stage_closed
from applications.content import Line
from applications.models import Application
from commissioning.actions import close_stage
from commissioning.models import StageKind
from ledger.models import Entry
from panels.rules.interests import names_only
from tests.factories.applications import (
    answer,
    make_open_round,
    make_sent_bid,
    send,
    settle,
)
from tests.factories.commissioning import close, make_round, moment

NOW = timezone.now


@pytest.fixture
def round(db):
    return make_open_round()


@pytest.fixture
def bid(round, amina):
    return make_sent_bid(round, amina, title="Tea at four")


def again(bid) -> Application:
    return Application.objects.get(pk=bid.pk)


def write(bid, **fields) -> None:
    row = again(bid)
    actions.save_details(application=row, version=row.version, by=bid.made_by, at=NOW(), **fields)


def close_bidding(round, by) -> None:
    """By the page's own action, the day after the last one."""
    stage = round.stages.get(kind=StageKind.OPEN)
    close_stage(stage=stage, by=by, at=moment(stage.closes_on + timedelta(days=1), 12))


def test_declarations_go_by_what_was_sent(round, bid, sam):
    write(bid, partners_named="Mary Jones, treasurer")
    send(again(bid))
    write(bid, title="Tea at five", area="York", partners_named="", smallest_useful=Decimal(1))
    actions.change_organisation(
        organisation=bid.organisation, by=bid.made_by, at=NOW(), name="Another Name CIC"
    )
    close_bidding(round, sam)
    settle(bid)
    sent = again(bid).newest_version.content
    shown = names_only(bid.lot).get()
    assert (shown.title, shown.partners_named) == ("Tea at four", "Mary Jones, treasurer")
    assert shown.sent_from == sent["organisation"] != "Another Name CIC"
    row = again(bid)
    assert (row.area, row.smallest_useful) == ("Armley", Decimal(1000))
    assert row.sent_from == sent["organisation"], "the same without the list's own column"


def test_a_save_that_was_on_its_way_as_bidding_closed_changes_nothing(round, bid, sam):
    late = Application.objects.prefetch_related("round__stages").get(pk=bid.pk)
    assert rules.may_write(late, bid.made_by), "it looked at the stage before it closed"
    close_bidding(round, sam)
    with pytest.raises(Refused, match="Bids have closed"):
        actions.save_details(
            application=late, version=late.version, by=bid.made_by, at=NOW(), title="Tea at five"
        )
    assert again(bid).title == "Tea at four"


def test_what_was_not_sent_is_kept_for_its_group(round, bid, sam, amina, rival, client):
    other = make_sent_bid(round, rival)
    write(bid, partners_named="", title="Tea at five")
    answer(bid, "need", "More is needed than we thought.")
    row = again(bid)
    actions.save_budget(
        application=row, lines=[Line("Kettle", Decimal(9), Decimal(9))], version=row.version,
        by=amina, at=NOW(),
    )  # fmt: skip
    client.force_login(amina)
    url = reverse("application_detail", args=[bid.pk])
    page = client.get(url).content.decode()
    assert "Tea at five" in page
    assert "We will read what you sent on" in page
    close_bidding(round, sam)
    page = client.get(url).content.decode()
    assert "What you changed and did not send" in page
    for words in ("Tea at five", "More is needed than we thought.", "Kettle: costs £9"):
        assert words in page
    assert "We will do our best" not in page, "what is as it was sent is not listed"
    assert again(other).unsent is None
    entry = Entry.objects.get(verb="unsent_put_back")
    assert (entry.by, entry.data["bids"]) == (sam, 1)
    assert "five" not in entry.payload


def test_bids_that_were_sent_again_or_not_at_all_stay_as_they_are(round, bid, sam, rival):
    write(bid, title="Tea at five")
    send(again(bid))
    back = make_sent_bid(round, rival, title="Cake")
    write(back, title="Cakes")
    actions.withdraw_application(application=again(back), by=rival, at=NOW())
    close_bidding(round, sam)
    assert (again(bid).title, again(back).title) == ("Tea at five", "Cakes")
    assert not Application.objects.filter(unsent__isnull=False).exists()
    assert not Entry.objects.filter(verb="unsent_put_back").exists()


def test_another_way_that_was_not_sent_is_put_back(round, bid, sam):
    round.other_languages = True
    round.save()
    row = again(bid)
    given = [{"part": "bid", "language": "Welsh", "link": ""}]
    Application.objects.filter(pk=row.pk).update(other_ways=given)
    send(again(bid))
    Application.objects.filter(pk=row.pk).update(other_ways=[])
    close_bidding(round, sam)
    row = Application.objects.whole().get(pk=bid.pk)
    assert row.other_ways[0] == given[0]
    assert "other_ways" not in row.unsent


def test_closing_another_stage_puts_nothing_back(sam):
    round = make_round(by=sam)
    stage = round.stages.get(kind=StageKind.SETUP)
    stage_closed(stage, by=sam, at=NOW())
    assert not Entry.objects.filter(verb="unsent_put_back").exists()


def test_closing_asks_no_more_for_more_bids(round, sam, django_assert_max_num_queries):
    for _number in range(6):
        write(make_sent_bid(round), title="Otherwise")
    stage = round.stages.get(kind=StageKind.OPEN)
    with django_assert_max_num_queries(20):
        stage_closed(stage, by=sam, at=NOW())
    assert Application.objects.filter(unsent__isnull=False).count() == 6


def test_rounds_that_closed_before_are_put_back_too(round, bid, sam):
    """The migration's own step, where bidding closed without putting anything back."""
    write(bid, partners_named="Nobody", smallest_useful=None)
    close(round.stages.get(kind=StageKind.OPEN), by=sam)
    step = importlib.import_module("applications.migrations.0007_received_compared_unsent")
    step.put_back_unsent(apps, None)
    step.put_back_unsent(apps, None)
    row = again(bid)
    assert row.partners_named == "Armley Library\nMr Khan's bakery"
    assert row.smallest_useful == Decimal(1000)
    assert (row.unsent["partners"], row.unsent["smallest_useful"]) == (["Nobody"], "")
