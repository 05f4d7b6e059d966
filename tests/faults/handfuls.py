"""The real worker, but it writes letters one at a time and slowly, so that it can be killed in the
middle of them."""

import time
from typing import Any

from celery.signals import worker_process_init

from config.celery import app

__all__ = ["app"]


@worker_process_init.connect
def _one_at_a_time(**_kwargs: Any) -> None:
    from decisions.actions import errands  # its models are not there any sooner

    errands.AT_ONCE = 1
    write = errands.write_letters

    def slowly(**facts: Any) -> Any:
        time.sleep(0.2)
        return write(**facts)

    errands.write_letters = slowly
