"""Addresses of bids: for anybody, for applicants, for facilitators and for volunteers."""

from django.urls import URLPattern, URLResolver, path

from applications.views import (
    applicant,
    asking,
    building,
    correcting,
    facilitator,
    public,
    starting,
    volunteer,
    ways,
    writing,
)

ROUND = "rounds/<slug:slug>"
BID = "my/bids/<int:pk>"
CHECKED = f"{ROUND}/bids/<int:pk>"

urlpatterns: list[URLPattern | URLResolver] = [
    # anybody
    path("apply/", public.open_rounds, name="open_rounds"),
    path("apply/<slug:slug>/", public.round_public, name="round_public"),
    path("apply/<slug:slug>/for-you/", public.is_this_for_you, name="is_this_for_you"),
    path("apply/<slug:slug>/answers/", public.help_list, name="help_list"),
    # starting
    path("apply/<slug:slug>/ask/", applicant.ask_for_help, name="ask_for_help"),
    path("apply/<slug:slug>/start/", starting.start_application, name="start_application"),
    path(
        "apply/<slug:slug>/organisation/",
        starting.start_organisation,
        name="start_organisation",
    ),
    path("apply/<slug:slug>/start/<int:pk>/", starting.choose_lot, name="choose_lot"),
    path("apply/<slug:slug>/start/<int:pk>/<slug:lot>/", starting.name_bid, name="name_bid"),
    # a bid
    path("my/bids/", applicant.my_applications, name="my_applications"),
    path(f"{BID}/", applicant.application_detail, name="application_detail"),
    path(f"{BID}/project/", writing.change_details, name="change_details"),
    path(f"{BID}/questions/<slug:key>/", writing.answer_question, name="answer_question"),
    path(f"{BID}/money/", writing.change_budget, name="change_budget"),
    path(f"{BID}/files/", writing.add_document, name="add_document"),
    path(f"{BID}/files/<uuid:uuid>/remove/", writing.remove_document, name="remove_document"),
    path(f"{BID}/another-way/", ways.other_ways, name="other_ways"),
    path(f"{BID}/another-way/<str:part>/", ways.other_way, name="other_way"),
    path(f"{BID}/from-before/", starting.start_from, name="start_from"),
    path(f"{BID}/sent.pdf", applicant.application_sent_pdf, name="application_sent_pdf"),
    path(f"{BID}/preview/", applicant.preview_application, name="preview_application"),
    path(f"{BID}/check/", applicant.check_application, name="check_application"),
    path(f"{BID}/sent/", applicant.application_sent, name="application_sent"),
    path(f"{BID}/take-back/", applicant.withdraw_application, name="withdraw_application"),
    path(f"{BID}/confirm/", applicant.confirm_typed_bid, name="confirm_typed_bid"),
    path(
        f"{BID}/put-right/<int:correction>/", correcting.answer_correction, name="answer_correction"
    ),
    path(
        f"{BID}/put-right/<int:correction>/sent/",
        correcting.correction_sent,
        name="correction_sent",
    ),
    path(f"{BID}/change/", correcting.choose_correction, name="choose_correction"),
    path(f"{BID}/change/<str:part>/", correcting.wish_correction, name="wish_correction"),
    path("files/<uuid:uuid>/", writing.document_file, name="document_file"),
    # an organisation
    path("my/organisations/<int:pk>/", starting.change_organisation, name="change_organisation"),
    path("my/organisations/<int:pk>/people/", starting.add_colleague, name="add_colleague"),
    path(
        "my/organisations/<int:pk>/people/<int:colleague>/end/",
        starting.end_colleague,
        name="end_colleague",
    ),
    # the form of a round
    path(f"{ROUND}/form/", building.form_question_list, name="form_question_list"),
    path(f"{ROUND}/form/start/", building.start_form, name="start_form"),
    path(f"{ROUND}/form/copy/", building.copy_form, name="copy_form"),
    path(f"{ROUND}/form/whole/", building.preview_form, name="preview_form"),
    path(f"{ROUND}/form/paper/", building.form_paper, name="form_paper"),
    path(f"{ROUND}/form/add/", building.add_form_question, name="add_form_question"),
    path(
        f"{ROUND}/form/questions/<slug:key>/",
        building.change_form_question,
        name="change_form_question",
    ),
    path(
        f"{ROUND}/form/questions/<slug:key>/drop/",
        building.drop_form_question,
        name="drop_form_question",
    ),
    # the bids of a round
    path(f"{ROUND}/bids/", facilitator.bid_list, name="bid_list"),
    path(f"{ROUND}/bids/type/", facilitator.type_bid, name="type_bid"),
    path(f"{CHECKED}/", facilitator.bid_detail, name="bid_detail"),
    path(f"{CHECKED}/compare/", facilitator.compare_typed_bid, name="compare_typed_bid"),
    path(f"{CHECKED}/paper/", facilitator.add_paper_scan, name="add_paper_scan"),
    path(
        f"{CHECKED}/paper/<uuid:uuid>/remove/",
        facilitator.remove_paper_scan,
        name="remove_paper_scan",
    ),
    path(f"{CHECKED}/sign-in/", facilitator.add_first_colleague, name="add_first_colleague"),
    path(f"{CHECKED}/stop-sign-in/", facilitator.end_first_colleague, name="end_first_colleague"),
    path(f"{CHECKED}/rules/", facilitator.check_rules, name="check_rules"),
    path(f"{CHECKED}/goes-on/", facilitator.settle_eligibility, name="settle_eligibility"),
    path(f"{CHECKED}/ask/", asking.ask_correction, name="ask_correction"),
    path(f"{CHECKED}/plain-words/<str:part>/", ways.plain_words, name="plain_words"),
    path(f"{ROUND}/plain-words/", ways.plain_words_list, name="plain_words_list"),
    path(f"{ROUND}/corrections/", asking.correction_list, name="correction_list"),
    path(f"{ROUND}/corrections/<int:pk>/", asking.settle_correction, name="settle_correction"),
    path(f"{ROUND}/eligibility/", facilitator.eligibility_list, name="eligibility_list"),
    path(
        f"{ROUND}/eligibility/<int:pk>/second/",
        facilitator.second_eligibility,
        name="second_eligibility",
    ),
    path(f"{ROUND}/more-time/", facilitator.give_extension, name="give_extension"),
    path(f"{ROUND}/help/", facilitator.help_desk, name="help_desk"),
    path(f"{ROUND}/help/<int:pk>/", facilitator.answer_help, name="answer_help"),
    # volunteers
    path(
        f"{ROUND}/not-eligible/",
        volunteer.eligibility_list_volunteer,
        name="eligibility_list_volunteer",
    ),
    path(f"{ROUND}/not-eligible/<int:pk>/ask/", volunteer.ask_back, name="ask_back"),
]
