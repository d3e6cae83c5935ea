# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the tables that Wine cannot show, or that the operator's word decides, on simulated hosts."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY, module_results
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, Options

ROWS = [
    ("awkward-wow64", "unknown", "investigate", "probe.wow64 is true"),
    ("wsus-version-unknown", "unknown", "investigate", "3.0.5100.1"),
    ("wsus-rtm", "non_compliant", "upgrade_wsus", "operator.rtm_strategy is upgrade"),
    ("wsus-sp1-unpatched", "not_applicable", "none", "operator.office_2003 is false"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, t.Any]]]:
    state: Path = tmp_path_factory.mktemp("simulated")
    options = Options(executor="simulated", port=free_port())
    with Lab(REPOSITORY / "tests/lab/fleets/simulated.yml", state, options) as lab:
        before = {name: lab.host(name).snapshot() for name, *dummy in ROWS}
        yield module_results(lab.inventory, "update_servers", "unblock.updates.assess")
        assert {name: before[name].differences(lab.host(name).snapshot()) for name in before} == dict.fromkeys(
            before, []
        )


@pytest.mark.parametrize(("name", "status", "action", "words"), ROWS)
def test_a_row_is_judged(results: dict[str, dict[str, t.Any]], name: str, status: str, action: str, words: str) -> None:
    judged = next(verdict for verdict in results[name]["assessments"] if verdict["advisory"] == "954960")
    assert (judged["status"], judged["action"]) == (status, action), judged["reason"]
    assert words in judged["reason"]


def test_nothing_is_believed_of_a_host_that_hides_its_registry(results: dict[str, dict[str, t.Any]]) -> None:
    facts = results["awkward-wow64"]["ansible_facts"]["wsus"]
    assert facts["installed"] is None and facts["version"] is None and facts["client_dll"]["version"] is None
