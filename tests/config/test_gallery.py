"""The gallery shows every component, and its form shows how mistakes look."""

import pytest

pytestmark = pytest.mark.django_db


def test_gallery(client):
    response = client.get("/gallery/")
    assert response.status_code == 200
    assert response.content.count(b"<h1>") == 1
    assert b" style=" not in response.content


def test_mistakes_are_named_in_the_title_and_linked(client):
    response = client.post("/gallery/", {"reason": "I like the plan."})
    assert response.status_code == 422
    page = response.content.decode()
    assert "<title>Error: Gallery" in page
    assert '<a href="#id_score_0">Choose a score for bringing people together.</a>' in page
    assert page.index("There is a problem") < page.index("<h1>")
    assert "I like the plan.</textarea>" in page


def test_well_filled_form_has_no_mistakes(client):
    filled = {
        "name": "Joan",
        "score": "4",
        "reason": "I like the plan.",
        "area": "east",
        "sum_asked": "12500",
        "people": "40",
        "starts_0": "3",
        "starts_1": "3",
        "starts_2": "2026",
        "agreed": "on",
    }
    response = client.post("/gallery/", filled)
    assert response.status_code == 200
    assert b"There is a problem" not in response.content
