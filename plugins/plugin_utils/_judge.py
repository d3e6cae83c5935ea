# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the probe answered to facts, log events and verdicts. Nothing here knows how the answer came.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import search_logs, without_excerpt
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, LogEvent, SyncProbe
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import worst
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.assessment import assess_rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.clock import clock_skew, skew_evidence
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.configmgr import SmsClients, configmgr_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.host import host_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import DECIDING_LOGS
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import (
    WsusServer,
    server_evidence,
    wsus_facts,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._sync_probes import ADVISORY as PROBED_ADVISORY
from ansible_collections.unblock.updates.plugins.plugin_utils._sync_probes import see


@dataclasses.dataclass(frozen=True)
class Judgement:
    """One host, judged.

    Attributes:
        os: facts about the operating system.
        wsus: facts about WSUS.
        configmgr: facts about Configuration Manager.
        assessments: one verdict per rule, in the contract's shape.
        events: what the logs hold of the faults, by which clients are paired with the host. Their excerpts are evidence
            of the assessments and not here.
        clock_skew: seconds that the host's clock is ahead of the controller's; None if they could not be compared.
    """

    os: dict[str, t.Any]
    wsus: dict[str, t.Any]
    configmgr: dict[str, t.Any]
    assessments: list[Assessment]
    events: list[LogEvent]
    clock_skew: int | None

    @property
    def status(self) -> str:
        """The worst status of the assessments."""
        return worst(assessment["status"] for assessment in self.assessments)


def reads_for(rules: RuleSet, products: t.Iterable[str] | None = None) -> list[dict[str, t.Any]]:
    """What to ask a server.

    Args:
        rules: the rules that will judge it.
        products: ask only for the facts of these products, and for no rule.
    """
    if products is None:
        names = ("host", *sorted({rule.product for rule in rules.rules}))
        return build_reads([rules.products[name] for name in names], rules.rules)
    return build_reads([rules.products[name] for name in ("host", *products)])


def judge(
    answer: t.Mapping[str, t.Any],
    rules: RuleSet,
    inventory: Inventory,
    clients: SmsClients | None = None,
    *,
    server: WsusServer | None = None,
    received: datetime.datetime | None = None,
    since: datetime.datetime | None = None,
    probes: t.Sequence[SyncProbe] = (),
) -> Judgement:
    """Judges a host.

    Args:
        answer: a checked answer to ``reads_for(rules)``.
        rules: every one of them judges.
        inventory: what the operator says about the host.
        clients: what the SMS provider of a site server answered; None if it was not asked or could not be.
        server: what the administration API of a WSUS server answered; None if it was not asked.
        received: the controller's clock when the answer came over the network; None if it came in a file.
        since: time of the fixes by the operator's word, UTC by the host's clock; None for what the host itself shows.
        probes: what was seen of the server when it was asked as a client would ask.
    """
    readings = Readings(answer)
    facts = {
        "os": host_facts(readings),
        "wsus": wsus_facts(readings, rules.products["wsus"], inventory, server),
        "configmgr": configmgr_facts(readings, rules.products["configmgr"], clients),
    }
    skew = clock_skew(readings, received) if received else None
    ahead = readings.now - received if readings.now and received else None
    judged = Judgement(**facts, assessments=[], events=[], clock_skew=skew)
    notes = {"wsus": server_evidence(server, inventory)}
    for rule in rules.rules:
        found = search_logs(rule, readings)
        seen = see(probes if rule.id == PROBED_ADVISORY else (), found.events, ahead)
        healthy = (found.healthy_at(DECIDING_LOGS), seen.healthy_at)
        verdict = assess_rule(
            rule,
            rules,
            readings,
            facts,
            inventory,
            found.events,
            # A server's own agent proves nothing: it is seldom a client with Office 2003.
            healthy_at=max(filter(None, healthy), default=None),
            begins=found.begins_at(DECIDING_LOGS),
            since=since,
            probed=seen.events,
        )
        verdict["evidence"] += [*seen.evidence, *notes.get(rule.product, ()), *skew_evidence(readings, skew)]
        judged.assessments.append(t.cast(Assessment, verdict))
        judged.events.extend(without_excerpt(event) for event in found.events)
    return judged
