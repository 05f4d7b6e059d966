"""No PDF is made and no mail is sent inside a transaction: a lock must not wait for either.

Every test of the whole suite is watched for it (tests/conftest.py: `slow_work`). Here: that the
watch bites, and that our code does not even look like it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import transaction

from accounts import pdf
from tests.conftest import InTransaction, SlowWork
from tests.test_conventions import our_files

SLOW = {"made", "write_pdf", "send_mail", "send_messages", "send_due", "mail_admins", "urlopen"}


@pytest.fixture
def expected(slow_work: SlowWork) -> Iterator[SlowWork]:
    """What a test does wrong on purpose is forgiven it."""
    yield slow_work
    slow_work.seen.clear()


@pytest.mark.django_db
def test_mail_inside_a_transaction_is_noticed(expected: SlowWork) -> None:
    with transaction.atomic(), pytest.raises(InTransaction):
        mail.send_mail("Hello", "Words", None, ["joan@example.org"])
    assert len(expected.seen) == 1
    mail.send_mail("Hello", "Words", None, ["joan@example.org"])
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_pdf_inside_a_transaction_is_noticed(expected: SlowWork) -> None:
    with transaction.atomic(), pytest.raises(InTransaction):
        pdf.made("500.html", {})
    assert pdf.made("500.html", {}).startswith(b"%PDF-")


@pytest.mark.django_db(transaction=True)
def test_it_is_noticed_with_real_transactions_too(expected: SlowWork) -> None:
    with transaction.atomic(), pytest.raises(InTransaction):
        mail.send_mail("Hello", "Words", None, ["joan@example.org"])


def is_atomic(node: ast.expr) -> bool:
    return ast.unparse(node).split("(")[0].endswith("atomic")


def inside_transactions(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands under @transaction.atomic or `with transaction.atomic()`."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.FunctionDef) and any(map(is_atomic, node.decorator_list))) or (
            isinstance(node, ast.With) and any(is_atomic(item.context_expr) for item in node.items)
        ):
            for statement in node.body:
                yield from ast.walk(statement)


def slow_calls(source: str) -> list[str]:
    return [
        ast.unparse(node.func)
        for node in inside_transactions(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SLOW
    ]


def test_no_slow_work_is_written_under_a_transaction() -> None:
    found = {str(path): calls for path in our_files() if (calls := slow_calls(path.read_text()))}
    assert found == {}


def test_the_look_at_the_code_would_see_it() -> None:
    assert slow_calls("@transaction.atomic\ndef act():\n    pdf.made('x', {})") == ["pdf.made"]
    assert slow_calls("with transaction.atomic():\n    msg.send_mail()") == ["msg.send_mail"]
    assert slow_calls("def act():\n    pdf.made('x', {})") == []
    assert Path(pdf.__file__) in set(our_files())
