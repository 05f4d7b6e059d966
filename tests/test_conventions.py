"""The habits of the house, held by a machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from ledger.grants import append_only_tables
from ledger.guards import emptied

ROOT = Path(__file__).parent.parent
APPS = (
    "config",
    "decisions",
    "panels",
    "applications",
    "support",
    "commissioning",
    "accounts",
    "ledger",
)


def our_urls(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address that leads to a view of ours."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from our_urls(pattern)
        elif pattern.callback.__module__.split(".")[0] in APPS:
            yield pattern


def our_files(*names: str) -> Iterator[Path]:
    """Our Python files; with names, only those in rooms of these names (file or folder)."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            rooms = {path.stem, *path.relative_to(ROOT).parts[1:-1]}
            if "migrations" not in rooms and (not names or rooms & set(names)):
                yield path


URLS = sorted({(str(url.name), url.callback.__name__) for url in our_urls()})


@pytest.mark.parametrize(("name", "view"), URLS, ids=[name for name, _view in URLS])
def test_an_address_is_called_what_its_view_is_called(name: str, view: str) -> None:
    assert name == view


ALL_TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")))


@pytest.mark.parametrize("name", sorted({name for name, _view in URLS}))
def test_a_page_is_named_in_a_test(name: str) -> None:
    assert re.search(rf"\b{name}\b|test_{name}", ALL_TESTS), f"No test names {name}."


def test_a_template_of_a_page_is_called_what_its_view_is_called() -> None:
    """Pages under templates/<app>/ are named after views; parts begin with an underscore."""
    views = {view for _name, view in URLS}
    strays = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in sorted((ROOT / "templates" / app).rglob("*.html"))
        if not path.stem.startswith("_") and path.stem not in views | SHARED_PAGES
    ]
    assert strays == []


SHARED_PAGES = {
    # one page answers for several views, or is no view's own
    "both_texts",
    "funder_rules_fixed",
    "kept_work",
    "read_bid_first",
    "signed_out",
}


def test_instants_end_in_at_and_days_in_on() -> None:
    odd = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if (
            (
                isinstance(field, models.DateTimeField)
                and not field.name.endswith(("_at", "until", "last_login"))
            )
            and field.name not in {"at", "not_before"}
        )
        or (
            isinstance(field, models.DateField)
            and not isinstance(field, models.DateTimeField)
            and not field.name.endswith("_on")
        )
    ]
    assert odd == []


NOBODYS_ACT = {
    # an instant that no single person makes, or whose author stands in another column
    "made_at",
    "declared_at",
    "saved_at",
    "kept_at",
    "settled_at",
    "stands_at",
    "dropped_at",
    "agreed_at",
    "turned_down_at",
    "scores_opened_at",
    "interviews_opened_at",
    "starts_at",
    "began_at",
    "replied_at",
    "voted_at",
    "signed_at",
    "asked_at",
    "done_at",
    "started_at",
    "later_at",
    "claimed_at",
    "first_tried_at",
    "sent_at",
    "undone_at",
    "here_at",
    "hand_up_at",
    "approved_at",
    "typed_at",
}


def test_an_instant_has_its_author_beside_it() -> None:
    missing = []
    for model in our_models():
        names = {field.name for field in model._meta.get_fields()}
        missing += [
            f"{model.__name__}.{name}"
            for name in sorted(names)
            if name.endswith("_at")
            and name not in NOBODYS_ACT
            and name.removesuffix("_at") + "_by" not in names
        ]
    assert missing == []


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in APPS]


def test_every_model_says_what_it_is() -> None:
    silent = [
        model.__name__
        for model in our_models()
        if not model.__doc__ or model.__doc__.startswith(f"{model.__name__}(")
    ]
    assert silent == []


