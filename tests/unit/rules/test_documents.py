# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML with lines, and nothing of YAML that JSON has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import (
    MAX_BYTES,
    MAX_DEPTH,
    read_document,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "file.yml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_values_and_their_lines(tmp_path: Path) -> None:
    document = read_document(write(tmp_path, "---\na: 1\nb:\n  - x\n  - {c: null,\n     d: true}\n"))
    assert document.data == {"a": 1, "b": ["x", {"c": None, "d": True}]}
    assert document.lines[("b",)] == 3
    assert document.lines[("b", 1, "d")] == 6
    # The nearest value around one that is not there.
    assert document.error(("b", 1, "e", 7), "why").line == 5
    assert str(document.error(("a",), "why")) == f"{document.file}:2: why"


@pytest.mark.parametrize(
    "text", ["no", "on", "2008-06-30", "0x10", "010", "1_000", "12:30:45", "1.2.3", "3.1.6001.66", "<<", ".inf", "~"]
)
def test_only_json_types_are_resolved(tmp_path: Path, text: str) -> None:
    assert read_document(write(tmp_path, f"a: {text}")).data == {"a": text}


@pytest.mark.parametrize(("text", "value"), [("-5", -5), ("0", 0), ("3.0", 3.0), ("null", None), ("", None)])
def test_json_types(tmp_path: Path, text: str, value: object) -> None:
    assert read_document(write(tmp_path, f"a: {text}")).data == {"a": value}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: [1\nc: 2\n", 3, "is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands here a second time"),
        ("a: 1\n2: b\n", 2, "a key must be text"),
        ("a: 1\n[b]: c\n", 2, "a key must be text"),
        ("a: &x [1]\nb: *x\n", 1, "anchors, aliases and tags"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "anchors, aliases and tags"),
        ("a: 1\n---\nb: 2\n", 2, "is not YAML"),
        ("a: 1\nb: " + "[" * (MAX_DEPTH + 1), 2, "nested deeper"),
        ("a: 1\nb: " + "[" * 100_000, 2, "nested deeper"),
        (b"a: 1\nb: \xff\xfe\n", 2, "is not UTF-8"),
        (b"a: \x00", 1, "is not YAML"),
        ("#" * (MAX_BYTES + 1), 1, "more than"),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, text: str | bytes, line: int, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_document(write(tmp_path, text))
    assert reason in caught.value.reason
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{tmp_path / 'file.yml'}:{line}: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"nowhere\.yml:1: cannot be read: "):
        read_document(tmp_path / "nowhere.yml")
