# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates and the workflow at work: AWX is played by this file, its jobs are run by ansible-runner."""

from __future__ import annotations

import copy
import json
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY
from tests.integration.controller_run import Controller
from tests.integration.remedy_run import simulated_lab
from tests.integration.runner_run import Answer, Job, prepare, run, run_elsewhere
from tests.lab.awx_api import AwxApi
from tests.lab.lab import Lab

KEY = "unblock_result_"
PLAYBOOKS = {path.stem for path in (REPOSITORY / "playbooks").glob("*.yml")}
#: What must be alike in the report of a whole sweep and of its slices.
SAME = {"schema_version", "check_mode", "rules", "summary", "pairs"}
#: What a person answers; the rest of the survey stays as it is.
ANSWERS = {"remediate_advisories": ["954474"], "remediate_accept_irreversible": "yes"}


def typed(value: t.Any) -> t.Any:
    """A value with all of its texts marked as AWX marks what does not come from a job template."""
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return Answer(value) if isinstance(value, str) else value


@dataclass
class Tower:
    """As much of AWX as starts jobs: templates from the stand-in for its API, one folder a job."""

    awx: AwxApi
    inventory: dict[str, t.Any]
    folder: Path
    jobs: dict[str, Job] = field(default_factory=dict)

    def launch(self, template: dict[str, t.Any], stats: dict[str, t.Any]) -> Job:
        """Runs the job of a template, in one slice.

        Args:
            template: as the API has it.
            stats: what earlier jobs of the workflow left.
        """
        number = len(self.jobs) + 1
        questions = template["survey"].get("spec", [])
        answers = {question["variable"]: default(question) for question in questions}
        variables = {
            **json.loads(template["extra_vars"]),
            **typed(answers | {name: value for name, value in ANSWERS.items() if name in answers}),
            **typed(stats),
            "awx_job_id": number,
        }
        folder = prepare(self.folder / str(number), self.inventory, variables)
        check = ["--check"] if template["job_type"] == "check" else []
        job = run(folder, template["playbook"], *check)
        self.jobs[Path(template["playbook"]).stem] = job
        return job

    def run_workflow(self) -> None:
        """Runs the workflow from its first node on; the person asked for an approval agrees."""
        nodes = self.awx.objects["workflow_job_template_nodes"]
        linked = {number for node in nodes.values() for number in following(node)}
        (number,) = nodes.keys() - linked
        stats: dict[str, t.Any] = {}
        while number:
            node = nodes[number]
            if node["unified_job_template"] in self.awx.objects["job_templates"]:
                job = self.launch(self.awx.objects["job_templates"][node["unified_job_template"]], stats)
                stats = stats | job.stats
            (number,) = following(node) or [0]

    def report(self, name: str) -> dict[str, t.Any]:
        """The report of a playbook's job."""
        (result,) = self.jobs[name].stats.values()
        return read_report(Path(result["report_dir"]))


def default(question: dict[str, t.Any]) -> t.Any:
    """What the form of AWX sends if nobody changes an answer: for several choices a list."""
    return question["default"].splitlines() if question["type"] == "multiselect" else question["default"]


def following(node: dict[str, t.Any]) -> list[int]:
    """The nodes that come after one that ended well."""
    return [*node.get("always_nodes", []), *node.get("success_nodes", [])]


def read_report(folder: Path) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads((folder / "report.json").read_bytes()))


def sliced(inventory: dict[str, t.Any], number: int, count: int) -> dict[str, t.Any]:
    """The share of a slice: AWX deals the hosts out by name."""
    share = copy.deepcopy(inventory)
    groups = share["all"]["children"]
    names = sorted({name for group in groups.values() for name in group["hosts"]})[number::count]
    for group in groups.values():
        group["hosts"] = {name: value for name, value in group["hosts"].items() if name in names}
    return share


@dataclass(frozen=True)
class Sweep:
    """Two slices of one sweep, and the report that they were merged to."""

    slices: list[Job]
    merged: dict[str, t.Any]


@pytest.fixture(scope="module")
def lab(lab_states: Path) -> Iterator[Lab]:
    """Simulated hosts of every kind that a remedy changes."""
    with simulated_lab("remedy.yml", lab_states / "awx") as running:
        yield running


