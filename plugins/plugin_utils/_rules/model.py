# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and products as the rest of the collection sees them: checked, compiled, immutable.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart

#: One thing that the probe reads on a host: ``{"id": ..., "op": ..., ...}``.
Read = t.Mapping[str, t.Any]

#: Facts by dotted name or as nested mappings; None is unknown.
Facts = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class FactSpec:
    """A fact that a rule may name.

    Attributes:
        name: dotted name, such as C(wsus.client_dll.version).
        type: C(boolean), C(count), C(list), C(text), C(time) or C(version).
        values: what a text, or an element of a list, can be; empty where that is open.
        reads: ids of the reads that the fact rests on; C(record) and C(journal) mean those of the rule at hand.
        source: where the fact comes from if no read gives it.
        where: what it is called there.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    source: str = ""
    where: str = ""


@dataclasses.dataclass(frozen=True)
class Release:
    """A release of a product: versions from C(start) up to but without C(below)."""

    name: str
    start: FourPart
    below: FourPart | None = None
    build: int | None = None


@dataclasses.dataclass(frozen=True)
class Product:
    """A product file: what to read on a host, which facts come of it, which versions are which release."""

    name: str
    reads: tuple[Read, ...]
    facts: t.Mapping[str, FactSpec]
    releases: tuple[Release, ...] = ()

    def release_of(self, version: FourPart | None) -> str | None:
        """The release that a version of the product belongs to, None if the product file knows none."""
        for release in self.releases:
            if version is not None and release.start <= version and (release.below is None or version < release.below):
                return release.name
        return None

    def release_of_file(self, version: FourPart | None) -> str | None:
        """The release that a file of the product was built for, by its build number where releases have one."""
        for release in self.releases:
            if version is not None and (version.major, version.build) == (release.start.major, release.build):
                return release.name
        name = self.release_of(version)
        # A release with a build number is told by that number alone: its product versions say nothing about files.
        return None if any(release.name == name and release.build is not None for release in self.releases) else name


@dataclasses.dataclass(frozen=True)
class Condition:
    """A comparison of one fact with a value."""

    fact: str
    op: str
    value: t.Any = None


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a decision table.

    Attributes:
        when: all of these must hold.
        verification: what a row says about a fix beyond its status: C(pending), C(contradicted) or nothing.
    """

    id: str
    when: tuple[Condition, ...]
    status: str
    action: str
    reason: str
    next_step: str
    verification: str = ""


@dataclasses.dataclass(frozen=True)
class FixTime:
    """Where the time of a fix stands, and when that is the fix in force."""

    fact: str
    when: tuple[Condition, ...]


@dataclasses.dataclass(frozen=True)
class Installer:
    """How a package of one kind is run.

    Attributes:
        arguments: its command line after the package's name; C({log}) is the full path of a log in the workspace.
        log: where it writes its log, with %ENVIRONMENT% of the account that runs it; C({log}) if it takes the name.
    """

    arguments: str
    log: str


@dataclasses.dataclass(frozen=True)
class NotBefore:
    """Packages that an operating system must not get.

    Attributes:
        kernel: from this version of Windows on, such as C((6, 0)).
        date: packages that were built before this day (UTC) are meant.
        reason: why, one sentence.
    """

    kernel: tuple[int, int]
    date: datetime.date
    reason: str


@dataclasses.dataclass(frozen=True)
class Fix:
    """How one action of a rule is carried out by a package.

    Attributes:
        action: the action that a row of the decision table asks for.
        package: key of the operator's packages (C(unblock_packages)).
        architecture: C(os), that of the host, or C(x86) on every host.
        shows: facts that tell before from after.
        irreversible: why the change cannot be undone, one sentence; empty if it can.
        not_before: packages that some hosts must not get, None for none.
        exe: how an C(.exe) is run.
        msi: how an C(.msi) is run; the package is msiexec's last argument but these.
    """

    action: str
    package: str
    architecture: str
    shows: tuple[str, ...]
    irreversible: str
    not_before: NotBefore | None
    exe: Installer
    msi: Installer


@dataclasses.dataclass(frozen=True)
class Rule:
    """One advisory.

    Attributes:
        sha256: of the file's bytes.
        reads: what this collection left on the host about the advisory; ids begin with the rule's own.
        logs: the section C(logs) as it stands in the file; the log code compiles it.
        fixed_at: where the time of the fix stands; the first one that holds and is known counts.
        expected: what a treated host shows.
        decision: rows in order; the first one that matches counts, the last one always does.
        fixes: how those actions are carried out that a package carries out, by action.
    """

    id: str
    version: str
    sha256: str
    file: str
    title: str
    product: str
    reads: tuple[Read, ...]
    logs: t.Mapping[str, t.Any]
    fixed_at: tuple[FixTime, ...]
    expected: tuple[Condition, ...]
    decision: tuple[Row, ...]
    fixes: t.Mapping[str, Fix] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class RuleSet:
    """All rules, ordered by id, and the products that they speak about."""

    rules: tuple[Rule, ...]
    products: t.Mapping[str, Product]

    def identities(self) -> list[dict[str, str]]:
        """Which rules these are, as results and reports name them: id, version and SHA-256 of each."""
        return [{"id": rule.id, "version": rule.version, "sha256": rule.sha256} for rule in self.rules]

    def facts_for(self, product: str) -> dict[str, FactSpec]:
        """The facts that a rule of a product may name, by name."""
        return {**self.products["host"].facts, **self.products[product].facts}
