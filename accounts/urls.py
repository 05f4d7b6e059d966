"""The addresses of people's pages. Signing in is in sign_in_urls.py."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import administrator, demo, facilitator, person, public

urlpatterns: list[URLPattern | URLResolver] = [
    path("about/", public.about_site, name="about_site"),
    path("who-can-do-what/", public.who_can_do_what, name="who_can_do_what"),
    path("privacy/", public.privacy_notice, name="privacy_notice"),
    path("accessibility/", public.accessibility_statement, name="accessibility_statement"),
    path("my/details/", person.my_details, name="my_details"),
    path("my/details/change/", person.change_my_details, name="change_my_details"),
    path("my/sign-ins/", person.sign_in_list, name="sign_in_list"),
    path("my/sign-ins/<int:pk>/end/", person.end_sign_in, name="end_sign_in"),
    path("my/break/", person.take_break, name="take_break"),
    path("my/break/end/", person.come_back, name="come_back"),
    path("my/kept-words/<int:pk>/", person.kept_work, name="kept_work"),
    path("letters/", person.letter_list, name="letter_list"),
    path("letters/<int:pk>/", person.letter_detail, name="letter_detail"),
    path("my/letters/", person.choose_letters, name="choose_letters"),
    path("letters/fewer/<str:token>/", public.ask_for_fewer_letters, name="ask_for_fewer_letters"),
    path("people/", facilitator.people_list, name="people_list"),
    path("people/invite/", facilitator.invite_person, name="invite_person"),
    path("people/<int:pk>/", facilitator.person_detail, name="person_detail"),
    path(
        "people/<int:pk>/change/",
        facilitator.change_contact_details,
        name="change_contact_details",
    ),
    path("people/<int:pk>/new-email/", facilitator.ask_for_new_email, name="ask_for_new_email"),
    path("new-emails/<int:pk>/", facilitator.agree_new_email, name="agree_new_email"),
    path("people/<int:pk>/break/", facilitator.note_break, name="note_break"),
    path("people/<int:pk>/break/end/", facilitator.note_return, name="note_return"),
    path("outbox/", facilitator.outbox, name="outbox"),
    path("outbox/post/", facilitator.letters_to_post, name="letters_to_post"),
    path("outbox/post/print/", facilitator.print_letters, name="print_letters"),
    path("outbox/phone/", facilitator.call_list, name="call_list"),
    path("outbox/done/", facilitator.mark_letters_done, name="mark_letters_done"),
    path("outbox/<int:pk>/again/", facilitator.send_letter_again, name="send_letter_again"),
    path("outbox/<int:pk>/arrived/", facilitator.mark_arrived, name="mark_arrived"),
    path("staff/", administrator.staff_list, name="staff_list"),
    path("staff/invite/", administrator.invite_staff, name="invite_staff"),
    path("roles/<int:pk>/end/", administrator.end_role, name="end_role"),
    path("demo/", demo.demo_door, name="demo_door"),
]
