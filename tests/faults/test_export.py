"""F24: everything stops while the report is made into a PDF. It is there whole, or not at all."""

import hashlib
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.harness import Installation, installation

PROJECTS = 11
ROWS = "SELECT file, sha256 FROM decisions_reportfile"


def start_export(site: Installation, output: Path) -> subprocess.Popen[bytes]:
    (slug,) = site.rows("SELECT slug FROM commissioning_round")[0]
    words = ["manage.py", "export_report", slug, "--format=pdf", f"--output={output}"]
    site.start_python("export", *words)
    return site.processes["export"]


def test_an_export_is_whole_or_absent_and_can_be_made_again(tmp_path: Path) -> None:
    output = tmp_path / "report.pdf"
    kept = tmp_path / "private" / "reports"
    with installation(tmp_path) as site:
        site.run(f"seed.agreed_report({PROJECTS})")
        moments: list[Callable[[], bool]] = [
            lambda: weasyprint_is_at_work(site),  # in the middle of the making
            lambda: kept.exists() and any(kept.iterdir()),  # as the file is put away
        ]
        for moment in moments:
            export = start_export(site, output)
            wait_for(moment, export)
            site.signal("export", signal.SIGKILL)
            export.wait()
            check_what_is_kept(site)
            assert not output.exists() or output.read_bytes().endswith(b"%%EOF\n")
        before = len(site.rows(ROWS))
        assert start_export(site, output).wait(timeout=180) == 0, site.said("export")
        check_what_is_kept(site)
        assert len(site.rows(ROWS)) == before + 1
        digests = [digest for _file, digest in site.rows(ROWS)]
        assert hashlib.sha256(output.read_bytes()).hexdigest() in digests


def wait_for(moment: Callable[[], bool], export: subprocess.Popen[bytes]) -> None:
    """Until it comes; an export that was quicker than we looked has ended well."""
    while not moment() and export.poll() is None:
        time.sleep(0.002)


def check_what_is_kept(site: Installation) -> None:
    """Whatever the database speaks of is there, byte for byte."""
    for file, digest in site.rows(ROWS):
        content = (site.folder / "private" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert content.startswith(b"%PDF-")


def weasyprint_is_at_work(site: Installation) -> bool:
    """Whether the exporting process has loaded the library that draws text."""
    maps = Path(f"/proc/{site.processes['export'].pid}/maps")
    return maps.exists() and "libpango" in maps.read_text()
