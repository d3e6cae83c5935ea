# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bounds: no text takes more than its length, and no file more memory than a buffer."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten, locate
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import PIECE, decode, spread_hits, utf16
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan, scan_file
from tests.unit.logs.material import FIXTURES, scan_bytes, signatures

SIZE = 2_000_000
CALL = "SyncUpdates failure, error = 0x8024400E, soap client error = 7, soap error code = 400, HTTP status code = 200"


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "0 a ",
        " ",
        "~",
        "\0",
        "1:",
        "2008-06-13 ",
        "thu jun 12 1",
        "syncupdates ",
        "syncupdates 0x8024400e ",
        CALL,
        "errorcode:internalservererror ",
        "errorcode:badone 0x8024400e ",
        "clientimplementation.syncupdates system.argumentexception: 8862 ",
        "clientimplementation.syncupdates system.argumentexception" + "a" * 199 + "1",
        "throwexception: actor = " + "a" * 199 + "clientimplementation.",
        "0x80004005 createupdatenode 0 a ",
        "0x80004005" + "a" * 89 + "123 createupdatenod",
        "0x80004005 unexpecteddeploymentaction 12",
        "syncupdatesfailure,error=0x8024400e,soapclienterror=7,soaperrorcode=40",
        "+serviceid={3da21691-e39d-4da6-8a4b-b43877bcb1b7} categoriesinsearch ",
    ],
)
def test_one_long_line_costs_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        data = (unit * (length // len(unit) + 1))[:length].encode()
        begin = time.process_time()
        scan_bytes(data, piece=1 << 16)
        return time.process_time() - begin

    # Ten times the text may take ten times as long and some; a hundred times would be quadratic.
    assert seconds(SIZE) < 30 * max(seconds(SIZE // 10), 0.03)


@pytest.mark.parametrize("unit", ["a", "0x80004005" + "a" * 89 + "123 createupdatenod"])
def test_one_line_of_50_megabytes_takes_seconds(unit: str) -> None:
    piece = (unit * (PIECE // len(unit) + 1)).encode()[:PIECE]
    begin = time.process_time()
    result = scan(itertools.repeat(piece, 50_000_000 // PIECE), signatures(), Context())
    assert time.process_time() - begin < 60
    assert result.lines == 1 and result.size > 49_000_000


def healthy_log(megabytes: int) -> Iterator[bytes]:
    text = (FIXTURES / "s1-neg-31.log").read_bytes()
    piece = text * ((1 << 16) // len(text))
    yield from itertools.repeat(piece, (megabytes << 20) // len(piece))


def test_memory_does_not_grow_with_the_log() -> None:
    def peak(megabytes: int) -> int:
        tracemalloc.start()
        try:
            scan(healthy_log(megabytes), signatures(), Context())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(40) < peak(4) + (1 << 20)


def test_memory_does_not_grow_with_blanks() -> None:
    tracemalloc.start()
    try:
        scan(itertools.repeat(b" " * (1 << 16), 400), signatures(), Context())
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_only_the_end_of_a_file(tmp_path: Path) -> None:
    fault = (FIXTURES / "advisory-954960-cs-server.log").read_bytes()
    path = tmp_path / "SoftwareDistribution.log"
    for encoding in ("utf-8", "utf-16"):
        whole = (fault + b"quiet\n" * 500 + fault).decode().encode(encoding)
        path.write_bytes(whole)
        result = scan_file(path, signatures(), Context(source="log"), max_bytes=len(whole) // 2 + 1)
        assert [event.confidence for event in result.events] == ["certain"]
        assert (result.truncated, result.incomplete) == (True, "only a part of it was read")
        assert len(whole) // 2 <= result.size <= len(whole) // 2 + 2
        assert scan_file(path, signatures(), Context(), max_bytes=len(whole)).truncated is False


def test_an_empty_log(tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.write_bytes(b"")
    result = scan_file(path, signatures(), Context())
    assert (result.events, result.scanned()) == ((), {"bytes": 0, "lines": 0, "truncated": False})
    with pytest.raises(FileNotFoundError):
        scan_file(tmp_path / "none.log", signatures(), Context())


@settings(deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=300))
def test_locate_is_the_way_back_from_flat_text(data: bytes) -> None:
    flat = flatten(data)
    for index in range(len(flat)):
        offset = locate(data, index)
        assert flatten(data[offset : offset + 1]) == flat[index : index + 1]
        assert flatten(data[:offset]) == flat[:index]
    assert locate(data, len(flat)) == len(data)


def test_spread_hits() -> None:
    assert b"".join(spread_hits(b"3:a\r\n4:b\r\n7:c\r\n8:d")) == b"3:a\r\n4:b\r\n" + b"~" * 160 + b"\n7:c\r\n8:d"
    assert b"".join(spread_hits(b"cut off\n5:a\n4294967295:b\n")) == (
        b"cut off\n5:a\n" + b"~" * 20_000 + b"\n4294967295:b\n"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Windows Update".encode("utf-16"), "utf-16-le"),
        ("Windows Update".encode("utf-16-le"), "utf-16-le"),
        ("Windows Update".encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff\x00a", "utf-16-be"),
        (b"Windows Update", None),
        (b"Win\0\0dows Upd\0\0\0ate log of a host that lost power", None),
        (b"\0" * 4096, None),
        (b"", None),
    ],
)
def test_utf16(data: bytes, expected: str | None) -> None:
    assert utf16(data) == expected


@pytest.mark.parametrize(
    ("data", "code_page", "expected"),
    [
        ("tilføjet".encode(), "cp1252", "tilføjet"),
        ("tilføjet".encode("cp1252"), "cp1252", "tilføjet"),
        ("更新".encode("cp936"), "cp936", "更新"),
        ("更新".encode()[1:], "cp1252", "新"),
        ("更新".encode()[:-1], "cp1252", "更"),
        (b"a\xffb", "cp0", "aÿb"),
        (b"", "cp1252", ""),
    ],
)
def test_decode(data: bytes, code_page: str, expected: str) -> None:
    assert decode(data, code_page) == expected
