"""Addresses of training, adjustments and good words."""

from django.urls import path

from support.views import facilitator, volunteer

urlpatterns = [
    path("rounds/<slug:round>/training/", volunteer.training_list, name="training_list"),
    path(
        "rounds/<slug:round>/training/progress/",
        facilitator.training_progress,
        name="training_progress",
    ),
    path("rounds/<slug:round>/training/start/", facilitator.start_training, name="start_training"),
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
]
