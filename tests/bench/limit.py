# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python limit.py JOB`: the sweep's exchange by pywinrm alone, host after host in one process.

JOB is a JSON file: the command, its standard input, and of each host URL, user and password.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from winrm.protocol import Protocol


def main(job: Path) -> None:
    """Ask every host; raises for one that does not answer as expected."""
    content = json.loads(job.read_text(encoding="utf-8"))
    stdin = content["stdin"].encode("ascii")
    for host in content["hosts"]:
        protocol = Protocol(host["url"], transport="ntlm", username=host["user"], password=host["password"])
        shell = protocol.open_shell(codepage=65001)
        command = protocol.run_command(shell, content["command"], console_mode_stdin=False)
        protocol.send_command_input(shell, command, stdin, end=True)
        stdout, stderr, code = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        protocol.close_shell(shell)
        if b"UNBLOCK END" not in stdout:
            raise SystemExit(f"{host['url']} answered {code}: {stdout[-200:]!r} {stderr[-200:]!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
