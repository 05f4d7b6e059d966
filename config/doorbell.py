"""The queue of one small machine: a folder of files, one for each ring of the bell.

Kombu's own opens a file and then writes into it, so a worker can find it empty and end; so can the
file of a program that was killed while it wrote. Here a ring is there whole or not at all, and one
that cannot be read is passed over: what must be remembered is a row in the database.
"""

import os
import uuid
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.transport.virtual import Empty
from kombu.utils.json import dumps

NAME = "doorbell"
TRANSPORT_ALIASES[NAME] = "config.doorbell:Transport"


class Channel(filesystem.Channel):
    """Rings are put by renaming a finished file.

    Kombu's own methods have no types, and take their arguments under other names than those they
    override: hence what is ignored below.
    """

    def _put(  # type: ignore[override]
        self, queue: str, payload: Any, **kwargs: Any
    ) -> None:
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        path = os.path.join(self.data_folder_out, name)
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            file.write(dumps(payload))  # type: ignore[no-untyped-call]
        os.replace(f"{path}.part", path)

    def _get(self, queue: str) -> Any:  # type: ignore[override]
        try:
            return super()._get(queue)  # type: ignore[no-untyped-call]
        except ValueError:  # half a file, from a program that was killed while it wrote
            raise Empty from None


class Transport(filesystem.Transport):
    """The folder, with whole rings."""

    Channel = Channel
