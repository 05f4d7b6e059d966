"""Addresses of training, adjustments and good words."""

from django.urls import path

from support.views import about_us, care, facilitator, gaps, looking_back, together, volunteer

TOGETHER = "rounds/<slug:round>/together"
BUDDIES = "rounds/<slug:round>/buddies"
BACK = "rounds/<slug:round>/looking-back"
LESSONS = "rounds/<slug:round>/lessons"
ONE = "rounds/<slug:round>/members/<int:member>"

urlpatterns = [
    path("rounds/<slug:round>/training/", volunteer.training_list, name="training_list"),
    path(
        "rounds/<slug:round>/training/progress/",
        facilitator.training_progress,
        name="training_progress",
    ),
    path("rounds/<slug:round>/training/start/", facilitator.start_training, name="start_training"),
    path("rounds/<slug:round>/training/practice/", volunteer.practise, name="practise"),
    path(
        "rounds/<slug:round>/training/practice/others/",
        volunteer.practice_beside_others,
        name="practice_beside_others",
    ),
    path("rounds/<slug:round>/training-pack/", facilitator.training_pack, name="training_pack"),
    path("rounds/<slug:round>/practice-pack/", facilitator.practice_pack, name="practice_pack"),
    path("rounds/<slug:round>/training/<slug:topic>/", volunteer.learn_topic, name="learn_topic"),
    path(
        "rounds/<slug:round>/training/<slug:topic>/done/",
        volunteer.topic_done,
        name="topic_done",
    ),
    path(
        "rounds/<slug:round>/training/<slug:topic>/change/",
        facilitator.change_topic,
        name="change_topic",
    ),
    path(
        "rounds/<slug:round>/training/<slug:topic>/who-came/",
        facilitator.note_attendance_at_training,
        name="note_attendance_at_training",
    ),
    path(
        "rounds/<slug:round>/what-helps/",
        volunteer.ask_for_adjustment,
        name="ask_for_adjustment",
    ),
    path(
        "rounds/<slug:round>/what-helps/<int:pk>/end/",
        volunteer.end_adjustment,
        name="end_adjustment",
    ),
    path("rounds/<slug:round>/promise/formats/", volunteer.say_formats, name="say_formats"),
    path(
        "rounds/<slug:round>/good-words/",
        volunteer.encouragement_list,
        name="encouragement_list",
    ),
    path("rounds/<slug:round>/adjustments/", facilitator.adjustment_list, name="adjustment_list"),
    path(
        "rounds/<slug:round>/adjustments/<int:pk>/",
        facilitator.agree_adjustment,
        name="agree_adjustment",
    ),
    path(
        "rounds/<slug:round>/members/<int:member>/encourage/",
        facilitator.encourage,
        name="encourage",
    ),
    # coming together
    path(f"{TOGETHER}/", together.gathering_list, name="gathering_list"),
    path(f"{TOGETHER}/new/", together.arrange_gathering, name="arrange_gathering"),
    path(f"{TOGETHER}/<int:pk>/", together.gathering_detail, name="gathering_detail"),
    path(f"{TOGETHER}/<int:pk>/reply/", together.reply_to_gathering, name="reply_to_gathering"),
    path(f"{TOGETHER}/<int:pk>/together.ics", together.gathering_file, name="gathering_file"),
    path(f"{TOGETHER}/<int:pk>/here/", together.be_here, name="be_here"),
    path(f"{TOGETHER}/<int:pk>/hand/", together.raise_hand, name="raise_hand"),
    path(f"{TOGETHER}/<int:pk>/hand/<int:reply>/", together.come_to_hand, name="come_to_hand"),
    path(f"{TOGETHER}/<int:pk>/change/", together.change_gathering, name="change_gathering"),
    path(f"{TOGETHER}/<int:pk>/call-off/", together.call_off_gathering, name="call_off_gathering"),
    path(f"{TOGETHER}/<int:pk>/type/", together.type_gathering_reply, name="type_gathering_reply"),
    path(f"{TOGETHER}/<int:pk>/who-came/", together.note_who_came, name="note_who_came"),
    # buddies
    path(f"{BUDDIES}/", together.my_buddy, name="my_buddy"),
    path(f"{BUDDIES}/all/", together.buddy_list, name="buddy_list"),
    path(f"{BUDDIES}/<int:pk>/accept/", together.accept_buddy, name="accept_buddy"),
    path(f"{BUDDIES}/<int:pk>/end/", together.end_buddies, name="end_buddies"),
    # looking after people
    path("worried/", care.report_worry, name="report_worry"),
    path("worries/", care.worry_list, name="worry_list"),
    path("worries/<int:pk>/", care.hear_worry, name="hear_worry"),
    path("rounds/<slug:round>/care/", care.my_care, name="my_care"),
    path("rounds/<slug:round>/care/agreement/", care.sign_conduct, name="sign_conduct"),
    path(
        "rounds/<slug:round>/care/agreement/back/",
        care.take_back_consent,
        name="take_back_consent",
    ),
    path("rounds/<slug:round>/care/agreement/paper/", care.conduct_paper, name="conduct_paper"),
    path("rounds/<slug:round>/care/spent/", care.claim_expense, name="claim_expense"),
    path("rounds/<slug:round>/spent/", care.expense_list, name="expense_list"),
    path("rounds/<slug:round>/spent/type/", care.type_expense, name="type_expense"),
    path("spent/<int:pk>/", care.settle_expense, name="settle_expense"),
    path("spent/<int:pk>/receipt/", care.receipt_file, name="receipt_file"),
    path("helping/", care.helping_list, name="helping_list"),
    path("helping/<int:pk>/", care.say_whom_i_know, name="say_whom_i_know"),
    path("helping/<int:pk>/end/", care.end_helper, name="end_helper"),
    path(f"{ONE}/care/", care.member_care, name="member_care"),
    path(f"{ONE}/care/paper/", care.note_signed_paper, name="note_signed_paper"),
    path(f"{ONE}/what-helps/", facilitator.type_what_helps, name="type_what_helps"),
    path(f"{ONE}/care/helper/", care.name_helper, name="name_helper"),
    # before and after, and what was learned
    path(f"{BACK}/", looking_back.my_look, name="my_look"),
    path(f"{BACK}/all/", looking_back.look_list, name="look_list"),
    path(f"{BACK}/count/", looking_back.count_looks, name="count_looks"),
    path(f"{BACK}/<slug:when>/", looking_back.say_look, name="say_look"),
    path(f"{BACK}/<slug:when>/paper/", looking_back.look_paper, name="look_paper"),
    path(f"{ONE}/looking-back/<slug:when>/", looking_back.type_look, name="type_look"),
    path(f"{LESSONS}/", looking_back.lesson_list, name="lesson_list"),
    path(f"{LESSONS}/write/", looking_back.write_lesson, name="write_lesson"),
    path(f"{LESSONS}/paper/", looking_back.lesson_paper, name="lesson_paper"),
    path(f"{LESSONS}/<int:pk>/drop/", looking_back.drop_lesson, name="drop_lesson"),
    path(f"{LESSONS}/to-pass-on/", looking_back.toolkit_detail, name="toolkit_detail"),
    path(f"{LESSONS}/to-pass-on.pdf", looking_back.toolkit_pdf, name="toolkit_pdf"),
    # who is here, and who is missing
    path(
        "rounds/<slug:round>/about-us/code/", about_us.take_about_us_code, name="take_about_us_code"
    ),
    path("rounds/<slug:round>/about-us/", about_us.answer_about_us, name="answer_about_us"),
    path("rounds/<slug:round>/about-us/thanks/", about_us.about_us_sent, name="about_us_sent"),
    path("rounds/<slug:round>/who-is-here/", gaps.gap_list, name="gap_list"),
    path("rounds/<slug:round>/who-is-here/forms/", gaps.print_about_us, name="print_about_us"),
    path("rounds/<slug:round>/who-is-here/days/", gaps.fix_count_day, name="fix_count_day"),
    path(
        "rounds/<slug:round>/who-is-here/start/",
        gaps.start_about_questions,
        name="start_about_questions",
    ),
    path(
        "rounds/<slug:round>/who-is-here/questions/",
        gaps.add_about_question,
        name="add_about_question",
    ),
    path(
        "rounds/<slug:round>/who-is-here/questions/<int:asked>/shares/",
        gaps.set_shares,
        name="set_shares",
    ),
    path(
        "rounds/<slug:round>/who-is-here/questions/<int:asked>/drop/",
        gaps.drop_about_question,
        name="drop_about_question",
    ),
    path(
        "rounds/<slug:round>/who-is-here/questions/<int:asked>/ask/<int:option>/",
        gaps.plan_outreach,
        name="plan_outreach",
    ),
    path(
        "rounds/<slug:round>/who-is-here/plans/<int:pk>/",
        gaps.finish_outreach,
        name="finish_outreach",
    ),
]
