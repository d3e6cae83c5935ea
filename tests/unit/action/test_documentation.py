# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action states its arguments once more in its module's documentation: the two must not drift apart."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest
import yaml

COLLECTION = "ansible_collections.unblock.updates.plugins"
ROOT = Path(__file__).parents[3]
ACTIONS = sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py"))
OWN_FRAGMENTS = {"unblock.updates._controller": "_controller", "unblock.updates._host": "_host"}
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
