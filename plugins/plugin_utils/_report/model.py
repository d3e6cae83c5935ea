# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of host results and of the fleet report, as plugins/schemas states them for every language.

Times are ISO 8601 in UTC (``2008-06-21T10:00:00Z``). ``None`` means unknown, never "no".

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from typing import Any, TypedDict

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.pairs import Pair
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy

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


class Silence(TypedDict, total=False):
    """Whether a certain symptom came after the fix, and from when on the logs that decide are whole."""

    after_fix: bool | None
    searched_from: str | None


class Symptom(Silence):
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


class Remedied(TypedDict, total=False):
    """What a verdict holds only after changes: the one that decides, and those before it for the same advisory."""

    remedy: Remedy
    earlier_remedies: list[Remedy]


class Fixed(TypedDict, total=False):
    """When the fix was made, by the host's clock in UTC; None if there is none, or nobody knows."""

    fixed_at: str | None


class Assessment(Waivers, Remedied, Fixed):
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


class Unjudged(TypedDict, total=False):
    """What a host holds only if it was changed and could not be judged afterwards."""

    remedies: list[Remedy]


class Identity(TypedDict):
    """The computer that an active probe is to the server."""

    computer_name: str
    client_id: str


class Removal(TypedDict):
    """Whether the probe's computer is off the server's list again, and what became of it."""

    removed: bool
    message: str


class Asked(TypedDict, total=False):
    """What an active probe holds only if it sent something.

    ``changed``: the server lists the probe's computer now; ``removal`` is there only if it was to be removed again.
    """

    changed: bool
    office_2003: bool
    rounds: int
    revisions: int
    method: str | None
    fault_code: str | None
    fault_id: str | None
    started_at: str
    finished_at: str
    removal: Removal


class Unasked(TypedDict, total=False):
    """What an active probe holds only in check mode: the calls that it would make, and to where."""

    would_send: list[str]


class SyncProbe(Asked, Unasked):
    """One active probe; its times are those of the machine that asked. ``outcome`` is None in check mode."""

    outcome: str | None
    reason: str
    next_step: str
    url: str
    identity: Identity


class Probed(TypedDict, total=False):
    """What a host holds only if it was asked as a client would ask."""

    sync_probes: list[SyncProbe]


class Warned(TypedDict, total=False):
    """A sentence for each weakness of the way to a host that the operator chose; absent without any."""

    connection_warnings: list[str]


class Clock(TypedDict, total=False):
    """Seconds that the host's clock is ahead of the controller's; None if nobody could compare them."""

    clock_skew: int | None


class Host(ByHand, Unjudged, Clock, Warned, Probed):
    """One server as its assessment left it."""

    name: str
    status: str
    os: dict[str, Any] | None
    wsus: dict[str, Any] | None
    configmgr: dict[str, Any] | None
    assessments: list[Assessment]
    error: HostError | None


class Excerpted(TypedDict, total=False):
    """What an event holds only where nothing else quotes the log."""

    excerpt: str


class LogEvent(Excerpted):
    """A fault in a log, as the log code found it; ``first`` and ``last`` end in ``Z`` if they are UTC."""

    advisory: str
    log: str
    confidence: str
    first: str | None
    last: str | None
    count: int
    fault_ids: list[str]
    where: str


class ClientFacts(Clock):
    """What a client says: ``log`` tells what became of its log, ``last_sync`` when it last finished a search.

    ``office_2003`` is the operator's word, None if nobody said.
    """

    os: dict[str, Any] | None
    wu_server: str | None
    use_wu_server: bool | None
    log: str | None
    last_sync: str | None
    office_2003: bool | None
    events: list[LogEvent]


class Client(ClientFacts):
    """One client as its assessment left it; it has no status."""

    name: str
    error: HostError | None


class Result(TypedDict):
    """What every result of a run begins with; ``finished_at`` is None only where there was no file."""

    run_id: str
    finished_at: str | None
    check_mode: bool
    rules: list[Rule]


class HostResult(Result):
    """The file that one host's assessment writes; ``events`` are in its logs, without their excerpts."""

    host: Host
    events: list[LogEvent]


class ClientResult(Result):
    """The file that one client's assessment writes."""

    client: Client


class OtherResult(TypedDict):
    """A result of a host that does not count, because a report that was merged has a better one."""

    run_id: str
    finished_at: str | None
    status: str


class FromRun(TypedDict, total=False):
    """What a host or client of a merged report holds beside its result: the run that it is of."""

    run_id: str


class Merged(FromRun, total=False):
    """What a host of a merged report holds beside its result; the others are the newest first."""

    other_results: list[OtherResult]


class ReportHost(Host, Merged):
    """A host in the report: its result, when that was finished, and the SHA-256 of the rules that judged."""

    finished_at: str | None
    rules: list[str]
    events: list[LogEvent]


class ClientSymptom(Symptom):
    """What a client's log says: ``seen`` if a server's log holds the same fault; the best confidence of its events."""

    confidence: str | None


class ReportClient(Client, FromRun):
    """A client in the report; ``server`` is the name of its update server in this run, None if that is not known."""

    server: str | None
    symptom: ClientSymptom
    finished_at: str | None
    rules: list[str]


class Summary(TypedDict):
    """Numbers of hosts. ``blocked`` counts those that still cannot deliver updates."""

    hosts: int
    by_status: dict[str, int]
    by_action: dict[str, int]
    by_release: dict[str, int]
    blocked: int


class MergedRun(TypedDict):
    """A run that a merged report was made from: where it was found, what it holds, when its last result was done."""

    source: str
    run_id: str
    check_mode: bool
    hosts: int
    clients: int
    finished_at: str | None


class MergedRuns(TypedDict, total=False):
    """What a report holds only if it was merged from other runs."""

    merged: list[MergedRun]


class Report(MergedRuns):
    """The whole report.json; every other format derives from it."""

    schema_version: str
    run_id: str
    generated_at: str
    check_mode: bool
    rules: list[Rule]
    summary: Summary
    hosts: list[ReportHost]
    clients: list[ReportClient]
    pairs: list[Pair]
