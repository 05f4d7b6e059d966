"""Every kind of long work outlives the worker that was at it: a copy of the report, a batch of
letters written or sent, packs to print, bids out of a file.

Killed half way, each is finished once after the restart: no letter or bid twice, one file, and the
files of before as they were.
"""

import hashlib
from collections.abc import Iterator
from zipfile import ZipFile

import pytest

from tests.faults.harness import Installation, installation

BIDS = 16
NEWEST = "FROM decisions_errand ORDER BY id DESC LIMIT 1"
ERRAND = f"SELECT stage, tries, made, file_id {NEWEST}"
LETTERS = "SELECT count(*), count(DISTINCT application_id) FROM decisions_outcomeletter"
SENT = "SELECT count(*), count(DISTINCT key) FROM ledger_letter WHERE kind = 'outcome_letter'"


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
    assert (stage, tries) == ("done", 2), site.rows(f"SELECT sentence {NEWEST}")


def entries(site: Installation, verb: str) -> int:
    return int(site.rows(f"SELECT count(*) FROM ledger_entry WHERE verb = '{verb}'")[0][0])


def test_letters_are_finished_once_though_their_worker_is_killed(site: Installation) -> None:
    site.run(f"seed.decided({BIDS}); seed.ask_for_letters()")
    kill_half_way(site)
    assert site.rows(LETTERS) == [(BIDS, BIDS)]
    assert site.rows("SELECT made, of FROM decisions_errand") == [(BIDS, BIDS)]
    assert entries(site, "wrote_outcome_letters") == BIDS, "one for each handful, and none twice"


def test_letters_go_once_each_though_their_worker_is_killed(site: Installation) -> None:
    site.run(f"seed.agreed_letters({BIDS}); seed.ask_to_send()")
    kill_half_way(site)
    assert site.rows(SENT) == [(BIDS, BIDS)]
    assert site.rows(f"{LETTERS} WHERE letter_id IS NOT NULL") == [(BIDS, BIDS)]
    assert site.rows(f"SELECT made, of {NEWEST}") == [(BIDS, BIDS)]
    assert entries(site, "sent_outcome_letters") == BIDS, "one for each letter, and none twice"


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


def kept(site: Installation) -> list[str]:
    """The packs and files of bids that are in private storage."""
    return sorted(f"errands/{row.name}" for row in (site.folder / "private" / "errands").iterdir())


def test_packs_are_finished_once_though_their_worker_is_killed(site: Installation) -> None:
    site.run("seed.on_paper(4, 1)")
    good = site.run("print(seed.packs())").split()[-1]
    before = (site.folder / "private" / good).read_bytes()
    site.run("seed.ask_for_packs()")
    site.start_worker()
    site.wait(lambda: site.rows(ERRAND)[0][2] >= 2, "Two packs")
    site.kill("worker")
    assert site.rows(f"SELECT stage, tries, kept {NEWEST}") == [("working", 1, "")]
    assert kept(site) == [good], "no half of it lies about"
    assert (site.folder / "private" / good).read_bytes() == before, "the last good file is there"
    site.start_worker()
    site.wait(lambda: site.rows(ERRAND)[0][0] not in ("waiting", "working"), "The end")
    ((stage, tries, made, of, name),) = site.rows(f"SELECT stage, tries, made, of, kept {NEWEST}")
    assert (stage, tries, made, of) == ("done", 2, 4, 4), site.rows(f"SELECT sentence {NEWEST}")
    site.wait(lambda: kept(site) == [name], "The older file to go")
    with ZipFile(site.folder / "private" / name) as packs:
        assert packs.testzip() is None
        assert len(packs.namelist()) == len(set(packs.namelist())) == 4
        assert all(packs.read(one).startswith(b"%PDF-1.7") for one in packs.namelist())


def test_a_readers_pack_is_finished_once_though_its_worker_is_killed(site: Installation) -> None:
    site.run("seed.on_paper(4, 3); seed.ask_for_packs(0)")
    kill_half_way(site)
    ((name,),) = site.rows(f"SELECT kept {NEWEST}")
    assert kept(site) == [name]
    assert (site.folder / "private" / name).read_bytes().startswith(b"%PDF-1.7")


def test_bids_of_a_file_come_in_once_though_their_worker_is_killed(site: Installation) -> None:
    site.run(f"seed.open_for_bids(); seed.ask_for_import({BIDS})")
    kill_half_way(site)
    assert site.rows(f"SELECT made, of {NEWEST}") == [(BIDS, BIDS)]
    ids = [row[0] for row in site.rows("SELECT outside_id FROM applications_application")]
    assert sorted(ids) == sorted(f"B{number}" for number in range(BIDS))
    assert site.rows("SELECT count(*) FROM applications_bidversion") == [(BIDS,)]
    assert site.rows("SELECT count(*) FROM applications_organisation") == [(4,)]
    assert entries(site, "applications_imported") == BIDS, "one for each handful, and none twice"
