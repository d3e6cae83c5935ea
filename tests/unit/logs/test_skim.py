# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large logs: what is passed over holds nothing, and what is found there is found as in a small one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import PIECE
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.skim import SKIM_FROM, Skim
from tests.unit.logs.material import FIXTURES, positives, scan_bytes, signature

ORDINARY = {
    "client": "2008-06-14\t02:{0:02}:03:271\t 788\tee4\tAgent\t  * Added update {{0F5B6E28}}.102 to search\r\n",
    "server": "2008-06-14 02:{0:02}:03.286 UTC\tInfo\tWsusService.27\tContentSyncAgent.WakeUp\tServerHealth\r\n",
    "site": "Synchronizing update {0:08x}  $$<SMS_WSUS_SYNC_MANAGER><Sat Jun 14 02:{0:02}:03.000 2008 Zone>\r\n",
}
LINES = 2 * SKIM_FROM // 80
WHOLE = {
    "client": "advisory-954960-cs-client.log",
    "server": "advisory-954960-cs-server.log",
    "site": "odd-site-new-stamps.log",
}


def large(log: str) -> bytes:
    """Return an ordinary log, as its writer writes it, that is large enough to be skimmed."""
    return "".join(ORDINARY[log].format(number % 60) for number in range(LINES)).encode()


def fault(log: str) -> bytes:
    return (FIXTURES / WHOLE[log]).read_bytes().replace(b"\n", b"\r\n")


def pieces(data: bytes) -> list[bytes]:
    return [data[start : start + PIECE] for start in range(0, len(data), PIECE)]


@pytest.mark.parametrize("log", ["client", "server", "site"])
def test_an_ordinary_log_is_passed_over_once_it_is_large(log: str) -> None:
    skim = Skim([signature(log)])
    passed = [skim.passes(piece) for piece in pieces(large(log))]
    first = SKIM_FROM // PIECE
    assert not any(passed[:first]) and all(passed[first + 1 : -1])


@pytest.mark.parametrize("log", ["client", "server", "site"])
@pytest.mark.parametrize("shift", range(0, 1200, 97))
def test_a_fault_across_the_border_of_what_is_read(log: str, shift: int) -> None:
    quiet, lines = large(log), fault(log)
    # The fault's middle stands `shift` bytes around the end of a piece that would be passed over.
    border = (len(quiet) // 2 // PIECE + 30) * PIECE
    cut = quiet.rfind(b"\n", 0, border - len(lines) + shift) + 1
    result = scan(pieces(quiet[:cut] + lines + quiet[cut:]), [signature(log)], Context(source="log"))
    (event,) = result.events
    alone = scan_bytes(lines, log).events[0]
    assert (event.confidence, event.fault_ids) == (alone.confidence, alone.fault_ids)
    number = quiet.count(b"\n", 0, cut) + int(alone.where.partition(":")[2])
    assert event.where == f"log:{number}"
    assert (result.lines, result.size) == (LINES + lines.count(b"\n"), len(quiet) + len(lines))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: re.sub(rb"(.{61})", rb"\1\r\n", lines),
        lambda lines: lines.swapcase(),
        lambda lines: lines.replace(b"a", b"a\xc2\xa0"),
    ],
    ids=["wrapped", "other case", "other blanks"],
)
def test_what_is_not_as_its_writer_wrote_it_is_looked_at(spoil: object) -> None:
    quiet = large("server")
    # Such a part is seldom a few lines of a log: somebody's editor or mail program did it to all of them.
    damaged = b"".join(spoil(line) for line in quiet[: 4 * PIECE].splitlines(keepends=True))  # type: ignore[operator]
    data = quiet + damaged + spoil(fault("server")) + damaged + quiet  # type: ignore[operator]
    (event,) = scan(pieces(data), [signature("server")], Context()).events
    assert event.confidence == "certain"


@pytest.mark.parametrize("distance", [200, 600, 30_000])
def test_finished_work_that_began_in_what_was_passed_over(distance: int) -> None:
    quiet = large("client")
    begin = b"2008-08-20\t03:00:01:000\t 788\tee4\tPT\t  + ServiceId = {3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}\r\n"
    end = b"2008-08-20\t03:00:09:000\t 788\tee4\tAgent\t  * Found 0 updates and 10 categories in search; evaluated\r\n"
    between = quiet[: distance * 100][: quiet.rfind(b"\n", 0, distance) + 1]
    (healthy,) = scan(pieces(quiet + begin + between + end + quiet), [signature("client")], Context()).healthy
    assert healthy.last == "2008-08-20T03:00:09.000"


def test_the_offset_that_the_agent_wrote_long_before() -> None:
    start = b"2008-06-13\t19:00:00:000\t 788\tee4\tMisc\t=  Logging initialized (build: 7.1.6001.65, tz: -0700)  =\r\n"
    quiet = large("client")
    (event,) = scan(pieces(quiet + start + quiet + fault("client")), [signature("client")], Context()).events
    assert event.first == "2008-06-14T02:59:56.617Z"
    # The offset of the host itself does not matter then.
    other = Context(offset=timedelta(hours=9))
    (event,) = scan(pieces(start + quiet + fault("client") + quiet), [signature("client")], other).events
    assert event.first == "2008-06-14T02:59:56.617Z"


@pytest.mark.parametrize("log", ["client", "server", "site"])
def test_every_word_is_the_writers_own(log: str) -> None:
    # In each sample that is not damaged, a word that is looked for stands as it is looked for.
    samples = [one for one in positives("certain") if one.file.startswith("s") and dict(one.expect).keys() == {log}]
    assert samples
    for sample in samples:
        assert any(word in sample.data for word in signature(log).written), sample.file
