# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties: whatever happens to a log on its way here, its faults are found, and rubbish does no harm."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import read_pieces
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan, scan_hits
from tests.unit.logs.material import FIXTURES, Excerpt, excerpts, found, positives, scan_bytes, signatures

BLANKS = ["", " ", "  ", "\t", "      ", "\u00a0", " \u00a0 ", "\u3000", "\u200b ", "\ufeff"]
LINE_ENDS = ["\n", "\r\n", "\r", "\n\n", "\r\n \r\n", "\u2028", " ", ""]
# Encodings whose letters beyond ASCII never hold a digit: those of Windows, and what damaged files are taken for.
CODE_PAGES = ["utf-8", "utf-8-sig", "cp437", "cp850", "cp932", "cp936", "cp949", "cp950"] + [
    f"cp{number}" for number in range(1250, 1259)
]
UTF_16 = ["utf-16", "utf-16-le", "utf-16-be"]

UNSEEN = [byte for byte in range(256) if not 0x20 < byte < 0x7F]

certain = st.sampled_from(positives("certain"))
labelled = st.sampled_from(excerpts())
# Endings of a text that was cut off are evidence: what follows it would hide that.
whole = st.sampled_from([one for one in positives("certain") + positives("possible") if "cut" not in one.file])
quick = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@quick
@given(labelled, st.integers(1, 200), st.sampled_from(["\n", "\r\n", "\n\n", "\r\n    ", " \n\t"]))
def test_wrapped_at_any_width(excerpt: Excerpt, width: int, end: str) -> None:
    text = end.join(excerpt.text[start : start + width] for start in range(0, len(excerpt.text), width))
    assert found(scan_bytes(text.encode())) == excerpt.expect


@quick
@given(labelled, st.data())
def test_other_separators(excerpt: Excerpt, data: st.DataObject) -> None:
    blanks = data.draw(st.lists(st.sampled_from(BLANKS), min_size=1, max_size=5))
    ends = data.draw(st.lists(st.sampled_from(LINE_ENDS), min_size=1, max_size=3))
    parts = re.split(r"([ \t]+|\r?\n)", excerpt.text)
    changed = [
        part if number % 2 == 0 else (ends if "\n" in part else blanks)[number % len(ends if "\n" in part else blanks)]
        for number, part in enumerate(parts)
    ]
    assert found(scan_bytes("".join(changed).encode())) == excerpt.expect


@quick
@given(labelled, st.randoms(use_true_random=False))
def test_any_case(excerpt: Excerpt, random: object) -> None:
    choice = random.choice  # type: ignore[attr-defined]
    text = "".join(choice((letter.upper(), letter.lower())) for letter in excerpt.text)
    assert found(scan_bytes(text.encode())) == excerpt.expect


@pytest.mark.parametrize("encoding", CODE_PAGES + UTF_16)
@pytest.mark.parametrize("errors", ["replace", "ignore"])
def test_any_code_page(encoding: str, errors: str) -> None:
    for excerpt in excerpts():
        data = excerpt.text.encode(encoding, errors)
        result = scan(read_pieces(io.BytesIO(data)), signatures(), Context())
        assert found(result) == excerpt.expect, excerpt.file


@pytest.mark.parametrize("wrong", ["cp1252", "cp1250", "cp437", "latin-1"])
def test_letters_damaged_twice(wrong: str) -> None:
    for excerpt in excerpts():
        text = excerpt.text.replace(" ", "\u00a0").encode().decode(wrong, "replace").encode().decode(wrong, "replace")
        assert found(scan_bytes(text.encode())) == excerpt.expect, excerpt.file


@quick
@given(labelled, st.integers(1, 7), st.lists(st.sampled_from(UNSEEN), min_size=1, max_size=3).map(bytes))
def test_stray_bytes_between_letters(excerpt: Excerpt, every: int, stray: bytes) -> None:
    data = excerpt.data
    assert found(scan_bytes(stray.join(data[start : start + every] for start in range(0, len(data), every)))) == (
        excerpt.expect
    )


