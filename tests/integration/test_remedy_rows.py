# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remedy playbook over those rows of both decision tables that no host of extensions/molecule shows.

On a fleet of simulated hosts, of which the others are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.remedy_run import Pictures, Remedy, changes, picture, remediate, simulated_lab

pytestmark = pytest.mark.one_core

KB954960, KB954474 = ("954960", "apply_kb954960"), ("954474", "apply_kb954474")
RESET = ("954960", "apply_rtm_workaround")
#: What is done on which host of the fleet.
CURED = {
    "sbs2003-wsus3": {KB954960},
    "wsus-german": {KB954960},
    "wsus-reset-interrupted": {RESET},
    "cm-rtm-remote-provider": {KB954474},
    "cm-sp1-no-rights": {KB954474},
    "cm-sp1-sees-nothing": {KB954474},
}
#: What is left alone, and stays what it is.
LEFT_ALONE = {
    "wsus-console-only": "not_applicable",
    "sbs2003-wsus2": "not_applicable",
    "wsus-4": "not_applicable",
    "wsus-rtm-workaround": "compliant",
    "wsus-sp1-contradicted": "non_compliant",
    "wsus-builds-disagree": "unknown",
    "cm-sp1-no-tool": "not_applicable",
    "cm-2012": "not_applicable",
    "cm-sp1-fixed": "compliant",
    "cm-sp1-contradicted": "non_compliant",
    "cm-sp1-hotfix-denied": "unknown",
    "awkward-script-host-off": "error",
    "awkward-password": "unreachable",
    "wsus-unreachable": "unreachable",
}
LIMIT = ("--limit", ",".join([*CURED, *LEFT_ALONE]))


@dataclass(frozen=True)
class Story:
    """What check mode predicted, what was done, and pictures before, between and after."""

    predicted: Remedy
    done: Remedy
    pictures: tuple[Pictures, ...]


@pytest.fixture(scope="module")
def story(lab_states: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with simulated_lab("demo.yml", lab_states) as lab:
        folder = tmp_path_factory.mktemp("rows")
        pictures = [picture(lab)]
        runs = []
        for name, arguments in (("check", ["--check"]), ("real", [])):
            runs.append(remediate(lab, folder / name, *arguments, *LIMIT, unblock_allow_unreachable=True))
            pictures.append(picture(lab))
        yield Story(*runs, pictures=tuple(pictures))


def test_what_check_mode_predicts_is_what_is_done(story: Story) -> None:
    expected = {(host, *action) for host, actions in CURED.items() for action in actions}
    assert story.predicted.actions("would_change") == expected
    assert story.done.actions("changed") == expected
    assert {name for name, status in story.predicted.statuses().items() if status == "would_fix"} == CURED.keys()
    assert changes(story.pictures[0], story.pictures[1]) == {}


def test_every_row_comes_to_its_end(story: Story) -> None:
    assert story.done.statuses() == dict.fromkeys(CURED, "fixed") | LEFT_ALONE
    assert changes(story.pictures[1], story.pictures[2]).keys() == CURED.keys()
    # The contradicted ones need somebody to look at them.
    assert story.done.run.code == 2
    assert "contradicted: wsus-sp1-contradicted, cm-sp1-contradicted." in story.done.run.output
    verdict = story.done.verdict("wsus-reset-interrupted")
    assert "Ended the reset that was interrupted" in verdict["remedy"]["message"]
