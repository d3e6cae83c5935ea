# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages tell people to type is right: playbooks, modules, options, variables and make's targets are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.parsing.yaml.loader import AnsibleLoader

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.unit.docs.commands import (
    PAGES,
    ROOT,
    Command,
    UntestedError,
    blocks,
    check,
    commands,
    commands_of,
    documented_variables,
)


@pytest.mark.parametrize("command", list(dict.fromkeys(commands())), ids=str)
def test_a_command_of_the_pages_can_be_typed(command: Command) -> None:
    check(command)


def test_the_commands_are_found() -> None:
    found = {(command.page, command.words) for command in commands()}
    assert ("README.md", ("make", "demo")) in found
    assert (
        "guide_logs.rst",
        ("ansible-playbook", "unblock.updates.logs", "-e", "unblock_logs=/srv/case-4711"),
    ) in found
    assert ("guide_awx.rst", ("ansible-runner", "process", "slice1-back", "--ident", "1")) in found
    assert ("CONTRIBUTING.md", ("make", "quick")) in found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ansible-playbook unblock.updates.complience", "there is no playbook"),
        ("ansible-playbook unblock.updates.compliance --chek", "SystemExit"),
        ("ansible-playbook unblock.updates.compliance -e unblock_report=x", "no page documents"),
        ("ansible wsus01 -m unblock.updates.assess -a advisory=954960", "has no options ['advisory']"),
        ("ansible wsus01 -m ansible.windows.win_ping", "is no module of the collection"),
        ("ansible-doc --type role unblock.updates.remedy", "there is no role"),
        ("make tests", "the Makefile has no tests"),
        ("make test JOB=3", "the Makefile has no JOB"),
        ("winrm-fix wsus01", "no test knows the program winrm-fix"),
    ],
)
def test_a_command_that_is_wrong_is_found(line: str, words: str) -> None:
    (command,) = commands_of("page.md", f"```sh\n{line}\n```\n")
    with pytest.raises(UntestedError, match=re.escape(words)):
        check(command)


def test_the_commands_that_verdicts_tell_can_be_typed() -> None:
    told = [
        Command(f"{rule.id}.yml", tuple(match.replace("{host.name}", "wsus01").split()))
        for rule in load_rules().rules
        for row in rule.decision
        for match in re.findall(r"ansible-playbook \S+(?: --?\S+ [^\s-]\S*)*", row.next_step)
    ]
    assert told
    for command in told:
        check(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_yaml_of_a_page_is_yaml_and_its_variables_are_documented(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8"), "yaml"):
        yaml.load(block, AnsibleLoader)
        named = set(re.findall(r"(?m)^ *-? *((?:unblock|remediate)_[a-z0-9_]+):", block))
        results = {name for name in named if name.startswith("unblock_result_")}
        assert named - results <= documented_variables()


def test_the_rule_of_the_guide_is_the_one_that_the_tests_judge_by() -> None:
    guide = (ROOT / "docs/docsite/rst/guide_own_rules.rst").read_text(encoding="utf-8")
    (shown,) = blocks(guide, "yaml")
    own = (ROOT / "tests/fixtures/rules/own.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(shown) == yaml.safe_load(own)
