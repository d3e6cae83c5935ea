# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the remedy as an operator does, and says what its report tells."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.integration.ansible_run import Run, ansible_playbook
from tests.integration.conftest import FLEETS, free_port
from tests.lab.lab import Lab, LabHost, Options
from tests.lab.packages import operator_packages
from tests.lab.snapshot import Snapshot

PLAYBOOK = "playbooks/remediate.yml"
INSTALLER = r"HKLM\SOFTWARE\Lab\Installer"

#: Pictures of hosts by their names.
Pictures = dict[str, Snapshot]


@dataclass(frozen=True)
class Remedy:
    """One run of the playbook: how it ended, and its report."""

    run: Run
    report: dict[str, t.Any]

    def host(self, name: str) -> dict[str, t.Any]:
        """A host in the report."""
        return t.cast("dict[str, t.Any]", next(host for host in self.report["hosts"] if host["name"] == name))

    def verdict(self, name: str, advisory: str = "") -> dict[str, t.Any]:
        """A verdict on a host; without an advisory, the only one that applies or was remedied."""
        judged = self.host(name)["assessments"]
        found = [a for a in judged if a["advisory"] == advisory or (not advisory and _matters(a))]
        assert len(found) == 1, (name, judged)
        return t.cast("dict[str, t.Any]", found[0])

    def statuses(self) -> dict[str, str]:
        """The status of every host."""
        return {host["name"]: host["status"] for host in self.report["hosts"]}

    def actions(self, *outcomes: str) -> set[tuple[str, str, str]]:
        """Host, advisory and action of every remedy that came out so."""
        return {
            (host["name"], remedy["advisory"], remedy["action"])
            for host in self.report["hosts"]
            for verdict in host["assessments"]
            for remedy in [*verdict.get("earlier_remedies", []), *([verdict["remedy"]] if "remedy" in verdict else [])]
            if remedy["outcome"] in outcomes
        }


def _matters(verdict: dict[str, t.Any]) -> bool:
    return verdict["status"] != "not_applicable" or "remedy" in verdict


def remediate(lab: Lab, folder: Path, *arguments: str, playbook: str = PLAYBOOK, **variables: t.Any) -> Remedy:
    """Runs the playbook over a lab.

    Args:
        lab: the lab.
        folder: where the report goes.
        arguments: of the command.
        playbook: another playbook.
        variables: extra variables; packages are given and irreversible changes accepted unless they say otherwise.
    """
    run = ansible_playbook(playbook, lab.inventory, "-e", extra_variables(lab, folder, **variables), *arguments)
    written = folder / "report.json"
    assert written.exists(), run.output
    return Remedy(run, json.loads(written.read_text(encoding="utf-8")))


def extra_variables(lab: Lab, folder: Path, **variables: t.Any) -> str:
    """The extra variables of a run, as the command takes them."""
    given = {
        "unblock_report_dir": str(folder),
        "unblock_packages": operator_packages(lab.options.cache),
        "remediate_accept_irreversible": True,
        **variables,
    }
    return json.dumps(given)


def set_installer(host: LabHost, name: str, value: int | str) -> None:
    """Makes the stand-in packages behave otherwise on a host; tests/lab/wine/setup.c says how."""
    kind = "REG_SZ" if isinstance(value, str) else "REG_DWORD"
    code, dummy, said = host.run(rf'reg add "{INSTALLER}" /v {name} /t {kind} /d "{value}" /f')
    assert code == 0, said


def simulated_lab(fleet: str, states: Path) -> Lab:
    """A fleet of simulated hosts that nothing was done to, to be started."""
    options = Options(port=free_port(), executor="simulated")
    return Lab(FLEETS / fleet, states / f"{Path(fleet).stem}-simulated", options)


def picture(lab: Lab, names: t.Iterable[str] = ()) -> Pictures:
    """Pictures of the hosts, by default of all that can be looked at."""
    return {name: lab.host(name).snapshot() for name in names or (m.name for m in lab.members if m.model)}


def changes(before: Pictures, after: Pictures) -> dict[str, list[str]]:
    """What differs on the hosts on which anything does."""
    return {name: lines for name, old in before.items() if (lines := old.differences(after[name]))}
