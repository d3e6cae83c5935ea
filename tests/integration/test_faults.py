# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the fault matrix on simulated hosts; `make test-faults` runs all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import pytest

from tests.faults.matrix import KILLS, Cell, Course, disturb, survey
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.integration.conftest import free_port
from tests.lab.endpoint.injection import FAULTS, KINDS

pytestmark = pytest.mark.one_core

#: A module that changes hosts meets each of these; those that read share them among them.
SAMPLE = [kind for kind in KINDS if kind not in FAULTS] + ["fault_access_denied", "fault_operation_timed_out"]
#: Parts of the way through a module's requests at which the kinds strike in turn.
PLACES = (0.5, 0.9, 0.7, 0.2, 0.8, 0.4, 0.6)


def cells_of(scenario: Scenario, course: Course, kinds: Sequence[str]) -> Iterator[Cell]:
    """Let each kind strike once."""
    for kind, place in zip(kinds, cycle(PLACES), strict=False):
        yield Cell(scenario, kind, round(course.requests * place))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_is_struck_is_told_and_the_next_run_ends_well(scenario: Scenario, tmp_path: Path) -> None:
    course = survey(scenario, tmp_path, free_port())
    kinds = SAMPLE if scenario.changes else SAMPLE[SCENARIOS.index(scenario) :: len(SCENARIOS)]
    findings = disturb([*cells_of(scenario, course, kinds)], course, tmp_path, free_port())
    assert all(finding.struck for finding in findings)
    assert {str(finding.cell): finding.problems for finding in findings if finding.problems} == {}
    assert not scenario.changes or {finding.outcome for finding in findings} >= {"ok", "failed"}


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.changes], ids=lambda scenario: scenario.name)
def test_a_killed_controller_leaves_what_the_next_run_takes_up(scenario: Scenario, tmp_path: Path) -> None:
    course = survey(scenario, tmp_path, free_port())
    cells = [Cell(scenario, kind, round(course.requests * place)) for kind in KILLS for place in (0.4, 0.6, 0.8)]
    findings = disturb(cells, course, tmp_path, free_port())
    assert all(finding.struck and finding.outcome == "killed" for finding in findings)
    assert {str(finding.cell): finding.problems for finding in findings if finding.problems} == {}
