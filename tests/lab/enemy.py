# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that were taken over, on loopback: they answer WinRM clients with what could harm them.

Some break HTTP or SOAP itself (`ANSWERS`), others are sound WinRM services whose probe prints something else
(`OUTPUTS`). Nothing is stored: what is endless is made while it is sent. Log-on is Basic.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.lab.endpoint.connection import EndpointHost
from tests.lab.endpoint.listener import Listener
from tests.lab.endpoint.recorder import Recorder
from tests.lab.endpoint.shells import ShellHost
from tests.lab.endpoint.wmi import WmiService
from tests.lab.executors.base import CommandLine, RunningCommand
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import Account, WinRM

BLOCK = 65536

#: Texts that do something where they are not taken for text.
TEXTS = (
    "{{ lookup('pipe', 'touch TRAP') }}",
    "{% for x in range(9) %}{{ x }}{% endfor %}",
    "\x1b[2J\x1b]0;title\x07red\x9b31m",
    "<script>document.title='TRAP'</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://trap.invalid";"x")',
    "../../../../tmp/TRAP",
    "..\\..\\TRAP:stream",
    "!unsafe TRAP",
)

#: Of every host; those that break HTTP let in whoever comes.
ACCOUNT = Account(user="Administrator", password="Enemy-Passw0rd!")

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"

#: Ten entities, each ten times the one before.
_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


def _whole(body: bytes, *headers: bytes) -> Iterator[bytes]:
    yield _HEAD + b"".join(header + b"\r\n" for header in headers)
    yield b"Content-Length: %d\r\n\r\n" % len(body) + body


