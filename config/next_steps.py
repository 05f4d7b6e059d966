"""Gathers what each app says its reader could do next."""

from datetime import date
from typing import Any

import accounts.next_steps
import applications.next_steps
import commissioning.next_steps
import decisions.next_steps
import panels.next_steps
import support.next_steps
from accounts.models import Person
from accounts.next_steps import NextStep
from commissioning.around import Around, look_around
from panels.rules import desk

SOURCES = (decisions, panels, applications, support, commissioning)


def rounds_around(person: Any, *, on: date) -> Around:
    """What is going on around somebody, with every fact that the apps below ask about it."""
    if not isinstance(person, Person):
        return Around([], [])
    return look_around(person, on=on, facts=desk.facts_of_member())


def next_steps_for(person: Any, *, on: date, around: Around) -> list[NextStep]:
    """All next steps of a signed-in person, most pressing first."""
    if not isinstance(person, Person):
        return []
    steps = [
        step for app in SOURCES for step in app.next_steps.next_steps(person, on=on, around=around)
    ]
    steps += accounts.next_steps.next_steps(person, on=on)  # knows of no rounds
    return sorted(steps, key=lambda step: step.pressing)
