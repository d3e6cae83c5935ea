# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates and the workflow, as the modules of awx.awx bring them to a stand-in for AWX."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, Run
from tests.integration.controller_run import COLLECTION, OURS, PREFIX, Controller, apply
from tests.lab.awx_api import AwxApi, survey_problem

pytestmark = pytest.mark.one_core


@dataclass(frozen=True)
class Applied:
    """What a second run said, and a third one in check mode, before which a person had changed something.

    The states of AWX are those after the first run and the second one, and those around the third one.
    """

    again: Run
    checked: Run
    states: tuple[str, ...]


@pytest.fixture(scope="module")
def applied(controller: Controller) -> Applied:
    awx, settings = controller.awx, ("-e", f"@{controller.settings}")
    states = [awx.state()]
    again = apply(awx, *settings)
    states.append(awx.state())
    template = awx.one("job_templates", name=f"{PREFIX}verify")
    template["job_type"] = "run"
    states.append(awx.state())
    checked = apply(awx, *settings, "--check")
    states.append(awx.state())
    template["job_type"] = "check"
    return Applied(again, checked, tuple(states))


def recap(run: Run) -> dict[str, int]:
    """The numbers of the play."""
    line = next(line for line in run.output.splitlines() if line.startswith("localhost") and "changed=" in line)
    return {name: int(number) for name, number in (pair.split("=") for pair in line.split(":", 1)[1].split())}


def test_everything_is_made_of_documented_fields_only(controller: Controller) -> None:
    # The stand-in takes no others, so that the job ended well says it all.
    made = {
        kind: len(items)
        for kind, items in controller.awx.objects.items()
        if kind not in ("organizations", "credentials")
    }
    assert made == {
        "projects": 1,
        "inventories": 1,
        "execution_environments": 1,
        "job_templates": 4,
        "workflow_job_templates": 1,
        "workflow_job_template_nodes": 5,
        "workflow_approval_templates": 1,
    }
    assert "[WARNING]" not in controller.job.output


def test_a_second_run_changes_nothing(applied: Applied) -> None:
    assert applied.again.code == 0, applied.again.output
    assert recap(applied.again)["changed"] == 0, applied.again.output
    assert applied.states[0] == applied.states[1]


def test_check_mode_finds_what_a_person_changed_and_writes_nothing(applied: Applied) -> None:
    assert applied.checked.code == 0, applied.checked.output
    assert "changed: [localhost] => (item=Unblock updates: verify)" in applied.checked.output
    assert applied.checked.output.count("changed: [localhost]") == 1 and recap(applied.checked)["changed"] == 1
    assert applied.states[2] == applied.states[3] != applied.states[1]


@pytest.mark.parametrize(
    ("name", "job_type", "slices"),
    [("compliance", "check", 3), ("remediate", "run", 1), ("verify", "check", 1), ("report", "run", 1)],
)
def test_a_job_template_is_complete(controller: Controller, name: str, job_type: str, slices: int) -> None:
    awx = controller.awx
    template = awx.one("job_templates", name=PREFIX + name)
    assert (template["job_type"], template["job_slice_count"]) == (job_type, slices)
    assert template["playbook"] == f"playbooks/{name}.yml"
    assert awx.name_of("projects", template["project"]) == "Unblock updates"
    assert awx.name_of("inventories", template["inventory"]) == "Update servers"
    assert awx.name_of("execution_environments", template["execution_environment"]) == "Unblock updates"
    used = [awx.name_of("credentials", number) for number in template.get("credentials", [])]
    assert used == ([] if name == "report" else ["Update servers"])
    variables = json.loads(template["extra_vars"])
    assert variables["unblock_report_dir"] == f"{controller.reports}/{{{{ awx_job_id }}}}"
    assert ("unblock_merge" in variables) is (name == "report")


def test_the_packages_are_looked_for_in_the_folder_of_the_survey(controller: Controller) -> None:
    template = controller.awx.one("job_templates", name=f"{PREFIX}remediate")
    packages = json.loads(template["extra_vars"])["unblock_packages"]
    assert packages["kb954960"]["x64"]["path"] == "{{ unblock_package_dir }}/kb954960-x64.exe"
    assert surveys(controller.awx)["remediate"]["unblock_package_dir"]["default"] == str(controller.packages)


