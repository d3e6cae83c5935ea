# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installer's exit code says; what nobody knows is a failure."""

from __future__ import annotations

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.exit_codes import explain, known_codes


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (0, "changed"),
        (3010, "reboot_required"),
        (1641, "reboot_required"),
        (0x00240005, "reboot_required"),
        (0x00240006, "unchanged"),
        (0x00240007, "unchanged"),
        (1618, "busy"),
        *((code, "failed") for code in (1, 5, 1602, 1603, 1619, 1642, 0x80240017, 0xC0000005, 0xFFFFFFFF)),
    ],
)
def test_what_a_code_says(code: int, result: str) -> None:
    found = explain(code)
    assert (found.code, found.result) == (code, result)
    assert str(found).startswith(f"{code} (")
    assert (found.meaning == "a code that is not known") == (code not in known_codes())


def test_the_operators_codes_of_success() -> None:
    own = (7, 3010, 1603)
    assert [explain(code, own).result for code in (7, 3010, 1603, 0, 1618, 9)] == [
        "changed",
        "reboot_required",
        "changed",
        "failed",
        "busy",
        "failed",
    ]
    assert explain(1618, (1618,)).result == "changed"
