# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events, not lines: what belongs to one fault, what refutes it, how many are kept, and from when on they count."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_hits
from tests.unit.logs.material import FAULT, FIXTURES, findstr, found, scan_bytes, scan_on_host, signature

CLIENT = (FIXTURES / "advisory-954960-cs-client.log").read_text(encoding="utf-8")
SERVER = (FIXTURES / "advisory-954960-cs-server.log").read_text(encoding="utf-8")
SITE = (FIXTURES / "s3-pos-01.log").read_text(encoding="utf-8")
CALL = CLIENT.splitlines()[2] + "\n"
OTHER = "11111111-2222-3333-4444-555555555555"


def at(text: str, hour: int, minute: int = 0, fault: str = FAULT) -> str:
    """Return a sample with another time and fault id."""
    return re.sub(r"\d\d:\d\d(:\d\d[:.,]\d{3})", rf"{hour:02}:{minute:02}\1", text).replace(FAULT, fault)


def guid(number: int) -> str:
    return f"{number:08x}-0000-0000-0000-000000000000"


@pytest.mark.parametrize("text", [CLIENT, SERVER, SITE], ids=["client", "server", "site"])
def test_two_faults_are_two_events(text: str) -> None:
    events = scan_bytes((text + text).encode()).events
    assert [(event.confidence, event.count) for event in events] == [("certain", 1)] * 2
    first, second = (int(event.where.partition(":")[2]) for event in events)
    assert second - first == text.count("\n")


def test_interleaved_threads_stay_apart() -> None:
    one, two = CLIENT.splitlines(), at(CLIENT, 19, 59, OTHER).replace(" ee4 ", " 9c8 ").splitlines()
    mixed = "\n".join(line for pair in zip(one, two, strict=True) for line in pair)
    events = scan_bytes(mixed.encode()).events
    assert [(event.confidence, event.fault_ids) for event in events] == [("certain", (FAULT,)), ("certain", (OTHER,))]


def test_interleaved_records_of_a_server() -> None:
    def records(text: str) -> list[str]:
        stack, dummy, thrown = text.partition("<lines removed>\n")
        return [stack, thrown]

    one, two = records(SERVER), records(at(SERVER, 2, 59, OTHER).replace("w3wp.12", "w3wp.7"))
    events = scan_bytes((one[0] + two[0] + one[1] + two[1]).encode()).events
    assert [(event.confidence, event.fault_ids) for event in events] == [("certain", (FAULT,)), ("certain", (OTHER,))]


def test_pieces_of_different_times_are_not_put_together() -> None:
    later = at("\n".join(CLIENT.splitlines()[3:]), 23)
    assert found(scan_bytes((CALL + later).encode())) == (("client", "possible"), ("client", "possible"))


def test_a_lone_call_before_a_whole_fault() -> None:
    events = scan_bytes((at(CALL, 19, 58) + CLIENT).encode()).events
    assert [event.confidence for event in events] == ["possible", "certain"]


@pytest.mark.parametrize(
    "text",
    [
        CLIENT.replace("InternalServerError(5)", "InvalidCookie(1)"),
        CLIENT.replace("SyncUpdates", "GetExtendedUpdateInfo"),
        CLIENT.replace("0x8024400E", "0x80072EE2").replace("InternalServerError(5)", "ConfigChanged(2)"),
        CALL.replace("SyncUpdates", "GetCookie"),
        CALL.replace("8024400E", "8024400D"),
        CALL.replace("error code = 400", "error code = 300"),
        CALL.replace("status code = 200", "status code = 500"),
        "WARNING: PTError: 0x8024400e\nWARNING: Failed to synchronize, error = 0x8024400E\n",
        SERVER.replace("GetSyncInfo", "GetInfo").replace("Hashtable", "SortedList").replace("'8862' K", "'8863' K"),
        SERVER.partition("at System")[0].replace("Key being added: '8862'", "Key being added: '8863'"),
        SERVER.partition("<lines removed>")[2],
        SITE.replace("CreateUpdateNode", "SaveUpdate").replace("1293995. R", "1293995\nR"),
        SITE.replace("0x80004005", "0x80070005"),
    ],
)
def test_what_only_shares_words_with_a_fault(text: str) -> None:
    assert text not in (CLIENT, SERVER, SITE, CALL)
    assert scan_bytes(text.encode()).events == ()


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        CALL.partition(", soap")[0],
        CALL.partition(", soap")[0] + "\n" + at("\n".join(CLIENT.splitlines()[:2]), 23),
        "".join(CLIENT.splitlines(keepends=True)[3:]),
        "".join(CLIENT.splitlines(keepends=True)[:6]),
        SERVER.partition("<lines removed>")[0],
        SERVER.partition("at Microsoft")[0],
        SERVER.partition("at System")[0],
        SITE.partition("Updates summary")[0],
        "\n".join(line for line in SITE.splitlines() if "0x80004005" in line),
        SITE.partition("UpdateNode")[0],
    ],
)
def test_specific_but_partial(text: str) -> None:
    assert [event.confidence for event in scan_bytes(text.encode()).events] == ["possible"]


def test_another_threads_failure_refutes_nothing() -> None:
    failure = CLIENT.splitlines()[5].replace("InternalServerError(5)", "InvalidCookie(1)")
    assert scan_bytes((CALL + failure).encode()).events == ()
    assert found(scan_bytes((CALL + failure.replace(" ee4 ", " 9c8 ")).encode())) == (("client", "possible"),)


