# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON in the registry: whatever stands in it passes cmd.exe and reg.exe as it is, and is read back."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import (
    delete_value,
    encode,
    query_command,
    shown_value,
    write_value,
)
from tests.lab.direct_shell import DirectShell
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import load_host
from tests.unit.host.fakes import HOSTS

KEY = r"HKLM\SOFTWARE\unblock\updates\954960"

AWKWARD = [
    "plain",
    'a "quoted" word',
    r"C:\Program Files (x86)\Temp\ ",
    "%TEMP% & echo x | more > y < z ^ !a! ^^",
    "line\nbreak\ttab\0nul",
    "gr\u00fc\u00df \u65e5\u672c",
    '\\"',
]


@pytest.fixture
def shell() -> Shell:
    return t.cast(Shell, DirectShell(SimulatedHost(load_host(HOSTS / "wsus-rtm.yml"))))


@pytest.mark.parametrize("text", AWKWARD)
def test_what_was_written_is_what_json_reads(shell: Shell, text: str) -> None:
    document = {"text": text, "flag": True, "none": None}
    write_value(shell, KEY, "Journal", document)
    shown = shown_value(shell.run(query_command(KEY, "Journal"), b"", 5, 65536).stdout, "Journal")
    assert shown is not None and json.loads(shown) == document


def test_nothing_in_it_means_anything_to_the_command_interpreter() -> None:
    text = encode({"text": "".join(map(chr, range(1, 128)))})
    assert not set(text.replace('"', "")) & set('&|<>^%!()\r\n\0"')
    assert '\\"' not in text and text.isascii()


def test_a_value_that_cannot_be_a_command_line_is_refused(shell: Shell) -> None:
    with pytest.raises(ValueError, match="too long"):
        write_value(shell, KEY, "Journal", {"text": "x" * 4000})


def test_a_value_that_is_not_to_be_replaced_stays(shell: Shell) -> None:
    write_value(shell, KEY, "Journal", {"a": 1}, replace=False)
    write_value(shell, KEY, "Journal", {"a": 1}, replace=False)
    with pytest.raises(HostError, match="does not hold the value Journal that was written"):
        write_value(shell, KEY, "Journal", {"a": 2}, replace=False)
    assert shown_value(shell.run(query_command(KEY, "Journal"), b"", 5, 65536).stdout, "Journal") == '{"a":1}'


def test_a_deleted_value_is_gone(shell: Shell) -> None:
    write_value(shell, KEY, "Record", {"kept": 1})
    write_value(shell, KEY, "Journal", {"a": 1})
    delete_value(shell, KEY, "Journal")
    assert shown_value(shell.run(query_command(KEY, "Journal"), b"", 5, 65536).stdout, "Journal") is None
    assert shown_value(shell.run(query_command(KEY, "Record"), b"", 5, 65536).stdout, "Record") == '{"kept":1}'


class Deaf:
    """A registry that takes nothing, and gives nothing up."""

    host = "server01"

    def __init__(self, shows: bytes) -> None:
        self._shows = shows

    def run(self, command: str, stdin: bytes, timeout: float, max_bytes: int) -> Output:
        return Output(self._shows, b"ERROR: Access is denied.", 1)


@pytest.mark.parametrize("shows", [b"", b'    Journal    REG_SZ    {"a":2}\r\n'])
def test_a_write_that_did_not_take_is_an_error_that_quotes_reg(shows: bytes) -> None:
    with pytest.raises(HostError, match="Access is denied") as caught:
        write_value(t.cast(Shell, Deaf(shows)), KEY, "Journal", {"a": 1})
    assert caught.value.layer is Layer.REGISTRY


def test_a_deletion_that_did_not_take_is_an_error() -> None:
    with pytest.raises(HostError, match="still holds"):
        delete_value(t.cast(Shell, Deaf(b'    Journal    REG_SZ    {"a":1}\r\n')), KEY, "Journal")
