"""Prints what the guards refuse and allow: `python -m tests.faults.table [sqlite|pg]`."""

import sys

import pytest

if __name__ == "__main__":
    database = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    test = "tests/faults/test_guards.py::test_the_whole_table"
    sys.exit(pytest.main(["-q", "-s", f"--db={database}", "-p", "no:cacheprovider", test]))
