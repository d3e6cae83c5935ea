# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.yml: one report of those of two sites, without any host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, check
from tests.integration.ansible_run import REPOSITORY, Run, ansible_playbook
from tests.unit.report.samples import assessment, failed, result

PLAYBOOK = REPOSITORY / "playbooks" / "report.yml"
NO_HOSTS = Path("/dev/null")


def _merge(folder: Path, *arguments: str) -> Run:
    merge = json.dumps({"unblock_merge": [str(folder / "north"), str(folder / "south")]})
    return ansible_playbook(
        PLAYBOOK, NO_HOSTS, "-e", merge, "-e", f"unblock_report_dir={folder / 'all'}", *arguments,
        ANSIBLE_SHOW_CUSTOM_STATS="1",
    )  # fmt: skip


@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["run", "check mode"])
def test_two_sites_become_one_report(tmp_path: Path, mode: tuple[str, ...]) -> None:
    HOST_FILES.write(tmp_path / "north", result("wsus1"))
    HOST_FILES.write(tmp_path / "south", result("wsus2", assessment("compliant")))
    run = _merge(tmp_path, *mode)
    assert run.code == 0, run.output
    merged = json.loads((tmp_path / "all" / "report.json").read_bytes())
    check(merged, REPORT)
    assert merged["summary"]["by_status"] == {"non_compliant": 1, "compliant": 1}
    assert "1 of 2 servers still cannot deliver updates." in run.output
    assert "Merged from 1 run." in run.output, "both sites were judged by one"
    assert f"unblock_result_{merged['run_id'].replace('-', '_')}" in run.output, "what AWX hands to the next job"


def test_it_fails_as_the_playbook_that_judges(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "north", failed("wsus1"))
    HOST_FILES.write(tmp_path / "south", result("wsus2"))
    run = _merge(tmp_path)
    assert run.code == 2
    assert f"unreachable: wsus1. The report is in {tmp_path / 'all'}." in run.output
    allowed = _merge(tmp_path, "-e", '{"unblock_allow_unreachable": true}')
    assert allowed.code == 0, allowed.output
    strict = _merge(tmp_path, "-e", '{"unblock_allow_unreachable": true, "unblock_fail_on": ["non_compliant"]}')
    assert "non_compliant: wsus2." in strict.output


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "north", result("wsus1"))
    run = _merge(tmp_path)
    assert run.code == 2
    assert f"{tmp_path / 'south'} cannot be read: No such file or directory." in run.output
    assert not (tmp_path / "all").exists()
