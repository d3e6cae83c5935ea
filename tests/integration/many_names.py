# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host under many names, each with variables of its own: what goes wrong in many ways is shown by one run."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.lab.lab import Lab


def write_inventory(lab: Lab, host: str, names: Mapping[str, Mapping[str, t.Any]], folder: Path) -> Path:
    """Writes the inventory of a lab anew into a folder, with a host of the lab as every one of the names."""
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    (group,) = (each for each in inventory["all"]["children"].values() if host in each["hosts"])
    group["hosts"] = {name: group["hosts"][host] | variables for name, variables in names.items()}
    path = folder / "inventory.yml"
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return path
