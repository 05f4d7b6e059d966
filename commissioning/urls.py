from django.urls import URLPattern, URLResolver, path

from commissioning.views import (
    asking_in,
    facilitator,
    hours,
    programme,
    public,
    typed,
    volunteer,
    wishing,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("programmes/new/", programme.set_up_programme, name="set_up_programme"),
    path("programmes/<slug:programme>/", programme.change_programme, name="change_programme"),
    path("what-words-mean/", public.glossary, name="glossary"),
    # asking people in
    path("take-part/", asking_in.joining_list, name="joining_list"),
    path("take-part/<slug:round>/", asking_in.joining_detail, name="joining_detail"),
    path("take-part/<slug:round>/paper/", asking_in.joining_paper, name="joining_paper"),
    path("take-part/<slug:round>/ask/", asking_in.ask_to_join, name="ask_to_join"),
    path("take-part/<slug:round>/thanks/", asking_in.asked_to_join, name="asked_to_join"),
    path("rounds/<slug:round>/interested/", asking_in.enquiry_list, name="enquiry_list"),
    path("rounds/<slug:round>/interested/type/", asking_in.type_enquiry, name="type_enquiry"),
    path(
        "rounds/<slug:round>/interested/<int:pk>/invite/",
        asking_in.invite_enquirer,
        name="invite_enquirer",
    ),
    path(
        "rounds/<slug:round>/interested/<int:pk>/drop/", asking_in.drop_enquiry, name="drop_enquiry"
    ),
    # facilitators
    path("rounds/", facilitator.round_list, name="round_list"),
    path("rounds/new/", facilitator.set_up_round, name="set_up_round"),
    path("rounds/<slug:round>/", facilitator.round_detail, name="round_detail"),
    path("rounds/<slug:round>/change/", facilitator.change_round, name="change_round"),
    path("rounds/<slug:round>/rules/", facilitator.change_funder_rules, name="change_funder_rules"),
    path(
        "rounds/<slug:round>/rules/<int:pk>/look/",
        facilitator.set_rule_limits,
        name="set_rule_limits",
    ),
    path("rounds/<slug:round>/lots/", facilitator.change_lots, name="change_lots"),
    path("rounds/<slug:round>/dates/", facilitator.set_stage_dates, name="set_stage_dates"),
    path("rounds/<slug:round>/dates/what-if/", facilitator.what_if, name="what_if"),
    path(
        "rounds/<slug:round>/lots/<slug:lot>/own-days/",
        facilitator.give_own_days,
        name="give_own_days",
    ),
    path("rounds/<slug:round>/stages/<slug:kind>/open/", facilitator.open_stage, name="open_stage"),
    path(
        "rounds/<slug:round>/stages/<slug:kind>/close/", facilitator.close_stage, name="close_stage"
    ),
    path("rounds/<slug:round>/people/", facilitator.member_list, name="member_list"),
    path(
        "rounds/<slug:round>/people/invite/",
        facilitator.invite_volunteers,
        name="invite_volunteers",
    ),
    path("rounds/<slug:round>/people/<int:pk>/yes/", facilitator.type_yes, name="type_yes"),
    path("rounds/<slug:round>/people/<int:pk>/promise/", typed.type_promise, name="type_promise"),
    path("rounds/<slug:round>/people/<int:pk>/end/", facilitator.end_place, name="end_place"),
    path(
        "rounds/<slug:round>/suggestions/<slug:about>/type/",
        facilitator.type_suggestion,
        name="type_suggestion",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/object/",
        facilitator.object_to_agreement,
        name="object_to_agreement",
    ),
    path("rounds/<slug:round>/agreements/<int:pk>/type/", facilitator.type_vote, name="type_vote"),
    path(
        "rounds/<slug:round>/people/<int:pk>/hours/<slug:kind>/",
        hours.type_hours,
        name="type_hours",
    ),
    # volunteers
    path("rounds/<slug:round>/welcome/", volunteer.round_welcome, name="round_welcome"),
    path("rounds/<slug:round>/join/", volunteer.join_round, name="join_round"),
    path("rounds/<slug:round>/join/<slug:step>/", volunteer.join_round, name="join_round"),
    path(
        "rounds/<slug:round>/newcomers/",
        volunteer.confirm_newcomers,
        name="confirm_newcomers",
    ),
    path("rounds/<slug:round>/promise/", volunteer.my_promise, name="my_promise"),
    path(
        "rounds/<slug:round>/promise/hours/",
        wishing.say_reading_hours,
        name="say_reading_hours",
    ),
    path("rounds/<slug:round>/promise/away/", wishing.say_away_days, name="say_away_days"),
    path(
        "rounds/<slug:round>/promise/away/<int:pk>/drop/",
        wishing.drop_away_days,
        name="drop_away_days",
    ),
    path("rounds/<slug:round>/promise/wishes/", wishing.say_wishes, name="say_wishes"),
    path("rounds/<slug:round>/promise/hours/<slug:kind>/", hours.say_hours, name="say_hours"),
    path("rounds/<slug:round>/leave/", volunteer.leave_round, name="leave_round"),
    # both
    path("rounds/<slug:round>/timeline/", volunteer.round_timeline, name="round_timeline"),
    path("rounds/<slug:round>/suggestions/", volunteer.suggestion_list, name="suggestion_list"),
    path("rounds/<slug:round>/suggestions/<slug:about>/add/", volunteer.suggest, name="suggest"),
    path("rounds/<slug:round>/agreements/", volunteer.agreement_list, name="agreement_list"),
    path(
        "rounds/<slug:round>/agreements/<slug:about>/start/",
        volunteer.start_agreement,
        name="start_agreement",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/",
        volunteer.agreement_detail,
        name="agreement_detail",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/criteria/",
        volunteer.word_criterion,
        name="word_criterion",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/criteria/<int:criterion>/",
        volunteer.word_criterion,
        name="word_criterion",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/kinds/",
        volunteer.add_priority,
        name="add_priority",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/kinds/<int:priority>/",
        volunteer.add_priority,
        name="add_priority",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/must-haves/",
        volunteer.add_must_have,
        name="add_must_have",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/take-out/<slug:what>/<int:row>/",
        volunteer.take_out,
        name="take_out",
    ),
    path(
        "rounds/<slug:round>/criteria/<int:pk>/levels/",
        volunteer.write_level_words,
        name="write_level_words",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/put/",
        volunteer.put_agreement,
        name="put_agreement",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/vote/",
        volunteer.vote_on_agreement,
        name="vote_on_agreement",
    ),
    path(
        "rounds/<slug:round>/agreements/<int:pk>/count/",
        volunteer.count_votes,
        name="count_votes",
    ),
    path("typed-answers/<int:pk>/", typed.confirm_typed_answer, name="confirm_typed_answer"),
    path("typed-votes/<int:pk>/", volunteer.confirm_typed_vote, name="confirm_typed_vote"),
]
