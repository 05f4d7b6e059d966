"""The real worker, but it writes letters and brings in bids one at a time, and sends letters and
lays out pages, slowly: so that it can be killed in the middle of them, however fast the computer
is."""

import time
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init

from config.celery import app

__all__ = ["app"]


@worker_process_init.connect
def _one_at_a_time(**_kwargs: Any) -> None:
    from decisions.actions import errands  # its models are not there any sooner

    errands.AT_ONCE = errands.BIDS_AT_ONCE = 1
    teller = errands._teller

    def slow(work: Callable[..., Any]) -> Callable[..., Any]:
        def slowly(**facts: Any) -> Any:
            time.sleep(0.2)
            return work(**facts)

        return slowly

    def slow_teller(errand: Any) -> Callable[[int], None]:
        tell = teller(errand)

        def told(pages: int) -> None:
            tell(pages)
            time.sleep(0.3)

        return told

    errands.write_letters = slow(errands.write_letters)
    errands.send_letter = slow(errands.send_letter)
    errands.import_bids = slow(errands.import_bids)
    errands._teller = slow_teller
