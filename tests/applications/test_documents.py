"""The attack set: each file is refused with plain words, and honest files are taken."""

import contextlib
import io
import random
import zipfile
import zlib

import pikepdf
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import documents
from accounts.permissions import Refused
from applications import actions
from applications.models import Document
from tests.factories.applications import (
    DOCX_TYPES,
    archive,
    docx,
    jpg,
    make_draft_bid,
    make_open_round,
    odt,
    pdf,
    png,
    upload,
)

MOST = 10 * documents.MEGABYTE
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00This program cannot be run in DOS mode."
NOT_PROPER = "This is not a proper"


def inspect(name: str, data: bytes) -> documents.Checked:
    return documents.inspect(upload(name, data), most_bytes=MOST)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("plan.pdf", pdf(), "pdf"),
        ("PLAN.PDF", pdf(), "pdf"),
        ("plan.docx", docx(), "docx"),
        ("plan.odt", odt(), "odt"),
        ("hall.png", png(), "png"),
        ("hall.jpg", jpg(), "jpg"),
        ("hall.jpeg", jpg(), "jpg"),
        ("phone.jpg", jpg() + b"SEFT trailer of a phone", "jpg"),
    ],
)
def test_inspect_takes_honest_files(name, data, kind):
    checked = inspect(name, data)
    assert (checked.kind, checked.data) == (kind, data)


@pytest.mark.parametrize("name", ["run.exe", "page.html", "draw.svg", "all.zip", "old.doc", "plan"])
def test_inspect_takes_five_kinds_only(name):
    with pytest.raises(documents.BadFile, match="Choose a PDF, Word"):
        inspect(name, b"anything")


# ---- PDFs and what is packed in them ---------------------------------------------------------
def with_stream(body: bytes, about: bytes = b"") -> bytes:
    length = str(len(body)).encode()
    stream = b"<< " + about + b" /Length " + length + b" >>\nstream\n" + body + b"\nendstream\n"
    return pdf().replace(b"trailer", b"2 0 obj\n" + stream + b"endobj\ntrailer")


def made(action: pikepdf.Dictionary | None = None, **saving) -> bytes:
    """A PDF as today's programs write it, with its objects packed away in streams."""
    held, file = io.BytesIO(), pikepdf.new()
    file.add_blank_page()
    picture = file.make_stream(random.Random(7).randbytes(20_000) + b"/JS (not a name)")
    file.pages[0].obj.Thumb = picture
    if action is not None:
        file.Root.OpenAction = file.make_indirect(action)
    packed = pikepdf.ObjectStreamMode.generate
    file.save(held, object_stream_mode=packed, compress_streams=True, **saving)
    assert b"/ObjStm" in held.getvalue() and b"/OpenAction" not in held.getvalue()
    return held.getvalue()


