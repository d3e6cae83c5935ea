# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts, with and without their domain.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import ipaddress
import typing as t


class Names:
    """Hosts by what they are called. Case does not count; a name without a domain fits one with.

    Args:
        names: pairs of what a host is called and its own name. What is called nothing is nobody.
    """

    def __init__(self, names: t.Iterable[tuple[str, str]]) -> None:
        pairs = [*names]
        self._whole = _grouped((plain(called), name) for called, name in pairs)
        self._short = _grouped((short(called), name) for called, name in pairs)

    def find(self, called: str) -> list[str]:
        """The hosts that the name fits: exactly, else but for a domain that one of the two lacks."""
        whole, first = plain(called), short(called)
        if whole in self._whole:
            return self._whole[whole]
        return self._short.get(first, []) if whole == first else self._whole.get(first, [])


def plain(name: str) -> str:
    """The name as it is compared: case and the dot of the root do not count."""
    return name.strip().casefold().rstrip(".")


def short(name: str) -> str:
    """The plain name without its domain; an address has none."""
    whole = plain(name)
    return whole if is_address(whole) else whole.partition(".")[0]


def is_address(name: str) -> bool:
    """Whether the name is an IP address."""
    try:
        ipaddress.ip_address(plain(name))
    except ValueError:
        return False
    return True


def agree(one: str, other: str) -> bool:
    """Whether two plain names can be of the same host: of two that name their domains, both are the same."""
    if not one or not other:
        return False
    return one == other or one == other.partition(".")[0] or one.partition(".")[0] == other


def _grouped(pairs: t.Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Each second part once under its first; thousands of hosts may share one."""
    found: dict[str, dict[str, None]] = {}
    for called, name in pairs:
        if called:
            found.setdefault(called, {})[name] = None
    return {called: [*names] for called, names in found.items()}
