"""The pages of a share-out of 3,000 volunteers and 10,000 bids: what they ask, weigh and take."""

import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person
from applications.models import Application
from commissioning.models import Member, Round
from ledger import clock
from panels import actions

MOST_QUERIES, MOST_BYTES = 12, 60_000


@pytest.mark.django_db
def test_pages_of_three_thousand_people_and_ten_thousand_bids() -> None:
    call_command("load_example", stage="sharing", size="large")
    walk_pages()


def walk_pages() -> None:
    """Propose, and look at each page as a facilitator does: plain, further on, and searched."""
    round = Round.objects.get()
    assert Member.objects.here().filter(round=round).count() == 3_000
    sam = Person.objects.get(name="Sam Okafor")
    began = time.process_time()
    actions.propose_sharing(round=round, by=sam, at=clock.now())
    print(f"\nproposed in {time.process_time() - began:.0f} CPU s")
    client = Client()
    client.force_login(sam)
    bid = Application.objects.filter(round=round).order_by("pk")[5_000]
    lists = ("sharing_people", "sharing_bids", "sharing_circles")
    addresses = [reverse("sharing_detail", args=[round.slug])]
    for name in lists:
        plain = reverse(name, args=[round.slug])
        addresses += [plain, f"{plain}?page=20"]
    addresses += [
        f"{reverse('sharing_people', args=[round.slug])}?q=Ivy",
        f"{reverse('sharing_bids', args=[round.slug])}?q={bid.reference}",
        reverse("change_share", args=[round.slug, bid.pk]),
        reverse("confirm_sharing", args=[round.slug]),
        reverse("panel_list", args=[round.slug]),
        reverse("reading_progress", args=[round.slug]),
    ]
    print("queries  page KB  CPU s")
    for address in addresses:
        client.get(address)  # warm
        began = time.process_time()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        took = time.process_time() - began
        weight = len(answer.content)
        print(f"{len(asked):7} {weight / 1000:8.1f} {took:6.2f}  {answer.status_code} {address}")
        assert answer.status_code == 200
        assert len(asked) <= MOST_QUERIES, address
        assert weight <= MOST_BYTES, address
