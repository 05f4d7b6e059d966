"""Photos and scans of paper score sheets: what is taken, who sees it, and that typing loses
nothing."""

import io
import re
from copy import deepcopy

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.documents import LONGEST_SIDE, BadFile, inspect_to_look_at
from accounts.pdf import available
from accounts.permissions import Refused
from ledger.models import Entry
from panels import actions
from panels.models import Interest, ScoreSheet, SheetScan, StandingAside
from panels.rules import scans as rules
from tests.applications.test_documents import ATTACKS, PROGRAM
from tests.factories.applications import docx, jpg, pdf, photo, png, upload
from tests.factories.panels import close_scoring, full_answers, open_scores, reading_round, send

pytestmark = pytest.mark.django_db

MOST = 10 * 1024 * 1024


def now():
    return timezone.now()


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: reading_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


@pytest.fixture
def sheet(reading, joan):
    """Joan's paper sheet for her first bid: the assignment."""
    return reading.assignments(joan)[0]


def add(sheet, by, data=None, name="page.jpg"):
    data = photo() if data is None else data
    return actions.add_scan(assignment=sheet, upload=upload(name, data), by=by, at=now())


def typed(reading, sheet, by):
    return actions.type_scores(
        assignment=sheet, answers=full_answers(reading, 2), why="On paper", by=by, at=now()
    )


def form_data(reading, score="4", **more):
    data = {"why": "She wrote that she liked it", "version": "0", **more}
    for row in reading.criteria:
        data |= {f"score_{row.slug}": score, f"reason_{row.slug}": "On paper"}
    return data


def type_at(sheet):
    return reverse("type_scores", args=[sheet.pk])


def file_at(scan):
    return reverse("scan_file", args=[scan.uuid])


# ---- What is taken --------------------------------------------------------------------------
def look_at(name, data):
    return inspect_to_look_at(upload(name, data), most_bytes=MOST)


def opened(data):
    return Image.open(io.BytesIO(data))


def test_a_pdf_is_kept_as_it_came():
    checked = look_at("six pages.pdf", pdf())
    assert (checked.kind, checked.data) == ("pdf", pdf())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.jpg", photo()),
        ("PAGE.JPEG", photo()),
        ("page.png", photo(format="PNG")),
        ("grey.png", png()),
    ],
)
def test_a_picture_is_kept_as_a_jpg(name, data):
    checked = look_at(name, data)
    assert checked.kind == "jpg"
    assert opened(checked.data).format == "JPEG"


def written_by_a_camera(turned=6):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker of phones", turned
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    return photo(exif=exif, comment=b"At her home", size=(60, 80))


def test_a_photo_is_kept_upright_without_where_it_was_taken():
    data = written_by_a_camera()
    assert b"Maker of phones" in data and b"At her home" in data
    kept = look_at("page.jpg", data).data
    assert opened(kept).size == (80, 60), "turned as the camera meant it"
    assert not opened(kept).getexif()
    assert b"Maker" not in kept and b"home" not in kept and b"Exif" not in kept


def test_a_large_photo_is_made_as_small_as_it_can_be_read():
    data = photo(size=(3000, 4000))
    width, height = opened(look_at("page.jpg", data).data).size
    assert (height, round(width / height, 2)) == (LONGEST_SIDE, 0.75)
    small = opened(look_at("page.jpg", photo(size=(300, 400))).data)
    assert small.size == (300, 400), "and a small one no larger"


