"""Packs to print: one reader's as a PDF, those of many as one file with a PDF for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile

from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import pdf
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Lot, Member
from panels.rules import paper
from panels.rules.scoring import Reading

TEMPLATE = "panels/reading_pack.html"


def make_pack(
    *, member: Member, by: Person, tell: Callable[[int], object]
) -> tuple[bytes, list[list[Any]]]:
    """One reader's pack as a PDF, and what it holds (`held_in_pack`).

    `tell` hears how many pages are laid out. Whatever it raises ends the work.
    """
    readings = paper.in_pack(member, by)
    if not readings:
        raise Refused(_("There is nothing to print now."))
    content = pdf.made(TEMPLATE, paper.printed(member, readings), tell=tell)
    return content, paper.held_in_pack(member, readings)


def make_packs(
    *,
    members: Iterable[Member],
    lot: Lot | None,
    by: Person,
    tell: Callable[[int], object],
) -> tuple[IO[bytes], list[list[Any]]]:
    """The packs of these readers (of one lot) in one file, and what they hold.

    The file is one that the system forgets with whoever holds it: a worker that is killed leaves
    no bid lying about, and one pack at a time is in memory. `tell` hears, with each page, how many
    packs are made; whatever it raises ends the work.
    """
    held: list[list[Any]] = []
    made = 0
    file = TemporaryFile()  # noqa: SIM115  # whoever asked closes it
    try:
        # A PDF is packed already: to pack it again costs time and saves nothing.
        with ZipFile(file, "w", ZIP_STORED) as packs:
            for member in members:
                readings = _of(member, by, lot)
                if not readings:
                    continue
                content = pdf.made(
                    TEMPLATE,
                    paper.printed(member, readings),
                    tell=_still_at(made, tell),
                )
                made += 1
                name = slugify(member.person.name) or _("reader")
                packs.writestr(f"{made:03}-{name}.pdf", content)
                held += paper.held_in_pack(member, readings)
                tell(made)
        if not made:
            raise Refused(_("Nobody waits for a pack now."))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, held


def _of(member: Member, by: Person, lot: Lot | None) -> list[Reading]:
    rows = paper.to_give(member, by)
    return [row for row in rows if lot is None or row.assignment.application.lot_id == lot.pk]


def _still_at(made: int, tell: Callable[[int], object]) -> Callable[[int], object]:
    """Hears of a page, and says how many packs are made: so that it can be stopped within one."""
    return lambda _page: tell(made)
