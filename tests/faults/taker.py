"""The mail program behind the spool folder: takes each letter; one line for each it took twice.

python -m tests.faults.taker FOLDER FILE
"""

import sys
import time
from pathlib import Path


def take(folder: Path, twice: Path) -> None:
    """Move every letter from new/ to taken/."""
    for path in sorted((folder / "new").iterdir()):
        if (folder / "taken" / path.name).exists():
            with twice.open("a") as log:
                log.write(f"<{path.stem}>\n")
        path.rename(folder / "taken" / path.name)


if __name__ == "__main__":
    for name in ("new", "taken"):
        (Path(sys.argv[1]) / name).mkdir(parents=True, exist_ok=True)
    while True:
        take(Path(sys.argv[1]), Path(sys.argv[2]))
        time.sleep(0.05)
