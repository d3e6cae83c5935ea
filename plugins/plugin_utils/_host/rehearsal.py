# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done in Ansible's parent, once, so that each of its workers costs less. Nothing leaves the process.

PRIVATE to the collection: may change without notice.

A worker is a fork: it begins with what its parent has loaded and with the code that Python has adapted to its use, and
copies each page of memory that it writes to.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import re
import socket
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.bounded import BoundedAdapter, with_connections
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import Answer, Read

if t.TYPE_CHECKING:
    import requests
    from winrm.transport import Transport

#: Python adapts code once it was called eight times; an exchange sends six messages.
_EXCHANGES = 2

#: Where nobody listens, should a request ever get there.
_URL = "http://127.0.0.1:1/wsman"

_OPTIONS = {
    "remote_addr": "127.0.0.1",
    "port": 1,
    "remote_user": "user",
    "transport": ["ntlm"],
    "scheme": "http",
    "path": "/wsman",
    "_extras": {},
}

#: A CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2) of Windows Server 2008 that asks for keys and seals of 128 bits.
_CHALLENGE = "TlRMTVNTUAACAAAAAgACADgAAAA1goriASNFZ4mrze8AAAAAAAAAABAAEAA6AAAABgGxHQAAAA9IAAIAAgBIAAEAAgBIAAAAAAA="

_PROBE = {
    "version": "1",
    "arch": "x86",
    "wow64": False,
    "ansi_code_page": "1252",
    "time": "2008-06-10T00:00:00Z",
    "utc_offset_minutes": 0,
}

# What a worker inherits is none of its collector's business: looking through it would copy all of it, some 40 MB.
os.register_at_fork(after_in_child=gc.freeze)


def rehearse(reads: t.Sequence[Read]) -> Answer:
    """Asks a host that does not exist, from the log-on to the checked answer.

    Args:
        reads: what to ask.

    Returns:
        An answer in which everything is absent.

    Raises:
        Exception: whatever the libraries of the connection raise where they are missing or not as they were.
    """
    answer: Answer = {}
    for _number in range(_EXCHANGES):
        shell = _RehearsedShell(reads)
        shell.connect()
        try:
            answer = probe.ask(shell, reads, timeout=1.0)
        finally:
            shell.close()
    return answer


class _Connection:
    """Stands for Ansible's connection plugin."""

    transport = "winrm"

    def __init__(self) -> None:
        self.protocol: t.Any = None
        self.shell_id: str | None = None

    def get_option(self, option: str) -> t.Any:
        return _OPTIONS[option]

    def _connect(self) -> None:
        from winrm.protocol import Protocol

        # Nobody's password; and nothing of the environment, whose proxy would be asked in earnest.
        nothing: dict[str, t.Any] = {"proxy": None, "ca_trust_path": None}
        self.protocol = Protocol(_URL, "ntlm", username="user", password="password", **nothing)  # nosec B106
        self.shell_id = self.protocol.open_shell(codepage=65001)

    def close(self) -> None:
        self.protocol.transport.close_session()


class _RehearsedShell(Shell):
    """A shell whose host takes everything, and answers each request with the next of its answers."""

    def __init__(self, reads: t.Sequence[Read]) -> None:
        super().__init__(_Connection())
        self._reads = reads
        self._answers = [
            _http("401 Unauthorized", "", f"WWW-Authenticate: Negotiate {_CHALLENGE}"),
            _http("200 OK", ""),
            _message('<w:Selector Name="ShellId">1</w:Selector>'),
            _message("<rsp:CommandId>1</rsp:CommandId>"),
            _message("<rsp:SendResponse/>"),
        ]

    def _run_command(self, command: str) -> str:
        nonce = t.cast("re.Match[str]", re.search("unblock-([0-9a-f]{32})", command)).group(1)
        document = json.dumps({"probe": _PROBE, "reads": {read["id"]: {"state": "absent"} for read in self._reads}})
        stdout = f"UNBLOCK BEGIN {nonce}\r\nUNBLOCK DATA {document}\r\nUNBLOCK END {nonce} 1\r\n"
        self._answers.append(
            _message(
                f'<rsp:Stream Name="stdout" CommandId="1">{base64.b64encode(stdout.encode()).decode()}</rsp:Stream>'
                '<rsp:CommandState State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done">'
                "<rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState>"
            )
        )
        return super()._run_command(command)

    def _adapter_for(self, transport: Transport, session: requests.Session) -> BoundedAdapter:
        adapter = super()._adapter_for(transport, session)
        manager = adapter.poolmanager
        pool = manager.pool_classes_by_scheme["http"]
        manager.pool_classes_by_scheme = {"http": with_connections(pool, _new_conn=lambda dummy: _Line(self._answers))}
        return adapter


class _Line(socket.socket):
    """One end of a pair of sockets; the next answer is there when it is read from."""

    def __init__(self, answers: list[bytes]) -> None:
        near, self._far = socket.socketpair()
        super().__init__(near.family, near.type, fileno=near.detach())
        self._answers = answers

    def makefile(self, *arguments: t.Any, **keywords: t.Any) -> t.Any:
        self._far.sendall(self._answers.pop(0))
        return super().makefile(*arguments, **keywords)

    def sendall(self, data: t.Any, *dummy: t.Any) -> None:
        pass

    def close(self) -> None:
        self._far.close()
        super().close()


def _message(body: str) -> bytes:
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
        'xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell">'
        f"<s:Header/><s:Body>{body}</s:Body></s:Envelope>"
    )
    return _http("200 OK", envelope, "Content-Type: application/soap+xml;charset=UTF-8")


def _http(status: str, body: str, *headers: str) -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
    return f"{head}\r\n\r\n{body}".encode("ascii")
