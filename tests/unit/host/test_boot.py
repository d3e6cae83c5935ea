# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restart: the boot time in WMI's two forms, what shutdown.exe refuses with, and every way in which waiting ends."""

from __future__ import annotations

import datetime
import typing as t
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.boot import (
    Wait,
    ask_for_restart,
    boot_time,
    parse_time,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from tests.lab.endpoint.envelope import NAMESPACES, Request
from tests.lab.endpoint.wmi import WmiService

UTC = datetime.timezone.utc
BEFORE = datetime.datetime(2008, 6, 10, 3, 0, 0, tzinfo=UTC)
AFTER = BEFORE + datetime.timedelta(days=20)
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20080610050000.500000+120", BEFORE),
        ("20080609220000.000000-300", BEFORE),
        ("2008-06-10T05:00:00.5+02:00", BEFORE),
        ("2008-06-09T19:30:00-07:30", BEFORE),
        ("2008-06-10T03:00:00Z", BEFORE),
        ("2008-06-10T03:00:00.123456Z", BEFORE),
        ("2008-06-10T03:00:00", None),
        ("20080610******.******+***", None),
        ("2008-13-10T03:00:00Z", None),
        ("00010101000000.000000+720", None),
        ("", None),
    ],
)
def test_both_forms_of_a_time_become_utc(text: str, expected: datetime.datetime | None) -> None:
    assert parse_time(text) == expected


class Host:
    """A shell whose WMI is the lab's, and whose shutdown.exe answers what the test says."""

    host = "server01"

    def __init__(self, output: Output | None = None) -> None:
        self.wmi = WmiService({})
        self.output = output
        self.lines: list[str] = []

    def request(self, resource_uri: str, action: str, body: str) -> bytes:
        parsed = ET.fromstring(f"<s:Body {DECLARED}>{body}</s:Body>")
        answer = self.wmi.serve(Request(action, "", resource_uri, 60.0, None, {}, {}, parsed), denied=False)
        return f"<s:Body {DECLARED}>{answer}</s:Body>".encode()

    def run(self, command: str, stdin: bytes, timeout: float, max_bytes: int) -> Output:
        assert self.output is not None
        self.lines.append(command)
        return self.output


def test_the_boot_time_is_what_wmi_tells() -> None:
    host = Host()
    host.wmi.booted_at = datetime.datetime(
        2008, 6, 10, 5, 0, 0, 250_000, datetime.timezone(datetime.timedelta(hours=2))
    )
    assert boot_time(t.cast(t.Any, host)) == BEFORE


def test_a_boot_time_that_is_no_time_is_an_error_and_no_boot_time() -> None:
    host = Host()
    host.wmi.booted_at = t.cast(t.Any, "soon")
    with pytest.raises(HostError, match="is no time: soon") as caught:
        boot_time(t.cast(t.Any, host))
    assert caught.value.layer is Layer.WS_MAN


def test_the_request_names_a_planned_reason_and_the_message() -> None:
    host = Host(Output(b"", b"", 0))
    ask_for_restart(t.cast(t.Any, host), 5, "for KB954960 & more", 60)
    assert host.lines == ['shutdown /r /f /t 5 /d p:2:17 /c "for KB954960 & more"']


@pytest.mark.parametrize(
    ("stderr", "code", "words"),
    [
        (b"Access is denied.(5)\r\n", 5, "code 5: access denied"),
        (b"Zugriff verweigert\r\n", 5, "code 5: access denied"),
        (b"A system shutdown is in progress.(1115)\r\n", 1, "code 1115: the host is shutting down already"),
        (b"Es wird bereits heruntergefahren.(1190)\r\n", 1190, "code 1190: a restart is scheduled already"),
        (b"A required privilege is not held by the client.(1314)\r\n", 1, "code 1314: .* privilege"),
        (b"The parameter is incorrect.(87)\r\n", 87, r"code 87: The parameter is incorrect\.\(87\)"),
        (b"", 9009, "code 9009: no message"),
    ],
)
def test_what_shutdown_refuses_with_is_named_in_every_language(stderr: bytes, code: int, words: str) -> None:
    host = Host(Output(b"", stderr, code))
    with pytest.raises(HostError, match=words) as caught:
        ask_for_restart(t.cast(t.Any, host), 5, "now", 60)
    assert caught.value.layer is Layer.RESTART and not caught.value.unreachable


DOWN = HostError(Layer.TCP, "server01", "port 5985: no answer within 5 s", "Check that WinRM listens.")
SAME = BEFORE
MOVED_BY_A_CLOCK_CORRECTION = BEFORE + datetime.timedelta(seconds=3)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def wait_for(looks: list[datetime.datetime | HostError], timeout: float = 600) -> tuple[datetime.datetime, float]:
    """The boot time and the seconds that the waiting took; the last look repeats."""
    clock = Clock()

    def look() -> datetime.datetime:
        seen = looks.pop(0) if len(looks) > 1 else looks[0]
        if isinstance(seen, HostError):
            raise seen
        return seen

    after = Wait("server01", BEFORE, look, timeout, clock, clock.sleep).until_up()
    return after, clock.now - 1000


def test_a_new_boot_time_ends_the_waiting() -> None:
    refused = HostError(Layer.AUTHENTICATION, "server01", "no logon server", "Check the account.")
    assert wait_for([SAME, SAME, DOWN, DOWN, refused, AFTER]) == (AFTER, 25)


def test_a_host_too_quick_to_be_seen_down_was_restarted_all_the_same() -> None:
    assert wait_for([AFTER]) == (AFTER, 0)


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ([SAME], "never went down within 60 s; it runs since 2008-06-10T03:00:00Z"),
        ([MOVED_BY_A_CLOCK_CORRECTION], "never went down"),
        ([SAME, DOWN], "did not come up within 60 s; last seen: TCP: port 5985: no answer within 5 s"),
        ([DOWN, SAME], "came back with the same boot time, 2008-06-10T03:00:00Z, within 60 s"),
    ],
)
def test_a_host_that_was_not_restarted_in_time_is_an_error_that_says_how(
    looks: list[datetime.datetime | HostError], words: str
) -> None:
    with pytest.raises(HostError) as caught:
        wait_for(looks, timeout=60)
    assert words in caught.value.observed
    assert caught.value.layer is Layer.RESTART and not caught.value.unreachable
