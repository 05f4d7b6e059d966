"""Files that people send us, with a bid or a receipt: checked by content, never by name alone.

A file is taken only if its name, its first bytes and its inner build agree. What is refused:
programs and pages under another name, two kinds of file in one, archives that unpack to far more
than they weigh, macros, links that fetch a template from elsewhere, names that climb out of a
folder.
"""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.permissions import Refused

MEGABYTE = 1024 * 1024
MOST_UNPACKED = 60 * MEGABYTE
MOST_PARTS = 2000
MOST_TIMES_LARGER = 150
MOST_PIXELS = 100_000_000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "png": "image/png",
    "jpg": "image/jpeg",
}
ENDINGS = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
}
ACCEPT = ",".join(ENDINGS)
TO_LOOK_AT = ("pdf", "png", "jpg")
"""What a browser can show: scans and photos."""
ACCEPT_TO_LOOK_AT = ",".join(end for end, kind in ENDINGS.items() if kind in TO_LOOK_AT)
LONGEST_SIDE = 2600
"""Dots on the longer side of a picture of a page: small writing can still be read."""
MOST_PIXELS_AT_ONCE = 50_000_000
"""Of a PNG, which is unpacked whole before it is made smaller."""


class Kept(Protocol):
    """A file that was taken: where it is kept, the name it came with, and its true kind."""

    @property
    def file(self) -> Any: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class BadFile(Refused):
    """A file that is not taken. Its text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: its shown name, its true kind, its bytes and their SHA-256."""

    name: str
    kind: str
    data: bytes
    sha256: str


def inspect(upload: "UploadedFile[bytes]", *, most_bytes: int) -> Checked:
    """Look at a file that was sent. Raises BadFile with one plain sentence."""
    name = clean_name(upload.name or "")
    kind = ENDINGS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise BadFile(_("Choose a PDF, Word (.docx), OpenDocument (.odt), PNG or JPG file."))
    data = _whole(upload, most_bytes)
    if not CHECKS[kind](data):
        raise BadFile(
            _("This is not a proper %(kind)s file. Save it again as a PDF and add that.")
            % {"kind": kind.upper()}
        )
    _ask_scanner(data)
    return Checked(name, kind, data, hashlib.sha256(data).hexdigest())


def inspect_to_look_at(upload: "UploadedFile[bytes]", *, most_bytes: int) -> Checked:
    """The same for a scan or a photo of paper. A photo is kept upright, as a JPG, no larger than
    is needed to read it, without what the camera wrote into it: where it was taken, and when."""
    name = clean_name(upload.name or "")
    if ENDINGS.get(PurePosixPath(name).suffix.lower()) not in TO_LOOK_AT:
        raise BadFile(_("Choose a PDF, PNG or JPG file."))
    checked = inspect(upload, most_bytes=most_bytes)
    if checked.kind == "pdf":
        return checked
    try:
        data = _as_plain_jpg(checked.data)
    except UNREADABLE_PICTURE as error:
        words = _("This picture cannot be read. Take it again, or scan the page as a PDF.")
        raise BadFile(words) from error
    return replace(checked, kind="jpg", data=data, sha256=hashlib.sha256(data).hexdigest())


UNREADABLE_PICTURE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError)


def _as_plain_jpg(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if picture.format == "PNG" and picture.width * picture.height > MOST_PIXELS_AT_ONCE:
            raise BadFile(_("This picture has too many dots. Scan the page again with fewer."))
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a JPG is made smaller as it is read
        upright = ImageOps.exif_transpose(picture)
        seen = _on_white(upright)
        seen.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = Image.new(seen.mode, seen.size)  # with nothing that was written beside the dots
        plain.paste(seen)
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=85, optimize=True)
    return kept.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """In grey or in colour, whatever kind of dots it has; what shows through is white."""
    if picture.mode.startswith("I"):  # scanners with very many shades of grey
        return picture.point(lambda shade: shade / 256).convert("L")
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen)
    return white


def inspect_table(upload: "UploadedFile[bytes]", *, most_bytes: int) -> bytes:
    """The bytes of a table that was sent; what they say is for whoever reads it to check.

    Raises BadFile where there are none, too many, or harmful ones.
    """
    data = _whole(upload, most_bytes)
    _ask_scanner(data)
    return data


def _whole(upload: "UploadedFile[bytes]", most_bytes: int) -> bytes:
    if (upload.size or 0) > most_bytes:
        raise BadFile(_too_large(most_bytes))
    data: bytes = upload.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise BadFile(_too_large(most_bytes))
    if not data:
        raise BadFile(_("This file is empty. Choose another."))
    return data


