"""A mail server in a process of its own, that a test may kill: one line for each letter it took.

    python -m tests.faults.sink PORT FILE SECONDS

The line is written before the answer goes out, and the answer waits so many SECONDS, so that a kill
often falls into the one gap there is: taken here, not yet known there.
"""

import asyncio
import sys
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Takes every letter."""

    def __init__(self, file: Path, seconds: float) -> None:
        self.file = file
        self.seconds = seconds

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        with self.file.open("a") as log:
            log.write(f"{message_from_bytes(content)['Message-ID']}\n")
        await asyncio.sleep(self.seconds)
        return "250 taken"


async def main(port: int, file: Path, seconds: float) -> None:
    """Serve until killed."""
    sink = Sink(file, seconds)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, loop=loop, hostname="localhost"), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
