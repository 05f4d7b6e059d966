"""The panel's pages."""

from django.urls import URLPattern, URLResolver, include, path

from panels.views import (
    beside,
    company,
    diary,
    hours,
    interests,
    questions,
    scoring,
    seating,
    seats,
    shared_lists,
    sharing,
    thanks,
    typed,
    volunteer,
)

ROUND = "rounds/<slug:slug>"
BID = "my/reading/<int:pk>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("rounds/<slug:round>/hours/", hours.hours_list, name="hours_list"),
    # beside a volunteer
    path("helping/<int:pk>/bids/", beside.beside_list, name="beside_list"),
    path("helping/<int:pk>/leave/", beside.let_read_beside, name="let_read_beside"),
    path("helping/bids/<int:pk>/", beside.read_beside, name="read_beside"),
    # what a volunteer takes home
    path("rounds/<slug:round>/certificate/", thanks.certificate_detail, name="certificate_detail"),
    path("rounds/<slug:round>/certificate.pdf", thanks.certificate_pdf, name="certificate_pdf"),
    path("rounds/<slug:round>/reference/", thanks.reference_detail, name="reference_detail"),
    path("rounds/<slug:round>/reference.pdf", thanks.reference_pdf, name="reference_pdf"),
    path(
        "rounds/<slug:round>/members/<int:member>/reference/",
        thanks.write_reference,
        name="write_reference",
    ),
    # a volunteer's reading and scoring
    path("my/reading/", volunteer.my_bids, name="my_bids"),
    path("my/reading/share/<int:pk>/", volunteer.reply_to_share, name="reply_to_share"),
    path("my/reading/share/<int:pk>/others/", volunteer.other_bids, name="other_bids"),
    path("my/reading/share/<int:pk>/scores/", volunteer.my_scores, name="my_scores"),
    path("my/dates/", diary.my_diary, name="my_diary"),
    path("my/dates/new-address/", diary.make_new_diary_address, name="make_new_diary_address"),
    path("my/dates/<str:token>/dates.ics", diary.diary_feed, name="diary_feed"),
    path("my/reading/declare/<int:pk>/", interests.declare_interests, name="declare_interests"),
    path("my/reading/declare/<int:pk>/how/", interests.say_how_you_know, name="say_how_you_know"),
    path("my/reading/typed/<int:pk>/", typed.confirm_typed_scores, name="confirm_typed_scores"),
    path(
        "my/reading/typed/<int:pk>/wrong/",
        typed.object_to_typed_scores,
        name="object_to_typed_scores",
    ),
    path(f"{BID}/", volunteer.read_bid, name="read_bid"),
    path(f"{BID}/start/", volunteer.start_reading, name="start_reading"),
    path(f"{BID}/new-copy/", volunteer.take_new_copy, name="take_new_copy"),
    path(f"{BID}/what-changed/", volunteer.what_changed, name="what_changed"),
    path(f"{BID}/documents/<uuid:uuid>/", volunteer.bid_document, name="bid_document"),
    path(f"{BID}/score/", scoring.score_all, name="score_all"),
    path(f"{BID}/score/<slug:slug>/", scoring.score_criterion, name="score_criterion"),
    path(f"{BID}/why/", scoring.say_why, name="say_why"),
    path(f"{BID}/check/", scoring.check_scores, name="check_scores"),
    path(f"{BID}/sent/", scoring.scores_sent, name="scores_sent"),
    path(f"{BID}/take-back/", scoring.take_back_scores, name="take_back_scores"),
    path(f"{BID}/cannot-score/", scoring.abstain, name="abstain"),
    path(f"{BID}/hand-back/", scoring.hand_back_bid, name="hand_back_bid"),
    path(f"{BID}/later/", scoring.leave_for_later, name="leave_for_later"),
    path(f"{BID}/know/", interests.declare_late, name="declare_late"),
    # questions of the panel
    path("panels/<int:pk>/questions/", questions.question_list, name="question_list"),
    path("panels/<int:pk>/questions/ask/", questions.ask_question, name="ask_question"),
    path(
        "panels/<int:pk>/questions/answers/",
        questions.question_list_facilitator,
        name="question_list_facilitator",
    ),
    path(
        "panels/questions/<int:pk>/answer/",
        questions.answer_panel_question,
        name="answer_panel_question",
    ),
    # company
    path("panels/<int:pk>/conversation/", company.panel_conversation, name="panel_conversation"),
    path(f"{ROUND}/calls/", company.call_today, name="call_today"),
    # panels and sharing out
    path(f"{ROUND}/panels/", seats.panel_list, name="panel_list"),
    path(f"{ROUND}/panels/new/", seats.make_panel, name="make_panel"),
    path(f"{ROUND}/panels/seats/", seating.seating_detail, name="seating_detail"),
    path(f"{ROUND}/panels/seats/propose/", seating.propose_seats, name="propose_seats"),
    path(f"{ROUND}/panels/seats/confirm/", seating.confirm_seating, name="confirm_seating"),
    path(f"{ROUND}/panels/seats/<int:pk>/change/", seating.change_seating, name="change_seating"),
    path("panels/<int:pk>/seats/", seats.seat_member, name="seat_member"),
    path("panels/seats/<int:pk>/end/", seats.end_seat, name="end_seat"),
    path(f"{ROUND}/sharing/", sharing.sharing_detail, name="sharing_detail"),
    path(f"{ROUND}/sharing/propose/", sharing.propose_sharing, name="propose_sharing"),
    path(f"{ROUND}/sharing/progress/", sharing.sharing_progress, name="sharing_progress"),
    path(f"{ROUND}/sharing/people/", shared_lists.sharing_people, name="sharing_people"),
    path(f"{ROUND}/sharing/bids/", shared_lists.sharing_bids, name="sharing_bids"),
    path(f"{ROUND}/sharing/circles/", shared_lists.sharing_circles, name="sharing_circles"),
    path(f"{ROUND}/sharing/changes/", shared_lists.sharing_changes, name="sharing_changes"),
    path(f"{ROUND}/sharing/undo/", sharing.undo_sharing, name="undo_sharing"),
    path("panels/<int:pk>/sharing/", shared_lists.panel_sharing, name="panel_sharing"),
    path(f"{ROUND}/sharing/confirm/", sharing.confirm_sharing, name="confirm_sharing"),
    path(f"{ROUND}/sharing/bids/<int:pk>/", sharing.change_share, name="change_share"),
    path(f"{ROUND}/sharing/bids/<int:pk>/forms/", sharing.note_formats, name="note_formats"),
    path(f"{ROUND}/reading/", sharing.reading_progress, name="reading_progress"),
    # paper
    path("readers/find/", typed.find_sheet, name="find_sheet"),
    path("readers/<int:pk>/declare/<int:lot>/", typed.type_declaration, name="type_declaration"),
    path("readers/<int:pk>/sheets/", typed.sheet_list, name="sheet_list"),
    path("readers/<int:pk>/share/", typed.type_share_reply, name="type_share_reply"),
    path("readers/bids/<int:pk>/back/", typed.type_hand_back, name="type_hand_back"),
    path("readers/<int:pk>/pack/", typed.reading_pack, name="reading_pack"),
    path("readers/<int:pk>/pack.pdf", typed.reading_pack_pdf, name="reading_pack_pdf"),
    path("readers/bids/<int:pk>/type/", typed.type_scores, name="type_scores"),
    path("readers/sheets/<int:pk>/check/", typed.check_typed_scores, name="check_typed_scores"),
    path("readers/sheets/<int:pk>/wrong/", typed.note_objection, name="note_objection"),
    # meetings, agreements and interviews
    path("", include("panels.meeting_urls")),
]
