# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection whose host is a script of answers: for what a real endpoint does not do on demand."""

from __future__ import annotations

import pathlib
import socket
import typing as t

from winrm.exceptions import WSManFaultError

#: Models of lab hosts.
HOSTS = pathlib.Path(__file__).parents[2] / "lab" / "hosts"

CODE_DONE = True
CODE_RUNNING = False


def fault(wsman: int | None = None, wmi: int | None = None) -> WSManFaultError:
    """A fault as pywinrm raises it."""
    return WSManFaultError(500, "Bad HTTP response", "<xml/>", "reason", wsman_fault_code=wsman, wmierror_code=wmi)


class FakeProtocol:
    """Plays back one list of answers for each kind of request; an exception in the list is raised."""

    def __init__(self, receive: list[t.Any], start: list[t.Any] | None = None) -> None:
        self.receive = receive
        self.start = start or []
        self.calls: list[tuple[str, t.Any]] = []
        self.stdin: list[tuple[bytes, bool]] = []

    @staticmethod
    def _play(answers: list[t.Any], default: t.Any) -> t.Any:
        answer = answers.pop(0) if answers else default
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def run_command(self, shell_id: str, command: str, console_mode_stdin: bool = True) -> str:
        self.calls.append(("run", (shell_id, command)))
        return t.cast(str, self._play(self.start, "command-1"))

    def send_command_input(self, shell_id: str, command_id: str, data: bytes, end: bool = False) -> None:
        self.stdin.append((data, end))

    def get_command_output_raw(self, shell_id: str, command_id: str) -> tuple[bytes, bytes, int, bool]:
        self.calls.append(("receive", shell_id))
        return t.cast("tuple[bytes, bytes, int, bool]", self._play(self.receive, (b"", b"", 0, CODE_DONE)))

    def cleanup_command(self, shell_id: str, command_id: str) -> None:
        self.calls.append(("signal", (shell_id, command_id)))

    def close_shell(self, shell_id: str, close_session: bool = True) -> None:
        self.calls.append(("close", (shell_id, close_session)))


class FakeConnection:
    """Stands for Ansible's winrm connection; listens on a real port so that the TCP check finds one."""

    transport = "winrm"

    def __init__(self, protocol: FakeProtocol, connect_error: BaseException | None = None) -> None:
        self._protocol = protocol
        self._connect_error = connect_error
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.options: dict[str, t.Any] = {
            "remote_addr": "127.0.0.1",
            "port": self._listener.getsockname()[1],
            "remote_user": "Administrator",
            "transport": ["ntlm"],
            "scheme": "http",
            "path": "/wsman",
            "_extras": {},
        }
        self.protocol: t.Any = None
        self.shell_id: str | None = None
        self.opened = 0
        self.close_error: BaseException | None = None

    def get_option(self, option: str) -> t.Any:
        return self.options[option]

    def _connect(self) -> None:
        if self._connect_error is not None:
            raise self._connect_error
        if self.protocol is None:
            self.opened += 1
            self.protocol = self._protocol
            self.shell_id = f"shell-{self.opened}"

    def close(self) -> None:
        if self.close_error is not None:
            raise self.close_error
        self.protocol = None
        self.shell_id = None

    def stop_listening(self) -> None:
        self._listener.close()