@contextmanager
def stored(name: str, file: "File[Any]") -> Iterator[str]:
    """Keep a file in private storage; gives the name it got there.

    Enter it before any transaction, so that no lock waits for a disk. Whatever goes wrong inside
    takes the file away again.
    """
    kept = default_storage.save(name, file)
    try:
        yield kept
    except Exception:  # whatever went wrong with the row, its file must not be left behind
        default_storage.delete(kept)
        raise


def _too_large(most_bytes: int) -> str:
    return _("This file is too large. It can be up to %(count)s MB.") % {
        "count": most_bytes // MEGABYTE
    }


def scanner_is_set() -> bool:
    """Whether files are looked at by a virus scanner here; the page says so when they are not."""
    return bool(settings.DOCUMENT_SCANNER)


def _ask_scanner(data: bytes) -> None:
    """Ask the site's own virus scanner, where one is set: bytes in, true for a clean file."""
    if settings.DOCUMENT_SCANNER:
        is_clean: Callable[[bytes], bool] = import_string(settings.DOCUMENT_SCANNER)
        if not is_clean(data):
            raise BadFile(_("Our checker found something harmful in this file. It was not kept."))


def clean_name(name: str) -> str:
    """A file's own name without folders, control characters or tricks of direction."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    shown = " ".join(shown.split()).lstrip(".")
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[:150]}.{ending[:8]}" if dot and stem else shown[:150]


def as_download(document: Kept) -> FileResponse:
    """A file as an attachment under its own name, never opened inside the site. Ask sight first."""
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type=CONTENT_TYPES[document.kind],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


def to_look_at(document: Kept) -> FileResponse:
    """A picture or a PDF that one of our own pages shows. Ask sight first.

    No other site can frame it, and nothing in it runs: `inspect` let no script in.
    """
    response = FileResponse(
        document.file.open("rb"),
        filename=document.name,
        content_type=CONTENT_TYPES[document.kind],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    if document.kind == "pdf":  # a browser shows no PDF in a sandbox
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Content-Security-Policy"] = (
            "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
            "frame-ancestors 'self'"
        )
    else:
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# ---- One check for each kind -----------------------------------------------------------------
# Plain text that belongs in none of the files we take, and makes a page or program of them.
FOREIGN = re.compile(rb"<script|<\?php|<html|<svg", re.IGNORECASE)
RISKY_IN_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition)\b")
# So short that packed bytes hold them by chance: looked for outside of streams. What hides there
# still has to say one of the names above before it runs.
SHORT_RISKY_IN_PDF = re.compile(rb"/(?:JS|XFA)\b")
# Of locks and of signatures, which have filters of another kind.
NO_PACKING = re.compile(rb"/Filter\s*/(?:Standard|Adobe[.\w]*)|/SubFilter")
STREAM_IN_PDF = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\r|\n)")


def _is_pdf(data: bytes) -> bool:
    """A PDF from its first byte to its last, with nothing that runs by itself."""
    if not re.match(rb"%PDF-[12]\.\d", data) or zipfile.is_zipfile(io.BytesIO(data)):
        return False
    before, end, after = data.rpartition(b"%%EOF")
    if not end or after.strip(b"\r\n \t\x00"):
        return False
    return not _may_run(before) and not re.search(rb"<script|<\?php", before, re.I)


def _may_run(data: bytes) -> bool:
    """Whether a PDF names something that runs by itself, in the open or packed with its objects."""
    if RISKY_IN_PDF.search(_plain_names(data)):
        return True
    place, room, locked = 0, MOST_UNPACKED, b"/Encrypt" in data
    while begins := STREAM_IN_PDF.search(data, place):
        ends = data.find(b"endstream", begins.end())
        if ends < 0:
            break
        around = _plain_names(data[place : begins.start()])
        if SHORT_RISKY_IN_PDF.search(around):
            return True
        if b"/ObjStm" in around:
            objects = _packed_objects(data[begins.end() : ends], around, room, locked)
            if (
                objects is None
                or RISKY_IN_PDF.search(objects)
                or SHORT_RISKY_IN_PDF.search(objects)
            ):
                return True
            room -= len(objects)
        place = ends
    return bool(SHORT_RISKY_IN_PDF.search(_plain_names(data[place:])))


def _plain_names(data: bytes) -> bytes:
    """Names may hide behind #xx; such a name is plain enough to be read as it is meant."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda hit: bytes([int(hit[1], 16)]), data)


