# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""whoami: the account and its groups; names, kinds and attributes are in the host's language, identifiers are not."""

from __future__ import annotations

from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Process, split_arguments
from tests.lab.simulated.tokens import Group, Token

_INTEGRITY = "S-1-16-"
_SYSTEM = "S-1-5-18"

_ENGLISH = {
    "S-1-1-0": "Everyone",
    "S-1-5-2": r"NT AUTHORITY\NETWORK",
    "S-1-5-11": r"NT AUTHORITY\Authenticated Users",
    "S-1-5-15": r"NT AUTHORITY\This Organization",
    "S-1-5-18": r"NT AUTHORITY\SYSTEM",
    "S-1-5-64-10": r"NT AUTHORITY\NTLM Authentication",
    "S-1-5-32-544": r"BUILTIN\Administrators",
    "S-1-5-32-545": r"BUILTIN\Users",
    "S-1-16-8192": r"Mandatory Label\Medium Mandatory Level",
    "S-1-16-12288": r"Mandatory Label\High Mandatory Level",
    "S-1-16-16384": r"Mandatory Label\System Mandatory Level",
}
_GERMAN = {
    "S-1-1-0": "Jeder",
    "S-1-5-2": r"NT-AUTORITÄT\NETZWERK",
    "S-1-5-11": r"NT-AUTORITÄT\Authentifizierte Benutzer",
    "S-1-5-15": r"NT-AUTORITÄT\Diese Organisation",
    "S-1-5-18": r"NT-AUTORITÄT\SYSTEM",
    "S-1-5-64-10": r"NT-AUTORITÄT\NTLM-Authentifizierung",
    "S-1-5-32-544": r"VORDEFINIERT\Administratoren",
    "S-1-5-32-545": r"VORDEFINIERT\Benutzer",
    "S-1-16-8192": r"Verbindliche Beschriftung\Mittlere Verbindlichkeitsstufe",
    "S-1-16-12288": r"Verbindliche Beschriftung\Hohe Verbindlichkeitsstufe",
    "S-1-16-16384": r"Verbindliche Beschriftung\Systemverbindlichkeitsstufe",
}
_NAMES = {"de-DE": _GERMAN}


def whoami(process: Process) -> int:
    """Run `whoami`, `whoami /user /fo csv /nh` or `whoami /groups /fo csv /nh`; other forms print translated tables."""
    words = [word.lower() for word in split_arguments(process.arguments)]
    if not words:
        process.print(_account(process, process.token).lower() + "\n")
    elif words[1:] != ["/fo", "csv", "/nh"] or words[0] not in ("/user", "/groups"):
        process.complain(f"{text(process, 'error')}: {text(process, 'invalid_option')}\n")
        return 1
    elif words[0] == "/user":
        process.print(f'"{_account(process, process.token).lower()}","{process.token.sid}"\n')
    else:
        process.print("".join(_row(process, group) for group in process.token.groups))
    return 0


def _account(process: Process, token: Token) -> str:
    return _name(process, _SYSTEM) if token.sid == _SYSTEM else rf"{token.domain}\{token.user}"


def _name(process: Process, sid: str) -> str:
    return _NAMES.get(process.machine.windows.language, _ENGLISH)[sid]


def _row(process: Process, group: Group) -> str:
    if group.sid.startswith(_INTEGRITY):
        kind, attributes = "sid_type_unknown", ["group_mandatory", "group_default", "group_enabled"]
    else:
        kind = "sid_type_alias" if group.sid.startswith("S-1-5-32-") else "sid_type_known"
        attributes = ["group_mandatory", "group_default", "group_enabled"]
        if group.deny_only:
            attributes = ["group_deny_only"]
        elif group.owner:
            attributes.append("group_owner")
    said = ", ".join(text(process, attribute) for attribute in attributes)
    return f'"{_name(process, group.sid)}","{text(process, kind)}","{group.sid}","{said}"\n'
