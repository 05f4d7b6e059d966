"""All writing about the decision: the board, signing, checks, letters, the report, errands."""

from decisions.actions.awards import accept_award
from decisions.actions.boards import set_line, start_board, undo_line
from decisions.actions.checks import check_organisation
from decisions.actions.complaints import (
    answer_complaint,
    complain,
    take_complaint,
    type_complaint,
)
from decisions.actions.dots import begin_dots, place_dots, show_dots
from decisions.actions.errands import (
    ask_for_copy,
    ask_for_import,
    ask_for_letters,
    ask_for_look,
    ask_for_packs,
    ask_to_send,
    clear_old_files,
    do_errand,
    hold_errand,
    stop_errand,
    take_up_errand,
)
from decisions.actions.forgetting import ask_forgetting, do_forgetting, drop_forgetting
from decisions.actions.letters import change_staff_note, put_letters, send_letters, write_letters
from decisions.actions.reports import (
    answer_board_question,
    ask_board_question,
    change_description,
    export_report,
    note_report,
    put_report,
)
from decisions.actions.retention import (
    answer_shorter_keeping,
    do_clearing,
    note_what_is_due,
    put_clearing,
    set_retention,
)
from decisions.actions.signing import confirm_signature, put_decision, sign_decision
from decisions.actions.trustees import hold, lift_hold, ratify

__all__ = [
    "accept_award",
    "answer_board_question",
    "answer_complaint",
    "answer_shorter_keeping",
    "ask_board_question",
    "ask_for_copy",
    "ask_for_import",
    "ask_for_letters",
    "ask_for_look",
    "ask_for_packs",
    "ask_forgetting",
    "ask_to_send",
    "begin_dots",
    "change_description",
    "change_staff_note",
    "check_organisation",
    "clear_old_files",
    "complain",
    "confirm_signature",
    "do_clearing",
    "do_errand",
    "do_forgetting",
    "drop_forgetting",
    "export_report",
    "hold",
    "hold_errand",
    "lift_hold",
    "note_report",
    "note_what_is_due",
    "place_dots",
    "put_clearing",
    "put_decision",
    "put_letters",
    "put_report",
    "ratify",
    "send_letters",
    "set_line",
    "set_retention",
    "show_dots",
    "sign_decision",
    "start_board",
    "stop_errand",
    "take_complaint",
    "take_up_errand",
    "type_complaint",
    "undo_line",
    "write_letters",
]
