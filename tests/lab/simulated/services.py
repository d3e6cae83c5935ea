# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sc: the state of services."""

from __future__ import annotations

from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Process, split_arguments

WRONG_SYNTAX = 1639  # ERROR_INVALID_COMMAND_LINE
NO_SUCH_SERVICE = 1060  # ERROR_SERVICE_DOES_NOT_EXIST
STATES = {"running": (4, "RUNNING"), "stopped": (1, "STOPPED"), "disabled": (1, "STOPPED")}
CONTROLS = {4: "STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN", 1: "NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN"}


def sc(process: Process) -> int:
    """Run `sc query NAME`: the labels are translated, order and numbers are the same everywhere."""
    match split_arguments(process.arguments):
        case [verb, name] if verb.lower() == "query":
            return _query(process, name)
    process.complain("sc: only `sc query NAME` is known here\n")
    return WRONG_SYNTAX


def _query(process: Process, name: str) -> int:
    service = process.machine.services.get(name.lower())
    if service is None:
        head = f"[SC] EnumQueryServicesStatus:OpenService {text(process, 'failed')} {NO_SUCH_SERVICE}:"
        process.print(f"{head}\n\n{text(process, 'no_such_service')}\n\n")
        return NO_SUCH_SERVICE
    name, state = service
    number, word = STATES[state]
    rows = {
        text(process, "service_type"): "10  WIN32_OWN_PROCESS ",
        text(process, "service_state"): f"{number}  {word} \n{'':32}({CONTROLS[number]})",
        "WIN32_EXIT_CODE": "0  (0x0)",
        "SERVICE_EXIT_CODE": "0  (0x0)",
        "CHECKPOINT": "0x0",
        "WAIT_HINT": "0x0",
    }
    process.print(f"\nSERVICE_NAME: {name}\n" + "".join(f"        {label:<19}: {row}\n" for label, row in rows.items()))
    return 0
