"""Pages made into tagged PDFs. WeasyPrint needs Pango; where it is missing there is a print view.

The pages may use our own style files and fonts, and nothing else from anywhere.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import get_ident
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils._os import safe_join
from django.utils.translation import gettext as _
from PIL import ImageFile

from accounts.permissions import Refused, Verdict

VARIANT = "pdf/ua-1"
progress = logging.getLogger("weasyprint.progress")
LAID_OUT = re.compile(r"Creating layout - Page (\d+)")
# In WeasyPrint's own style: marks of lists and of notes, given to each element whatever it is.
MARK_OF_A_LIST = re.compile(r"^::marker", re.MULTILINE)
MARKS_OF_NOTES = re.compile(r"^::(?:foot)?note-.*$", re.MULTILINE)


def _weasyprint() -> ModuleType | None:
    """WeasyPrint, loaded only when a PDF is wanted: it takes seconds, and may lack its library."""
    try:
        found = import_module("weasyprint")
    except (ImportError, OSError):  # OSError: the package is here, the system's Pango is not
        return None
    # It tells Pillow, for the whole process, to take pictures that break off. Those that people
    # send must be whole, and our pages for paper hold our own pictures only.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return found


def available() -> Verdict:
    """Whether PDFs can be made on this machine."""
    if _weasyprint():
        return Verdict.yes()
    return Verdict.no(
        _("This machine cannot make a PDF. Open the page for printing and print that instead.")
    )


def made(
    template: str, context: dict[str, Any], *, tell: Callable[[int], object] | None = None
) -> bytes:
    """A template's page as a tagged PDF (marked PDF/UA-1). Raises Refused where there is none.

    `tell` is told how many pages are laid out. Whatever it raises ends the work.
    """
    weasyprint = _weasyprint()
    if weasyprint is None:
        raise Refused(available().sentence)
    html = render_to_string(template, context)
    page = weasyprint.HTML(
        string=html, base_url=settings.BASE_URL, url_fetcher=_own_files(weasyprint)
    )
    page._ua_stylesheets = lambda forms=False: [_first_style(weasyprint)]
    with _pages_told(tell) if tell else nullcontext():
        content: bytes = page.write_pdf(pdf_variant=VARIANT)
    return content


@cache
def _first_style(weasyprint: ModuleType) -> Any:
    """WeasyPrint's own style, with marks for the elements of lists alone and none of notes.

    A mark is kept for each element until the document is written. Six of them on everything
    take a third of the memory of a long report, and our pages have no notes.
    """
    own = import_module("weasyprint.html").UA
    text = MARKS_OF_NOTES.sub("", MARK_OF_A_LIST.sub("li::marker", own))
    return weasyprint.CSS(string=text)


class _Pages(logging.Handler):
    """Hears WeasyPrint say which page it lays out, in this thread only."""

    def __init__(self, tell: Callable[[int], object]) -> None:
        super().__init__(logging.INFO)
        self.tell, self.thread, self.most = tell, get_ident(), 0

    def emit(self, record: logging.LogRecord) -> None:
        found = LAID_OUT.search(record.getMessage())
        if found and record.thread == self.thread:
            # Pages are laid out again where one refers to another; the count never goes back.
            self.most = max(self.most, int(found[1]))
            self.tell(self.most)


@contextmanager
def _pages_told(tell: Callable[[int], object]) -> Iterator[None]:
    handler, level = _Pages(tell), progress.level
    progress.addHandler(handler)
    progress.setLevel(logging.INFO)
    try:
        yield
    finally:
        progress.removeHandler(handler)
        progress.setLevel(level)


def static_file(url: str) -> Path | None:
    """The file on disk behind an address of our own static files; None for any other address."""
    address, ours = urlsplit(url), urlsplit(settings.BASE_URL)
    if (address.scheme, address.netloc) != (ours.scheme, ours.netloc):
        return None
    if not address.path.startswith(settings.STATIC_URL):
        return None
    name = unquote(address.path.removeprefix(settings.STATIC_URL))
    gathered = Path(safe_join(settings.STATIC_ROOT, name))
    if gathered.is_file():
        return gathered
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


def _own_files(weasyprint: ModuleType) -> Any:
    urls = import_module("weasyprint.urls")

    class OwnFilesOnly(urls.URLFetcher):  # type: ignore[misc,name-defined]  # loaded late
        """Gives our own static files. Any other address stops the work."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = static_file(url)
            if path is None:
                raise urls.FatalURLFetchingError(f"Not one of our own files: {url}")
            return urls.URLFetcherResponse(url, path.read_bytes(), _type_of(path))

    return OwnFilesOnly()


def _type_of(path: Path) -> dict[str, str]:
    kinds = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
    return {"Content-Type": kinds.get(path.suffix, "application/octet-stream")}