@quick
@given(labelled, st.integers(1, 5000))
def test_any_size_of_pieces(excerpt: Excerpt, size: int) -> None:
    assert scan_bytes(excerpt.data, piece=size) == scan_bytes(excerpt.data)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(whole, st.integers(0, 70_000), st.integers(0, 70_000), st.sampled_from([64, 4096, 1 << 16]))
def test_anywhere_in_a_long_log(excerpt: Excerpt, before: int, after: int, piece: int) -> None:
    ((log, dummy),) = excerpt.expect
    name = {"client": "s1-neg-31.log", "server": "s2-neg-11.log", "site": "s3-neg-01.log"}[log]
    healthy = (FIXTURES / name).read_bytes() * 60
    data = healthy[:before] + b"\n" + excerpt.data + b"\n" + healthy[:after]
    result = scan_bytes(data, piece=piece if len(data) < 20_000 else max(piece, 4096))
    assert found(result) == excerpt.expect
    line = int(result.events[0].where.partition(":")[2])
    first = healthy[:before].count(b"\n") + 2
    assert first <= line < first + excerpt.data.count(b"\n") + 1


@quick
@given(certain, st.data())
def test_lines_in_any_order(excerpt: Excerpt, data: st.DataObject) -> None:
    # The records of a block may be out of order; a stack is one record.
    records = re.split(r"\n(?=\d{4}-)", excerpt.text.strip())
    text = "\n".join(data.draw(st.permutations(records)))
    assert found(scan_bytes(text.encode())) == excerpt.expect


@quick
@given(certain, st.integers(0, 3000), st.booleans())
def test_cut_off(excerpt: Excerpt, kept: int, front: bool) -> None:
    data = excerpt.data[-kept:] if front and kept else excerpt.data[:kept]
    result = scan_bytes(data)
    assert len(result.events) <= 1
    assert {event.log for event in result.events} <= {log for log, dummy in excerpt.expect}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=4000), st.integers(1, 700))
def test_random_bytes(data: bytes, size: int) -> None:
    assert scan_bytes(data, piece=size).events == ()
    assert scan(read_pieces(io.BytesIO(data), size), signatures(), Context()).events == ()
    assert scan_hits(data, signatures(), Context(), head=data[:50], truncated=True).events == ()


FRAGMENTS = [
    b"SyncUpdates failure, error = 0x8024400E, soap client error = 7, soap error code = 400, HTTP status code = 200",
    b"ErrorCode:InternalServerError(5)",
    b"ErrorCode:InvalidCookie(1)",
    b'Method:"http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService/SyncUpdates"',
    b"ClientImplementation.SyncUpdates System.ArgumentException: '1' '1'",
    b"System.Collections.Hashtable.Insert",
    b"ClientImplementation.GetSyncInfo",
    b"0x80004005, DeploymentAction 1293995. CreateUpdateNode",
    b"updatewuscatalog.exe",
    b"0 a, 0 b, 0 c, 0 d",
    b"2008-99-99 99:99:99:999",
    b"9999-12-31 23:59:59:999",
    b"1601-01-01 00:00:00",
    b"tz: +9999)",
    b"01-01-1901 00:00:00.000-9999",
    b"Found 0 updates and 1 categories in search",
    b"+ ServiceId = {3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}",
    b"Updates summary: 1 processed",
    b"\x00\xff\xfe",
    b"4294967296:",
    b"~~~~~~~~~~\n",
]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=20), max_size=60), st.booleans(), st.integers(20, 400))
def test_fragments_in_any_company(parts: list[bytes], lines: bool, size: int) -> None:
    data = (b"\n" if lines else b" ").join(parts)
    result = scan_bytes(data, piece=size)
    assert result == scan_bytes(data)
    for event in result.events + scan_hits(data, signatures(), Context()).events:
        assert event.confidence in ("certain", "possible")
        assert event.count >= 1
        assert len(event.excerpt) <= 2000
