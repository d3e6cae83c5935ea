# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts a host and waits until it has really been down and up.

PRIVATE to the collection: may change without notice.

A host that answers again may never have been down, so what proves a restart is the boot time that the host itself
tells, C(Win32_OperatingSystem.LastBootUpTime). Sources: DSP0004 (the class's text form of a time), DSP0230 (its form
over WS-Man), winerror.h (codes of shutdown.exe).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import wql
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import (
    HostError,
    Layer,
    printable,
)

_NAMESPACE = "root/cimv2"
_QUERY = "SELECT LastBootUpTime FROM Win32_OperatingSystem"

#: Planned; operating system; hot fix: so the restart stands in the system's event log (Shutdown Event Tracker).
_REASON = "p:2:17"

_MAX_OUTPUT_BYTES = 64 * 1024

#: Windows moves its boot time along when the clock is set. No system is down and up in less, and W32Time corrects a
#: clock that it keeps by less.
_CLOCK_CORRECTION = datetime.timedelta(seconds=15)

#: Seconds between two looks at a host that is to restart.
_PAUSE = 5.0

_CHECK_CONSOLE = "Look at the host's console and its System event log; then run the task again."

#: What shutdown.exe refuses with (winerror.h), what it means, and what to do.
_REFUSALS = {
    5: (
        "access denied",
        "Give the account the right to shut the system down from remote and locally (SeRemoteShutdownPrivilege, "
        "SeShutdownPrivilege), or use one of the group Administrators.",
    ),
    1115: ("the host is shutting down already", "Wait until it is up again, then run the task again."),
    1190: (
        "a restart is scheduled already, by somebody else",
        "Wait until it is over, or cancel it on the host (shutdown /a), then run the task again.",
    ),
    1314: (
        "the account does not hold the privilege",
        "Use an account of the group Administrators, whose token is not filtered.",
    ),
}

# DSP0004: yyyymmddHHMMSS.mmmmmm+UUU (minutes from UTC). DSP0230: xs:dateTime.
_CIM_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.\d{6}([+-]\d{3})")
_XML_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))")


def boot_time(shell: Shell) -> datetime.datetime:
    """When the host says it was started, in UTC, to the second.

    Args:
        shell: an open shell; its connection is used, no command is run.

    Raises:
        HostError: with the fault of the WS-Management service, or for an answer that holds no time.
    """
    found = wql.first(shell, _NAMESPACE, _QUERY) or {}
    text = found.get("LastBootUpTime", "")
    moment = parse_time(text)
    if moment is None:
        raise HostError(
            Layer.WS_MAN,
            shell.host,
            f"LastBootUpTime of Win32_OperatingSystem is no time: {text or 'nothing'}",
            "Check that WMI is sound on the host (wmic os get LastBootUpTime).",
        )
    return moment


def parse_time(text: str) -> datetime.datetime | None:
    """A time of WMI in UTC, to the second: in CIM's own form or as an C(xs:dateTime). None for anything else."""
    if match := _CIM_TIME.fullmatch(text):
        *parts, offset = map(int, match.groups())
    elif match := _XML_TIME.fullmatch(text):
        parts = list(map(int, match.groups()[:6]))
        sign, hours, minutes = match.groups()[6:]
        offset = int(f"{sign}{int(hours) * 60 + int(minutes)}") if sign else 0
    else:
        return None
    try:
        local = datetime.datetime(*parts, tzinfo=datetime.timezone.utc)  # type: ignore[misc,arg-type]
        return local - datetime.timedelta(minutes=offset)
    except (ValueError, OverflowError):
        return None


def ask_for_restart(shell: Shell, delay: int, message: str, timeout: float) -> None:
    """Asks the host to restart, and to end programs that would keep it from that.

    Args:
        shell: an open shell.
        delay: seconds that the host waits before it goes down, so that this answer gets through.
        message: what people see on the host; goes into a quoted argument of cmd.exe, so the caller has checked it.
        timeout: seconds that shutdown.exe may take to answer.

    Raises:
        HostError: layer restart if the host refuses.
    """
    output = shell.run(f'shutdown /r /f /t {delay} /d {_REASON} /c "{message}"', b"", timeout, _MAX_OUTPUT_BYTES)
    if output.code == 0:
        return
    code = _refusal(output)
    said = printable((output.stdout + b" " + output.stderr).decode("utf-8", errors="replace"), 200)
    meaning, next_step = _REFUSALS.get(code, (said or "no message", "net helpmsg NUMBER on the host explains it."))
    raise HostError(Layer.RESTART, shell.host, f"shutdown was refused with code {code}: {meaning}", next_step)


def _refusal(output: Output) -> int:
    """The Windows error: shutdown.exe of 2003 ends with 1 for some, and writes the number behind its text."""
    written = re.search(rb"\((\d{1,5})\)\W*$", output.stderr.rstrip() or output.stdout.rstrip())
    return int(written.group(1)) if written else output.code


@dataclasses.dataclass
class Wait:
    """The waiting for the restart of one host.

    Attributes:
        host: its address, for errors.
        before: its boot time before it was asked to restart.
        look: reads the boot time over a new connection; HostError while that does not work.
        timeout: seconds from now until the host must be up again.
    """

    host: str
    before: datetime.datetime
    look: t.Callable[[], datetime.datetime]
    timeout: float
    clock: t.Callable[[], float] = time.monotonic
    sleep: t.Callable[[float], None] = time.sleep

    def until_up(self) -> datetime.datetime:
        """Waits; returns the new boot time.

        A look that fails does not end the waiting: while a system stops and starts, every layer fails in its turn.

        Raises:
            HostError: layer restart, if the time is up. The text tells whether the host never went down, did not
                come up, or came up with the boot time that it had.
        """
        deadline = self.clock() + self.timeout
        was_down = False
        while True:
            failure: HostError | None = None
            try:
                after = self.look()
            except HostError as exc:
                failure, was_down = exc, True
            else:
                if abs(after - self.before) > _CLOCK_CORRECTION:
                    return after
            if self.clock() + _PAUSE > deadline:
                raise self._not_restarted(failure, was_down)
            self.sleep(_PAUSE)

    def _not_restarted(self, failure: HostError | None, was_down: bool) -> HostError:
        limit = f"within {self.timeout:g} s"
        since = self.before.strftime("%Y-%m-%dT%H:%M:%SZ")
        if failure is not None:
            return HostError(
                Layer.RESTART,
                self.host,
                f"the host did not come up {limit}; last seen: {failure.layer.value}: {failure.observed}",
                f"{_CHECK_CONSOLE} {failure.next_step}",
            )
        if was_down:
            observed = f"the host stopped answering and came back with the same boot time, {since}, {limit}"
            return HostError(
                Layer.RESTART, self.host, observed, f"WinRM was away but the system was not restarted. {_CHECK_CONSOLE}"
            )
        observed = f"the host never went down {limit}; it runs since {since}"
        return HostError(
            Layer.RESTART,
            self.host,
            observed,
            f"Something keeps it from going down, or somebody cancelled the restart. {_CHECK_CONSOLE}",
        )
