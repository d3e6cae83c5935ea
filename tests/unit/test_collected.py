# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe run by hand: what its script is, and which files with its answer are believed."""

from __future__ import annotations

import datetime
import json
import os
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._collected import (
    fingerprint,
    read_collected,
    script,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host import exchange
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer

READS = [{"id": "os.computer_name", "op": "env", "name": "COMPUTERNAME"}]
OTHER_READS = [{"id": "os.computer_name", "op": "env", "name": "USERNAME"}]
AT = datetime.datetime(2026, 11, 18, 10, 0, tzinfo=datetime.timezone.utc)
PROBE = {
    "version": "1",
    "arch": "x86",
    "wow64": False,
    "ansi_code_page": "1252",
    "time": "2026-11-18T10:00:00Z",
    "utc_offset_minutes": 60,
}


def printed(name: str = "SBS01", reads: t.Sequence[exchange.Read] = (*READS,), **probe: t.Any) -> str:
    """What the script for these reads prints on a host of this name."""
    text = json.dumps({"probe": {**PROBE, **probe}, "reads": {"os.computer_name": {"state": "ok", "data": name}}})
    lines = [f"UNBLOCK BEGIN {fingerprint(reads)}", f"UNBLOCK DATA {text}", f"UNBLOCK END {fingerprint(reads)} 1"]
    return "\r\n".join([*lines, ""])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.txt"


def computer(file: Path) -> str:
    return t.cast(str, read_collected(file, READS).answer["reads"]["os.computer_name"]["data"])


def test_the_script_is_for_cmd_and_tells_its_reader_what_to_do() -> None:
    content = script(READS)
    assert content.isascii() and b"\n" not in content.replace(b"\r\n", b"")
    assert content == script(READS)
    assert b"cscript //nologo unblock-probe.js > host.txt" in content
    assert content.endswith(exchange.compose(READS, fingerprint(READS)))


def test_the_fingerprint_is_that_of_the_reads() -> None:
    assert re.fullmatch("[0-9a-f]{32}", fingerprint(READS))
    assert fingerprint(READS) == fingerprint([dict(reversed(READS[0].items()))])
    assert len({fingerprint(READS), fingerprint(OTHER_READS), fingerprint(READS * 2), fingerprint([])}) == 4


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(printed().encode("ascii"), id="cmd"),
        pytest.param(
            b"C:\\Gr\x81n\xe1e>\r\n" + printed().encode("ascii") + b"\xff\r\n", id="with a prompt in a code page"
        ),
        pytest.param(printed().encode("utf-16"), id="PowerShell"),
        pytest.param(b"\xfe\xff" + printed().encode("utf-16-be"), id="big endian"),
        pytest.param(printed().encode("utf-8-sig"), id="an editor"),
        pytest.param(printed().replace("\r\n", "\n").encode("ascii"), id="copied from a Unix machine"),
        pytest.param((printed("OLD") + printed()).encode("ascii"), id="appended to an older answer"),
        pytest.param(
            (printed("OLD", OTHER_READS) + printed()).encode("ascii"), id="appended to one of an older script"
        ),
    ],
)
def test_what_programs_make_of_the_output(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert computer(file) == "SBS01"


@pytest.mark.parametrize(
    ("content", "observed", "next_step"),
    [
        (b"", "holds nothing that the probe prints", "Run the exported probe again"),
        (b"CScript Error: disabled", "holds nothing that the probe prints", "cscript //nologo unblock-probe.js"),
        (
            printed(reads=OTHER_READS).encode(),
            "another version of the rules",
            "Export the probe again by unblock.updates",
        ),
        ((printed() + printed(reads=OTHER_READS)).encode(), "another version of the rules", "Export the probe again"),
        (printed().encode()[:-20], "incomplete", "Run the exported probe again"),
        ((printed() + printed()[:60]).encode(), "incomplete", "Run the exported probe again"),
        (
            re.sub("(.{80})", "\\1\r\n", printed()).encode(),
            "not what the program writes",
            "Run the exported probe again",
        ),
        (printed(version="2").encode(), "'1' was expected", "Run the exported probe again"),
        (printed(surprise=1).encode(), "unknown key 'surprise'", "Run the exported probe again"),
        (printed(time="2026-02-30T10:00:00Z").encode(), "2026-02-30T10:00:00Z, which is no time", "Run the exported"),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than 8388608 bytes", "Run the exported probe again"),
    ],
)
def test_a_file_that_is_not_believed(file: Path, content: bytes, observed: str, next_step: str) -> None:
    file.write_bytes(content)
    with pytest.raises(HostError) as caught:
        read_collected(file, READS)
    assert caught.value.layer is Layer.COLLECTED and not caught.value.unreachable
    assert observed in caught.value.observed
    assert next_step in caught.value.next_step
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("make", "observed"),
    [
        (lambda file: None, "No such file"),
        (Path.mkdir, "Is a directory"),
        (os.mkfifo, "no regular file"),
        (lambda file: file.symlink_to("/dev/zero"), "no regular file"),
    ],
)
def test_what_is_no_file(file: Path, make: t.Callable[[Path], None], observed: str) -> None:
    make(file)
    with pytest.raises(HostError, match=observed) as caught:
        read_collected(file, READS)
    assert caught.value.layer is Layer.COLLECTED


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (AT, 0),
        (AT + datetime.timedelta(hours=23, minutes=59), 0),
        (AT + datetime.timedelta(days=3, hours=1), 3),
        (AT - datetime.timedelta(hours=2), 0),
        (AT - datetime.timedelta(days=400), -400),
    ],
)
def test_its_age(file: Path, now: datetime.datetime, days: int) -> None:
    file.write_text(printed(), encoding="ascii")
    assert read_collected(file, READS).as_dict(now) == {
        "at": "2026-11-18T10:00:00Z",
        "age_days": days,
        "computer_name": "SBS01",
    }
