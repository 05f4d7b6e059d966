"""The real worker, but the question who is owed a letter is asked every two seconds."""

from typing import Any

from celery.signals import worker_process_init

from config.celery import app


@worker_process_init.connect
def _write_few_at_once(**_kwargs: Any) -> None:
    """A few at a time, so that a worker can be killed in the middle of them."""
    from accounts import reminders  # its models are not there any sooner

    reminders.AT_ONCE = 4


@app.on_after_finalize.connect
def _ask_often(sender: Any, **_kwargs: Any) -> None:
    for entry in sender.conf.beat_schedule.values():
        entry["schedule"] = 2.0
        # A ring that nobody heard in time is let go, so that a slow machine gets no backlog.
        entry["options"] = {"expires": 5.0}
