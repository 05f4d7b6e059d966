"""The money board in a room: on a screen that all can read, and on paper for a pen."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted, reader
from decisions import rules
from decisions.models import MoneyBoard
from decisions.showing import Row, Shown, Table
from ledger import clock
from panels import sight
from panels.models import Panel, Seat
from panels.rules.visits import Visit, visit_of

PANELS = Panel.objects.select_related("round__programme", "lot").prefetch_related("boards__lines")


@dataclass(frozen=True, slots=True)
class OnScreen:
    """One bid on the screen, and the names of those who must leave the room before it is shown."""

    row: Row
    out: tuple[str, ...]
    shown: bool


def _panel(request: HttpRequest, pk: int) -> tuple[Panel, Visit]:
    """A panel with its boards, for a member who decides or for who runs its meetings."""
    panel, by = get_object_or_404(PANELS, pk=pk), reader(request)
    visit = visit_of(panel, by)
    if not visit.staff and visit.seat is None:
        raise Http404
    return panel, visit


def _chosen(request: HttpRequest, panel: Panel) -> MoneyBoard | None:
    """The board that was asked for, or the only one there is."""
    boards = list(panel.boards.all())
    asked = request.GET.get("board", "")
    return next(
        (row for row in boards if str(row.pk) == asked), boards[0] if len(boards) == 1 else None
    )


@permitted(Permission.RUN_MEETINGS)
@require_safe
def board_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """A board for a screen in a room. Nothing on it can be changed. A bid that somebody in the
    panel stands aside from is kept back until whoever holds the laptop says that they are out."""
    panel, visit = _panel(request, pk)
    rules.may_show_boards(visit).require()
    board = _chosen(request, panel)
    table = Table(panel, rules.Place(None, aside=False, hidden=frozenset()))
    shown = table.shown(board) if board else None
    return render(
        request,
        "decisions/board_screen.html",
        {
            "panel": panel,
            "board": board,
            "boards": panel.boards.all(),
            "shown": shown,
            "rows": _on_screen(shown, sight.steps_out(panel), request.GET.get("show", "")),
            "nav": [],
        },
    )


def _on_screen(
    shown: Shown | None, out: dict[int | None, list[tuple[int, str]]], asked: str
) -> list[OnScreen]:
    found = []
    for row in shown.rows if shown else ():
        names = tuple(name for _member, name in out.get(row.bid.pk, ()))
        found.append(OnScreen(row, names, not names or str(row.bid.pk) == asked))
    return found


@permitted(Permission.DECIDE, Permission.RUN_MEETINGS)
@require_safe
def board_on_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A board to fill in with a pen: for the member who prints it, or from staff for one of them.

    With a board, it says what each bid gets there for now. Bids that the member stands aside from
    are left out."""
    panel, visit = _panel(request, pk)
    seat = None
    if visit.staff:
        rules.may_show_boards(visit).require()
        held = Seat.objects.held().filter(panel=panel).select_related("member__person")
        asked = request.GET.get("for", "")
        seat = get_object_or_404(held, pk=int(asked) if asked.isdecimal() else 0)
    person = seat.member.person if seat else visit.person
    place = rules.place_of(panel, person)
    rules.may_see_board(person, panel, place=place).require()
    board = _chosen(request, panel) if "board" in request.GET else None
    table = Table(panel, place)
    shown = table.shown(board or MoneyBoard(panel=panel, name=_("A board for a pen")))
    return render(
        request,
        "decisions/board_on_paper.html",
        {
            "panel": panel,
            "programme": panel.round.programme,
            "person": person,
            "board": board,
            "shown": shown,
            "rows": [row for row in shown.rows if not row.hidden],
            "left_out": sum(row.hidden for row in shown.rows),
            "today": clock.today(),
        },
    )
