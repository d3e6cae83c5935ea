# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of host results and of the fleet report, as plugins/schemas states them for every language.

Times are ISO 8601 in UTC (``2008-06-21T10:00:00Z``). ``None`` means unknown, never "no".

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from typing import Any, TypedDict

Scalar = str | int | float | bool | None


class Rule(TypedDict):
    """The rule file that judged: its advisory, semantic version and SHA-256 of its bytes."""

    id: str
    version: str
    sha256: str


class Evidence(TypedDict):
    """One reading: what was looked at, where, what the rule expected and what was there."""

    source: str
    where: str
    expected: Scalar
    observed: Scalar


class Symptom(TypedDict):
    """What the logs say: ``seen`` is certain, ``suspected`` is not; ``count`` is in log events."""

    seen: bool | None
    suspected: bool | None
    first: str | None
    last: str | None
    count: int | None


class ExpiredWaiver(TypedDict):
    """A waiver that counts for nothing any more; ``expires`` was its last day, UTC."""

    reason: str
    owner: str
    expires: str


class Waiver(ExpiredWaiver):
    """A waiver that counts, and the status and action that it stands in the place of."""

    would_be: str
    would_do: str


class Waivers(TypedDict, total=False):
    """What a verdict holds only if a waiver speaks of it."""

    waiver: Waiver
    expired_waivers: list[ExpiredWaiver]


class Assessment(Waivers):
    """The verdict of one rule over one host."""

    advisory: str
    status: str
    action: str
    reason: str
    next_step: str
    symptom: Symptom
    verification: str
    evidence: list[Evidence]


class HostError(TypedDict):
    """Why a host could not be judged: the layer that failed and what to do."""

    layer: str
    observed: str
    next_step: str
    message: str


class Collected(TypedDict):
    """When a host answered, by its own clock, how many whole days before it was judged, and what it calls itself."""

    at: str
    age_days: int
    computer_name: str | None


class ByHand(TypedDict, total=False):
    """What a host holds only if it was judged by a file and not over the network."""

    collected: Collected


class Host(ByHand):
    """One server as its assessment left it."""

    name: str
    status: str
    os: dict[str, Any] | None
    wsus: dict[str, Any] | None
    configmgr: dict[str, Any] | None
    assessments: list[Assessment]
    error: HostError | None


class HostResult(TypedDict):
    """The file that one host's assessment writes; ``finished_at`` is None only where there was no such file."""

    run_id: str
    finished_at: str | None
    check_mode: bool
    rules: list[Rule]
    host: Host


class ReportHost(Host):
    """A host in the report: its result, and when that result was finished."""

    finished_at: str | None


class Summary(TypedDict):
    """Numbers of hosts. ``blocked`` counts those that still cannot deliver updates."""

    hosts: int
    by_status: dict[str, int]
    by_action: dict[str, int]
    by_release: dict[str, int]
    blocked: int


class Report(TypedDict):
    """The whole report.json; every other format derives from it."""

    schema_version: str
    run_id: str
    generated_at: str
    check_mode: bool
    rules: list[Rule]
    summary: Summary
    hosts: list[ReportHost]
    clients: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