def script(name: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary({"/S": pikepdf.Name(name), "/JS": "app.alert(1)"})


LOCK = pikepdf.Encryption(owner="o", user="", R=6)


@pytest.mark.parametrize("short", [b"/JS", b"/XFA", b"/J#53", b"/JS (", b"/JS 1 0 R"])
def test_packed_bytes_that_look_like_a_name_by_chance_are_taken(short):
    lot = random.Random(16)
    for _time in range(40):
        one, two = lot.randbytes(3000), lot.randbytes(3000)
        data = with_stream(one + short + b" " + two)
        assert inspect("plan.pdf", data).data == data


@pytest.mark.parametrize("saving", [{}, {"encryption": LOCK}])
def test_a_pdf_with_packed_objects_is_taken(saving):
    assert inspect("plan.pdf", made(**saving)).kind == "pdf"


@pytest.mark.parametrize("of", [b"/Standard /V 5", b"/Adobe.PPKLite /SubFilter /adbe.pkcs7"])
def test_packed_objects_after_a_lock_or_a_signature_are_taken(of):
    data = with_stream(zlib.compress(b"1 0 << /A 1 >>"), FLATE)
    signed = data.replace(b"2 0 obj", b"3 0 obj << /Filter " + of + b" >> endobj\n2 0 obj")
    assert inspect("plan.pdf", signed).kind == "pdf"


@pytest.mark.parametrize("name", ["/JavaScript", "/Rendition"])
def test_a_script_among_packed_objects_is_refused(name):
    with pytest.raises(documents.BadFile, match=NOT_PROPER):
        inspect("plan.pdf", made(script(name)))


HEX = b"/Type /ObjStm /Filter /ASCIIHexDecode"
FLATE = b"/Type /ObjStm /Filter /FlateDecode"
RISKY = b"1 0 << /S /JavaScript /JS (x) >>"

PACKED_AWAY = {
    "in hexadecimal": with_stream(RISKY.hex().encode() + b">", HEX),
    "packed twice": with_stream(
        zlib.compress(RISKY.hex().encode()), b"/Type/ObjStm /Filter [/FlateDecode /ASCIIHexDecode]"
    ),
    "with rows taken apart": with_stream(
        zlib.compress(RISKY), FLATE + b" /DecodeParms << /Predictor 12 >>"
    ),
    "cut short": with_stream(zlib.compress(RISKY)[:-6], FLATE),
    "not packed at all": with_stream(b"1 0 << /JS (x) >>", b"/Type /ObjStm"),
    "under a hidden name": with_stream(zlib.compress(RISKY), FLATE.replace(b"Stm", b"#53tm")),
    "behind a false lock": with_stream(zlib.compress(RISKY), FLATE + b" /X /Encrypt"),
    "far too large": with_stream(zlib.compress(bytes(documents.MOST_UNPACKED + 1)), FLATE),
    "a script in what looks like a stream": pdf().replace(
        b"/Catalog", b"/Catalog /X (>>\nstream\n) /A << /S /#4aavaScript /J#53 (x) >> (endstream)"
    ),
    "a script after a stream": with_stream(b"x").replace(b"trailer", b"<< /#4aS (x) >>\ntrailer"),
    "a stream without an end": pdf().replace(b"trailer", b"stream\n /JS (x)\ntrailer"),
}


@pytest.mark.parametrize("what", PACKED_AWAY)
def test_what_may_run_is_refused_however_it_is_packed(what):
    with pytest.raises(documents.BadFile, match=NOT_PROPER):
        inspect("plan.pdf", PACKED_AWAY[what])


def test_looking_into_a_pdf_takes_no_time_to_speak_of():
    """No search begins anew at each place: this would take hours if one did."""
    for run in (b"stream\n", b"/ObjStm stream\nendstream", b"#4a", b"stream ", b"/JSx"):
        with contextlib.suppress(documents.BadFile):
            inspect("plan.pdf", pdf().replace(b"trailer", run * 200_000 + b"\ntrailer"))


def zipped_pdf() -> bytes:
    return pdf() + archive({"inside.txt": b"a second file"})


def bomb() -> bytes:
    return docx(word__media__big=b"\0" * (40 * documents.MEGABYTE))


def lying_sizes() -> bytes:
    """An archive whose list says its large part is small."""
    data = bytearray(docx(word__media__big=b"\0" * (30 * documents.MEGABYTE)))
    large = (30 * documents.MEGABYTE).to_bytes(4, "little")
    return bytes(data).replace(large, (10).to_bytes(4, "little"))


def with_comment() -> bytes:
    held = io.BytesIO(docx())
    with zipfile.ZipFile(held, "a") as packed:
        packed.comment = b"<script>alert(1)</script>"
    return held.getvalue()


def many_parts() -> bytes:
    return docx(**{f"word__{number}": b"x" for number in range(2100)})


TEMPLATE = (
    b'<Relationship Type="http://x/attachedTemplate" Target="http://far" TargetMode="External"/>'
)

ATTACKS = {
    "program as pdf": ("plan.pdf", PROGRAM),
    "program as docx": ("plan.docx", PROGRAM),
    "program as png": ("hall.png", PROGRAM),
    "program as jpg": ("hall.jpg", PROGRAM),
    "program before a pdf": ("plan.pdf", PROGRAM + pdf()),
    "page as pdf": ("plan.pdf", b"<html><script>alert(1)</script></html>"),
    "pdf and archive in one": ("plan.pdf", zipped_pdf()),
    "pdf with something after it": ("plan.pdf", pdf() + PROGRAM),
    "pdf with a script": ("plan.pdf", pdf().replace(b"/Catalog", b"/Catalog /OpenAction /JS (x)")),
    "pdf with a hidden script": ("plan.pdf", pdf().replace(b"/Catalog", b"/Catalog /J#53 (x)")),
    "pdf that starts a program": ("plan.pdf", pdf().replace(b"/Catalog", b"/Catalog /Launch")),
    "pdf with a file in it": ("plan.pdf", pdf().replace(b"/Catalog", b"/Catalog /EmbeddedFiles")),
    "pdf cut short": ("plan.pdf", pdf()[:40]),
    "svg as png": ("draw.png", b"<svg xmlns='x'><script>alert(1)</script></svg>"),
    "svg as jpg": ("draw.jpg", b"<svg xmlns='x'><script>alert(1)</script></svg>"),
    "png with something after it": ("hall.png", png() + b"<script>"),
    "png and archive in one": ("hall.png", png() + archive({"a": b"b"})),
    "png of a billion dots": ("hall.png", png(width=40_000, height=40_000)),
    "png broken inside": ("hall.png", png().replace(b"IDAT", b"IDAX")),
    "png cut short": ("hall.png", png()[:30]),
    "jpg with a page in it": ("hall.jpg", jpg().replace(b"JFIF", b"<script>")),
    "jpg and archive in one": ("hall.jpg", jpg() + archive({"a": b"b"})),
    "jpg and pdf in one": ("hall.jpg", jpg() + pdf()),
    "jpg with no picture": ("hall.jpg", b"\xff\xd8\xff\xe0\x00\x00\xff\xd9"),
    "archive as docx": ("plan.docx", archive({"readme.txt": b"hello"})),
    "docx that unpacks to forty megabytes": ("plan.docx", bomb()),
    "docx that lies about its sizes": ("plan.docx", lying_sizes()),
    "docx with macros": ("plan.docx", docx(**{"word__vbaProject.bin": b"macro"})),
    "docx that may have macros": (
        "plan.docx",
        archive(
            {
                "[Content_Types].xml": DOCX_TYPES + b"application/vnd.ms-word.macroEnabled.12",
                "word/document.xml": b"<w/>",
            }
        ),
    ),
    "docx that fetches a template": (
        "plan.docx",
        docx(**{"word___rels__settings.xml.rels": TEMPLATE}),
    ),
    "docx with names that climb": ("plan.docx", docx(**{"..__..__etc__passwd": b"root"})),
    "docx with a name from the root": ("plan.docx", docx(__etc__passwd=b"root")),
    "docx with a windows name": ("plan.docx", docx(**{"C:\\run.exe": b"root"})),
    "docx with endless entities": (
        "plan.docx",
        docx(**{"word__styles.xml": b'<!DOCTYPE x [<!ENTITY a "aa">]>'}),
    ),
    "docx with a comment": ("plan.docx", with_comment()),
    "docx after a program": ("plan.docx", PROGRAM + docx()),
    "docx before a program": ("plan.docx", docx() + PROGRAM),
    "docx of many parts": ("plan.docx", many_parts()),
    "docx cut short": ("plan.docx", docx()[:200]),
    "docx as odt": ("plan.odt", docx()),
    "odt as docx": ("plan.docx", odt()),
    "odt with macros": ("plan.odt", odt(**{"Basic__Standard__Module1.xml": b"<x/>"})),
    "odt with another kind": ("plan.odt", odt(mimetype=b"application/zip")),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_inspect_refuses_attacks_in_plain_words(attack):
    name, data = ATTACKS[attack]
    with pytest.raises(documents.BadFile) as caught:
        inspect(name, data)
    assert NOT_PROPER in str(caught.value)
    assert "Save it again as a PDF" in str(caught.value)


def test_inspect_refuses_two_parts_of_one_name():
    held = io.BytesIO(docx())
    with zipfile.ZipFile(held, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("word/document.xml", b"another")
    with pytest.raises(documents.BadFile, match=NOT_PROPER):
        inspect("plan.docx", held.getvalue())


def test_inspect_refuses_locked_archives():
    data = bytearray(docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        data[at + place] |= 1
    with pytest.raises(documents.BadFile, match=NOT_PROPER):
        inspect("plan.docx", bytes(data))


def test_inspect_refuses_what_is_too_large_or_empty():
    with pytest.raises(documents.BadFile, match="It can be up to 1 MB"):
        documents.inspect(
            upload("plan.pdf", pdf() + b" " * documents.MEGABYTE), most_bytes=documents.MEGABYTE
        )
    with pytest.raises(documents.BadFile, match="This file is empty"):
        inspect("plan.pdf", b"")


def test_inspect_does_not_believe_the_stated_size():
    sent = upload("plan.pdf", pdf() + b" " * documents.MEGABYTE)
    sent.size = 10
    with pytest.raises(documents.BadFile, match="too large"):
        documents.inspect(sent, most_bytes=documents.MEGABYTE)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\run.pdf", "run.pdf"),
        ("C:\\Users\\Bo\\Our plan.pdf", "Our plan.pdf"),
        (".htaccess.pdf", "htaccess.pdf"),
        ("plan\u202efdp.exe.pdf", "planfdp.exe.pdf"),
        ("plan\r\nX-Header: 1.pdf", "planX-Header: 1.pdf"),
        ("a" * 400 + ".pdf", "a" * 150 + ".pdf"),
    ],
)
def test_clean_name(name, shown):
    assert documents.clean_name(name) == shown


def test_a_scanner_is_asked_where_one_is_set(settings):
    assert not documents.scanner_is_set()
    settings.DOCUMENT_SCANNER = "tests.applications.test_documents.is_clean"
    assert documents.scanner_is_set()
    assert inspect("plan.pdf", pdf()).kind == "pdf"
    with pytest.raises(documents.BadFile, match="Our checker found something harmful"):
        inspect("plan.pdf", pdf().replace(b"/Catalog", b"/Catalog /EICAR"))


def is_clean(data: bytes) -> bool:
    """A scanner for the test above."""
    return b"EICAR" not in data


# ---- Keeping ---------------------------------------------------------------------------------
@pytest.fixture
def bid(amina):
    return make_draft_bid(make_open_round(), amina)


def add(bid, by, name="plan.pdf", data=None):
    return actions.add_document(
        application=bid, upload=upload(name, data or pdf()), by=by, at=timezone.now()
    )


def test_add_document_keeps_it_under_our_name_in_private(bid, amina):
    document = add(bid, amina, "../../plan.pdf")
    assert document.name == "plan.pdf"
    assert document.file.name == f"documents/{document.uuid}.pdf"
    assert document.file.path.startswith(str(settings.MEDIA_ROOT))
    with default_storage.open(document.file.name) as kept:
        assert kept.read() == pdf()
    assert (document.size, len(document.sha256)) == (len(pdf()), 64)


def test_add_document_leaves_nothing_behind_when_it_fails(bid, amina, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no room")

    before = (
        set(default_storage.listdir("documents")[1])
        if default_storage.exists("documents")
        else set()
    )
    monkeypatch.setattr(Document, "save", fail)
    with pytest.raises(RuntimeError, match="no room"):
        add(bid, amina)
    assert set(default_storage.listdir("documents")[1]) == before


def test_add_document_is_refused_to_others_and_past_ten(bid, amina, rival):
    with pytest.raises(Refused, match="You do not act for this organisation"):
        add(bid, rival)
    for _ in range(10):
        add(bid, amina)
    with pytest.raises(documents.BadFile, match="A bid can have 10 files"):
        add(bid, amina)


def test_remove_document_keeps_the_file_for_sent_copies(bid, amina, rival):
    document = add(bid, amina)
    with pytest.raises(Refused, match="You do not act for this organisation"):
        actions.remove_document(document=document, by=rival, at=timezone.now())
    actions.remove_document(document=document, by=amina, at=timezone.now())
    assert not bid.documents.here().exists()
    assert default_storage.exists(document.file.name)


def test_visible_to(bid, amina, rival, sam, joan):
    document = add(bid, amina)
    assert Document.objects.visible_to(amina).get() == document
    for person in (rival, sam, joan):
        assert not Document.objects.visible_to(person).exists()
