# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role: its variables are documented as they are, and every action of the rules has its tasks."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.filter.remedy import remedy_of
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules

REPOSITORY = Path(__file__).parents[3]
ROLE = REPOSITORY / "roles" / "remediate"
VERDICT = {"advisory": "954960", "action": "apply_kb954960", "next_step": "Install it."}


def read(path: str) -> t.Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_the_variables_of_the_role_are_documented_with_their_defaults() -> None:
    options = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    own = {name: option for name, option in options.items() if name.startswith("remediate_")}
    assert {name: option["default"] for name, option in own.items() if "default" in option} == read("defaults/main.yml")
    assert read("meta/argument_specs.yml")["argument_specs"]["preflight"]["options"] == options


def test_the_guide_knows_every_variable_that_plays_and_role_read() -> None:
    plays = [REPOSITORY / "playbooks" / f"{name}.yml" for name in ("compliance", "remediate", "verify")]
    files = [*plays, *(REPOSITORY / "playbooks" / "tasks").glob("*.yml"), *ROLE.glob("tasks/*.yml")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    read_by_plays = set(re.findall(r"(?<![.\w])((?:unblock|remediate)_[a-z0-9_]+) \| default", text))
    set_by_tasks = set(re.findall(r"(?m)^ +((?:unblock|remediate)_[a-z0-9_]+):", text))
    registered = set(re.findall(r"register: ([a-z_]+)", text))
    guide = (REPOSITORY / "docs" / "docsite" / "rst" / "guide_variables.rst").read_text(encoding="utf-8")
    documented = set(re.findall(r"``((?:unblock|remediate)_[a-z0-9_]+)``", guide))
    assert "unblock_serial" in read_by_plays
    assert (read_by_plays - set_by_tasks - registered) | set(read("defaults/main.yml")) <= documented


def test_every_action_of_the_rules_has_its_tasks() -> None:
    decide = read("tasks/decide.yml")
    tasks = next(task["vars"]["remediate_task_files"] for task in decide if "vars" in task)
    actions = {row.action for rule in load_rules().rules for row in rule.decision}
    assert set(tasks) == (actions | {"upgrade_wsus"}) - {"none", "investigate"}
    assert all((ROLE / "tasks" / file).is_file() for file in tasks.values())


def test_a_module_that_says_what_it_did_is_believed() -> None:
    done = {**VERDICT, "outcome": "changed"}
    assert remedy_of(VERDICT, {"changed": True, "remedy": done}) == done


@pytest.mark.parametrize(
    ("result", "message", "next_step"),
    [
        (
            {"unreachable": True, "msg": "long", "error": {"message": "TCP failed.", "next_step": "Look."}},
            "TCP failed.",
            "Look.",
        ),
        ({"failed": True, "msg": "packages must be a mapping"}, "packages must be a mapping", "Install it."),
        ({"failed": True}, "nothing is known of it", "Install it."),
    ],
)
def test_a_module_that_did_not_get_so_far_has_failed(result: dict[str, t.Any], message: str, next_step: str) -> None:
    remedy = remedy_of(VERDICT, result)
    assert (remedy["outcome"], remedy["message"], remedy["next_step"]) == ("failed", message, next_step)
    assert (remedy["advisory"], remedy["action"]) == ("954960", "apply_kb954960")


def test_what_was_left_alone_says_why_in_a_sentence() -> None:
    remedy = remedy_of(VERDICT, skipped="the window is closed")
    assert (remedy["outcome"], remedy["message"], remedy["next_step"]) == (
        "skipped",
        "the window is closed.",
        "Install it.",
    )


@pytest.mark.parametrize("arguments", [(VERDICT,), ({}, {"msg": "x"}), ("text", {"msg": "x"}), (VERDICT, "text")])
def test_what_makes_no_remedy_is_refused(arguments: tuple[t.Any, ...]) -> None:
    with pytest.raises(AnsibleFilterError, match="remedy needs"):
        remedy_of(*arguments)
