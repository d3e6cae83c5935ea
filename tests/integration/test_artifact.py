# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that is published: the same bytes from the same files, and whole once it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY, ansible_playbook
from tests.integration.controller_run import AWX, apply
from tests.integration.remedy_run import remediate, simulated_lab
from tests.lab.awx_api import AwxApi

COLLECTION = "unblock.updates."

pytestmark = pytest.mark.one_core


def _copy(target: Path, age: int, backwards: bool) -> Path:
    """Copies the checkout; its files get another age, and its folders another order."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0")
    for name in sorted(filter(None, names), reverse=backwards):
        if not (REPOSITORY / name).is_file():  # deleted, and git not told yet
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target / name)
        os.utime(target / name, (age, age + 0.5))
    return target


def _build(tree: Path) -> Path:
    command = [sys.executable, "tools/build_collection.py", f"{tree}-built"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1226448000"}
    made = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(made.strip())


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of this checkout."""
    return _build(_copy(tmp_path_factory.mktemp("artifact") / "first", 1_000_000_000, backwards=False))


@pytest.fixture(scope="module")
def installed(artifact: Path) -> Path:
    """A path that holds nothing but what ansible-galaxy made of the artifact."""
    place = artifact.parent / "installed"
    galaxy = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection"]
    subprocess.run([*galaxy, "install", str(artifact), "-p", str(place), "--no-deps"], cwd=artifact.parent, check=True)
    verify = [*galaxy, "verify", "unblock.updates", "--offline", "-p", str(place)]
    verified = subprocess.run(verify, cwd=artifact.parent, check=True, stdout=subprocess.PIPE, text=True)
    assert "Successfully verified that checksums for 'unblock.updates:" in verified.stdout
    return place


def test_the_same_files_make_the_same_bytes(artifact: Path, tmp_path: Path) -> None:
    second = _build(_copy(tmp_path / "second", 1_500_000_000, backwards=True))
    assert artifact.read_bytes() == second.read_bytes()


def test_the_playbooks_for_servers_run_by_name(
    installed: Path, lab_states: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(installed))
    name, statuses = "wsus-sp1-unpatched", []
    with simulated_lab("one.yml", lab_states) as lab:
        for playbook in ("compliance", "remediate", "verify"):
            run = remediate(lab, tmp_path / playbook, playbook=COLLECTION + playbook)
            assert run.run.code == 0, run.run.output
            statuses.append(run.statuses()[name])
    assert statuses == ["non_compliant", "fixed", "compliant"]

    sites = [str(tmp_path / "compliance"), str(tmp_path / "verify")]
    variables = {"unblock_merge": sites, "unblock_report_dir": str(tmp_path / "report")}
    merged = ansible_playbook(f"{COLLECTION}report", Path("/dev/null"), "-e", json.dumps(variables))
    assert merged.code == 0, merged.output
    report = json.loads((tmp_path / "report" / "report.json").read_bytes())
    assert report["summary"]["by_status"] == {"compliant": 1}, "the newest verdict counts"


def test_the_playbook_for_logs_runs_by_name(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "wsus01").mkdir()
    shutil.copy(REPOSITORY / "tests/lab/logs/server-symptom.log", tmp_path / "wsus01" / "SoftwareDistribution.log")
    variables = {"unblock_logs": str(tmp_path), "unblock_report_dir": str(tmp_path / "report")}
    run = ansible_playbook(
        f"{COLLECTION}logs", Path("/dev/null"), "-e", json.dumps(variables), ANSIBLE_COLLECTIONS_PATH=str(installed)
    )
    assert run.code == 0, run.output
    (host,) = json.loads((tmp_path / "report" / "report.json").read_bytes())["hosts"]
    assert (host["name"], [a["symptom"]["count"] for a in host["assessments"]]) == ("wsus01", [0, 1])


def test_the_playbook_for_awx_runs_by_name(installed: Path) -> None:
    with AwxApi(AWX / "ansible_collections" / "awx" / "awx") as awx:
        run = apply(awx, collections=(installed, AWX), playbook=f"{COLLECTION}controller")
        assert run.code == 0, run.output
        assert awx.one("workflow_job_templates")["survey_enabled"]


def test_no_playbook_is_left_out() -> None:
    tested = {"compliance", "remediate", "verify", "report", "logs", "controller"}
    assert {path.stem for path in (REPOSITORY / "playbooks").glob("*.yml")} == tested
