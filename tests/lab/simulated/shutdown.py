# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""shutdown: asks for a restart, or calls it off."""

from __future__ import annotations

from tests.lab.simulated.errors import ACCESS_DENIED, NO_SHUTDOWN, SHUTDOWN_IN_PROGRESS, SHUTDOWN_SCHEDULED
from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Process, split_arguments

DEFAULT_DELAY = 30  # seconds
_WITH_ARGUMENT = ("t", "c", "d")


def shutdown(process: Process) -> int:
    """Run `shutdown /r [/f] [/t SECONDS] [/d REASON] [/c TEXT]` or `shutdown /a`; Server 2003 also takes hyphens.

    Returns the number of the Windows error; Server 2003's returns 1 for each.
    """
    options: dict[str, str] = {}
    words = iter(split_arguments(process.arguments))
    for word in words:
        option = word[1:].lower()
        options[option] = next(words, "") if option in _WITH_ARGUMENT else ""
    if not options.keys() <= {"r", "f", "a", *_WITH_ARGUMENT} or ("r" in options) == ("a" in options):
        process.complain(text(process, "syntax") + "\n")
        return 1
    if not process.token.elevated:
        return _refuse(process, ACCESS_DENIED)
    if "a" in options:
        return 0 if process.machine.shutdown.cancel() else _refuse(process, NO_SHUTDOWN)
    if not process.machine.shutdown.begin(float(options.get("t", DEFAULT_DELAY))):
        return _refuse(process, SHUTDOWN_IN_PROGRESS if _is_2003(process) else SHUTDOWN_SCHEDULED)
    return 0


def _is_2003(process: Process) -> bool:
    return process.machine.windows.version == "win2003"


def _refuse(process: Process, code: int) -> int:
    process.complain(f"{text(process, _TEXTS[code])}({code})\n")
    return 1 if _is_2003(process) else code


_TEXTS = {
    ACCESS_DENIED: "access_denied",
    SHUTDOWN_IN_PROGRESS: "shutdown_in_progress",
    NO_SHUTDOWN: "no_shutdown",
    SHUTDOWN_SCHEDULED: "shutdown_scheduled",
}
