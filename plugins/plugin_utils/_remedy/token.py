# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the account on a host has an administrator's full rights, by the numbers in its token.

PRIVATE to the collection: may change without notice.

Windows Server 2008 and later take rights away from a member of the Administrators and say so by the token's integrity
level; Windows Server 2003 knows no such thing. Identifiers are the same in every language; names are not.
Source: well-known security identifiers ([MS-DTYP] 2.4.2.4).
"""

from __future__ import annotations

import re

COMMAND = "whoami /groups /fo csv /nh"

_ADMINISTRATORS = "S-1-5-32-544"
_INTEGRITY = re.compile(r"S-1-16-([0-9]{1,6})")
_HIGH = 12288
_INTEGRITY_SINCE = (6, 0)
_LEVELS = {4096: "low", 8192: "medium", 8448: "medium plus", 12288: "high", 16384: "system"}


def missing_rights(groups: str, kernel: tuple[int, int]) -> str | None:
    """What an account lacks.

    Args:
        groups: what C(COMMAND) printed; only its identifiers are looked at.
        kernel: the host's version of Windows, such as C((6, 0)).

    Returns:
        Words for what was observed, None if nothing is lacking.
    """
    identifiers = set(re.findall(r'"(S-1-[0-9-]{1,180})"', groups))
    if not identifiers:
        return "the groups of the account could not be read (whoami printed no identifier)"
    if kernel < _INTEGRITY_SINCE:
        return None if _ADMINISTRATORS in identifiers else f"the account is not in the group {_ADMINISTRATORS}"
    levels = [int(match.group(1)) for match in map(_INTEGRITY.fullmatch, identifiers) if match]
    if not levels:
        return "the integrity level of the account could not be read (whoami printed no S-1-16 identifier)"
    level = min(levels)
    if level >= _HIGH:
        return None
    return (
        f"the account's integrity level is {_LEVELS.get(level, 'unknown')} (S-1-16-{level}), not high (S-1-16-{_HIGH})"
    )
