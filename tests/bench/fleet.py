# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of simulated servers, and inventories of its first hundreds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.lab.lab import REPOSITORY, Lab, Options

FLEET = REPOSITORY / "tests" / "lab" / "fleets" / "bench.yml"
GROUP = "update_servers"


@contextmanager
def servers(folder: Path, count: int, port: int) -> Iterator[Lab]:
    """Run a lab of so many servers in a folder, with NTLM and message encryption over HTTP."""
    folder.mkdir(parents=True, exist_ok=True)
    fleet = yaml.safe_load(FLEET.read_text(encoding="utf-8"))
    fleet["hosts"][0]["count"] = count
    path = folder / "fleet.yml"
    path.write_text(yaml.safe_dump(fleet), encoding="utf-8")
    with Lab(path, folder / "lab", Options(executor="simulated", port=port, network="127.70.0.0/16")) as lab:
        yield lab


def first_hosts(lab: Lab, count: int) -> Path:
    """Write an inventory of the lab's first hosts and return its path."""
    content: dict[str, Any] = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    hosts = content["all"]["children"][GROUP]["hosts"]
    content["all"]["children"] = {GROUP: {"hosts": dict(list(hosts.items())[:count])}}
    path = lab.state / f"inventory-{count}.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path
