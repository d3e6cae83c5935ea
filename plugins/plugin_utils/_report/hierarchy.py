# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hierarchy of WSUS servers: which one synchronizes from which, as trees of bounded size.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.server_names import ServerNames
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import worst
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.names import plain

_MAX_ALIKE = 4  # so many servers of one status below one server are drawn one by one
_MAX_DEPTH = 6
_MAX_NODES = 300


@dataclass(frozen=True)
class Node:
    """A server, or several that are drawn as one.

    Attributes:
        name: of the server; of several how many they are.
        status: of the server, the worst of several; None if it is none of the report.
        note: what else is to be said of it.
        below: those that synchronize from it.
    """

    name: str
    status: str | None
    note: str = ""
    below: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Hierarchy:
    """What is known of it.

    Attributes:
        trees: the servers that others synchronize from, and those below; the one with most below it first.
        left_out: how many WSUS servers are in none of them: nothing above or below is known, or there was no room.
    """

    trees: list[Node]
    left_out: int


def hierarchy(hosts: Sequence[ReportHost]) -> Hierarchy:
    """Returns the hierarchy of the WSUS servers among these hosts."""
    servers = {host["name"]: host for host in hosts if (host["wsus"] or {}).get("installed")}
    above = _above([*servers.values()])
    below: dict[str, list[str]] = {}
    for name, parent in above.items():
        below.setdefault(parent, []).append(name)
    tops = [name for name in below if name not in above]
    trees = _Trees(servers, below)
    found = [trees.tree(name, "") for name in sorted(tops, key=lambda name: -len(below[name])) if trees.has_room]
    # What no top leads to hangs below a circle, which only a mistaken inventory makes.
    for name in above:
        if name not in trees.drawn and trees.has_room:
            found.append(trees.tree(_in_circle(name, above), "in a circle"))
    return Hierarchy(found, sum(name not in trees.drawn for name in servers))


def _above(servers: Sequence[ReportHost]) -> dict[str, str]:
    """Returns the server above each that has one: its name, or what it is called if it is none of these."""
    names = ServerNames(servers)
    outside: dict[str, str] = {}
    found = {}
    for server in servers:
        upstream = str((server["wsus"] or {}).get("upstream_server") or "")
        if upstream:
            found[server["name"]] = names.find(upstream) or outside.setdefault(plain(upstream), upstream)
    return found


def _in_circle(name: str, above: Mapping[str, str]) -> str:
    """Returns the first server of the circle that the way up from here ends in."""
    passed = set()
    while name not in passed:
        passed.add(name)
        name = above[name]
    return name


class _Trees:
    def __init__(self, servers: Mapping[str, ReportHost], below: Mapping[str, Sequence[str]]) -> None:
        self._servers = servers
        self._below = below
        self._left = _MAX_NODES
        self.drawn: set[str] = set()

    @property
    def has_room(self) -> bool:
        return self._left > 0

    def tree(self, name: str, note: str, depth: int = 1) -> Node:
        self.drawn.add(name)
        self._left -= 1
        server = self._servers.get(name)
        facts = (server["wsus"] if server else None) or {}
        notes = [note, "" if server else "not in this report", "replica" if facts.get("is_replica") else ""]
        node = Node(one_line(name), server["status"] if server else None, ", ".join(filter(None, notes)))
        node.below.extend(self._nodes_below(name, depth))
        return node

    def _nodes_below(self, name: str, depth: int) -> Iterator[Node]:
        names = [one for one in self._below.get(name, ()) if one not in self.drawn]
        alike: dict[str, list[str]] = {}
        for one in names:
            if not self._below.get(one):
                alike.setdefault(self._servers[one]["status"], []).append(one)
        groups = [group for group in alike.values() if len(group) > _MAX_ALIKE]
        grouped = {one for group in groups for one in group}
        rest: list[str] = []
        for one in names:
            if one in grouped or one in self.drawn:
                continue
            if depth < _MAX_DEPTH and self.has_room:
                yield self.tree(one, "", depth + 1)
            else:
                rest.append(one)
        for group in [*groups, *([rest] if rest else [])]:
            yield self._group(group)

    def _group(self, names: Sequence[str]) -> Node:
        """Returns servers and all that is below them as one node."""
        found = list(names)
        self.drawn.update(found)
        for name in found:
            more = [one for one in self._below.get(name, ()) if one not in self.drawn]
            self.drawn.update(more)
            found += more
        self._left -= 1
        count = "1 more server" if len(found) == 1 else f"{len(found)} servers"
        return Node(count, worst(self._servers[name]["status"] for name in found))
