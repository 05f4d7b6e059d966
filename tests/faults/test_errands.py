"""A copy of the report and a batch of letters outlive the worker that was at them.

Killed half way, each is finished once after the restart: no letter twice, one file, and the copies
of before as they were.
"""

import hashlib
from collections.abc import Iterator

import pytest

from tests.faults.harness import Installation, installation

BIDS = 16
ERRAND = "SELECT stage, tries, made, file_id FROM decisions_errand"
LETTERS = "SELECT count(*), count(DISTINCT application_id) FROM decisions_outcomeletter"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A round of its own; nothing is asked for, and there is no worker yet."""
    folder = tmp_path_factory.mktemp("errands")
    with installation(folder, SHARE_CLAIM_SECONDS="3") as site:
        site.app = "tests.faults.handfuls"
        yield site


def kill_half_way(site: Installation) -> None:
    """Kill the worker when something is made and it is not over, and start another."""
    site.start_worker()
    site.wait(lambda: site.rows(ERRAND)[0][2] >= 2, "The work to be under way")
    site.kill("worker")
    ((stage, tries, made, file),) = site.rows(ERRAND)
    assert (stage, tries, file) == ("working", 1, None), f"killed too late, with {made} made"
    site.start_worker()
    site.wait(lambda: site.rows(ERRAND)[0][0] not in ("waiting", "working"), "The end")
    ((stage, tries, _made, _file),) = site.rows(ERRAND)
    assert (stage, tries) == ("done", 2), site.rows("SELECT sentence FROM decisions_errand")


def entries(site: Installation, verb: str) -> int:
    return int(site.rows(f"SELECT count(*) FROM ledger_entry WHERE verb = '{verb}'")[0][0])


def test_letters_are_finished_once_though_their_worker_is_killed(site: Installation) -> None:
    site.run(f"seed.decided({BIDS}); seed.ask_for_letters()")
    kill_half_way(site)
    assert site.rows(LETTERS) == [(BIDS, BIDS)]
    assert site.rows("SELECT made, of FROM decisions_errand") == [(BIDS, BIDS)]
    assert entries(site, "wrote_outcome_letters") == BIDS, "one for each handful, and none twice"


def test_a_copy_is_finished_once_though_its_worker_is_killed(site: Installation) -> None:
    private = site.folder / "private"
    site.run(f"seed.agreed_report({BIDS})")
    good = site.run("print(seed.copy_of_report('csv'))").split()[-1]
    before = (private / good).read_bytes()
    site.run("seed.ask_for_copy('pdf')")
    kill_half_way(site)
    rows = site.rows("SELECT format, file, sha256 FROM decisions_reportfile ORDER BY id")
    assert [row[0] for row in rows] == ["csv", "pdf"]
    for _format, file, digest in rows:
        assert hashlib.sha256((private / file).read_bytes()).hexdigest() == digest
    assert (private / good).read_bytes() == before, "the last good copy is as it was"
    assert len(list((private / "reports").iterdir())) == 2, "nothing half made lies about"
    assert entries(site, "exported_report") == 2
