# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task ``unblock.updates.report`` in a play of its own, on hosts that nothing could connect to."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates import plugins
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, check
from tests.unit.report.samples import RUN, assessment, failed, remedy, result

#: Where this collection is imported from, by ansible-test as well.
COLLECTIONS = Path(plugins.__path__[0]).parents[3]
FILES = {"report.json", "report.csv", "report.html", "report.junit.xml"}


@dataclasses.dataclass
class Outcome:
    """What came of the play: its exit status, the registered task result and all that it printed."""

    status: int
    task: dict[str, t.Any]
    output: str


def _play(folder: Path, *options: str, environment: dict[str, str] | None = None, **arguments: t.Any) -> Outcome:
    kept = folder / "task.json"
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [
                {
                    "block": [
                        {
                            "name": "Write the report",
                            "unblock.updates.report": {"run_id": RUN, **arguments},
                            "register": "written",
                        }
                    ],
                    "always": [
                        {
                            "ansible.builtin.copy": {"content": "{{ written | to_json }}", "dest": str(kept)},
                            "vars": {"ansible_connection": "local"},
                            "check_mode": False,
                        },
                    ],
                }
            ],
        }
    ]
    (folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    (folder / "ansible.cfg").touch()
    (folder / "inventory").write_text(
        "win ansible_connection=winrm ansible_host=host.invalid ansible_user=u ansible_password=p "
        f"ansible_python_interpreter={sys.executable}\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory", "play.yml", *options],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWX_"))},
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "COLUMNS": "120",
            **(environment or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert kept.exists(), run.stdout
    return Outcome(run.returncode, json.loads(kept.read_text(encoding="utf-8")), run.stdout)


def _written(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_judged_fleet_is_reported_also_in_check_mode(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "out", result("wsus1", assessment(next_step="{{ lookup('pipe', 'id') }}\x1b[2J")))
    outcome = _play(tmp_path, "--check", report_dir=str(tmp_path / "out"), hosts=["wsus1"])
    assert outcome.status == 0, outcome.output
    assert _written(tmp_path / "out") == FILES
    assert {Path(path) for path in outcome.task["files"]} == {tmp_path / "out" / name for name in FILES}
    assert outcome.task["changed"] is False
    assert outcome.task["summary"]["by_status"] == {"non_compliant": 1}
    document = json.loads((tmp_path / "out" / "report.json").read_bytes())
    check(document, REPORT)
    assert document["check_mode"] is True
    assert r"{{ lookup('pipe', 'id') }}\x1b[2J" in outcome.output
    assert "uid=" not in outcome.output


def test_a_lost_host_fails_the_task_after_the_report_is_written(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "out", result("wsus1"))
    HOST_FILES.write(tmp_path / "out", failed("wsus2"))
    outcome = _play(tmp_path, report_dir=str(tmp_path / "out"), hosts=["wsus1", "wsus2", "wsus3"])
    assert outcome.status == 2
    assert outcome.task["msg"] == f"unreachable: wsus2. error: wsus3. The report is in {tmp_path / 'out'}."
    assert _written(tmp_path / "out") == FILES
    assert any(line.startswith("wsus3  error") for line in outcome.output.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"allow_unreachable": True}, None),
        ({"allow_unreachable": True, "fail_on": ["compliant", "error"]}, "error: wsus3. compliant: wsus1."),
    ],
)
def test_the_operator_says_what_a_failure_is(tmp_path: Path, arguments: dict[str, t.Any], message: str | None) -> None:
    HOST_FILES.write(tmp_path / "out", result("wsus1", assessment("compliant")))
    HOST_FILES.write(tmp_path / "out", failed("wsus2"))
    outcome = _play(tmp_path, report_dir=str(tmp_path / "out"), hosts=["wsus1", "wsus2", "wsus3"], **arguments)
    assert (outcome.status, outcome.task["failed"]) == ((0, False) if message is None else (2, True)), outcome.output
    assert outcome.task.get("msg", "").startswith(message or "")