def test_a_flood_is_counted_to_its_end() -> None:
    flood = "".join(at(SERVER, number // 60 % 24, number % 60, guid(number)) for number in range(300))
    events = scan_bytes(flood.encode()).events
    assert len(events) == 50
    assert [event.count for event in events] == [1] * 49 + [251]
    assert (events[-1].first, events[-1].last) == ("2008-06-14T00:49:57.642Z", "2008-06-14T04:59:57.642Z")
    assert events[-1].fault_ids == tuple(guid(number) for number in range(49, 249))
    assert all(len(event.excerpt) <= 2000 for event in events)


def test_excerpt_is_bounded_and_clean() -> None:
    text = CLIENT.replace("\n", " " * 300 + "\x1b[2J\x00 " + "x" * 5000 + " ")
    (event,) = scan_bytes(text.encode()).events
    assert len(event.excerpt) <= 2000
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", event.excerpt)
    assert "0x8024400E" in event.excerpt


def test_excerpt_in_the_hosts_code_page() -> None:
    text = (FIXTURES / "advisory-954960-da-server.log").read_text(encoding="utf-8")
    (event,) = scan_bytes(text.encode("cp1252"), code_page="cp1252").events
    assert "blevet tilføjet. Nøgle" in event.excerpt
    (event,) = scan_bytes(text.encode("cp1252"), code_page="cp-unheard-of").events
    assert "blevet tilføjet. Nøgle" in event.excerpt


def test_times_in_utc_as_far_as_known() -> None:
    (event,) = scan_bytes(SERVER.encode(), offset=timedelta(hours=2)).events
    assert event.first == event.last == "2008-06-14T02:59:57.642Z"
    (event,) = scan_bytes(CLIENT.encode()).events
    assert event.first == "2008-06-13T19:59:56.617"
    (event,) = scan_bytes(CLIENT.encode(), offset=timedelta(hours=-7)).events
    assert event.first == "2008-06-14T02:59:56.617Z"
    started = "2008-06-13 19:00:00:000 788 ee4 Misc = Logging initialized (build: 7.1.6001.65, tz: +0000) =\n"
    (event,) = scan_bytes((started + CLIENT).encode(), offset=timedelta(hours=-7)).events
    assert event.first == "2008-06-13T19:59:56.617Z"


EVENT = datetime(2008, 6, 14, 2, 59, 57, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        (EVENT - timedelta(days=1), True),
        (EVENT + timedelta(minutes=4), True),
        (EVENT + timedelta(minutes=6), False),
    ],
    ids=["before", "within the skew", "after"],
)
def test_since(since: datetime, kept: bool) -> None:
    for result in (scan_bytes(SERVER.encode(), since=since), scan_on_host(SERVER, "server", since=since)):
        assert bool(result.events) is kept
        assert result.first_time == "2008-06-14T02:59:57.642Z"
        said = f"what was read begins at 2008-06-14T02:59:57.642Z, later than {since:%Y-%m-%dT%H:%M:%S}.000Z"
        assert result.incomplete == (said if since < EVENT else None)


def test_since_and_local_times() -> None:
    # Without an offset 19:59 may be any time until 07:59 UTC the next day.
    for hours, kept in ((11, True), (13, False)):
        since = datetime(2008, 6, 13, 20, tzinfo=timezone.utc) + timedelta(hours=hours)
        assert bool(scan_bytes(CLIENT.encode(), since=since).events) is kept


def test_since_and_no_times() -> None:
    result = scan_bytes((FIXTURES / "s1-pos-07.log").read_bytes(), since=EVENT)
    assert result.events[0].first is None
    assert result.incomplete == "no time at its beginning shows that it reaches back to 2008-06-14T02:59:57.000Z"


def test_truncated_hits() -> None:
    one = signature("server")
    hits = findstr(at(SERVER, 1) + SERVER, one.anchors)
    cut = hits[40:]
    result = scan_hits(cut, [one], Context(since=EVENT), head=SERVER.splitlines()[0], truncated=True)
    assert [event.confidence for event in result.events] == ["certain"]
    assert (result.truncated, result.incomplete) == (True, None)
    # The log begins early enough, but what was kept of it does not.
    since = EVENT - timedelta(days=1)
    result = scan_hits(cut, [one], Context(since=since), head="2008-01-01 00:00:00.000 UTC", truncated=True)
    assert [event.confidence for event in result.events] == ["possible", "certain"]
    assert result.incomplete == "what was read begins at 2008-06-14T01:00:57.642Z, later than 2008-06-13T02:59:57.000Z"
    result = scan_hits(cut, [one], Context(), truncated=True)
    assert result.incomplete == "only a part of it was read"


def test_a_log_that_was_cut_within_a_fault_does_not_shift_the_others() -> None:
    ids = [guid(number) for number in range(5)]
    faults = [SERVER.replace(FAULT, one) for one in ids]
    # All within one second and of one thread, as on a server that is asked again at once.
    for kept in ("ThrowException", "at Microsoft.UpdateServices.Internal.ClientImplementation.GetSyncInfo"):
        front = faults[0][faults[0].index(kept) :]
        events = scan_bytes((front + "".join(faults[1:])).encode()).events
        assert [event.fault_ids for event in events if event.confidence == "certain"] == [(one,) for one in ids[1:]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_host_cannot_search_utf_16(encoding: str) -> None:
    # As the script host reads it: byte by byte.
    head = SERVER.splitlines()[0].encode(encoding).decode("cp1252", "replace")
    result = scan_hits("", [signature("server")], Context(), head=head)
    assert (result.events, result.incomplete) == ((), "it is UTF-16, in which findstr finds nothing")