@pytest.fixture(scope="module")
def sweep(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("sweep")
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    slices = [
        run_elsewhere(
            prepare(folder / f"slice{number}", sliced(inventory, number, 2)), "playbooks/compliance.yml", "--check"
        )
        for number in range(2)
    ]
    # Without a folder given, the report lies where ansible-runner brings files back from.
    reports = [str(job.artifacts / "unblock-report") for job in slices]
    variables = {"unblock_merge": reports, "unblock_report_dir": str(folder / "merged")}
    job = run(prepare(folder / "report", variables=variables), "playbooks/report.yml")
    assert job.status == "successful", job.output
    return Sweep(slices, read_report(folder / "merged"))


@pytest.fixture(scope="module")
def tower(controller: Controller, lab: Lab, sweep: Sweep, tmp_path_factory: pytest.TempPathFactory) -> Tower:
    """AWX after its workflow; hosts are changed after the slices of the sweep saw them."""
    folder = tmp_path_factory.mktemp("tower")
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    played = Tower(controller.awx, inventory, folder, {"controller": controller.job})
    played.run_workflow()
    logs = {"unblock_logs": str(REPOSITORY / "tests" / "lab" / "logs")}
    played.jobs["logs"] = run(prepare(folder / "logs", variables=logs), "playbooks/logs.yml")
    return played


@pytest.mark.one_core
def test_every_playbook_runs_under_ansible_runner(tower: Tower) -> None:
    assert tower.jobs.keys() == PLAYBOOKS
    failed = [f"{name}: {job.output}" for name, job in tower.jobs.items() if job.status != "successful"]
    assert not failed, "\n".join(failed)


@pytest.mark.one_core
def test_slices_that_ran_elsewhere_are_merged_to_the_report_of_one_sweep(tower: Tower, sweep: Sweep) -> None:
    assert [job.status for job in sweep.slices] == ["successful"] * 2
    whole = tower.report("compliance")
    assert {name: value for name, value in sweep.merged.items() if name in SAME} == {
        name: value for name, value in whole.items() if name in SAME
    }
    # The order of the hosts is that of the inventory, and of the slices.
    assert by_name(sweep.merged) == by_name(whole)


def by_name(report: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    """The hosts without what names the run, or depends on the second in which it was judged."""
    passing = ("run_id", "finished_at", "clock_skew")
    return {host["name"]: {key: host[key] for key in host if key not in passing} for host in report["hosts"]}


def test_each_slice_leaves_its_share_under_a_key_of_its_own(sweep: Sweep) -> None:
    keys = [key for job in sweep.slices for key in job.stats]
    assert len(set(keys)) == 2 and all(key.startswith(KEY) for key in keys)
    names = [sorted(sum(job.stats[key]["names"].values(), [])) for job, key in zip(sweep.slices, keys, strict=True)]
    assert sorted(names[0] + names[1]) == sorted(by_name(sweep.merged))
    assert len(names[0]) == len(names[1]) == 4


def test_a_job_that_must_fail_leaves_its_result_all_the_same(lab: Lab, tmp_path: Path) -> None:
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    folder = prepare(tmp_path / "job", inventory, {"unblock_fail_on": ["non_compliant"]})
    job = run(folder, "playbooks/compliance.yml", "--limit", "wsus-sp1-2003")
    assert job.status == "failed"
    (result,) = job.stats.values()
    assert result["names"] == {"non_compliant": ["wsus-sp1-2003"]}
    assert Path(result["report_dir"]) == job.artifacts / "unblock-report"


@pytest.mark.one_core
def test_a_job_keeps_its_word_to_the_survey(tower: Tower) -> None:
    done = {
        (host["name"], verdict["advisory"])
        for host in tower.report("remediate")["hosts"]
        for verdict in host["assessments"]
        if "remedy" in verdict
    }
    assert done == {("cm-sp1-unpatched", "954474")}
    statuses = {host["name"]: host["status"] for host in tower.report("remediate")["hosts"]}
    assert (statuses["cm-sp1-unpatched"], statuses["wsus-sp1-unpatched"]) == ("fixed", "non_compliant")


@pytest.mark.one_core
def test_the_last_job_reports_on_what_the_others_left(tower: Tower) -> None:
    final = tower.report("report")
    runs = [tower.report(name)["run_id"] for name in ("compliance", "remediate", "verify")]
    assert sorted(merged["run_id"] for merged in final["merged"]) == sorted(runs)
    verified = {host["name"]: host["status"] for host in tower.report("verify")["hosts"]}
    assert {host["name"]: host["status"] for host in final["hosts"]} == verified


@pytest.mark.one_core
def test_logs_are_reported_where_ansible_runner_brings_files_back_from(tower: Tower) -> None:
    (result,) = tower.jobs["logs"].stats.values()
    assert Path(result["report_dir"]) == tower.jobs["logs"].artifacts / "unblock-report"
    assert len(tower.report("logs")["hosts"]) == result["counts"]["hosts"] > 0