@pytest.mark.parametrize(
    ("mode", "dots", "seen"),
    [
        ("1", 1, 255),
        ("L", 40, 40),
        ("I;16", 40 * 256, 40),
        ("P", 0, 0),
        ("LA", (40, 255), 40),
        ("RGBA", (0, 0, 0, 0), 255),
        ("RGBA", (40, 40, 40, 255), 40),
    ],
)
def test_what_a_scanner_makes_can_be_seen_in_a_browser(mode, dots, seen):
    """Black and white, very many shades of grey, a palette; what shows through is white paper."""
    held = io.BytesIO()
    Image.new(mode, (8, 8), dots).save(held, "PNG")
    kept = opened(look_at("page.png", held.getvalue()).data)
    assert kept.mode in ("L", "RGB")
    assert kept.convert("L").getpixel((4, 4)) == pytest.approx(seen, abs=3)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("page.docx", docx(), "Choose a PDF, PNG or JPG file."),
        ("page.heic", photo(), "Choose a PDF, PNG or JPG file."),
        ("page.svg", b"<svg/>", "Choose a PDF, PNG or JPG file."),
        ("page", photo(), "Choose a PDF, PNG or JPG file."),
        ("page.pdf", PROGRAM, "This is not a proper PDF file."),
        ("page.pdf", photo(), "This is not a proper PDF file."),
        ("page.png", photo(), "This is not a proper PNG file."),
        ("page.jpg", photo() + b"<script>", "This is not a proper JPG file."),
        ("page.jpg", b"", "This file is empty."),
        ("page.jpg", jpg(), "This picture cannot be read."),
        ("page.png", png(width=9000, height=9000), "This picture has too many dots."),
        ("page.png", png(width=40_000, height=40_000), "This is not a proper PNG file."),
    ],
)
def test_what_is_not_taken_is_refused_in_plain_words(name, data, words):
    with pytest.raises(BadFile, match=re.escape(words)):
        look_at(name, data)


