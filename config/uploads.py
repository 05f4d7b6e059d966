"""Files that are sent to us: no more of one is kept than it takes to see that it is too large."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class NoMoreThanTheLargest(FileUploadHandler):
    """First of the handlers. What comes after the largest size we take is read and let go.

    The form then sees a file one byte too large and says so in its own place, and neither memory
    nor disk ever holds the rest.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count for one more file."""
        super().new_file(*args, **kwargs)
        self.left = settings.DOCUMENT_MAX_BYTES + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Hand on what is still wanted of this file, or nothing."""
        wanted = raw_data[: self.left]
        self.left -= len(wanted)
        return wanted or None

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""
