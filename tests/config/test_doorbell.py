"""The queue of one small machine: whole rings only, and no ring ends a worker."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from config import doorbell


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("rings", "control", "processed"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def bell(folder: Path):
    options = {
        "data_folder_in": str(folder / "rings"),
        "data_folder_out": str(folder / "rings"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
        "store_processed": False,
    }
    with Connection(f"{doorbell.NAME}://localhost", transport_options=options) as connection:
        yield connection.SimpleQueue(folder.name)  # kombu remembers queues for good


def test_every_ring_comes_once(bell, folder: Path) -> None:
    for ring in ("one", "two", "three"):
        bell.put(ring)
    assert not list((folder / "rings").glob("*.part"))
    # In no sure order: those of one thousandth of a second are alike.
    assert {bell.get(timeout=5).payload for _turn in range(3)} == {"one", "two", "three"}
    assert not list((folder / "rings").iterdir())


def test_half_a_ring_is_passed_over(bell, folder: Path) -> None:
    """What a program leaves that was killed while it wrote: an empty file, or half of one."""
    for name, words in (("0_a", ""), ("0_b", '{"body": "gA')):
        (folder / "rings" / f"{name}.{folder.name}.msg").write_text(words)
    (folder / "rings" / f"0_c.{folder.name}.msg.part").write_text("{")
    bell.put("whole")
    found = None
    for _turn in range(20):
        try:
            found = bell.get(timeout=1).payload
            break
        except Empty:
            continue
    assert found == "whole"


def test_kombus_own_ends_with_half_a_ring(folder: Path) -> None:
    """The control: without ours, a worker that finds such a file ends."""
    (folder / "rings" / f"0_a.{folder.name}.msg").write_text("")
    options = {"data_folder_in": str(folder / "rings"), "control_folder": str(folder / "control")}
    kombus = Connection("filesystem://localhost", transport_options=options)
    with kombus as connection, pytest.raises(ValueError, match="Expecting value"):
        connection.SimpleQueue(folder.name).get(timeout=2)
