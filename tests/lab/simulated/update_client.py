# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""wuauclt: has the update agent look for updates, which the host's log tells of a while later.

HKLM\\SOFTWARE\\Lab\\UpdateClient says how: Answer (healthy, which is the default, or refused), Delay (seconds, 1).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from tests.lab.model import ROOT
from tests.lab.simulated.background import Sleep, start_in_background
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.machine import Machine
from tests.lab.simulated.process import Process, split_arguments

SETTINGS = r"HKLM\SOFTWARE\Lab\UpdateClient"
_TIME = re.compile(rb"^(\d{4}-\d\d-\d\d)\t(\d\d:\d\d:\d\d):(\d{3})", re.MULTILINE)


def wuauclt(process: Process) -> int:
    """Run `wuauclt /detectnow`, which ends at once; without the agent's service nothing comes of it."""
    if [word.lower() for word in split_arguments(process.arguments)] == ["/detectnow"]:
        machine = process.machine
        if machine.services.get("wuauserv", ("", ""))[1] == "running":
            start_in_background(machine, lambda sleep: _detect(machine, sleep))
    return 0


def _setting(machine: Machine, name: str, default: Any) -> Any:
    try:
        return machine.registry.value(SETTINGS, name).data
    except WindowsError:
        return default


def _detect(machine: Machine, sleep: Sleep) -> None:
    sleep(_setting(machine, "Delay", 1))
    log = (ROOT / "logs" / f"client-{_setting(machine, 'Answer', 'healthy')}.log").read_bytes()
    block = _at(log, datetime.now()).replace(b"\n", b"\r\n")
    machine.disks.write(rf"{machine.environment['SystemRoot']}\WindowsUpdate.log", block, append=True)


def _at(log: bytes, end: datetime) -> bytes:
    """Move the times of a log, which are local ones, so that its last line is written at `end`."""
    last = max(_moment(match) for match in _TIME.finditer(log))

    def moved(match: re.Match[bytes]) -> bytes:
        moment = _moment(match) + (end - last)
        return f"{moment:%Y-%m-%d\t%H:%M:%S}:{moment.microsecond // 1000:03}".encode()

    return _TIME.sub(moved, log)


def _moment(match: re.Match[bytes]) -> datetime:
    seconds = datetime.fromisoformat(f"{match[1].decode()} {match[2].decode()}")
    return seconds + timedelta(milliseconds=int(match[3]))
