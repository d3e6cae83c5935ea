# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet file: which hosts a lab has, where each stands in the Ansible inventory, and on which address."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.model import HOSTS, HostModel, ModelError, load_host, read_yaml

NETWORK = "127.54.0.0/16"


@dataclass(frozen=True)
class Member:
    """One host of a fleet."""

    name: str
    address: str
    group: str
    model: HostModel | None  # None: nothing answers at its address
    variables: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False  # whatever the others run on


def load_fleet(path: Path, network: str = NETWORK) -> list[Member]:
    """Read a fleet file; the n-th host gets the n-th address of the network. Raises ModelError."""
    base = ipaddress.ip_network(network)
    members: dict[str, Member] = {}
    for entry in _entries(path):
        model = None if entry.get("unreachable") else load_host(HOSTS / f"{entry['host']}.yml")
        for name in _names(entry):
            if name in members:
                raise ModelError(f"{path}: two hosts are called {name}")
            address = str(base[len(members) + 1])
            simulated = entry.get("simulated", False)
            members[name] = Member(name, address, entry["group"], model, entry.get("variables", {}), simulated)
    return list(members.values())


def _names(entry: Mapping[str, Any]) -> list[str]:
    name = entry.get("name", entry.get("host"))
    if "count" not in entry:
        return [name]
    return [f"{name}-{number:05}" for number in range(1, entry["count"] + 1)]


def _entries(path: Path) -> list[Mapping[str, Any]]:
    fleet = read_yaml(path, "fleet.schema.json")
    included = [entry for other in fleet.get("include", ()) for entry in _entries(path.parent / other)]
    return [*included, *fleet["hosts"]]
