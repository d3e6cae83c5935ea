# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a simulated host without a client that waits for it: scheduled tasks, the update agent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from tests.lab.simulated.machine import Machine
from tests.lab.simulated.process import Killed

#: Waits for seconds; raises Killed when the work is ended.
Sleep = Callable[[float], None]


def start_in_background(machine: Machine, work: Callable[[Sleep], None]) -> Callable[[], None]:
    """Do something in a thread of its own; returns what ends it. A restart of the host ends it as well."""
    ended = threading.Event()

    def sleep(seconds: float) -> None:
        if ended.wait(seconds):
            raise Killed

    def run() -> None:
        with machine.running.endable(ended.set), suppress(Killed):
            work(sleep)

    threading.Thread(target=run, daemon=True).start()
    return ended.set
