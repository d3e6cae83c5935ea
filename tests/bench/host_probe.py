# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.bench.host_probe PREFIX`: the probe in a Wine prefix that is up, and what its programs took there.

Linux tells nobody what the children of children took, unless they end as children of who asks: Wine has every program
adopted, and this process adopts them. It therefore does nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.lab.direct_shell import ask
from tests.lab.executors.base import CommandLine
from tests.lab.executors.wine import WineHost

_PATIENCE = 600  # seconds: what Wine takes is to be measured, not judged
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


class _Prefix:
    """Runs commands in a prefix, from this process."""

    def __init__(self, path: Path) -> None:
        self._host = WineHost(path, {})

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        return self._host.start(CommandLine(command)).communicate(stdin, _PATIENCE)


def measure_probe(prefix: Path) -> dict[str, Any]:
    """Ask a host all that a sweep asks; returns the reads, seconds, programs, processor seconds, bytes read."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl: programs cannot be adopted")
    reads = reads_for(load_rules())
    before = _bytes_read()
    started = time.monotonic()
    answer = ask(_Prefix(prefix), reads)
    seconds = time.monotonic() - started
    programs = _reap()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "reads": answer["reads"],
        "seconds": seconds,
        "programs": programs,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "bytes_read": _bytes_read() - before,
    }


def _reap() -> Counter[str]:
    """Wait for the programs that were adopted; returns how many there were of each name."""
    names: Counter[str] = Counter()
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT):
            stat = Path(f"/proc/{ended.si_pid}/stat").read_text(encoding="utf-8", errors="replace")
            names[stat.partition("(")[2].rpartition(")")[0].removesuffix(".exe")] += 1
            os.waitpid(ended.si_pid, 0)
    return names


def _bytes_read() -> int:
    """Bytes that this process and the children that it waited for read, from files and pipes."""
    counted = re.search(r"(?m)^rchar: (\d+)$", Path("/proc/self/io").read_text(encoding="ascii"))
    if counted is None:
        raise OSError("/proc/self/io does not count what is read")
    return int(counted[1])


if __name__ == "__main__":
    print(json.dumps(measure_probe(Path(sys.argv[1]))))