def surveys(awx: AwxApi) -> dict[str, dict[str, t.Any]]:
    """The questions of each survey by their variable."""
    templates = [*awx.objects["job_templates"].values(), *awx.objects["workflow_job_templates"].values()]
    return {
        template["name"].removeprefix(PREFIX): {
            question["variable"]: question for question in template["survey"]["spec"]
        }
        for template in templates
        if template["survey_enabled"]
    }


def test_the_surveys_ask_what_the_playbooks_read(controller: Controller) -> None:
    asked = surveys(controller.awx)
    assert asked.keys() == {"compliance", "remediate", "verify", "Unblock updates"}
    assert asked["compliance"].keys() == asked["verify"].keys() == {"unblock_hosts"}
    assert asked["remediate"].keys() == {
        "unblock_hosts",
        "remediate_advisories",
        "remediate_rtm_strategy",
        "unblock_package_dir",
        "remediate_accept_irreversible",
        "remediate_reboot",
    }
    assert asked["Unblock updates"] == asked["remediate"], "the workflow answers for its jobs"
    role = yaml.safe_load((REPOSITORY / "roles/remediate/meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = role["argument_specs"]["main"]["options"]
    for variable, question in asked["remediate"].items():
        if variable.startswith("remediate_"):
            choices = options[variable].get("choices", question["choices"])
            assert set(question["choices"]) == set(choices), variable


def test_no_survey_has_a_secret_and_none_does_harm_unread(controller: Controller) -> None:
    for questions in surveys(controller.awx).values():
        for question in questions.values():
            assert question["type"] != "password" and question["required"] and question["default"]
    defaults = {variable: question["default"] for variable, question in surveys(controller.awx)["remediate"].items()}
    assert defaults["remediate_accept_irreversible"] == defaults["remediate_reboot"] == "no"


def test_the_workflow_asks_a_person_before_it_changes_anything(controller: Controller) -> None:
    awx = controller.awx
    nodes = awx.objects["workflow_job_template_nodes"]
    names = {number: node["identifier"] for number, node in nodes.items()}
    edges = {
        (node["identifier"], kind, names[number])
        for node in nodes.values()
        for kind in ("always_nodes", "success_nodes", "failure_nodes")
        for number in node.get(kind, [])
    }
    assert edges == {
        ("compliance", "always_nodes", "approval"),
        ("approval", "success_nodes", "remediate"),
        ("approval", "failure_nodes", "report"),
        ("remediate", "always_nodes", "verify"),
        ("verify", "always_nodes", "report"),
    }
    for node in nodes.values():
        if node["identifier"] == "approval":
            assert awx.name_of("workflow_approval_templates", node["unified_job_template"]).endswith("servers?")
        else:
            template = awx.name_of("unified_job_templates", node["unified_job_template"])
            assert template == PREFIX + node["identifier"]


def test_without_awx_awx_it_says_so_and_does_nothing() -> None:
    with AwxApi(COLLECTION) as awx:
        run = apply(awx, collections=(OURS,))
        assert run.code == 2 and awx.writes == []
    assert "needs the collection awx.awx, which is not installed" in run.output
    assert recap(run) == {**dict.fromkeys(recap(run), 0), "ok": 1, "failed": 1}, run.output
    assert "couldn't resolve" not in run.output


QUESTION = {"type": "text", "question_name": "Q", "variable": "v", "required": True}


@pytest.mark.parametrize(
    ("questions", "accepted"),
    [
        ([QUESTION], True),
        ([QUESTION | {"type": "float", "default": 1}], True),
        ([QUESTION | {"type": "multiselect", "choices": ["a", "b"], "default": "a\nb"}], True),
        ([], False),
        ([QUESTION, QUESTION], False),
        ([QUESTION | {"type": "boolean"}], False),
        ([QUESTION | {"required": "yes"}], False),
        ([QUESTION | {"default": 1}], False),
        ([QUESTION | {"min": ""}], False),
        ([QUESTION | {"type": "multiplechoice", "default": "a"}], False),
        ([QUESTION | {"type": "multiplechoice", "choices": ["a"], "default": "b"}], False),
        ([QUESTION | {"type": "multiplechoice", "choices": ["a", "b"], "default": "a\nb"}], False),
        ([QUESTION | {"default": "$encrypted$"}], False),
        ([QUESTION | {"colour": "blue"}], False),
    ],
)
def test_the_stand_in_takes_the_surveys_that_awx_takes(questions: list[dict[str, t.Any]], accepted: bool) -> None:
    assert (survey_problem({"name": "", "description": "", "spec": questions}) is None) is accepted
