import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_glossary_is_there_for_anybody(client, joan):
    assert "What our words mean" in client.get(reverse("glossary")).text
    client.force_login(joan)
    page = client.get(reverse("glossary")).text
    assert 'id="standing-aside"' in page


def test_glossary_changes_nothing(client):
    assert client.post(reverse("glossary")).status_code == 405
