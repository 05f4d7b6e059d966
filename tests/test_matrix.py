"""F19: every address × everybody × own, another's and none; and reading changes nothing."""

import os

import pytest

from tests import matrix
from tests.conftest import Once
from tests.matrix import Pages

# Who may see a page does not hang on the database: asked on one of them.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ADDRESSES = dict(matrix.addresses())
ASKED: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module")
def pages(once: Once[Pages]) -> Pages:
    """One pair of rounds for the whole file."""
    return once(lambda cast: matrix.make_pages())


@pytest.fixture(scope="module")
def before(pages: Pages) -> dict[str, str]:
    return matrix.mark_of_everything()


def asked(pages: Pages, name: str) -> dict[str, str]:
    if name not in ASKED:
        ASKED[name] = matrix.ask(pages, ADDRESSES[name])
    return ASKED[name]


def test_every_address_is_in_the_table(pages: Pages) -> None:
    if os.environ.get("PURSE_WRITE_MATRIX"):
        matrix.write_table({name: asked(pages, name) for name in ADDRESSES})
    assert set(ADDRESSES) == set(matrix.expected())


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_what_everybody_is_answered(pages: Pages, before: dict[str, str], name: str) -> None:
    assert asked(pages, name) == matrix.expected()[name]


def test_reading_changes_nothing_anywhere(pages: Pages, before: dict[str, str]) -> None:
    for name in ADDRESSES:
        asked(pages, name)
    after = matrix.mark_of_everything()
    assert {table for table in before if before[table] != after[table]} == set()
    assert len(before) > 60


TYPED = {
    "text": "I typed this for <b>twenty</b> minutes.\nAnd this.",
    "code": "1234 5678",
    "csrfmiddlewaretoken": "no words of theirs",
    "version": "3",
}


@pytest.mark.parametrize("name", sorted(matrix.refused_at()))
def test_who_is_refused_gets_back_what_they_typed(pages: Pages, name: str) -> None:
    for who, address in matrix.refused(pages, name, ADDRESSES[name]):
        answer = pages.clients[who].post(address, TYPED)
        if answer.status_code == 405:
            continue  # a page to read: nothing is typed there
        page = answer.content.decode()
        assert answer.status_code == 403, (who, answer.status_code)
        assert "I typed this for &lt;b&gt;twenty&lt;/b&gt; minutes.<br>And this." in page, who
        assert "Nothing is lost" not in page
        assert "1234 5678" not in page
        assert "no words of theirs" not in page


def test_what_is_there_no_more_gives_back_what_was_typed(pages: Pages) -> None:
    address = matrix.filled(pages, ADDRESSES["answer_question"], matrix.NONE, "applicant")
    answer = pages.clients["applicant"].post(address, TYPED)
    assert answer.status_code == 404
    assert "I typed this for" in answer.content.decode()
    strange = pages.clients["applicant"].post("/nothing/of/ours/", TYPED)
    assert strange.status_code == 404
    assert "I typed this for" not in strange.content.decode()


# ---- What the table itself may never say -------------------------------------------------------
ROWS = (
    [
        (name, who, cell.split())
        for name, row in matrix.expected().items()
        for who, cell in row.items()
    ]
    if matrix.TABLE.exists()
    else []
)


FOR_ALL_ROUNDS = {"start_application", "ask_for_help", "start_organisation"}
"""Addresses of a round that anybody may bid in: no round is another's there."""


def test_what_is_anothers_is_not_there_rather_than_forbidden() -> None:
    """A page that says why not is for what is one's own. Of another's, nothing is told."""
    theirs = ("volunteer", "standing aside", "applicant", "rival")
    told = [
        (name, who)
        for name, who, cell in ROWS
        if who in theirs and "403" in cell[1:] and name not in FOR_ALL_ROUNDS
    ]
    assert told == []


def test_no_page_fails() -> None:
    assert [row for row in ROWS if any(status.startswith("5") for status in row[2])] == []


def test_nothing_is_no_page_for_anybody() -> None:
    """An address of nothing is 404 or the way to sign in; never a page."""
    found = [(name, who) for name, who, cell in ROWS if len(cell) == 3 and cell[2] == "200"]
    assert found == []


PANELS_OWN = (
    "read_bid",
    "take_new_copy",
    "what_changed",
    "score_all",
    "score_criterion",
    "check_scores",
    "scores_sent",
    "money_board",
    "sign_decision",
    "vote_on_proposal",
    "vote_on_agreement",
    "score_interview",
    "propose_shortlisting",
    "put_decision",
)


@pytest.mark.parametrize("name", PANELS_OWN)
def test_nobody_but_the_panel_reaches_the_panels_pages(name: str) -> None:
    row = matrix.expected()[name]
    for who in (
        "outsider",
        "facilitator",
        "applicant",
        "rival",
        "board",
        "administrator",
        "superuser",
    ):
        assert set(row[who].split()) == {"404"}, who


@pytest.mark.parametrize(
    "name",
    [
        "application_detail",
        "change_details",
        "change_budget",
        "outcome_detail",
        "application_sent",
        "preview_application",
        "answer_correction",
        "correction_sent",
    ],
)
def test_a_rival_finds_nothing_of_anothers_bid(name: str) -> None:
    row = matrix.expected()[name]
    for who in ("applicant", "rival"):
        assert row[who].split()[1] == "404"
