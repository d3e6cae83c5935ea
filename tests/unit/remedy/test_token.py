# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An administrator's full rights are told by numbers, in every language."""

from __future__ import annotations

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.token import missing_rights

ADMINISTRATORS = '"VORDEFINIERT\\Administratoren","Alias","S-1-5-32-544","Verbindliche Gruppe"\r\n'
DENIED = '"BUILTIN\\Administrators","Alias","S-1-5-32-544","Group used for deny only"\r\n'
USERS = '"BUILTIN\\Users","Alias","S-1-5-32-545","Mandatory group"\r\n'


def label(level: int) -> str:
    return f'"Mandatory Label\\Some Level","Label","S-1-16-{level}",""\r\n'


@pytest.mark.parametrize(
    ("groups", "kernel", "missing"),
    [
        (USERS + ADMINISTRATORS, (5, 2), None),
        (USERS, (5, 2), "the account is not in the group S-1-5-32-544"),
        # A name or an attribute that looks like an identifier is none.
        (USERS + '"S-1-5-32-544 x","Alias","S-1-5-32-546",""\r\n', (5, 2), "the account is not in the group"),
        (ADMINISTRATORS + label(12288), (6, 0), None),
        (ADMINISTRATORS + label(16384), (6, 1), None),
        (
            DENIED + label(8192),
            (6, 0),
            "the account's integrity level is medium (S-1-16-8192), not high (S-1-16-12288)",
        ),
        (label(12288) + label(4096), (6, 0), "the account's integrity level is low (S-1-16-4096)"),
        (ADMINISTRATORS, (6, 0), "the integrity level of the account could not be read"),
        ("", (5, 2), "the groups of the account could not be read"),
        ("'whoami' is not recognized", (6, 0), "the groups of the account could not be read"),
    ],
)
def test_missing_rights(groups: str, kernel: tuple[int, int], missing: str | None) -> None:
    found = missing_rights(groups, kernel)
    assert found is None if missing is None else str(found).startswith(missing)
