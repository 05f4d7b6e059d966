"""Faults are tried on the same site, with the same people at their browsers, as the journeys."""

from tests.journeys.conftest import calendar, newcomer, site

__all__ = ["calendar", "newcomer", "site"]
