# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a program runs as: the account, its groups, and whether Windows lets it change the computer."""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.model import HostModel

HIGH_INTEGRITY = "S-1-16-12288"
MEDIUM_INTEGRITY = "S-1-16-8192"
SYSTEM_INTEGRITY = "S-1-16-16384"
ADMINISTRATORS = "S-1-5-32-544"
MACHINE_SID = "S-1-5-21-1004336348-1177238915-682003330"


@dataclass(frozen=True)
class Group:
    """One group of a token."""

    sid: str
    deny_only: bool = False
    owner: bool = False


@dataclass(frozen=True)
class Token:
    """A logon. `elevated`: a full administrator's, which may change what belongs to the computer."""

    domain: str
    user: str  # as LookupAccountSid says it, empty for SYSTEM: that has a name in every language
    sid: str
    groups: tuple[Group, ...]
    elevated: bool


def remote_token(model: HostModel) -> Token:
    """Return the token of a WinRM client's logon on a host; only Server 2008 and later know integrity levels."""
    rights = model.account.rights
    groups = [Group("S-1-1-0")]
    if rights != "user":
        groups.append(Group(ADMINISTRATORS, deny_only=rights == "filtered", owner=rights == "administrator"))
    groups += map(Group, ("S-1-5-32-545", "S-1-5-2", "S-1-5-11", "S-1-5-15", "S-1-5-64-10"))
    if model.windows.version != "win2003":
        groups.append(Group(HIGH_INTEGRITY if rights == "administrator" else MEDIUM_INTEGRITY))
    built_in = model.account.user.lower() == "administrator"
    return Token(
        model.windows.computer_name,
        model.account.user,
        f"{MACHINE_SID}-{500 if built_in else 1001}",
        tuple(groups),
        rights == "administrator",
    )


def system_token(model: HostModel) -> Token:
    """Return the token of LocalSystem, as which a scheduled task can run."""
    groups = [Group(ADMINISTRATORS, owner=True), Group("S-1-1-0"), Group("S-1-5-11")]
    if model.windows.version != "win2003":
        groups.append(Group(SYSTEM_INTEGRITY))
    return Token("", "", "S-1-5-18", tuple(groups), elevated=True)