def _packed_objects(body: bytes, about: bytes, room: int, locked: bool) -> bytes | None:
    """The objects in a stream of them; None where they are packed as no writer of PDFs does it.

    Of a file that is locked they cannot be read, so there is nothing to say against them.
    """
    ways = re.findall(rb"/\w*(?:Decode|Filter)\w*", NO_PACKING.sub(b"", about))
    if not ways:
        return _plain_names(body)
    if ways != [b"/Filter", b"/FlateDecode"] or room <= 0:
        return None
    unpacking = zlib.decompressobj()
    try:
        objects = unpacking.decompress(body, room)
    except zlib.error:
        return b"" if locked else None
    return _plain_names(objects) if unpacking.eof else None


def _is_png(data: bytes) -> bool:
    """A PNG whose parts follow one another to its end part, with nothing after it."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or zipfile.is_zipfile(io.BytesIO(data)):
        return False
    place, first = 8, True
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        stated = data[place + 8 + length : place + 12 + length]
        if len(stated) < 4 or zlib.crc32(kind + body) != int.from_bytes(stated, "big"):
            return False
        if first and (kind != b"IHDR" or not _small_enough(body)):
            return False
        if kind in (b"tEXt", b"iTXt") and FOREIGN.search(body):
            return False
        place, first = place + 12 + length, False
        if kind == b"IEND":
            return bool(place == len(data))
    return False


def _small_enough(header: bytes) -> bool:
    if len(header) != 13:
        return False
    width, height = struct.unpack(">II", header[:8])
    return bool(0 < width * height <= MOST_PIXELS)


def _is_jpg(data: bytes) -> bool:
    """A JPG whose parts lead to a picture and an end; phones may add a little after it."""
    if not data.startswith(b"\xff\xd8\xff") or zipfile.is_zipfile(io.BytesIO(data)):
        return False
    if FOREIGN.search(data) or b"%PDF-" in data or b"\xff\xd9" not in data[-65536:]:
        return False
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9].ljust(4, b"\0"))
            return bool(0 < width * height <= MOST_PIXELS)
        if length < 2:
            return False
        place += 2 + length
    return False


def _is_docx(data: bytes) -> bool:
    """A Word file without macros, and without a template or frame fetched from elsewhere."""
    parts = _unpacked(data)
    if parts is None or "word/document.xml" not in parts:
        return False
    types = parts.get("[Content_Types].xml", b"").lower()
    if b"wordprocessingml.document.main" not in types or b"macroenabled" in types:
        return False
    if any(re.search(r"vbaproject|vbadata|\.bin$|activex", name, re.I) for name in parts):
        return False
    links = b"".join(body for name, body in parts.items() if name.endswith(".rels"))
    far = re.compile(rb"<Relationship\b[^>]*>")
    return not any(
        b'TargetMode="External"' in link and re.search(rb"attachedTemplate|frame|oleObject", link)
        for link in far.findall(links)
    )


def _is_odt(data: bytes) -> bool:
    """An OpenDocument text without macros or things packed inside it."""
    parts = _unpacked(data)
    if parts is None or "content.xml" not in parts:
        return False
    if parts.get("mimetype", b"").strip() != CONTENT_TYPES["odt"].encode():
        return False
    return not any(re.match(r"(Basic|Scripts|Object )", name) for name in parts)


def _unpacked(data: bytes) -> dict[str, bytes] | None:
    """Every part of an archive; None when it is not whole, climbs, is locked or vast."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _parts(archive, len(data))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        return None


def _parts(archive: zipfile.ZipFile, packed: int) -> dict[str, bytes] | None:
    listed = archive.infolist()
    names = {entry.filename for entry in listed}
    if archive.comment or len(listed) > MOST_PARTS or len(names) != len(listed):
        return None
    end = archive.start_dir + sum(
        46 + len(entry.orig_filename.encode("utf-8")) + len(entry.extra) + len(entry.comment)
        for entry in listed
    )
    if end + 22 != packed:
        return None
    limit = min(MOST_UNPACKED, max(packed * MOST_TIMES_LARGER, MEGABYTE))
    parts: dict[str, bytes] = {}
    for entry in listed:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename or entry.flag_bits & 1:
            return None
        # Sizes in the list can lie, so only as much as is left is ever unpacked.
        with archive.open(entry) as part:
            body = part.read(limit + 1)
        limit -= len(body)
        if limit < 0 or (entry.filename.endswith((".xml", ".rels")) and b"<!ENTITY" in body):
            return None
        parts[entry.filename] = body
    return parts


CHECKS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _is_pdf,
    "docx": _is_docx,
    "odt": _is_odt,
    "png": _is_png,
    "jpg": _is_jpg,
}
