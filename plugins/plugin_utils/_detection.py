# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a client's update agent look for updates, and waits until its log tells what came of it.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import ClientFacts

#: It asks the agent's service and ends at once; what the service does comes later, and only its log tells.
_COMMAND = "wuauclt /detectnow"
_COMMAND_TIMEOUT = 60.0
_COMMAND_BYTES = 65536

#: Seconds between two looks at the log, the first and the longest.
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 20.0


def detect(
    shell: Shell, before: ClientFacts, look: t.Callable[[], ClientFacts], wait: float
) -> tuple[ClientFacts, bool]:
    """Asks for a search for updates.

    Args:
        shell: an open shell on the client.
        before: what the client said before.
        look: asks the client again.
        wait: seconds until nothing more is expected.

    Returns:
        What the client said last, and whether its log tells of a search since.

    Raises:
        HostError: if the client cannot be asked any more.
    """
    deadline = time.monotonic() + wait
    shell.run(_COMMAND, b"", _COMMAND_TIMEOUT, _COMMAND_BYTES)
    pause = _FIRST_PAUSE
    while True:
        time.sleep(min(pause, max(deadline - time.monotonic(), 0)))
        after = look()
        if _told(after) != _told(before):
            return after, True
        if time.monotonic() >= deadline:
            return after, False
        pause = min(2 * pause, _LONGEST_PAUSE)


def _told(facts: ClientFacts) -> tuple[str | None, list[tuple[str | None, int]]]:
    """What changes in the log when a search ends, whether it was answered or refused."""
    return facts["last_sync"], [(event["last"], event["count"]) for event in facts["events"]]
