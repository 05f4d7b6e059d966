"""Addresses of meetings, the panel's agreements, choosing who to meet, and interviews."""

from django.urls import path

from panels.views import (
    applicant,
    arranging,
    asking_why,
    changing,
    influence,
    interview_sheets,
    interviewing,
    meeting,
    proposals,
    room,
    timing,
)

PANEL = "panels/<int:pk>"
BID = f"{PANEL}/bids/<int:application>"
PROPOSAL = "panels/proposals/<int:pk>"
MEETING = "panels/meetings/<int:pk>"

urlpatterns = [
    # the panel, its scores, and talking about them
    path(f"{PANEL}/", meeting.panel_detail, name="panel_detail"),
    path(f"{PANEL}/open-scores/", meeting.open_scores, name="open_scores"),
    path(
        f"{PANEL}/open-interview-scores/",
        meeting.open_interview_scores,
        name="open_interview_scores",
    ),
    path(f"{PANEL}/not-scoring/", meeting.not_scoring, name="not_scoring"),
    path(f"{PANEL}/agenda/", meeting.agenda, name="agenda"),
    path(f"{PANEL}/how-i-mark/", meeting.my_marking, name="my_marking"),
    path(f"{PANEL}/agenda/paper/", room.agenda_on_paper, name="agenda_on_paper"),
    path(f"{PANEL}/screen/", meeting.big_screen, name="big_screen"),
    path(f"{PANEL}/shortlist/", meeting.shortlist_detail, name="shortlist_detail"),
    path(f"{BID}/", meeting.talk_about_bid, name="talk_about_bid"),
    path(f"{BID}/have-back/", proposals.put_bid_back, name="put_bid_back"),
    path(f"{BID}/choose/", meeting.propose_shortlisting, name="propose_shortlisting"),
    path(
        f"{BID}/change/<slug:slug>/",
        meeting.change_score_after_talk,
        name="change_score_after_talk",
    ),
    path(
        f"{BID}/change/type/<int:seat>/",
        changing.type_change_after_talk,
        name="type_change_after_talk",
    ),
    path(f"{BID}/why/", asking_why.ask_why, name="ask_why"),
    path(f"{BID}/why/<int:question>/", asking_why.answer_why, name="answer_why"),
    # what the panel agrees
    path(f"{PANEL}/proposals/", proposals.proposal_list, name="proposal_list"),
    path(f"{PANEL}/proposals/put/", proposals.put_proposal, name="put_proposal"),
    path(f"{PANEL}/proposals/share-aim/", proposals.put_share_aim, name="put_share_aim"),
    path(
        f"{PANEL}/proposals/reading-and-meeting/",
        proposals.put_combine_rule,
        name="put_combine_rule",
    ),
    path(f"{PANEL}/reading-and-meeting/", interviewing.both_together, name="both_together"),
    path(f"{PANEL}/proposals/ask/", proposals.put_for_panel, name="put_for_panel"),
    path(f"{PROPOSAL}/", proposals.proposal_detail, name="proposal_detail"),
    path(f"{PROPOSAL}/answer/", proposals.vote_on_proposal, name="vote_on_proposal"),
    path(f"{PROPOSAL}/count/", proposals.count_answers, name="count_answers"),
    path(f"{PROPOSAL}/drop/", proposals.drop_proposal, name="drop_proposal"),
    path(f"{PROPOSAL}/carry-out/", proposals.carry_out_proposal, name="carry_out_proposal"),
    path(
        f"{PROPOSAL}/type/<int:seat>/",
        proposals.type_vote_on_proposal,
        name="type_vote_on_proposal",
    ),
    path("panels/answers/<int:pk>/confirm/", proposals.confirm_vote, name="confirm_vote"),
    # meetings
    path(f"{PANEL}/meetings/", arranging.meeting_list, name="meeting_list"),
    path(f"{MEETING}/bids/<int:application>/now/", timing.turn_to_bid, name="turn_to_bid"),
    path(f"{MEETING}/bids/<int:application>/more/", timing.want_more_time, name="want_more_time"),
    path(f"{MEETING}/bids/<int:application>/stop/", timing.stop_talking, name="stop_talking"),
    path(f"{PANEL}/meetings/arrange/", arranging.arrange_meeting, name="arrange_meeting"),
    path(f"{MEETING}/", arranging.meeting_detail, name="meeting_detail"),
    path(f"{MEETING}/diary.ics", arranging.meeting_file, name="meeting_file"),
    path(f"{MEETING}/call-off/", arranging.call_off_meeting, name="call_off_meeting"),
    path(f"{MEETING}/who-came/", arranging.note_attendance, name="note_attendance"),
    path(f"{MEETING}/minutes/", arranging.write_minutes, name="write_minutes"),
    path(f"{MEETING}/reflect/", influence.reflect_on_meeting, name="reflect_on_meeting"),
    # "I felt steered"
    path(f"{PANEL}/steered/", influence.say_felt_steered, name="say_felt_steered"),
    path("steered/", influence.steered_list, name="steered_list"),
    path("steered/<int:pk>/", influence.settle_steered, name="settle_steered"),
    # interviews
    path(
        f"{PANEL}/interview-questions/",
        interviewing.interview_question_list,
        name="interview_question_list",
    ),
    path(
        f"{PANEL}/interview-questions/write/",
        interviewing.write_interview_question,
        name="write_interview_question",
    ),
    path(
        f"{PANEL}/interview-questions/<int:question>/",
        interviewing.change_interview_question,
        name="change_interview_question",
    ),
    path(
        "panels/interview-questions/<int:pk>/drop/",
        interviewing.drop_interview_question,
        name="drop_interview_question",
    ),
    path(f"{PANEL}/interviews/", interviewing.interview_list, name="interview_list"),
    path(
        f"{PANEL}/interview-sheets/",
        interview_sheets.interview_sheet_list,
        name="interview_sheet_list",
    ),
    path(f"{PANEL}/interview-paper/", interview_sheets.interview_paper, name="interview_paper"),
    path(
        f"{BID}/interview/type/<int:seat>/",
        interview_sheets.type_interview_scores,
        name="type_interview_scores",
    ),
    path(f"{BID}/interview/<int:question>/", interviewing.score_interview, name="score_interview"),
    path(
        f"{BID}/interview/check/",
        interviewing.check_interview_scores,
        name="check_interview_scores",
    ),
    path(
        f"{BID}/interview/sent/", interviewing.interview_scores_sent, name="interview_scores_sent"
    ),
    path(f"{BID}/interview/", interviewing.interview_detail, name="interview_detail"),
    path(f"{PANEL}/times/", arranging.slot_list, name="slot_list"),
    path(f"{PANEL}/times/offer/", arranging.offer_slot, name="offer_slot"),
    path(f"{PANEL}/times/invite/", arranging.invite_to_interview, name="invite_to_interview"),
    path(
        "panels/times/<int:pk>/help/", arranging.agree_interview_help, name="agree_interview_help"
    ),
    path("panels/times/<int:pk>/remove/", arranging.remove_slot, name="remove_slot"),
    # applicants
    path("bids/<int:pk>/meeting/", applicant.choose_slot, name="choose_slot"),
    path("bids/<int:pk>/meeting/diary.ics", applicant.slot_file, name="slot_file"),
]