def _envelope(body: str, document_type: str = "") -> Iterator[bytes]:
    return _whole(f'{document_type}<s:Envelope xmlns:s="{_SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode())


def _drip() -> Iterator[bytes]:
    pause = threading.Event()
    yield _HEAD + b"Content-Length: 100000\r\n\r\n"
    while True:
        pause.wait(0.05)
        yield b"<"


#: What is sent instead of an answer to any request.
ANSWERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "endless-body": lambda: itertools.chain([_HEAD + b"\r\n"], itertools.repeat(b"A" * BLOCK)),
    "endless-chunks": lambda: itertools.chain(
        [_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"10000\r\n" + b"A" * BLOCK + b"\r\n")
    ),
    "gigabyte-announced": lambda: itertools.chain(
        [_HEAD + b"Content-Length: 1073741824\r\n\r\n"], itertools.repeat(b"A" * BLOCK)
    ),
    "endless-line": lambda: itertools.chain([b"HTTP/1.1 200 "], itertools.repeat(b"A" * BLOCK)),
    "endless-continue": lambda: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "drip": _drip,
    "compressed": lambda: _whole(gzip.compress(bytes(1 << 20)), b"Content-Encoding: gzip"),
    "elsewhere": lambda: iter([b"HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"]),
    "entity-bomb": lambda: _envelope("&e9;", f'<!DOCTYPE b [<!ENTITY e0 "AAAAAAAAAA">{_BOMB}]>'),
    "external-entity": lambda: _envelope("&x;", '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "external-type": lambda: _envelope("", '<!DOCTYPE b SYSTEM "http://127.0.0.1:9/b.dtd">'),
    "deep-envelope": lambda: _envelope("<a>" * 40_000 + "</a>" * 40_000),
    "hidden-type": lambda: _whole(
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE b [<!ENTITY x "y">]><b/>'.encode("utf-16")
    ),
    "unknown-encoding": lambda: _whole(b'<?xml version="1.0" encoding="x-trap"?><b/>'),
}


def framed(document: str, nonce: str) -> Iterator[bytes]:
    """A text in the frame of the probe's answers; it need not be JSON."""
    yield f"UNBLOCK BEGIN {nonce}\r\n".encode()
    size = 60_000
    for start in range(0, len(document), size):
        yield f"UNBLOCK DATA {document[start : start + size]}\r\n".encode(errors="surrogateescape")
    yield f"UNBLOCK END {nonce} {-(-len(document) // size)}\r\n".encode()


#: What the probe prints, given its nonce and what an honest host answers.
OUTPUTS: dict[str, Callable[[str, dict[str, Any]], Iterator[bytes]]] = {
    "gigabyte": lambda nonce, answer: itertools.repeat(b"A" * BLOCK),
    "endless-data": lambda nonce, answer: itertools.chain(
        [f"UNBLOCK BEGIN {nonce}\r\n".encode()], itertools.repeat(b"UNBLOCK DATA [\r\n" * 4096)
    ),
    "deep-json": lambda nonce, answer: framed("[" * 1_000_000, nonce),
    "huge-json": lambda nonce, answer: framed(json.dumps({**answer, "more": list(range(200_000))}), nonce),
    "huge-number": lambda nonce, answer: framed('{"probe": ' + "9" * 1_000_000 + "}", nonce),
    "not-utf-8": lambda nonce, answer: framed('{"probe\udcff\udcfe": "\udcc3\udcff"}', nonce),
    "twice": lambda nonce, answer: framed(json.dumps(answer)[:-1] + ', "reads": {}}', nonce),
    "nan": lambda nonce, answer: framed('{"probe": NaN}', nonce),
    "infinite": lambda nonce, answer: framed(_with_reads(answer, "1e999"), nonce),
    "wrong-types": lambda nonce, answer: framed(_with_reads(answer, '{"a": true}'), nonce),
    "other-names": lambda nonce, answer: framed(json.dumps({**answer, "reads": {"x": {"state": "ok"}}}), nonce),
    "null": lambda nonce, answer: framed("null", nonce),
}


def _with_reads(answer: dict[str, Any], data: str) -> str:
    """The answer with this JSON as the data of every read."""
    reads = {name: {"state": "ok", "data": "DATA"} for name in answer["reads"]}
    return json.dumps({**answer, "reads": reads}).replace('"DATA"', data)


def lie(answer: dict[str, Any], text: str) -> dict[str, Any]:
    """An answer that fits the schema and holds a text wherever a host may write one."""
    free = ("data", "path", "version", "head", "lines", "text", "why")
    reads = {
        name: {key: text if key in free and isinstance(value, str) else value for key, value in read.items()}
        for name, read in answer["reads"].items()
    }
    return {**answer, "reads": reads, "probe": {**answer["probe"], "arch": text[:64], "ansi_code_page": text[:16]}}


class Enemies:
    """The hosts, each under the name of what it does; besides `honest`, and `liar-N` for each of `TEXTS`."""

    def __init__(self, folder: Path, honest: SimulatedHost, port: int, names: tuple[str, ...] = ()) -> None:
        """Prepare them.

        Args:
            folder: for the listener's own files.
            honest: what the honest host is, and what all others are but for their answers.
            port: of the sound WinRM services, each on an address of its own.
            names: those that are wanted; all without it.
        """
        self._honest = honest
        self._port = port
        self._names = names
        self._folder = folder
        self._stop = threading.Event()
        self._open = contextlib.ExitStack()
        self.inventory: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Enemies:
        """Open the listeners."""
        for name, chunks in ANSWERS.items():
            if self._wanted(name):
                server = _RawServer(chunks)
                self._open.callback(server.server_close)
                self._open.callback(server.shutdown)
                threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
                self._add(name, *server.server_address[:2])
        listener = Listener(self._port, None, Recorder(self._folder / "requests"))
        outputs = {"honest": lambda nonce, answer: framed(json.dumps(answer), nonce), **OUTPUTS}
        for number, text in enumerate(TEXTS):
            outputs[f"liar-{number}"] = lambda nonce, answer, text=text: framed(json.dumps(lie(answer, text)), nonce)
        for number, (name, prints) in enumerate(outputs.items(), start=1):
            if self._wanted(name):
                address = f"127.94.0.{number}"
                settings = WinRM(auth=("basic",), allow_unencrypted=True)
                service = ShellHost(settings, _Executor(self._honest, prints), WmiService({}))  # type: ignore[arg-type]
                host = EndpointHost(name, address, ACCOUNT, self._folder / "account", "OS: 6.0.6001", service)
                listener.open(host)
                self._open.callback(service.close)
                self._open.callback(listener.close, host)
                self._add(name, address, self._port)
        accepting = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        accepting.start()
        self._open.callback(accepting.join)
        self._open.callback(self._stop.set)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the listeners."""
        self._open.close()

    def _wanted(self, name: str) -> bool:
        return not self._names or name in self._names

    def _add(self, name: str, address: str, port: int) -> None:
        self.inventory[name] = {
            "ansible_connection": "winrm",
            "ansible_host": address,
            "ansible_port": port,
            "ansible_winrm_scheme": "http",
            "ansible_winrm_transport": ["basic"],
            "ansible_user": ACCOUNT.user,
            "ansible_password": ACCOUNT.password,
        }

    def _accept(self, listener: Listener) -> None:
        while not self._stop.is_set():
            listener.serve_once(0.1)


class _RawServer(socketserver.ThreadingTCPServer):
    """Sends the same to whoever asks anything, until the client has enough."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self.chunks = chunks
        super().__init__(("127.0.0.1", 0), _RawHandler)


class _RawHandler(socketserver.StreamRequestHandler):
    server: _RawServer

    def handle(self) -> None:
        """Read a request's head and body, then send."""
        length = 0
        while (line := self.rfile.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self.rfile.read(length)
        with contextlib.suppress(OSError):
            for chunk in self.server.chunks():
                self.wfile.write(chunk)


class _Executor:
    """Runs the probe on the honest host, and prints something else; every other command prints nothing."""

    def __init__(self, honest: SimulatedHost, prints: Callable[[str, dict[str, Any]], Iterator[bytes]]) -> None:
        self.honest = honest
        self.prints = prints

    def start(self, command: CommandLine) -> _Command:
        """Start a command."""
        return _Command(self, command)


class _Command(RunningCommand):
    def __init__(self, executor: _Executor, command: CommandLine) -> None:
        super().__init__()
        self._executor = executor
        self._line = command.text
        self._input = b""
        self._ended = threading.Event()
        if "cscript" not in command.text:
            self.finish(0)

    def write(self, data: bytes) -> None:
        self._input += data

    def end_input(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def kill(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        dummy, printed, dummy = self._executor.honest.run(self._line, self._input)
        text = printed.decode("ascii")
        nonce = re.search("BEGIN ([0-9a-f]{32})", text)
        answer = json.loads("".join(re.findall(r"^UNBLOCK DATA (.*?)\r?$", text, re.MULTILINE)))
        for block in self._executor.prints(nonce[1] if nonce else "", answer):
            if self._ended.is_set():
                return
            self.feed("stdout", block)
        self.finish(0)
