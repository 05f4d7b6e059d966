"""Bids from another system: odd files, every bad row named, and running it again."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications import actions, importing, rules
from applications.importing import DEFAULT_MAPPING, BadFile, read
from applications.models import Answer, Application, BidVersion, Organisation
from commissioning.models import Member
from ledger import clock
from ledger.models import Entry
from tests.factories.applications import make_open_round, make_sent_bid
from tests.factories.commissioning import close, make_lot, make_round

HEADER = ["outside_id", "organisation", "title", "asked", "answer_summary", "answer_need"]
EXAMPLE_MAPPING = Path(__file__).parents[2] / "docs" / "mapping-example.toml"


def table(*rows, header=HEADER, **form) -> bytes:
    held = io.StringIO()
    csv.writer(held, **form).writerows([header, *rows])
    return held.getvalue().encode()


def row(number=1, **more) -> list[str]:
    cells = {
        "outside_id": f"B{number}",
        "organisation": "Tea and Talk",
        "title": f"Tea {number}",
        "asked": "1000",
        "answer_summary": "Tea for all.",
        "answer_need": "",
    }
    return list((cells | more).values())


def reading(data, mapping=DEFAULT_MAPPING):
    return read(data, mapping, question_keys=["summary", "need"])


def sentences(data) -> list[tuple[int, str]]:
    return [(trouble.line, trouble.sentence) for trouble in reading(data).troubles]


# ---- Reading ---------------------------------------------------------------------------------
def test_read_a_plain_file():
    found = reading(table(row(1), row(2, asked="£1,250.50")))
    assert [one.asked for one in found.rows] == [Decimal("1000.00"), Decimal("1250.50")]
    assert found.rows[0].answers == {"summary": "Tea for all."}
    assert found.troubles == ()


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_read_each_encoding(code):
    text = table(row(1, organisation="Café Olé’s £5 club")).decode()
    assert reading(text.encode(code)).rows[0].organisation == "Café Olé’s £5 club"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_read_each_way_of_parting_cells(sign):
    assert reading(table(row(1), delimiter=sign)).rows[0].title == "Tea 1"


def test_read_says_what_cannot_be_read():
    data = table(row(1, title="Caf?")).replace(b"Caf?", b"Caf\x81\xe9")
    assert sentences(data) == [
        (2, "“title” has signs that cannot be read. Save the file as UTF-8.")
    ]


def test_read_long_texts_and_several_lines():
    essay = ("A long line of words. " * 160).strip() + "\r\nAnd another line."
    found = reading(table(row(1, answer_need=essay), row(2, asked="oops")))
    assert found.rows[0].answers["need"] == essay.replace("\r\n", "\n")
    assert len(found.rows[0].answers["need"]) > 3500
    assert found.troubles[0].line == 4  # the essay takes two lines of the file


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"asked": ""}, "“asked” is empty. Fill it in."),
        ({"asked": "lots"}, "“asked” is “lots”. Write a sum in pounds, like 1250.50."),
        ({"asked": "0"}, "“asked” is “0”. Write a sum in pounds, like 1250.50."),
        ({"asked": "-5"}, "“asked” is “-5”. Write a sum in pounds, like 1250.50."),
        ({"asked": "1.005"}, "“asked” is “1.005”. Write a sum in pounds, like 1250.50."),
        ({"asked": "1e9"}, "“asked” is “1e9”. Write a sum in pounds, like 1250.50."),
        ({"asked": "9" * 11}, "“asked” is “99999999999”. Write a sum in pounds, like 1250.50."),
        ({"asked": "=A1+1"}, "“asked” holds a formula. Put its value there instead."),
        ({"title": '=LINK("x")'}, "“title” holds a formula. Put its value there instead."),
        ({"title": " "}, "“title” is empty. Fill it in."),
        ({"title": "x" * 161}, "“title” is longer than 160 letters. Shorten it."),
        ({"outside_id": ""}, "“outside_id” is empty. Fill it in."),
        ({"answer_need": "a\0b"}, "“answer_need” has a zero byte in it. Save the file as UTF-8."),
    ],
)  # fmt: skip
def test_read_names_each_trouble_with_its_line(more, sentence):
    assert (3, sentence) in sentences(table(row(1), row(2, **more)))


def test_read_names_short_rows_twins_and_skips_empty_ones():
    data = table(row(1), [""] * 6, ["B2", "Too", "short"], row(1))
    assert sentences(data) == [
        (4, "It has 3 cells and the table has 6 columns."),
        (5, "It has the same id as line 2. Give each bid its own."),
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n ", "The file is empty."),
        (b"title,asked\nx,1\n", "The file has no column called: outside_id, organisation."),
        (table(row(1)) + b'"never closed', "is not a proper CSV near line"),
        (table(row(1)).decode().encode("utf-16")[:-1], "The file breaks off, or has signs"),
        (b"\xff\xfe\x00\xd8a\x00", "The file breaks off, or has signs"),
        (
            table([*row(1), "Other"], header=[*HEADER, "title"]),
            "more than one column called: title. Give each its own name.",
        ),
    ],
)
def test_read_refuses_what_is_no_table(data, sentence):
    with pytest.raises(BadFile, match=sentence):
        reading(data)


def test_two_columns_of_one_name_do_no_harm_where_nothing_is_taken_from_them():
    found = reading(table([*row(1), "", ""], header=[*HEADER, "", ""]))
    assert (len(found.rows), found.troubles) == (1, ())


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (
            "company_number",
            "7745178",
            "“company_number” is “7745178”. A company number has 8 figures. Some have 2 letters "
            "and then 6 figures. It is kept as it is. Perhaps it should be 07745178.",
        ),
        (
            "charity_number",
            "no",
            "“charity_number” is “no”. A charity number has 6 or 7 figures. "
            "In Scotland it is SC and 6 figures. It is kept as it is.",
        ),
        ("charity_number", "1164883", ""),
        ("company_number", "", ""),
    ],
)
def test_an_odd_register_number_is_told_and_kept(column, cell, said):
    found = reading(table([*row(1), cell], header=[*HEADER, column]))
    assert [(odd.line, odd.sentence) for odd in found.odd] == ([(2, said)] if said else [])
    assert found.rows[0].texts[column] == cell
    assert not found.troubles


def test_a_minus_or_a_list_at_the_start_of_a_text_is_fine():
    found = reading(table(row(1, answer_need="- tea\n- cake"), row(2, answer_need="@home club")))
    assert not found.troubles


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2013-09-02", "2 September 2013"),
        ("2/9/2013", "2 September 2013"),
        ("2013-09", "September 2013"),
        ("2013-09-02T10:00:00Z", "2 September 2013"),
        ("2013", "2013"),
        ("2013-02-30", ""),
        ("2013-13", ""),
        ("soon", ""),
    ],
)
def test_as_day(cell, said):
    assert importing.as_day(cell) == said


def test_mapping_from_toml_reads_the_example():
    mapping = importing.mapping_from_toml(EXAMPLE_MAPPING.read_text())
    assert mapping.fields["outside_id"] == "grant_id"
    assert mapping.answers == {"summary": "description"}
    assert [extra.kind for extra in mapping.extras] == ["text", "text", "date"]


NEEDED = 'outside_id="a"\norganisation="b"\ntitle="c"\nasked="d"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[fields", "The mapping cannot be read"),
        ("[fields]\nscore='x'\n", "The mapping has unknown fields: score"),
        ("[fields]\ntitle='x'\n", "The mapping must give: outside_id, organisation, asked"),
        (f"[fields]\n{NEEDED}[[extras]]\ncolumn='x'\n", "The mapping cannot be read"),
        (f"[fields]\n{NEEDED}[[extras]]\ncolumn='x'\nlabel='y'\nkind='sum'\n", "text or date"),
    ],
)
def test_mapping_from_toml_says_what_is_wrong(text, sentence):
    with pytest.raises(BadFile, match=sentence):
        importing.mapping_from_toml(text)


def test_read_with_a_mapping_that_does_not_fit():
    mapping = importing.mapping_from_toml(f"[fields]\n{NEEDED}[answers]\nodd='e'\n")
    with pytest.raises(BadFile, match="no question with these keys: odd"):
        reading(b"a,b,c,d,e\n1,2,3,4,5\n", mapping)
    mapping = importing.mapping_from_toml(f"[fields]\n{NEEDED}")
    with pytest.raises(BadFile, match="The file has no column called: d"):
        reading(b"a,b,c\n1,2,3\n", mapping)


def test_read_with_extras_and_kinds():
    mapping = importing.mapping_from_toml(
        f"[fields]\n{NEEDED}organisation_kind='e'\n"
        "[[extras]]\ncolumn='f'\nlabel='When'\nkind='date'\n"
    )
    data = b"a,b,c,d,e,f\n1,Tea,Tea,5,charity,2013-09\n2,Tea,Tea,5,club,soon\n"
    found = reading(data, mapping)
    assert found.rows[0].extras == (("When", "September 2013"),)
    assert [trouble.sentence[:8] for trouble in found.troubles] == ["“e” is “", "“f” is “"]


# ---- Importing -------------------------------------------------------------------------------
@pytest.fixture
def lot(db):
    return make_open_round().lots.get()


def run(lot, tmp_path, data, *options) -> tuple[str, str]:
    file = tmp_path / "bids.csv"
    file.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "import_applications", lot.round.slug, str(file), "--lot", lot.slug, *options,
        stdout=out, stderr=err,
    )  # fmt: skip
    return out.getvalue(), err.getvalue()


def test_import_applications_makes_sent_bids(lot, tmp_path):
    members = Member.objects.count()
    out, err = run(lot, tmp_path, table(row(1, asked="1000.50"), row(2)))
    assert (out, err) == ("Imported: 2. Here already: 0. Differing: 0. In trouble: 0.\n", "")
    bid = Application.objects.get(outside_id="B1")
    operator = Person.objects.operator()
    assert (bid.reference, bid.came_by, bid.submitted_by) == ("GC-001", "import", operator)
    assert bid.organisation == Application.objects.get(outside_id="B2").organisation
    version = bid.versions.get()
    assert (version.asked, version.number) == (Decimal("1000.50"), 1)
    assert version.content["summary"] == "Tea for all."
    assert {answer["text"] for answer in version.content["answers"]} == {"Not asked"}
    assert len(version.content["answers"]) == 11
    assert Answer.objects.get(application=bid).text == "Tea for all."
    assert set(Application.objects.undecided()) == set(Application.objects.all())
    entry = Entry.objects.get(verb="applications_imported")
    assert (entry.by, entry.data["made"]) == (operator, 2)
    assert "Tea" not in entry.payload
    assert Member.objects.count() == members


def test_import_applications_again_adds_only_what_is_new(lot, tmp_path):
    run(lot, tmp_path, table(row(1), row(2)))
    before = list(BidVersion.objects.order_by("pk").values_list("digest", flat=True))
    out, err = run(lot, tmp_path, table(row(1), row(2, asked="5", title="Cake"), row(3)))
    assert out == "Imported: 1. Here already: 1. Differing: 1. In trouble: 0.\n"
    assert err == "Line 3: GC-002 is here and differs (title, asked). It was not changed.\n"
    after = list(BidVersion.objects.order_by("pk").values_list("digest", flat=True))
    assert after[:2] == before
    assert Organisation.objects.count() == 1
    assert Entry.objects.filter(verb="applications_imported").count() == 2
    run(lot, tmp_path, table(row(1)))
    assert Entry.objects.filter(verb="applications_imported").count() == 2


def test_import_applications_is_all_or_nothing_unless_some(lot, tmp_path):
    data = table(row(1), row(2, asked="oops"))
    with pytest.raises(CommandError, match=r"Nothing was imported\. In trouble: 1"):
        run(lot, tmp_path, data)
    assert not Application.objects.exists()
    out, err = run(lot, tmp_path, data, "--some")
    assert out == "Imported: 1. Here already: 0. Differing: 0. In trouble: 1.\n"
    assert err == "Line 3: “asked” is “oops”. Write a sum in pounds, like 1250.50.\n"


def test_import_applications_tells_of_odd_register_numbers(lot, tmp_path):
    data = table([*row(1), "SC12345"], header=[*HEADER, "charity_number"])
    for _time in range(2):  # the second time it is only told: the bid is here
        out, err = run(lot, tmp_path, data)
        assert "In trouble: 0." in out
        assert err.startswith("Line 2: “charity_number” is “SC12345”.")
        assert "Perhaps it should be SC012345." in err
    assert Organisation.objects.get().charity_number == "SC12345"


def test_import_applications_dry_run_changes_nothing(lot, tmp_path):
    out, _err = run(lot, tmp_path, table(row(1), row(2, asked="oops")), "--dry-run")
    assert out == "Would be imported: 1. Here already: 0. Differing: 0. In trouble: 1.\n"
    assert not Application.objects.exists()
    assert not Organisation.objects.exists()
    assert not Entry.objects.filter(verb="applications_imported").exists()


def test_import_applications_keeps_clear_of_bids_made_here(lot, tmp_path, amina):
    made = make_sent_bid(lot.round, amina)
    made.organisation.name = "Tea and Talk"
    made.organisation.save()
    run(lot, tmp_path, table(row(1)))
    imported = Application.objects.get(outside_id="B1")
    assert imported.organisation != made.organisation
    assert imported.reference == "GC-002"
    assert imported not in Application.objects.visible_to(amina)


def test_import_applications_tells_of_another_lot(lot, tmp_path):
    run(lot, tmp_path, table(row(1)))
    other = make_lot(lot.round, "Shared tables") if not lot.round.frozen_at else None
    assert other is None  # lots are fixed once bids are open
    bid = Application.objects.get()
    assert actions.import_bids(
        lot=bid.lot,
        rows=reading(table(row(1))).rows,
        file_digest="",
        by=Person.objects.operator(),
        at=clock.now(),
    ).same == ["GC-001"]


def test_import_applications_only_while_bids_are_open(lot, tmp_path):
    close(lot.round.stages.get(kind="open"))
    with pytest.raises(CommandError, match="closed on"):
        run(lot, tmp_path, table(row(1)))


def dated(number, day) -> list[str]:
    return [*row(number), day]


WITH_DAY = [*HEADER, "received"]


def test_read_the_day_a_bid_came():
    data = table(
        dated(1, "2026-03-03"), dated(2, "3/4/2026"), dated(3, ""), dated(4, "March"),
        dated(5, "2026-02-30"), header=WITH_DAY,
    )  # fmt: skip
    found = reading(data)
    days = [one.received and one.received.isoformat() for one in found.rows]
    assert days == ["2026-03-03", "2026-04-03", None]
    assert [trouble.line for trouble in found.troubles] == [5, 6]
    assert "Write a whole day like 2026-03-03." in found.troubles[0].sentence


def test_import_applications_keeps_the_day_each_bid_came(lot, tmp_path):
    came = timezone.localdate() - timedelta(days=2)
    run(lot, tmp_path, table(dated(1, came.isoformat()), dated(2, ""), header=WITH_DAY))
    days = Application.objects.order_by("reference").values_list("received_on", flat=True)
    assert list(days) == [came, timezone.localdate()]
    told = Entry.objects.get(verb="applications_imported").data["received"]
    assert told == [came.isoformat(), timezone.localdate().isoformat()]


def test_import_applications_leaves_out_what_came_late(lot, tmp_path):
    stage = lot.round.stages.get(kind="open")
    stage.opens_on, stage.closes_on = (
        timezone.localdate() - timedelta(days=days) for days in (40, 9)
    )
    stage.save()
    told, late = stage.closes_on, stage.closes_on + timedelta(days=1)
    data = table(
        dated(1, told.isoformat()), dated(2, late.isoformat()), dated(3, ""), header=WITH_DAY
    )
    with pytest.raises(CommandError, match=r"Nothing was imported\. In trouble: 2"):
        run(lot, tmp_path, data)
    assert not Application.objects.exists()
    out, err = run(lot, tmp_path, data, "--some")
    assert out == "Imported: 1. Here already: 0. Differing: 0. In trouble: 2.\n"
    assert "Line 3: Bids could come in until" in err
    assert "Line 4: Bids could come in until" in err
    assert "Say under “received” which day this one came." in err
    assert Application.objects.get().received_on == told


def test_a_bid_from_a_file_is_not_changed_before_its_group_changes_it(lot, tmp_path):
    run(lot, tmp_path, table(row(1)))
    bid = Application.objects.whole().get()
    assert not rules.changed_since_sent(bid)
    bid.title = "Cake"
    assert rules.changed_since_sent(bid)


@pytest.mark.parametrize("who", ["joan", "amina", "margaret", "administrator", "outsider"])
def test_import_bids_is_for_the_operator_and_those_who_type_bids(lot, sam, who, request):
    facts = {"lot": lot, "rows": reading(table(row(1))).rows, "file_digest": ""}
    with pytest.raises(Refused, match="Your role here"):
        actions.import_bids(**facts, by=request.getfixturevalue(who), at=clock.now())
    assert not Application.objects.exists()
    assert actions.import_bids(**facts, by=sam, at=clock.now()).made == ["GC-001"]
    assert Application.objects.get().submitted_by == sam


def test_new_bids_reads_and_writes_nothing(lot, tmp_path):
    run(lot, tmp_path, table(row(1), row(2)))
    rows = reading(table(row(1), row(2, asked="5"), row(3))).rows
    fresh, others = actions.new_bids(lot=lot, rows=rows, on=timezone.localdate())
    assert [one.outside_id for one in fresh] == ["B3"]
    assert (others.same, others.differing) == (["GC-001"], [(3, "GC-002", "asked")])
    assert (others.made, Application.objects.count()) == ([], 2)


def test_import_applications_says_what_it_cannot_find(lot, tmp_path):
    with pytest.raises(CommandError, match="There is no round called"):
        call_command("import_applications", "nowhere", "x.csv", "--lot", lot.slug)
    with pytest.raises(CommandError, match=f"This round has: {lot.slug}"):
        call_command("import_applications", lot.round.slug, "x.csv", "--lot", "nowhere")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_applications", lot.round.slug, "gone.csv", "--lot", lot.slug)
    with pytest.raises(CommandError, match="The file is empty"):
        run(lot, tmp_path, b"")
    empty = make_round()
    with pytest.raises(CommandError, match="This round has: none yet"):
        call_command("import_applications", empty.slug, "x.csv", "--lot", "nowhere")


def test_import_applications_costs_the_same_for_many(lot, tmp_path, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        run(lot, tmp_path, table(*(row(number) for number in range(1, 60))))
    assert Application.objects.count() == 59
