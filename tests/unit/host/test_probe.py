# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchange: what is sent, and what of an answer is believed."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host import exchange, probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer

READS = [{"id": "a.b", "op": "reg_value", "key": "HKLM\\X", "value": "Y"}]
PROBE = {
    "version": "1",
    "arch": "x86",
    "wow64": False,
    "ansi_code_page": "1252",
    "time": "2026-11-21T10:00:00Z",
    "utc_offset_minutes": 60,
}
OK = {"probe": PROBE, "reads": {"a.b": {"state": "ok", "data": "v"}}}


def lines(document: t.Any, nonce: str, size: int = 50) -> list[str]:
    text = json.dumps(document)
    data = [f"UNBLOCK DATA {text[start : start + size]}" for start in range(0, len(text), size)]
    return [f"UNBLOCK BEGIN {nonce}", *data, f"UNBLOCK END {nonce} {len(data)}"]


class FakeShell:
    """Answers the probe's command with what `answer` makes of the nonce in the request."""

    host = "server01"

    def __init__(self, answer: t.Callable[[str], str], others: bytes = b"") -> None:
        self._answer = answer
        self._others = others
        self.commands: list[str] = []
        self.stdin = b""

    def run(self, command: str, stdin: bytes, timeout: float, max_bytes: int) -> Output:
        self.commands.append(command)
        if not stdin:
            return Output(self._others, b"", 0)
        self.stdin = stdin
        nonce = t.cast(t.Any, re.search(rb'"nonce": "([0-9a-f]{32})"', stdin)).group(1).decode()
        return Output(self._answer(nonce).encode(), b"", 0)


def ask(answer: t.Callable[[str], str], others: bytes = b"") -> tuple[t.Any, FakeShell]:
    shell = FakeShell(answer, others)
    return probe.ask(t.cast(t.Any, shell), READS, timeout=5), shell


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("size", [1, 7, 3900])
def test_a_whole_answer_is_read(newline: str, size: int) -> None:
    answer, shell = ask(lambda nonce: newline.join(lines(OK, nonce, size)) + newline)
    assert answer == OK
    assert len(shell.commands) == 1


def test_the_request_keeps_the_limits_of_cmd_and_of_the_script_host() -> None:
    shell = ask(lambda nonce: "\r\n".join(lines(OK, nonce)))[1]
    assert shell.stdin.isascii()
    assert shell.stdin.endswith(b"\r\n")
    assert b"\n" not in shell.stdin.replace(b"\r\n", b"")
    assert max(map(len, shell.stdin.split(b"\r\n"))) < exchange.MAX_SCRIPT_LINE_BYTES
    assert len(shell.commands[0]) < 2047


def test_the_probes_file_has_a_new_name_each_time_and_is_deleted_by_the_same_command() -> None:
    first, second = (ask(lambda nonce: "\r\n".join(lines(OK, nonce)))[1].commands[0] for dummy in range(2))
    names = [re.findall(r"%TEMP%\\unblock-([0-9a-f]{32})", command) for command in (first, second)]
    assert len(set(names[0])) == len(set(names[1])) == 1 and names[0][0] != names[1][0]
    assert first.split(" & ")[-1] == f'del /q "%TEMP%\\unblock-{names[0][0]}*" 2>nul'


def test_a_line_that_cmd_would_cut_is_refused_before_it_is_sent() -> None:
    shell = FakeShell(lambda nonce: "")
    reads = [{"id": "a", "op": "log", "paths": ["x" * 8000], "anchors": []}]
    with pytest.raises(ValueError, match="8000"):
        probe.ask(t.cast(t.Any, shell), reads, timeout=5)
    assert shell.commands == []


