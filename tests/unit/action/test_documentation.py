# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action states its arguments once more in its module's documentation: the two must not drift apart."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.unblock.updates import plugins

COLLECTION = "ansible_collections.unblock.updates.plugins"
ROOT = Path(__file__).parents[3]
#: Where this collection is imported from, by ansible-test as well.
COLLECTIONS = Path(plugins.__path__[0]).parents[3]
ACTIONS = sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py"))
OWN_FRAGMENTS = {f"unblock.updates.{name}": name for name in ("_controller", "_host", "_rules")}
STATED = ("type", "elements", "required", "choices", "default")


def parts(name: str) -> list[dict[str, t.Any]]:
    """The fragments of the collection that a module's documentation extends, and the documentation itself."""
    own = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{name}").DOCUMENTATION)
    fragments = [OWN_FRAGMENTS[used] for used in own["extends_documentation_fragment"] if used in OWN_FRAGMENTS]
    shared = [importlib.import_module(f"{COLLECTION}.doc_fragments.{fragment}") for fragment in fragments]
    return [*(yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION) for module in shared), own]


def documented(name: str) -> dict[str, dict[str, t.Any]]:
    options = {key: value for part in parts(name) for key, value in part.get("options", {}).items()}
    return {name: {key: option[key] for key in STATED if key in option} for name, option in options.items()}


@pytest.mark.parametrize("name", ACTIONS)
def test_documentation_and_argument_specification_agree(name: str) -> None:
    action = importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule
    assert documented(name) == action.ARGUMENT_SPEC


@pytest.mark.parametrize("name", ACTIONS)
def test_every_module_supports_check_mode_and_says_so(name: str) -> None:
    said = [part.get("attributes", {}).get("check_mode", {}).get("support") for part in parts(name)]
    assert [support for support in said if support] == ["full"]
    assert importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule._supports_check_mode


def test_the_action_group_has_every_module_that_reaches_a_host() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    reaching = [name for name in ACTIONS if any("action_group" in part.get("attributes", {}) for part in parts(name))]
    assert runtime["action_groups"] == {"host": reaching}
    assert reaching == [name for name in ACTIONS if "timeout" in documented(name)]


def test_defaults_of_the_action_group_reach_a_module(tmp_path: Path) -> None:
    play = {
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/unblock.updates.host": {"timeout": -1}},
        "tasks": [{"unblock.updates.winrm_info": None}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "ansible.cli.playbook", "-i", "host.invalid,", "-c", "winrm", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCAL_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "timeout must be above 0 and at most 86400 seconds, not -1.0" in run.stdout + run.stderr
