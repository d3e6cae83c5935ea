# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python limit.py JOB`: the sweep's exchange by pywinrm alone, in nine requests, host after host in one process.

JOB is a JSON file: the command, its standard input, and of each host URL, user and password. With `forked`, each host
has a process of its own, forked as Ansible forks its workers, and what is printed is what these took of the processor,
without the forks.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from winrm.protocol import Protocol


def exchange(host: dict[str, str], command_line: str, stdin: bytes) -> None:
    """Ask one host; raises SystemExit if it does not answer as expected."""
    protocol = Protocol(host["url"], transport="ntlm", username=host["user"], password=host["password"])
    shell = protocol.open_shell(codepage=65001)
    command = protocol.run_command(shell, command_line, console_mode_stdin=False)
    protocol.send_command_input(shell, command, stdin, end=True)
    stdout, stderr, code = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    if b"UNBLOCK END" not in stdout:
        raise SystemExit(f"{host['url']} answered {code}: {stdout[-200:]!r} {stderr[-200:]!r}")


def main(job: Path) -> None:
    """Ask every host."""
    content: dict[str, Any] = json.loads(job.read_text(encoding="utf-8"))
    command, stdin = content["command"], content["stdin"].encode("ascii")
    if content["forked"]:
        exchange(content["hosts"][0], command, stdin)  # what is the same for all is made ready before the forks
        print(sum(_in_worker(host, command, stdin) for host in content["hosts"]))
        return
    for host in content["hosts"]:
        exchange(host, command, stdin)


def _in_worker(host: dict[str, str], command: str, stdin: bytes) -> float:
    """Ask a host in a forked process; returns its processor seconds."""
    reader, writer = os.pipe()
    worker = os.fork()
    if worker == 0:
        exchange(host, command, stdin)
        os.write(writer, str(time.process_time()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        seconds = pipe.read()
    os.waitpid(worker, 0)
    return float(seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
