# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Misspelt variables are told, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._variables import KNOWN, misspelt

REPOSITORY = Path(__file__).parents[2]
NAME = re.compile(r"\b(?:unblock|remediate)_[a-z0-9_]+[a-z0-9]\b(?!\.)")


def test_the_guide_names_the_variables_that_are_known() -> None:
    guide = (REPOSITORY / "docs/docsite/rst/guide_variables.rst").read_text(encoding="utf-8")
    named = {name for row in re.findall(r"^  \* - (``.*)$", guide, re.MULTILINE) for name in NAME.findall(row)}
    assert named == KNOWN


def test_no_name_of_the_collection_itself_is_taken_for_a_misspelt_one() -> None:
    files = (path for name in ("playbooks", "roles", "plugins", "docs") for path in (REPOSITORY / name).rglob("*"))
    names = {
        name for path in files if path.suffix in (".yml", ".py", ".rst") for name in NAME.findall(path.read_text())
    }
    assert names > KNOWN and misspelt(names) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("unblock_wavers", "unblock_waivers"),
        ("unblock_rule_dir", "unblock_rule_dirs"),
        ("unblock_time_out", "unblock_timeout"),
        ("unblok_timeout", "unblock_timeout"),
        ("unblock_office2003", "unblock_office_2003"),
        ("remediate_acept_irreversible", "remediate_accept_irreversible"),
        ("remedate_window", "remediate_window"),
        ("unblock_leagcy_tls", "unblock_legacy_tls"),
    ],
)
def test_a_misspelt_name_comes_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert misspelt(["ansible_host", name, meant]) == [f"Nothing reads the variable {name}; did you mean {meant}?"]


@pytest.mark.parametrize(
    "name", ["unblock_hosts_of_berlin", "remedy_window", "my_unblock_timeout", "unblock_note", "un"]
)
def test_names_of_the_operators_own_are_left_alone(name: str) -> None:
    assert misspelt([name]) == []
