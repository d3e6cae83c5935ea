# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of a host, made fit to be shown."""

from __future__ import annotations

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, printable, shown
from tests.unit.report.samples import HOSTILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größe 3 – 日本", "Größe 3 – 日本"),
        ("שלום", "שלום"),
        ("a\nb\tc", "a\nb\tc"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("a\rb", r"a\rb"),
        ("a\ud800b", r"a\ud800b"),
        ("\u202egpj", r"\u202egpj"),
        ("\ufeffa\U000e0001", r"\ufeffa\U000e0001"),
        ("a\uffff", r"a\uffff"),
    ],
)
def test_invisible_characters_are_written_out(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_one_line_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert line.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "unknown"), (True, "yes"), (False, "no"), (0, "0"), ("", ""), ("a\x1b", r"a\x1b")],
)
def test_values_are_shown_as_people_write_them(value: object, expected: str) -> None:
    assert shown(value) == expected
