"""F25: the attack set, sent through the page to the real web server.

What each kind of file must be is tried in tests/applications/test_documents.py; here it is what an
applicant sees, what is left on the disk, and how a good file is given back.
"""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Person
from applications.models import Document
from tests.applications.test_documents import ATTACKS, PROGRAM, bomb, zipped_pdf
from tests.factories.applications import make_draft_bid, make_open_round, pdf
from tests.faults.webserver import PATIENCE, TOKEN, Site, session_of, web

BORDER = "----a-border-between-parts"
MEGABYTE = 1024 * 1024
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
SENT = {
    "a program called .pdf": ("plan.pdf", PROGRAM, "not a proper PDF file"),
    "a program": ("setup.exe", PROGRAM, "Choose a PDF, Word"),
    "an archive that unpacks to forty megabytes": ("plan.docx", bomb(), "not a proper DOCX file"),
    "a drawing with a script": ("draw.svg", SVG, "Choose a PDF, Word"),
    "the same called .png": ("draw.png", SVG, "not a proper PNG file"),
    "two kinds of file in one": ("plan.pdf", zipped_pdf(), "not a proper PDF file"),
    "a name that climbs out, and a program": (
        "../../../etc/cron.d/plan.pdf",
        PROGRAM,
        "not a proper PDF file",
    ),
    "nothing": ("empty.pdf", b"", "empty"),
}


def head(name: str) -> bytes:
    return (
        f'--{BORDER}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}'
        f'\r\n--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()


TAIL = f"\r\n--{BORDER}--\r\n".encode()


def send(
    site: Site, session: str, path: str, name: str, parts: Iterator[bytes], size: int
) -> tuple[int, str]:
    """Send one file as a browser does, part by part, so that a huge one needs no memory here."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    first = head(name)
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BORDER}")
    connection.putheader("Content-Length", str(len(first) + size + len(TAIL)))
    connection.putheader("Cookie", f"csrftoken={TOKEN}; sessionid={session}")
    connection.endheaders()
    connection.send(first)
    for part in parts:
        connection.send(part)
    connection.send(TAIL)
    answer = connection.getresponse()
    words = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, words


def files_on_disk() -> list[Path]:
    folder = Path(settings.MEDIA_ROOT)
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


@pytest.mark.django_db(transaction=True)
def test_the_attack_set_is_refused_in_plain_words(tmp_path: Path, amina: Person) -> None:
    bid = make_draft_bid(make_open_round(), amina)
    session, path = session_of(amina), reverse("add_document", args=[bid.pk])
    kept_for_now = tmp_path / "half"
    kept_for_now.mkdir()
    before = files_on_disk()
    with web(tmp_path, workers=1, TMPDIR=str(kept_for_now)) as site:
        for what, (name, data, words) in SENT.items():
            status, page = send(site, session, path, name, iter([data]), len(data))
            assert status == 422, what
            assert words in page, what
            assert "Traceback" not in page
        # Two hundred megabytes that call themselves a PDF: read, let go, and said to be too large.
        size, part = 200 * MEGABYTE, b"%PDF-1.7" + b"x" * (MEGABYTE - 8)
        largest = 0

        def parts() -> Iterator[bytes]:
            nonlocal largest
            for _turn in range(200):
                yield part
                largest = max(largest, *(path.stat().st_size for path in halves(kept_for_now)), 0)

        status, page = send(site, session, path, "huge.pdf", parts(), size)
        assert status == 422
        assert "too large. It can be up to 10 MB." in page
        assert largest <= 11 * MEGABYTE, "no more was held than it takes to see it is too large"
        assert halves(kept_for_now) == []
        assert files_on_disk() == before and not Document.objects.exists()

        # And an honest file: our own name on the disk, theirs on the way back, never opened here.
        good = pdf()
        status, _page = send(site, session, path, "../../our plan.pdf", iter([good]), len(good))
        assert status == 302
        row = Document.objects.get()
        assert row.name == "our plan.pdf"
        assert row.file.name == f"documents/{row.uuid}.pdf"
        assert len(files_on_disk()) == len(before) + 1
        answer, body = fetch(site, session, reverse("document_file", args=[row.uuid]))
        assert body == good
        assert answer["Content-Disposition"] == 'attachment; filename="our plan.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]


def halves(folder: Path) -> list[Path]:
    """What the server holds of files on their way."""
    return [path for path in folder.iterdir() if path.name.endswith(".upload")]


def fetch(site: Site, session: str, path: str) -> tuple[dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200
    return dict(answer.getheaders()), body


def test_the_whole_attack_set_is_tried() -> None:
    """The long list of attacks is not empty by mistake."""
    assert len(ATTACKS) > 20 and len(SENT) == 8
