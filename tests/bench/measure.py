# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and says what it cost: time, processor, memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.lab.lab import REPOSITORY

_SAMPLE_SECONDS = 0.1
MEBIBYTE = 1 << 20


class BenchError(Exception):
    """A command that was to be measured failed; the text holds the end of its output."""


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    :ivar wall_s: seconds
    :ivar cpu_s: processor seconds, user and system, of the command and every process that it waited for
    :ivar peak_mb: most memory at one time, of all its processes together, in MiB: proportional set size, where pages
        that processes share count once; None if it was not watched
    """

    wall_s: float
    cpu_s: float
    peak_mb: float | None = None


def measure(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, watch_memory: bool = False
) -> Cost:
    """Run a command in the repository; its output goes to a file.

    :param watch_memory: watching costs processor time in the kernel, so such a run is of no use for the other figures
    :raises BenchError: it ended with another exit code than 0
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = _MemoryWatch(process.pid) if watch_memory else None
        dummy, status, usage = os.wait4(process.pid, 0)
        # Its number is free again: Popen must not wait for it.
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode:
        end = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise BenchError(f"{' '.join(command)} ended with {process.returncode}; {log} ends with:\n{end}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, watch.stop() if watch else None)


def medians(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(median(cost.wall_s for cost in costs), median(cost.cpu_s for cost in costs))


class _MemoryWatch:
    """Looks at the memory of a process and its descendants until it is told to stop."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak in MiB."""
        self._stopped.set()
        self._thread.join()
        return self._peak / MEBIBYTE

    def _watch(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(map(_proportional_size, _tree(self._root))))


def _tree(root: int) -> list[int]:
    """Return a process and its descendants. Ansible's workers leave the session, so the parents have to tell."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = [root]
    for process in found:
        found.extend(children.get(process, ()))
    return found


def _proportional_size(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
