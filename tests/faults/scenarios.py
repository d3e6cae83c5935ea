# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is disturbed: every module that reaches a host, on a host that it has something to do on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.integration.approval_hosts import edit, is_declined, left, server
from tests.lab.lab import LabHost
from tests.lab.packages import make_packages
from tests.lab.susdb import change_database

LIBRARY = r"C:\Program Files\Update Services\WebServices\ClientWebService\bin"
LIBRARY += r"\Microsoft.UpdateServices.WebServices.Client.Dll"
LOG = r"C:\Program Files\Update Services\LogFiles\SoftwareDistribution.log"

#: What must be as it was or as it shall be, and nothing between.
State = tuple[object, ...]


def nothing(host: LabHost) -> State:
    """Return the state of a host that is only read: what the collection left on it."""
    return (left(host),)


def library(host: LabHost) -> State:
    """Return what KB954960 replaces."""
    return (host.file_version(LIBRARY),)


def approvals(host: LabHost) -> State:
    """Return what the approval reset alters, and the flag that it must put back."""
    return server(host)["replica"], is_declined(host), server(host)["consistent"]


@dataclass(frozen=True)
class Scenario:
    """A module on a host.

    changes: whether the module alters `state`. arguments: of the module, given the folder where packages are kept.
    settled: states in which the module may leave the host after a failure, because they are in order, too.
    """

    name: str
    model: str
    arguments: Callable[[Path], dict[str, object]] = lambda cache: {}
    state: Callable[[LabHost], State] = nothing
    changes: bool = False
    prepare: Callable[[LabHost], None] = lambda host: None
    settled: tuple[State, ...] = ()

    @property
    def module(self) -> str:
        """The module's full name."""
        return f"unblock.updates.{self.name.partition(' ')[0]}"


def _package(cache: Path) -> dict[str, object]:
    path = make_packages(cache)["kb954960-x64.exe"]
    entry = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "allow_unsigned": True}
    return {
        "advisory": "954960",
        "action": "apply_kb954960",
        "accept_irreversible": True,
        "packages": {"kb954960": {"x64": entry}},
    }


def _make_replica(host: LabHost) -> None:
    edit(host, change_database, replica=True, upstream="wsus1")


SCENARIOS = (
    Scenario("winrm_info", "wsus-sp1-unpatched"),
    Scenario("wsus_facts", "wsus-sp1-unpatched"),
    Scenario("configmgr_facts", "cm-sp1-unpatched"),
    Scenario("log_signature_info", "wsus-sp1-unpatched", lambda cache: {"path": LOG}),
    Scenario("assess", "wsus-sp1-unpatched"),
    Scenario("assess with helper", "wsus-rtm", lambda cache: {"use_helper": True}),
    Scenario("hotfix", "wsus-sp1-unpatched", _package, library, changes=True),
    Scenario(
        "wsus_approval_reset",
        "wsus-rtm",
        state=approvals,
        changes=True,
        prepare=_make_replica,
        settled=(("true", True, "false"),),  # put in order: a replica again, and the update is declined
    ),
    Scenario("reboot", "wsus-sp1-unpatched"),
)


def arguments_of(scenario: Scenario, cache: Path) -> str:
    """Return the module's arguments as the command line takes them."""
    return json.dumps({**scenario.arguments(cache), "timeout": 20, "connect_timeout": 5})