def test_a_picture_that_breaks_off_is_refused_once_pdfs_are_made_too():
    """The library that makes PDFs would have it taken, by every picture that is read after it."""
    assert available()
    whole = photo()
    for data in (jpg(), whole[: len(whole) // 2] + whole[-2:]):
        with pytest.raises(BadFile, match="This picture cannot be read"):
            look_at("page.jpg", data)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_on_bids_works_here(attack):
    with pytest.raises(BadFile):
        look_at(*ATTACKS[attack])


def test_what_is_too_large_is_not_taken():
    with pytest.raises(BadFile, match="This file is too large"):
        look_at("page.pdf", pdf()[:-6] + b"x" * MOST + b"%%EOF\n")


# ---- Adding -----------------------------------------------------------------------------------
def test_add_scan_keeps_it_under_our_name_with_an_entry(sheet, sam):
    scan = add(sheet, sam, name="../../Joan Ibbotson.jpg")
    assert scan.file.name == f"sheets/{scan.uuid}.jpg"
    assert default_storage.exists(scan.file.name)
    assert (scan.assignment, scan.added_by, scan.removed_at) == (sheet, sam, None)
    assert scan.name == f"sheet-{scan.pk}.jpg"
    entry = Entry.objects.latest("seq")
    assert (entry.verb, entry.by) == ("scan_added", sam)
    assert entry.data == {"scan": scan.pk, "assignment": sheet.pk, "sha256": scan.sha256}


@pytest.mark.parametrize(
    "who", ["joan", "harold", "amina", "margaret", "administrator", "superuser", "outsider"]
)
def test_add_scan_is_for_staff_who_type(who, sheet, request):
    with pytest.raises(Refused):
        add(sheet, request.getfixturevalue(who))
    assert not SheetScan.objects.exists()


def test_add_scan_refuses_the_same_picture_twice_and_too_many(sheet, sam, monkeypatch):
    first = add(sheet, sam)
    with pytest.raises(BadFile, match="This picture is here already"):
        add(sheet, sam)
    monkeypatch.setattr(rules, "MOST_SCANS", 2)
    add(sheet, sam, photo(shade=10))
    with pytest.raises(BadFile, match="A sheet can have 2 pictures"):
        add(sheet, sam, photo(shade=20))
    assert SheetScan.objects.count() == 2
    actions.remove_scan(scan=first, by=sam, at=now())
    add(sheet, sam)


def test_add_scan_leaves_nothing_behind_when_it_fails(sheet, sam, monkeypatch):
    before = default_storage.listdir("sheets")[1] if default_storage.exists("sheets") else []

    def no(**_facts):
        raise RuntimeError("no trail")

    monkeypatch.setattr("panels.actions.scans.record", no)
    with pytest.raises(RuntimeError):
        add(sheet, sam)
    assert not SheetScan.objects.exists()
    after = default_storage.listdir("sheets")[1] if default_storage.exists("sheets") else []
    assert sorted(after) == sorted(before)


def test_add_scan_stops_when_nothing_is_left_to_type(reading, sheet, joan, sam, ruth):
    waiting = typed(reading, sheet, sam)
    with pytest.raises(Refused, match="somebody else must check it"):
        add(sheet, sam)
    add(sheet, ruth)
    actions.confirm_typed_scores(sheet=waiting, by=ruth, at=now())
    with pytest.raises(Refused, match="done with this bid"):
        add(sheet, ruth, photo(shade=1))
    other = reading.assignments(joan)[1]
    close_scoring(reading)
    with pytest.raises(Refused):
        add(other, sam)


# ---- Taking away ------------------------------------------------------------------------------
def test_remove_scan_takes_the_file_and_keeps_that_it_was_there(
    sheet, sam, ruth, django_capture_on_commit_callbacks
):
    scan = add(sheet, sam)
    name = scan.file.name
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_scan(scan=scan, by=ruth, at=now())
    row = SheetScan.objects.get()
    assert (row.file.name, row.removed_by) == ("", ruth)
    assert not default_storage.exists(name)
    entry = Entry.objects.latest("seq")
    assert (entry.verb, entry.by, entry.data["scan"]) == ("scan_removed", ruth, scan.pk)
    actions.remove_scan(scan=scan, by=sam, at=now())
    assert Entry.objects.latest("seq") == entry, "once is enough"


@pytest.mark.parametrize("who", ["harold", "amina", "margaret", "administrator", "superuser"])
def test_remove_scan_is_refused_to_others(who, sheet, sam, request):
    scan = add(sheet, sam)
    with pytest.raises(Refused):
        actions.remove_scan(scan=scan, by=request.getfixturevalue(who), at=now())
    assert SheetScan.objects.here().get() == scan


def test_its_volunteer_takes_a_wrong_paper_away_even_later(reading, sheet, joan, sam, ruth):
    scan = add(sheet, sam)
    actions.confirm_typed_scores(sheet=typed(reading, sheet, sam), by=ruth, at=now())
    with pytest.raises(Refused):
        actions.remove_scan(scan=scan, by=sam, at=now())
    actions.remove_scan(scan=scan, by=joan, at=now())
    assert not SheetScan.objects.here().exists()


# ---- The database -----------------------------------------------------------------------------
def refused(write):
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        write()


def test_the_database_keeps_a_picture_as_it_was_added(sheet, reading, joan, sam, ruth):
    scan = add(sheet, sam)
    rows = SheetScan.objects.filter(pk=scan.pk)
    other = reading.assignments(joan)[1]
    refused(lambda: rows.update(assignment=other))
    refused(lambda: rows.update(sha256="0" * 64))
    refused(lambda: rows.update(file="sheets/other.jpg"))
    refused(lambda: rows.update(file=""))
    refused(lambda: rows.update(removed_at=now(), removed_by=ruth))  # and its file stays
    refused(rows.delete)
    refused(lambda: rows._raw_delete("default"))
    actions.remove_scan(scan=scan, by=ruth, at=now())
    refused(lambda: rows.update(removed_at=None, removed_by=None))
    refused(lambda: rows.update(file="sheets/other.jpg"))


@pytest.mark.parametrize("who", ["joan", "harold", "amina", "administrator", "superuser"])
def test_the_database_lets_only_staff_add_one(who, sheet, request):
    facts = {"assignment": sheet, "file": "sheets/a.jpg", "kind": "jpg", "sha256": "0" * 64}
    by = request.getfixturevalue(who)
    refused(lambda: SheetScan.objects.create(**facts, added_at=now(), added_by=by))


# ---- Who sees it ------------------------------------------------------------------------------
def read(answer):
    """What came, to its end, which shuts its file."""
    return answer.getvalue() if answer.streaming else answer.content


def answers(client, person, scan):
    client.force_login(person)
    answer = client.get(file_at(scan))
    read(answer)
    return answer.status_code


EVERYBODY_ELSE = ["harold", "amina", "rival", "margaret", "administrator", "superuser", "outsider"]


def test_scan_file_is_for_who_types_who_checks_and_its_volunteer(
    client, reading, sheet, joan, sam, ruth, request
):
    scan = add(sheet, sam)
    others = [request.getfixturevalue(name) for name in EVERYBODY_ELSE]
    assert client.get(file_at(scan)).status_code == 302, "somebody signed out"
    assert {answers(client, person, scan) for person in others} == {404}
    assert [answers(client, person, scan) for person in (joan, sam, ruth)] == [200, 200, 200]
    waiting = typed(reading, sheet, sam)
    assert {answers(client, person, scan) for person in others} == {404}
    # Who typed has nothing more to do with it; the second person compares.
    assert [answers(client, person, scan) for person in (joan, sam, ruth)] == [200, 404, 200]
    actions.confirm_typed_scores(sheet=waiting, by=ruth, at=now())
    assert [answers(client, person, scan) for person in (joan, sam, ruth)] == [200, 404, 404]
    assert {answers(client, person, scan) for person in others} == {404}
    open_scores(reading)
    assert {answers(client, person, scan) for person in (*others, sam, ruth)} == {404}
    assert answers(client, joan, scan) == 200


def test_scan_file_is_gone_for_who_stands_aside_or_handed_the_bid_back(
    client, reading, sheet, joan, sam
):
    scan = add(sheet, sam)
    tie = Interest.objects.create(
        member=sheet.member, application=sheet.application, kind="direct", made_at=now()
    )
    aside = {"member": sheet.member, "lot": reading.lot, "interest": tie, "began_at": now()}
    with transaction.atomic():
        StandingAside.objects.create(**aside)
        assert [answers(client, person, scan) for person in (joan, sam)] == [404, 404]
        transaction.set_rollback(True)
    assert answers(client, joan, scan) == 200
    actions.hand_back(assignment=sheet, by=joan, at=now())
    assert [answers(client, person, scan) for person in (joan, sam)] == [404, 404]
    assert not rules.may_see_scan(sheet, joan, on=timezone.localdate())


def test_scan_file_can_be_looked_at_and_does_nothing_else(client, sheet, sam):
    client.force_login(sam)
    scan = add(sheet, sam)
    answer = client.get(file_at(scan))
    with default_storage.open(scan.file.name) as kept:
        assert read(answer) == kept.read()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == f'inline; filename="sheet-{scan.pk}.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Frame-Options"] == "DENY"
    paper = client.get(file_at(add(sheet, sam, pdf(), "page.pdf")))
    assert read(paper) == pdf()
    assert paper["Content-Type"] == "application/pdf"
    assert paper["X-Frame-Options"] == "SAMEORIGIN"
    assert "script" not in paper["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in paper["Content-Security-Policy"]
    actions.remove_scan(scan=scan, by=sam, at=now())
    assert client.get(file_at(scan)).status_code == 404
    assert client.post(file_at(scan)).status_code == 405


def test_only_pages_that_show_them_may_frame_our_own_files(client, sheet, sam):
    client.force_login(sam)
    assert "frame-src 'self'" in client.get(type_at(sheet))["Content-Security-Policy"]
    other = client.get(reverse("sheet_list", args=[sheet.member_id]))
    assert "frame-src" not in other["Content-Security-Policy"]


# ---- Typing beside it -------------------------------------------------------------------------
def checked_at(page, name, value):
    return re.search(rf'name="{name}"[^>]*value="{value}"[^>]*checked', page)


def test_type_scores_adds_pictures_and_loses_nothing_that_was_typed(client, reading, sheet, sam):
    client.force_login(sam)
    page = client.get(type_at(sheet))
    assert "Error:" not in page.text and "scan_file" not in page.text
    first, second = reading.criteria[:2]
    half = {f"score_{first.slug}": "4", f"reason_{second.slug}": "She rang <twice>"}
    files = [upload("one.jpg", photo(shade=1)), upload("two.pdf", pdf())]
    page = client.post(type_at(sheet), {**half, "scan": files, "add_scan": "1"})
    assert page.status_code == 200
    assert "2 pictures are added. What you typed is still here." in page.text
    assert "There is a problem" not in page.text, "what is not filled in yet is no mistake"
    assert checked_at(page.text, f"score_{first.slug}", 4)
    assert "She rang &lt;twice&gt;" in page.text
    one, two = SheetScan.objects.all()
    assert f'<img src="{file_at(one)}"' in page.text
    assert f'<iframe src="{file_at(two)}#' in page.text
    # And taken away from the same form.
    page = client.post(type_at(sheet), {**half, "take_scan_away": str(one.uuid)})
    assert page.status_code == 200
    assert "The picture is taken away. What you typed is still here." in page.text
    assert "There is a problem" not in page.text
    assert checked_at(page.text, f"score_{first.slug}", 4)
    assert file_at(one) not in page.text and file_at(two) in page.text
    assert not ScoreSheet.objects.exists()
    # What does not belong to this sheet is not taken away here.
    other = add(reading.assignments(sheet.member.person)[1], sam)
    client.post(type_at(sheet), {**half, "take_scan_away": str(other.uuid)})
    assert other in SheetScan.objects.here()


def test_type_scores_says_which_file_is_not_taken_and_keeps_the_rest(client, reading, sheet, sam):
    client.force_login(sam)
    files = [upload("good.jpg", photo()), upload("letter.docx", docx()), upload("no.pdf", b"")]
    page = client.post(type_at(sheet), form_data(reading, add_scan="1", scan=files))
    assert page.status_code == 422
    assert "letter.docx: Choose a PDF, PNG or JPG file." in page.text
    assert "no.pdf: This file is empty." in page.text
    assert "1 picture is added." in page.text
    assert "She wrote that she liked it" in page.text
    page = client.post(type_at(sheet), form_data(reading, add_scan="1"))
    assert page.status_code == 422
    assert "Choose a file to add." in page.text
    assert not ScoreSheet.objects.exists()


def test_type_scores_adds_a_chosen_picture_when_all_is_saved(client, reading, sheet, sam):
    client.force_login(sam)
    bad = form_data(reading, scan=upload("no.docx", docx()))
    page = client.post(type_at(sheet), bad)
    assert page.status_code == 422
    assert not ScoreSheet.objects.exists(), "first the file, then the scores"
    gap = form_data(reading, score="", scan=upload("one.jpg", photo()))
    page = client.post(type_at(sheet), gap)
    assert page.status_code == 422
    assert file_at(SheetScan.objects.get()) in page.text
    answer = client.post(type_at(sheet), form_data(reading, scan=upload("b.jpg", photo(shade=2))))
    assert answer.status_code == 302
    assert SheetScan.objects.here().count() == 2
    assert ScoreSheet.objects.get().typed_by == sam


def test_the_first_button_of_the_form_saves(client, sheet, sam):
    """Enter in a box presses the first button of the form, which must not take a picture away."""
    client.force_login(sam)
    add(sheet, sam)
    page = client.get(type_at(sheet)).text
    buttons = re.findall(r"<button[^>]*>", page[page.index("<main") :])
    assert "name=" not in buttons[0]
    assert [bool(re.search('name="take_scan_away"', one)) for one in buttons[:3]] == [
        False,
        False,
        True,
    ]


def test_the_second_person_sees_it_and_can_add_the_missing_page(client, reading, sheet, sam, ruth):
    scan = add(sheet, sam)
    here = reverse("check_typed_scores", args=[typed(reading, sheet, sam).pk])
    client.force_login(ruth)
    page = client.get(here)
    assert file_at(scan) in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    files = {"scan": upload("two.jpg", photo(shade=9)), "add_scan": "1"}
    page = client.post(here, {"words": "Page 2 was missing", **files})
    assert page.status_code == 200
    assert "Page 2 was missing" in page.text and "There is a problem" not in page.text
    assert SheetScan.objects.here().count() == 2
    page = client.post(here, {"right": "yes", "take_scan_away": str(scan.uuid)})
    assert checked_at(page.text, "right", "yes")
    assert ScoreSheet.objects.get().confirmed_at is None
    assert client.post(here, {"right": "yes"}).status_code == 302
    assert ScoreSheet.objects.get().confirmed_by == ruth


def test_sheet_list_says_where_there_is_a_picture_to_check_by(client, reading, sheet, sam, ruth):
    here, words = reverse("sheet_list", args=[sheet.member_id]), "Its paper is there as a picture."
    typed(reading, sheet, sam)
    client.force_login(ruth)
    assert words not in client.get(here).text
    scan = add(sheet, ruth)
    assert client.get(here).text.count(words) == 1
    actions.remove_scan(scan=scan, by=ruth, at=now())
    assert words not in client.get(here).text
    add(sheet, ruth)
    client.force_login(sam)
    assert words not in client.get(here).text, "who typed it has no more to do with it"


def test_its_volunteer_sees_it_before_saying_yes_and_on_the_receipt(
    client, reading, sheet, joan, sam
):
    scan, other = add(sheet, sam), add(sheet, sam, photo(shade=3))
    here = reverse("confirm_typed_scores", args=[typed(reading, sheet, sam).pk])
    client.force_login(joan)
    page = client.get(here)
    assert file_at(scan) in page.text
    assert 'type="file"' not in page.text, "she adds none"
    client.post(here, {"scan": upload("mine.jpg", photo(shade=7)), "add_scan": "1"})
    assert SheetScan.objects.count() == 2
    page = client.post(here, {"words": "Not my hand", "take_scan_away": str(other.uuid)})
    assert "Not my hand" in page.text
    assert SheetScan.objects.here().get() == scan
    client.post(here, {"right": "yes"})
    receipt = client.get(reverse("scores_sent", args=[sheet.pk]))
    assert file_at(scan) in receipt.text
    assert "See the paper this was typed from" in receipt.text


def test_a_sheet_sent_at_a_screen_shows_no_picture(client, reading, sheet, joan, sam):
    add(sheet, sam)
    send(reading, sheet)
    client.force_login(joan)
    assert "/readers/scans/" not in client.get(reverse("scores_sent", args=[sheet.pk])).text


def test_a_change_after_the_talk_has_no_pictures(reading, sheet, sam):
    add(sheet, sam)
    typed_sheet = typed(reading, sheet, sam)
    assert len(rules.scans_with(typed_sheet)) == 1
    typed_sheet.phase = "talk"
    assert rules.scans_with(typed_sheet) == []


def test_the_pages_ask_no_more_for_more_pictures(client, reading, sheet, joan, sam, ruth):
    def asked(person, url):
        client.force_login(person)
        read(client.get(url))
        with CaptureQueriesContext(connection) as found:
            read(client.get(url))
        return len(found)

    add(sheet, sam)
    one = asked(sam, type_at(sheet))
    for shade in range(3):
        add(sheet, sam, photo(shade=shade))
    assert asked(sam, type_at(sheet)) == one <= 12
    check = reverse("check_typed_scores", args=[typed(reading, sheet, sam).pk])
    assert asked(ruth, check) <= 12
    assert asked(ruth, file_at(SheetScan.objects.first())) <= 12
    assert asked(joan, file_at(SheetScan.objects.first())) <= 7


def test_an_old_sheet_keeps_its_pictures_for_typing_it_again(client, reading, sheet, sam, ruth):
    scan = add(sheet, sam)
    first = typed(reading, sheet, sam)
    actions.refuse_typed_scores(sheet=first, words="A slip", by=ruth, at=now())
    client.force_login(sam)
    assert file_at(scan) in client.get(type_at(sheet)).text
