"""The only place in panels that writes: one module for each noun."""

from panels.actions.interests import Knows, declare, declare_late
from panels.actions.questions import answer_question, ask_question
from panels.actions.scoring import (
    Answer,
    abstain,
    leave_for_later,
    save_bid_draft,
    save_score_draft,
    save_score_drafts,
    send_scores,
    start_reading,
    take_back_scores,
)
from panels.actions.seats import end_seat, make_panel, seat_member
from panels.actions.share import (
    change_share,
    confirm_sharing,
    hand_back,
    propose_sharing,
    reply_to_share,
)
from panels.actions.typed import confirm_typed_scores, refuse_typed_scores, type_scores

__all__ = [
    "Answer",
    "Knows",
    "abstain",
    "answer_question",
    "ask_question",
    "change_share",
    "confirm_sharing",
    "confirm_typed_scores",
    "declare",
    "declare_late",
    "end_seat",
    "hand_back",
    "leave_for_later",
    "make_panel",
    "propose_sharing",
    "refuse_typed_scores",
    "reply_to_share",
    "save_bid_draft",
    "save_score_draft",
    "save_score_drafts",
    "seat_member",
    "send_scores",
    "start_reading",
    "take_back_scores",
    "type_scores",
]
