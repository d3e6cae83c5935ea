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

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_hits
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, compile_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import worst
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.assessment import assess_rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.configmgr import SmsClients, configmgr_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.host import host_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads, log_read_ids
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import DECIDING_LOGS
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import wsus_facts

#: Compiled signatures by the SHA-256 of the rule that they come from.
_SIGNATURES: dict[str, tuple[Signature, ...]] = {}


@dataclasses.dataclass(frozen=True)
class Judgement:
    """One host, judged.

    Attributes:
        os: facts about the operating system.
        wsus: facts about WSUS.
        configmgr: facts about Configuration Manager.
        assessments: one verdict per rule, in the contract's shape.
    """

    os: dict[str, t.Any]
    wsus: dict[str, t.Any]
    configmgr: dict[str, t.Any]
    assessments: list[Assessment]

    @property
    def status(self) -> str:
        """The worst status of the assessments."""
        return worst(assessment["status"] for assessment in self.assessments)


def reads_for(rules: RuleSet, products: t.Iterable[str] | None = None) -> list[dict[str, t.Any]]:
    """What to ask a host.

    Args:
        rules: the rules that will judge it.
        products: ask only for the facts of these products, and for no rule.
    """
    if products is None:
        return build_reads(rules.products.values(), rules.rules)
    return build_reads([rules.products[name] for name in ("host", *products)])


def judge(
    answer: t.Mapping[str, t.Any], rules: RuleSet, inventory: Inventory, clients: SmsClients | None = None
) -> Judgement:
    """Judges a host.

    Args:
        answer: a checked answer to ``reads_for(rules)``.
        rules: every one of them judges.
        inventory: what the operator says about the host.
        clients: what the SMS provider of a site server answered; None if it was not asked or could not be.
    """
    readings = Readings(answer)
    facts = {
        "os": host_facts(readings),
        "wsus": wsus_facts(readings, rules.products["wsus"], inventory),
        "configmgr": configmgr_facts(readings, rules.products["configmgr"], clients),
    }
    return Judgement(
        **facts,
        assessments=[_assess(rule, rules, readings, facts, inventory) for rule in rules.rules],
    )


def compile_logs(rules: RuleSet) -> None:
    """Compiles the signatures of all rules, so that worker processes inherit them."""
    for rule in rules.rules:
        if rule.sha256 not in _SIGNATURES:
            _SIGNATURES[rule.sha256] = compile_signatures(rule.id, rule.logs)


def _assess(
    rule: Rule, rules: RuleSet, readings: Readings, facts: dict[str, t.Any], inventory: Inventory
) -> Assessment:
    compile_logs(rules)
    events: list[dict[str, t.Any]] = []
    healthy: list[datetime.datetime] = []
    for signature in _SIGNATURES[rule.sha256]:
        for read_id in reversed(log_read_ids(rule, signature.log)):
            read = readings.read(read_id)
            if read["state"] != "ok":
                continue
            found = scan_hits(
                read["lines"], (signature,), _context(readings, read), read["head"] or "", truncated=read["truncated"]
            )
            events += [event.as_dict() for event in found.events]
            if signature.log in DECIDING_LOGS:
                # A server's own agent proves nothing: it is seldom a client with Office 2003.
                healthy += [moment for work in found.healthy if (moment := parse_utc(work.last))]
    verdict = assess_rule(rule, rules, readings, facts, inventory, events, max(healthy, default=None))
    return t.cast(Assessment, verdict)


def _context(readings: Readings, read: t.Mapping[str, t.Any]) -> Context:
    return Context(
        source=read["path"],
        offset=datetime.timedelta(minutes=readings.probe["utc_offset_minutes"]),
        code_page=f"cp{readings.probe['ansi_code_page'] or 1252}",
    )
