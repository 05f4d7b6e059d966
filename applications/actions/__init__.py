"""The only place that writes organisations, bids, questions about applying, and rulings on bids."""

from applications.actions.checking import (
    ask_back,
    check_rule,
    return_bid,
    second_eligibility,
    settle_eligibility,
)
from applications.actions.correcting import (
    answer_correction,
    answer_with_file,
    ask_correction,
    settle_correction,
    wish_correction,
    wish_with_file,
)
from applications.actions.form import (
    add_form_question,
    change_form_question,
    copy_form,
    drop_form_question,
    start_form,
)
from applications.actions.helping import answer_help, ask_for_help, give_extension
from applications.actions.importing import Imported, import_bids, new_bids
from applications.actions.organisations import (
    add_colleague,
    change_organisation,
    end_colleague,
    start_organisation,
)
from applications.actions.sending import (
    NotReady,
    compare_typed_bid,
    confirm_typed_bid,
    send_application,
    type_bid,
    withdraw_application,
)
from applications.actions.ways import put_plainly, save_way
from applications.actions.writing import (
    DETAILS,
    add_document,
    remove_document,
    save_answer,
    save_budget,
    save_details,
    start_application,
    start_from,
)

__all__ = [
    "DETAILS",
    "Imported",
    "NotReady",
    "add_colleague",
    "add_document",
    "add_form_question",
    "answer_correction",
    "answer_help",
    "answer_with_file",
    "ask_back",
    "ask_correction",
    "ask_for_help",
    "change_form_question",
    "change_organisation",
    "check_rule",
    "compare_typed_bid",
    "confirm_typed_bid",
    "copy_form",
    "drop_form_question",
    "end_colleague",
    "give_extension",
    "import_bids",
    "new_bids",
    "put_plainly",
    "remove_document",
    "return_bid",
    "save_answer",
    "save_budget",
    "save_details",
    "save_way",
    "second_eligibility",
    "send_application",
    "settle_correction",
    "settle_eligibility",
    "start_application",
    "start_form",
    "start_from",
    "start_organisation",
    "type_bid",
    "wish_correction",
    "wish_with_file",
    "withdraw_application",
]