@pytest.mark.parametrize("room", ["models", "rules", "actions", "forms", "gates", "reminders"])
def test_no_clock_is_read_below_the_views(room: str) -> None:
    reads = re.compile(r"\b(timezone\.now|clock\.(now|today)|datetime\.now|date\.today)\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in our_files(room)
        for line in path.read_text().splitlines()
        if reads.search(line)
    ]
    assert found == []


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in our_files():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                yield path, node


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, node in functions()
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_actions_name_who_did_it_and_when() -> None:
    """An action is told by name who acts and when; nothing that takes a person is positional."""
    odd = []
    for path, node in functions():
        parts = path.relative_to(ROOT).parts
        if "actions" not in (parts[1] if len(parts) > 2 else path.stem) or parts[0] == "ledger":
            continue
        by_place = {argument.arg for argument in node.args.args}
        by_name = {argument.arg for argument in node.args.kwonlyargs}
        if not node.name.startswith("_") and (
            by_place & {"by", "at"} or ("at" in by_name and not by_name & {"by", "person"})
        ):
            odd.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert odd == []


def test_a_view_fits_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name} ({node.end_lineno - node.lineno})"
        for path, node in functions()
        if "views" in path.parts and node.end_lineno and node.end_lineno - node.lineno > 50
    ]
    assert long == []


@pytest.mark.parametrize(
    "escape", [r"\{\{[^}]*\|\s*safe\b", r"mark_safe", "csrf_exempt", "autoescape off"]
)
def test_nothing_escapes_escaping(escape: str) -> None:
    """Plain-text letters (.txt) are no HTML and may switch escaping off."""
    files = [*our_files(), *(ROOT / "templates").rglob("*.html")]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        for line in path.read_text().splitlines()
        if re.search(escape, line) and "noqa" not in line
    ]
    assert found == []


def test_nothing_is_printed_in_the_colours_for_the_dark() -> None:
    css = (ROOT / "static/css/purse.css").read_text(encoding="utf-8")
    asked = re.findall(r"@media ([^{]*prefers-color-scheme[^{]*) {", css)
    assert asked == ["screen and (prefers-color-scheme: dark)"], "pale letters on white paper"


def test_columns_go_by_the_size_of_text_and_not_by_the_window_alone() -> None:
    css = (ROOT / "static/css/purse.css").read_text(encoding="utf-8")
    assert ".main { container-type: inline-size; }" in css
    asked = re.findall(r"@media ([^{]*width[^{]*) {", css)
    assert asked == ["(min-width: 48em)"], "only the sheet stands off from the window's edge"


def test_the_words_of_a_big_link_run_on() -> None:
    """Such a link lays out what is in it side by side, so words beside a name would be columns."""
    link = re.compile(r'<a class="alone"[^>]*?>((?:(?!</a>).)*)</a>', re.DOTALL)
    hidden = re.compile(r'<span class="hidden-text">.*', re.DOTALL)
    tag = re.compile(r"{% (?!translate|firstof).*?%}", re.DOTALL)
    found = [
        f"{path.relative_to(ROOT)}: {inside}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for inside in link.findall(re.sub(r'="{%.*?%}[^"]*"', '=""', path.read_text()))
        if "<span" in (seen := hidden.sub("", inside))
        and not tag.sub("", seen).strip().startswith("<span")
    ]
    assert found == []


def test_no_page_has_script_or_style_inside_it() -> None:
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son(click|change|load|submit)=")
    letters = ROOT / "templates" / "letters"
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if letters not in path.parents and "account/email" not in path.as_posix()
        for line in path.read_text().splitlines()
        if inline.search(line)
    ]
    assert found == []


def locks() -> Iterator[tuple[str, set[str]]]:
    """Each `Model.objects….select_for_update()`: the model's name, and what it locks."""
    for path in our_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "select_for_update":
                of = [word.value for word in node.keywords if word.arg == "of"]
                root: ast.AST = node.func.value
                while isinstance(root, (ast.Call, ast.Attribute)):
                    root = root.func if isinstance(root, ast.Call) else root.value
                if isinstance(root, ast.Name):
                    yield root.id, set(ast.literal_eval(of[0])) if of else {"self"}


def test_rows_that_never_change_are_never_locked() -> None:
    """On PostgreSQL a lock needs leave to change the row, which the app's own role has not."""
    fixed = set(append_only_tables()) - {row.table for row in emptied()}
    names = {model.__name__ for model in our_models() if model._meta.db_table in fixed}
    found = list(locks())
    assert {"Application", "Outcome"} <= {name for name, _of in found}
    assert [name for name, of in found if name in names and "self" in of] == []
