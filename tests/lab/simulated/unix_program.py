# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of this machine that runs in the place of one on a simulated host."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.lab.simulated.process import Killed, Process, Writer

POLL = 50  # milliseconds after which the killing of the command, and what the program wrote, is noticed


def run_unix_program(
    process: Process, command: Sequence[str], directory: Path, environment: dict[str, str], watch: Callable[[], None]
) -> int:
    """Run a program on the streams of a process and return its exit status, below 0 for a signal.

    `watch` is called again and again meanwhile. The program ends with the process: Killed is raised then.
    """
    with _started(command, directory, environment) as child:
        assert child.stdout and child.stderr
        threading.Thread(target=_feed, args=(process, child), daemon=True).start()
        targets: dict[int, Writer] = {
            child.stdout.fileno(): process.stdout,
            child.stderr.fileno(): process.stderr,
        }
        poll = select.poll()  # select() refuses the high descriptors of an endpoint with a thousand hosts
        for descriptor in targets:
            poll.register(descriptor, select.POLLIN)
        while targets:
            process.sleep(0)
            watch()
            for descriptor, _events in poll.poll(POLL):
                if data := os.read(descriptor, 65536):
                    targets[descriptor].write(data)
                else:
                    poll.unregister(descriptor)
                    del targets[descriptor]
        while child.poll() is None:  # it closed its streams and goes on
            process.sleep(POLL / 1000)
            watch()
        return child.returncode


@contextmanager
def _started(command: Sequence[str], directory: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=directory,
        env=environment,
        bufsize=0,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe:
                pipe.close()


def _feed(process: Process, child: subprocess.Popen[bytes]) -> None:
    """Pass standard input on, in a thread of its own: a program that reads none may end meanwhile."""
    assert child.stdin
    try:
        while child.poll() is None and (data := process.stdin.read(65536)):
            child.stdin.write(data)
    except (Killed, OSError):  # the command's own thread notices both
        pass
    finally:
        with suppress(OSError):
            child.stdin.close()
