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
OWN_FRAGMENTS = {"unblock.updates._host": "_host"}
STATED = ("type", "elements", "required", "choices", "default")


def documented(name: str) -> dict[str, dict[str, t.Any]]:
    document = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{name}").DOCUMENTATION)
    options = dict(document.get("options", {}))
    for fragment in document["extends_documentation_fragment"]:
        if fragment in OWN_FRAGMENTS:
            module = importlib.import_module(f"{COLLECTION}.doc_fragments.{OWN_FRAGMENTS[fragment]}")
            options.update(yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"])
    return {name: {key: option[key] for key in STATED if key in option} for name, option in options.items()}


@pytest.mark.parametrize("name", ACTIONS)
def test_documentation_and_argument_specification_agree(name: str) -> None:
    action = importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule
    assert documented(name) == action.ARGUMENT_SPEC


@pytest.mark.parametrize("name", ACTIONS)
def test_every_module_supports_check_mode_and_says_so(name: str) -> None:
    document = importlib.import_module(f"{COLLECTION}.modules.{name}").DOCUMENTATION
    fragment = importlib.import_module(f"{COLLECTION}.doc_fragments._host").ModuleDocFragment.DOCUMENTATION
    own = yaml.safe_load(document).get("attributes", {})
    shared = yaml.safe_load(fragment)["attributes"] if "unblock.updates._host" in document else {}
    assert {**shared, **own}["check_mode"]["support"] == "full"
    assert importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule._supports_check_mode
