# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a fleet is remedied: whoever hands out updates comes before those who take them from there.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import graphlib
import itertools
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.names import Names, is_address, plain, short

Batch = int | str


class OrderError(Exception):
    """What was asked of the order cannot be understood; the text names the value."""


@dataclasses.dataclass(frozen=True)
class Member:
    """A host of the run, as far as the order depends on it. None is not known.

    Attributes:
        name: C(inventory_hostname).
        aliases: other names that a downstream server may call it by: its address, the name of the computer.
        upstream: the server that its WSUS synchronizes from; empty if that is Microsoft itself.
        replica: whether its WSUS is a replica of that server.
        inventory_upstream: the same by the word of the inventory.
        inventory_replica: the same by the word of the inventory.
        site: code of the ConfigMgr site that it serves.
        parent_site: code of the site above; empty if there is none.
        judged: whether the rules could judge it.
        treated: whether this run is to change it.
    """

    name: str
    aliases: tuple[str, ...] = ()
    upstream: str | None = None
    replica: bool | None = None
    inventory_upstream: str | None = None
    inventory_replica: bool | None = None
    site: str | None = None
    parent_site: str | None = None
    judged: bool = True
    treated: bool = False


@dataclasses.dataclass(frozen=True)
class Order:
    """Which hosts are treated when.

    Attributes:
        levels: names of the hosts to treat; those of a level depend only on hosts of levels before it.
        batches: how many hosts are treated at a time, one number after the other; together they are all of them.
        canary: names of the hosts of the first batch, if it goes ahead to be watched.
        parents: for each host to treat, the nearest hosts above it that are to be treated too or were not judged.
        problems: why no order can be trusted, a sentence each. With any there is nothing to treat.
        notes: what is left out of the order and does no harm, a sentence each.
    """

    levels: list[list[str]]
    batches: list[int]
    canary: list[str]
    parents: dict[str, list[str]]
    problems: list[str]
    notes: list[str]

    @property
    def order(self) -> list[str]:
        """The names of the hosts to treat, first to last."""
        return list(itertools.chain.from_iterable(self.levels))


def order_members(members: t.Sequence[Member], batches: t.Sequence[Batch] = (), canary: int = 0) -> Order:
    """The order of a run.

    Args:
        members: every host of the run; the order among equals is theirs.
        batches: sizes of batches as Ansible's C(serial) has them, each a number of hosts or a percentage of those that
            are treated; the last one repeats. A level's end always ends a batch. None at all: a level is a batch.
        canary: how many hosts of the first level make the first batch; 0 sends nobody ahead.

    Raises:
        OrderError: for a size that is none.
    """
    hierarchy = _Hierarchy(members)
    ancestors = hierarchy.nearest_above()
    if hierarchy.problems:
        return Order([], [], [], {}, hierarchy.problems, hierarchy.notes)
    treated = [member.name for member in members if member.treated]
    parents = {name: ancestors[name] for name in treated}
    levels = _levels(treated, parents)
    ahead = levels[0][: _natural(canary, "canary")] if levels else []
    sizes = [_size(size, len(treated)) for size in batches]
    return Order(levels, _batches(levels, len(ahead), sizes), ahead, parents, [], hierarchy.notes)


