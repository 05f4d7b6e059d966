"""A share-out outlives the worker that was at it: killed half way, it is worked out once, later."""

from collections.abc import Iterator

import pytest

from tests.faults.harness import Installation, installation

REQUEST = "SELECT stage, tries, run_id FROM panels_sharerequest"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Forty people, thirty bids, and a proposal asked for; no worker yet."""
    folder = tmp_path_factory.mktemp("sharing")
    with installation(folder, SHARE_CLAIM_SECONDS="3") as site:
        site.run("seed.sharing(40, 30)")
        yield site


def test_a_share_out_is_worked_out_once_though_its_worker_is_killed(site: Installation) -> None:
    assert site.rows(REQUEST) == [("waiting", 0, None)]
    site.start_worker()
    site.wait(lambda: site.rows(REQUEST)[0][0] in ("sharing", "helping"), "The work to begin")
    site.kill("worker")
    ((stage, tries, run),) = site.rows(REQUEST)
    assert run is None, f"killed too late, at “{stage}”"
    assert tries == 1
    assert site.rows("SELECT count(*) FROM panels_sharerun") == [(0,)]
    site.start_worker()
    site.wait(lambda: site.rows(REQUEST)[0][0] == "done", "The proposal")
    ((_stage, tries, run),) = site.rows(REQUEST)
    assert tries == 2
    assert site.rows("SELECT id FROM panels_sharerun") == [(run,)]
    proposed = "SELECT count(*) FROM ledger_entry WHERE verb = 'sharing_proposed'"
    assert site.rows(proposed) == [(1,)]
