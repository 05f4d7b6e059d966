"""The site's settings on a database that cannot be written, as PURSE_FAULT says: full, read_only.

Full: SQLite may use no more pages than it has, and says what it says on a full disk. Read-only:
the database may only be asked.
"""

import os

from config import settings as ours
from config.settings import *  # noqa: F403  # a settings module is a copy of another

_base = dict(ours.DATABASES["default"])
_options = dict(_base.get("OPTIONS", {}))
if _base["ENGINE"].endswith("sqlite3"):
    _faults = {
        "full": " PRAGMA max_page_count=1;",  # never fewer than there are
        "read_only": " PRAGMA query_only=ON;",
    }
    _options["init_command"] += _faults[os.environ["PURSE_FAULT"]]
else:
    _options["options"] = "-c default_transaction_read_only=on"
DATABASES = {"default": {**_base, "OPTIONS": _options}}