class _Hierarchy:
    """Who stands above whom; what contradicts itself becomes C(problems), what is merely unknown C(notes)."""

    def __init__(self, members: t.Sequence[Member]) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._members = {member.name: member for member in members}
        self._names = Names((alias, m.name) for m in members for alias in (m.name, *m.aliases))
        self._sites = Names((m.site, m.name) for m in members if m.site)
        self._above = {
            member.name: list(dict.fromkeys([*self._upstream(member), *self._parent_site(member)]))
            for member in members
        }

    def nearest_above(self) -> dict[str, list[str]]:
        """For each host the nearest ones above that are treated or were not judged; cycles become problems."""
        nearest: dict[str, list[str]] = {}
        for name in self._sorted():
            found: list[str] = []
            for parent in self._above[name]:
                above = self._members[parent]
                found += [parent] if above.treated or not above.judged else nearest.get(parent, [])
            nearest[name] = list(dict.fromkeys(found))
        return nearest

    def _sorted(self) -> list[str]:
        """Every host after those above it; without the hosts of cycles."""
        graph = dict(self._above)
        while True:
            try:
                return list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError as exc:
                cycle: list[str] = exc.args[1]
                self.problems.append(
                    f"Every host would have to be treated before itself: {' -> '.join(cycle)} (each synchronizes from "
                    "the one before it). Correct unblock_wsus_upstream, or the update source of one of them."
                )
                graph = {
                    name: [parent for parent in above if parent not in cycle]
                    for name, above in graph.items()
                    if name not in cycle
                }

    def _upstream(self, member: Member) -> list[str]:
        self._compare(member)
        upstream = member.inventory_upstream if member.upstream is None else member.upstream
        if not upstream:
            return []
        found = self._names.find(upstream)
        if len(found) > 1:
            self.problems.append(
                f"{member.name} synchronizes from {upstream}, which names several hosts of this run "
                f"({', '.join(found)}). Set unblock_wsus_upstream of {member.name} to one of these names."
            )
        elif not found:
            self.notes.append(f"{member.name} synchronizes from {upstream}, which is no host of this run.")
        return found if len(found) == 1 else []

    def _compare(self, member: Member) -> None:
        """The host knows best, but where the inventory says otherwise somebody is mistaken about the hierarchy."""
        told, expected = member.upstream, member.inventory_upstream
        if told is not None and expected is not None and not self._is_same(told, expected):
            self.problems.append(
                f"{member.name} synchronizes from {told or 'Microsoft Update'}, but by the inventory from "
                f"{expected or 'Microsoft Update'}. Correct unblock_wsus_upstream, or the host's update source."
            )
        if None not in (member.replica, member.inventory_replica) and member.replica != member.inventory_replica:
            self.problems.append(
                f"{member.name} is {'a' if member.replica else 'no'} replica, but by the inventory it is "
                f"{'one' if member.inventory_replica else 'none'}. Correct unblock_wsus_replica, or the host."
            )

    def _is_same(self, one: str, other: str) -> bool:
        """Whether two names mean one server, as far as names tell: an address can stand for any name."""
        if plain(one) == plain(other):
            return True
        if not one or not other:
            return False
        found, others = self._names.find(one), self._names.find(other)
        if found and others:
            return bool(set(found) & set(others))
        if is_address(one) != is_address(other):
            return True
        return short(one) == short(other) and short(one) in (plain(one), plain(other))

    def _parent_site(self, member: Member) -> list[str]:
        if not member.parent_site:
            return []
        found = self._sites.find(member.parent_site)
        if len(found) > 1:
            self.problems.append(
                f"{member.name} belongs below site {member.parent_site}, which several hosts of this run say they "
                f"serve ({', '.join(found)}). Run them apart with --limit."
            )
        elif not found:
            self.notes.append(
                f"{member.name} belongs below site {member.parent_site}, which no host of this run serves."
            )
        return found if len(found) == 1 else []


def _levels(treated: t.Sequence[str], parents: t.Mapping[str, list[str]]) -> list[list[str]]:
    sorter = graphlib.TopologicalSorter({name: [p for p in parents[name] if p in parents] for name in treated})
    sorter.prepare()
    place = {name: place for place, name in enumerate(treated)}
    levels = []
    while sorter.is_active():
        level = sorted(sorter.get_ready(), key=place.__getitem__)
        sorter.done(*level)
        levels.append(level)
    return levels


def _batches(levels: t.Sequence[t.Sequence[str]], canary: int, sizes: t.Sequence[int]) -> list[int]:
    batches = [canary] if canary else []
    left = [len(level) for level in levels]
    if canary:
        left[0] -= canary
    for hosts in left:
        while hosts:
            size = min(hosts, sizes[min(len(batches) - bool(canary), len(sizes) - 1)] if sizes else hosts)
            batches.append(size)
            hosts -= size
    return batches


def _size(size: Batch, hosts: int) -> int:
    """A size in hosts; a percentage is at least one."""
    text = str(size).strip()
    if not text.endswith("%"):
        return _natural(text, "serial") or hosts
    return max(1, hosts * min(_natural(text[:-1], "serial"), 100) // 100)


def _natural(value: t.Any, name: str) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()):
        raise OrderError(f"{name} must be a number of hosts, or for serial a percentage of them, not {value!r}")
    return int(text)