def test_a_contradicted_fix_can_fail_the_task_whatever_the_status(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "out", result("wsus1", {**assessment("non_compliant"), "verification": "contradicted"}))
    HOST_FILES.write(tmp_path / "out", result("wsus2", assessment("non_compliant")))
    outcome = _play(tmp_path, report_dir=str(tmp_path / "out"), hosts=["wsus1", "wsus2"], fail_on=["contradicted"])
    assert outcome.status == 2
    assert outcome.task["msg"] == f"contradicted: wsus1. The report is in {tmp_path / 'out'}."


def test_a_failed_fix_of_a_host_that_is_gone_now_fails_the_task(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "out", failed("wsus1", remedies=[remedy("failed")]))
    HOST_FILES.write(tmp_path / "out", failed("wsus2", remedies=[remedy("reboot_required")]))
    outcome = _play(
        tmp_path,
        report_dir=str(tmp_path / "out"),
        hosts=["wsus1", "wsus2"],
        fail_on=["fix_failed"],
        allow_unreachable=True,
    )
    assert outcome.status == 2
    assert outcome.task["msg"] == f"fix_failed: wsus1. The report is in {tmp_path / 'out'}."


@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["run", "check mode"])
def test_runs_are_merged_if_that_is_asked_for(tmp_path: Path, mode: tuple[str, ...]) -> None:
    HOST_FILES.write(tmp_path / "north", result("wsus1"))
    HOST_FILES.write(tmp_path / "south", failed("wsus2"))
    folders = [str(tmp_path / name) for name in ("north", "south")]
    outcome = _play(tmp_path, *mode, report_dir=str(tmp_path / "all"), run_id="merged", merge=folders)
    assert outcome.task["msg"] == f"unreachable: wsus2. The report is in {tmp_path / 'all'}."
    assert _written(tmp_path / "all") == FILES
    document = json.loads((tmp_path / "all" / "report.json").read_bytes())
    assert [(run["source"], run["hosts"]) for run in document["merged"]] == [(folder, 1) for folder in folders]
    assert document["check_mode"] is False, "the runs changed something, if they had to"
    assert os.listdir(tmp_path / "north") == ["hosts"], "what is merged is only read"


def test_what_cannot_be_merged_leaves_the_last_report(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path / "out", result("wsus1"))
    assert _play(tmp_path, report_dir=str(tmp_path / "out"), hosts=["wsus1"]).status == 0
    before = (tmp_path / "out" / "report.json").read_bytes()
    (tmp_path / "broken.json").write_text('{"schema_version": "2.0"}', encoding="utf-8")
    merge = [str(tmp_path / "out"), str(tmp_path / "broken.json")]
    outcome = _play(tmp_path, report_dir=str(tmp_path / "out"), merge=merge)
    assert outcome.status == 2
    assert f"{tmp_path}/broken.json is no report of this collection's schema" in outcome.task["msg"]
    assert (tmp_path / "out" / "report.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "one of the following is required: hosts, merge"),
        ({"hosts": [], "merge": []}, "parameters are mutually exclusive: hosts|merge"),
        ({"clients": [], "merge": []}, "parameters are mutually exclusive: clients|merge"),
    ],
)
def test_a_report_is_of_a_run_or_of_reports(tmp_path: Path, arguments: dict[str, t.Any], message: str) -> None:
    assert message in _play(tmp_path, report_dir=str(tmp_path / "out"), **arguments).task["msg"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, "unblock-report"), ({"AWX_ISOLATED_DATA_DIR": "{folder}/private"}, "private/unblock-report")],
)
def test_the_report_lies_where_awx_looks_else_here(tmp_path: Path, environment: dict[str, str], expected: str) -> None:
    environment = {name: value.format(folder=tmp_path) for name, value in environment.items()}
    outcome = _play(tmp_path, hosts=["wsus1"], allow_unreachable=True, environment=environment)
    assert outcome.status == 0, outcome.output
    assert Path(outcome.task["report_dir"]) == tmp_path / expected
    assert _written(tmp_path / expected) == FILES


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    outcome = _play(tmp_path, report_dir=str(tmp_path / "out"), hosts=[])
    assert outcome.status == 2
    assert "The report cannot be written to" in outcome.task["msg"]
    assert "File exists" in outcome.task["msg"]