BROKEN: list[tuple[str, t.Callable[[str], str], str]] = [
    ("no end", lambda nonce: "\n".join(lines(OK, nonce)[:-1]), "incomplete"),
    ("a line lost", lambda nonce: "\n".join(lines(OK, nonce)[:2] + lines(OK, nonce)[3:]), "incomplete"),
    ("somebody else's nonce", lambda nonce: "\n".join(lines(OK, "f" * 32)), "another request"),
    (
        "not JSON",
        lambda nonce: f"UNBLOCK BEGIN {nonce}\nUNBLOCK DATA {{\nUNBLOCK END {nonce} 1",
        "not what the program",
    ),
    ("a list", lambda nonce: "\n".join(lines([], nonce)), "not what the program"),
    ("deep", lambda nonce: "\n".join(lines_of("[" * 100_000, nonce)), "not what the program"),
    ("NaN", lambda nonce: "\n".join(lines_of('{"probe": NaN}', nonce)), "not what the program"),
    ("duplicate key", lambda nonce: "\n".join(lines_of('{"reads": {}, "reads": {}}', nonce)), "not what the program"),
    ("another read", lambda nonce: "\n".join(lines({**OK, "reads": {"x": {"state": "ok"}}}, nonce)), "does not fit"),
    ("one read too many", lambda nonce: "\n".join(lines(more_reads(), nonce)), "does not fit"),
    ("unknown state", lambda nonce: "\n".join(lines({**OK, "reads": {"a.b": {"state": "fine"}}}, nonce)), "fine"),
    ("failed", lambda nonce: "\n".join(lines({"failed": {"number": 1, "message": "no"}}, nonce)), "could not start"),
]


def lines_of(text: str, nonce: str) -> list[str]:
    return [f"UNBLOCK BEGIN {nonce}", f"UNBLOCK DATA {text}", f"UNBLOCK END {nonce} 1"]


def more_reads() -> dict[str, t.Any]:
    return {**OK, "reads": {**t.cast("dict[str, t.Any]", OK["reads"]), "z": {"state": "ok"}}}


@pytest.mark.parametrize(("answer", "words"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_answer_is_an_error_of_the_script(answer: t.Callable[[str], str], words: str) -> None:
    with pytest.raises(HostError, match=words) as caught:
        ask(answer)
    assert caught.value.layer is Layer.SCRIPT


@pytest.mark.parametrize("value", [b"REG_SZ    0", b"REG_DWORD    0x0", b"REG_DWORD\t0x00000000"])
def test_a_switched_off_script_host_is_named_with_its_registry_value(value: bytes) -> None:
    with pytest.raises(HostError, match="Enabled is 0 in HKLM") as caught:
        ask(lambda nonce: "Zugriff deaktiviert.\r\n", others=b"\r\n    Enabled    " + value + b"\r\n")
    assert caught.value.layer is Layer.SCRIPT_HOST
    assert not caught.value.unreachable


def test_a_script_host_that_does_not_run_the_probe_is_quoted() -> None:
    with pytest.raises(HostError, match="Input Error") as caught:
        ask(lambda nonce: "Input Error: There is no script engine", others=b"    Enabled    REG_DWORD    0x1\r\n")
    assert caught.value.layer is Layer.SCRIPT_HOST


def test_after_the_deadline_the_probes_files_are_removed() -> None:
    shell = FakeShell(lambda nonce: "")
    real_run = shell.run

    def run(command: str, stdin: bytes, timeout: float, max_bytes: int) -> Output:
        output = real_run(command, stdin, timeout, max_bytes)
        if stdin:
            raise HostError(Layer.SCRIPT, shell.host, "too late", "Wait.")
        return output

    shell.run = run  # type: ignore[method-assign]
    with pytest.raises(HostError, match="too late"):
        probe.ask(t.cast(t.Any, shell), READS, timeout=5)
    name = t.cast(t.Any, re.search(r"unblock-[0-9a-f]{32}", shell.commands[0])).group(0)
    assert len(shell.commands) == 2
    assert shell.commands[1] == f'del /q "%TEMP%\\{name}*" 2>nul'
