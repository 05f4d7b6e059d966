"""The addresses of the money, the decision, the letters and the report."""

from django.urls import URLPattern, URLResolver, path

from decisions.views import (
    applicant,
    board,
    dots,
    due,
    errands,
    facilitator,
    forgetting,
    handler,
    importing,
    keeping,
    packs,
    paper,
    public,
    room,
    trail,
    volunteer,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # the panel
    path("panels/<int:pk>/money/", volunteer.board_list, name="board_list"),
    path("panels/<int:pk>/money/new/", volunteer.start_board, name="start_board"),
    path("panels/<int:pk>/money/screen/", room.board_screen, name="board_screen"),
    path("panels/<int:pk>/money/paper/", room.board_on_paper, name="board_on_paper"),
    path("panels/<int:pk>/dots/", dots.dot_check, name="dot_check"),
    path("panels/<int:pk>/dots/begin/", dots.begin_dots, name="begin_dots"),
    path("panels/<int:pk>/dots/put/", dots.place_dots, name="place_dots"),
    path("panels/<int:pk>/dots/show/", dots.show_dots, name="show_dots"),
    path("panels/<int:pk>/dots/put-for/<int:seat>/", dots.type_dots, name="type_dots"),
    path("boards/<int:pk>/", volunteer.money_board, name="money_board"),
    path("boards/<int:pk>/bids/<int:bid>/", volunteer.set_line, name="set_line"),
    path("boards/<int:pk>/bids/<int:bid>/off/", volunteer.clear_line, name="clear_line"),
    path("boards/<int:pk>/undo/", volunteer.undo_line, name="undo_line"),
    path("boards/<int:pk>/put/", volunteer.put_decision, name="put_decision"),
    path("decisions/<int:pk>/", volunteer.decision_detail, name="decision_detail"),
    path("decisions/<int:pk>/sign/", volunteer.sign_decision, name="sign_decision"),
    path("signatures/<int:pk>/check/", facilitator.check_signature, name="check_signature"),
    path("signatures/<int:pk>/confirm/", volunteer.confirm_signature, name="confirm_signature"),
    path("proposals/<int:pk>/letters/", volunteer.letters_to_read, name="letters_to_read"),
    path(
        "proposals/<int:pk>/letters/<int:seat>/paper/",
        paper.letters_on_paper,
        name="letters_on_paper",
    ),
    path("proposals/<int:pk>/report/", volunteer.report_to_agree, name="report_to_agree"),
    path("rounds/<slug:round>/trail/", trail.trail_list, name="trail_list"),
    # facilitators
    path("rounds/<slug:round>/run/", facilitator.run_round, name="run_round"),
    path("rounds/<slug:round>/due/", due.what_is_due, name="what_is_due"),
    path(
        "panels/<int:pk>/decision/progress/",
        facilitator.decision_progress,
        name="decision_progress",
    ),
    path(
        "decisions/<int:pk>/sign-for/<int:seat>/", facilitator.type_signature, name="type_signature"
    ),
    path("rounds/<slug:round>/checks/", facilitator.due_diligence, name="due_diligence"),
    path("outcomes/<int:pk>/check/", facilitator.check_organisation, name="check_organisation"),
    path("panels/<int:pk>/letters/", facilitator.letters_to_send, name="letters_to_send"),
    path("panels/<int:pk>/letters/write/", facilitator.write_letters, name="write_letters"),
    path("panels/<int:pk>/letters/put/", facilitator.put_letters, name="put_letters"),
    path("panels/<int:pk>/letters/send/", facilitator.send_letters, name="send_letters"),
    path("outcome-letters/<int:pk>/note/", facilitator.change_staff_note, name="change_staff_note"),
    path("rounds/<slug:round>/report/put/", facilitator.put_report, name="put_report"),
    path(
        "board-questions/<int:pk>/answer/",
        facilitator.answer_board_question,
        name="answer_board_question",
    ),
    # applicants
    path("my/bids/<int:pk>/outcome/", applicant.outcome_detail, name="outcome_detail"),
    path("my/bids/<int:pk>/award/", applicant.accept_award, name="accept_award"),
    path("my/bids/<int:pk>/complaint/", applicant.complain, name="complain"),
    path("my/bids/<int:pk>/description/", applicant.change_description, name="change_description"),
    # whoever hears complaints
    path("complaints/", handler.complaint_list, name="complaint_list"),
    path("complaints/type/", handler.type_complaint, name="type_complaint"),
    path("complaints/<int:pk>/", handler.answer_complaint, name="answer_complaint"),
    path("complaints/<int:pk>/take/", handler.take_complaint, name="take_complaint"),
    # taking somebody's details away, as they asked
    path("my/details/take-away/", forgetting.ask_forgetting, name="ask_forgetting"),
    path("people/<int:pk>/take-away/", forgetting.note_forgetting, name="note_forgetting"),
    path("taking-away/<int:pk>/", forgetting.do_forgetting, name="do_forgetting"),
    path("taking-away/<int:pk>/drop/", forgetting.drop_forgetting, name="drop_forgetting"),
    # what is kept, and for how long
    path("keeping/", keeping.retention_list, name="retention_list"),
    path("keeping/<slug:programme>/<slug:kept>/", keeping.clear_kept, name="clear_kept"),
    path(
        "keeping/<slug:programme>/<slug:kept>/months/agree/",
        keeping.answer_shorter_keeping,
        name="answer_shorter_keeping",
    ),
    path(
        "keeping/<slug:programme>/<slug:kept>/months/", keeping.set_retention, name="set_retention"
    ),
    # the board
    path("reports/", board.report_list, name="report_list"),
    path("rounds/<slug:round>/progress/", board.round_progress_board, name="round_progress_board"),
    path("rounds/<slug:round>/report/", board.report_detail, name="report_detail"),
    path("rounds/<slug:round>/report/print/", board.report_print, name="report_print"),
    path("rounds/<slug:round>/report/copy/", board.export_report, name="export_report"),
    path("rounds/<slug:round>/report/scores.csv", board.report_scores, name="report_scores"),
    path("report-files/<int:pk>/", board.download_report, name="download_report"),
    path("rounds/<slug:round>/report/note/", board.note_report, name="note_report"),
    path("rounds/<slug:round>/report/ask/", board.ask_board_question, name="ask_board_question"),
    path("decisions/<int:pk>/ratify/", board.ratify_decision, name="ratify_decision"),
    path("decisions/<int:pk>/hold/", board.hold_decision, name="hold_decision"),
    path("decisions/<int:pk>/lift-hold/", board.lift_hold, name="lift_hold"),
    # what takes a while
    path("errands/<int:pk>/", errands.errand_progress, name="errand_progress"),
    path("errands/<int:pk>/stop/", errands.stop_errand, name="stop_errand"),
    path("errands/<int:pk>/packs/", packs.download_packs, name="download_packs"),
    path("errands/<int:pk>/bring-in/", importing.bring_in_bids, name="bring_in_bids"),
    path("rounds/<slug:slug>/packs/", packs.make_packs, name="make_packs"),
    path("readers/<int:pk>/pack/make/", packs.make_pack, name="make_pack"),
    path("rounds/<slug:slug>/bids-from-a-file/", importing.import_bids, name="import_bids"),
    # everyone
    path("rounds/<slug:round>/awards/", public.awards_public, name="awards_public"),
    path("rounds/<slug:round>/awards/data/", public.awards_open_data, name="awards_open_data"),
    path("rounds/<slug:round>/awards/table/", public.awards_open_table, name="awards_open_table"),
]
