# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host is brought down, and what Windows does with files before anything else runs again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.lab.simulated.disks import Disks
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.registry import Registry, Value

SESSION_MANAGER = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"
PENDING_RENAMES = "PendingFileRenameOperations"


class Shutdown:
    """The one restart that a host may have before it."""

    def __init__(self, due: Callable[[], None]) -> None:
        self._due = due
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def begin(self, delay: float) -> bool:
        """Restart after a delay in seconds; false if that is under way already."""
        with self._lock:
            if self._timer is not None:
                return False
            self._timer = threading.Timer(delay, self._due)
            self._timer.daemon = True
            self._timer.start()
            return True

    def cancel(self) -> bool:
        """Call the restart off; false if there is none."""
        with self._lock:
            if self._timer is None:
                return False
            self._timer.cancel()
            self._timer = None
            return True


def pend_rename(registry: Registry, source: str, target: str) -> None:
    """Have Windows move a file over another at its next start (MoveFileEx, MOVEFILE_DELAY_UNTIL_REBOOT)."""
    pairs = [*_pending(registry), rf"\??\{source}", rf"!\??\{target}"]
    registry.set_value(SESSION_MANAGER, Value(PENDING_RENAMES, "REG_MULTI_SZ", pairs))


def _pending(registry: Registry) -> list[str]:
    try:
        return list(registry.value(SESSION_MANAGER, PENDING_RENAMES).data)
    except WindowsError:
        return []


def replace_pending_files(disks: Disks, registry: Registry) -> None:
    """Carry out what was put off to the next start, and forget it; an empty target means that the file goes."""
    names = _pending(registry)
    for source, target in zip(names[::2], names[1::2], strict=False):
        source, target = source.removeprefix("\\??\\"), target.removeprefix("!").removeprefix("\\??\\")
        if disks.is_file(source):
            disks.replace_unheld(source, target)
    if names:
        registry.delete_value(SESSION_MANAGER, PENDING_RENAMES)
