# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of one host: names, refusals, foreign and broken files."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report import result_files
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import SchemaError
from tests.unit.report.samples import HOSTILE, RUN, assessment, result

NAMES = {
    "plain": ("wsus1.example.net", "wsus1.example.net.json"),
    "dots": ("..", "%2E..json"),
    "dot": (".", "%2E.json"),
    "hidden": (".ssh", "%2Essh.json"),
    "path": ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.json"),
    "slash": ("a/b", "a%2Fb.json"),
    "backslash": ("a\\b:c", "a%5Cb%3Ac.json"),
    "percent": ("a%2Fb", "a%252Fb.json"),
    "space": ("a b\n", "a%20b%0A.json"),
    "umlaut": ("größe", "gr%C3%B6%C3%9Fe.json"),
    "nul": ("a\x00b", "a%00b.json"),
    "lone surrogate": ("a\ud800", "a%ED%A0%80.json"),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.values(), ids=NAMES)
def test_a_name_becomes_a_harmless_file_name(name: str, expected: str, tmp_path: Path) -> None:
    path = HOST_FILES.path(tmp_path, name)
    assert path == tmp_path / "hosts" / expected


def test_long_names_fit_and_stay_apart(tmp_path: Path) -> None:
    paths = [HOST_FILES.path(tmp_path, "ü" * 400 + end) for end in ("a", "b")]
    assert paths[0] != paths[1]
    assert all(len(path.name) < 220 for path in paths)


@pytest.mark.parametrize("name", [*(name for name, dummy in NAMES.values()), "x" * 900, *HOSTILE.values()])
def test_every_name_is_written_inside_the_folder_and_found_again(name: str, tmp_path: Path) -> None:
    path = HOST_FILES.write(tmp_path, result(name))
    assert path.parent == tmp_path / "hosts"
    (found,) = HOST_FILES.read(tmp_path, RUN, [name])
    if "\ud800" in name:  # a strict JSON file cannot hold the name, so the host's identity is not proved
        assert found["host"]["status"] == "error"
    else:
        assert found == result(name)


def test_a_result_that_breaks_the_schema_is_not_written(tmp_path: Path) -> None:
    broken = result("a", assessment("fine"))
    with pytest.raises(SchemaError, match=r"assessments\[0\].status: 'fine' is not one of"):
        HOST_FILES.write(tmp_path, broken)
    assert not (tmp_path / "hosts").exists()


def _changed(**changes: t.Any) -> bytes:
    return json.dumps({**result("wsus1"), **changes}).encode()


BAD_FILES = {
    "another run": (_changed(run_id="yesterday"), "belongs to another run"),
    "another host": (json.dumps(result("wsus2")).encode(), "is the result of another host"),
    "cut off": (_changed()[:-30], "is not JSON"),
    "empty": (b"", "is not JSON"),
    "binary": (b"\xff\xfe\x00{", "is not JSON"),
    "bad UTF-8": (b'{"a": "\xff"}', "is not JSON"),
    "nested too deeply": (b"[" * 100_000, "is not JSON"),
    "a list": (b"[]", "is no host result: $: [] is not of type 'object'"),
    "a field missing": (b'{"run_id": "%s"}' % RUN.encode(), "is a required property"),
    "no verdicts": (_changed(host={**result()["host"], "assessments": None}), "$.host.assessments: None is not of"),
    "unreachable, no reason": (_changed(host={**result()["host"], "status": "unreachable"}), "$.host.error"),
    "too large": (b" " * (result_files.MAX_BYTES + 1), "is larger than 4194304 bytes"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_used_becomes_an_error_of_its_host(content: bytes, reason: str, tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path, result("good"))
    HOST_FILES.path(tmp_path, "wsus1").write_bytes(content)
    bad, good = HOST_FILES.read(tmp_path, RUN, ["wsus1", "good"])
    assert bad["host"]["status"] == "error"
    assert bad["host"]["error"] is not None
    assert "hosts/wsus1.json" in bad["host"]["error"]["observed"]
    assert reason in bad["host"]["error"]["observed"]
    assert good == result("good")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "is missing"),
        (Path.mkdir, "cannot be read: Is a directory"),
        (os.mkfifo, "is no regular file"),
        (lambda path: path.symlink_to(path.name), "cannot be read"),
    ],
    ids=["missing", "folder", "pipe", "link to itself"],
)
def test_what_is_no_file_becomes_an_error_of_its_host(
    make: t.Callable[[Path], t.Any], reason: str, tmp_path: Path
) -> None:
    (tmp_path / "hosts").mkdir()
    make(HOST_FILES.path(tmp_path, "wsus1"))
    (found,) = HOST_FILES.read(tmp_path, RUN, ["wsus1"])
    assert found["host"]["error"] is not None
    assert reason in found["host"]["error"]["message"]


def test_only_the_hosts_of_the_run_are_read_once_each_in_order(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        HOST_FILES.write(tmp_path, result(name))
    found = HOST_FILES.read(tmp_path, RUN, ["c", "a", "c"])
    assert [one["host"]["name"] for one in found] == ["c", "a"]


def test_a_second_result_replaces_the_first(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path, result("a"))
    HOST_FILES.write(tmp_path, result("a", assessment("compliant"), status="compliant"))
    (found,) = HOST_FILES.read(tmp_path, RUN, ["a"])
    assert found["host"]["status"] == "compliant"
