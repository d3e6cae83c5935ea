# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table in the role's README is what its argument specification says."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

ROLE = Path(__file__).parents[2] / "roles" / "remediate"


def test_the_readme_lists_every_variable_with_type_and_default() -> None:
    text = (ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    rows = []
    for name, option in yaml.safe_load(text)["argument_specs"]["main"]["options"].items():
        kind = f"{option['type']} of {option['elements']}" if "elements" in option else option["type"]
        default = option.get("default")
        shown = default if isinstance(default, str) else json.dumps(default)
        rows.append(f"| `{name}` | {kind} | {f'`{shown}`' if default not in (None, '') else 'none'} |")
    readme = (ROLE / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in readme if line.startswith("| `")] == rows
