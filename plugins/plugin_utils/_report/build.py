# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the fleet report from host results.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import cast

from ansible_collections.unblock.updates.plugins.plugin_utils._report.clients import find_pairs, report_clients
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    ClientResult,
    HostResult,
    Report,
    ReportHost,
    Summary,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.proof import with_proofs
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, check
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import (
    ACTIONS,
    STATUSES,
    host_status,
    is_blocked,
)

SCHEMA_VERSION = "1.0"


def build_report(
    results: Sequence[HostResult],
    *,
    run_id: str,
    check_mode: bool,
    clients: Sequence[ClientResult] = (),
    now: datetime | None = None,
) -> Report:
    """Returns the report of a run.

    Args:
        results: host results, as ``HOST_FILES.read`` returns them.
        run_id: the run that they all belong to.
        check_mode: whether the run changed nothing.
        clients: results of the hosts that gave their log only.
        now: when the report was made; the present by default.

    Raises:
        SchemaError: the report does not fit plugins/schemas/report.schema.json.
    """
    report = assemble(results, run_id=run_id, check_mode=check_mode, clients=clients, now=now)
    check(report, REPORT)
    return report


def assemble(
    results: Sequence[HostResult],
    *,
    run_id: str,
    check_mode: bool,
    clients: Sequence[ClientResult],
    now: datetime | None,
) -> Report:
    """Returns what ``build_report`` returns, unchecked: for those who add to it."""
    hosts: list[ReportHost] = []
    used = [rule for result in (*results, *clients) for rule in result["rules"]]
    rules = {(rule["id"], rule["version"], rule["sha256"]): rule for rule in used}
    pairs = find_pairs(clients, results)
    listed = report_clients(clients, results, pairs)
    for result in with_proofs(results, clients, listed):
        host = result["host"]
        added = {
            "status": host_status(host),
            "finished_at": result["finished_at"],
            "rules": [rule["sha256"] for rule in result["rules"]],
            "events": result["events"],
        }
        hosts.append(cast(ReportHost, {**host, **added}))
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "generated_at": (now or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "check_mode": check_mode,
        "rules": [rules[key] for key in sorted(rules)],
        "summary": summarise(hosts),
        "hosts": hosts,
        "clients": listed,
        "pairs": pairs,
    }


def summarise(hosts: Sequence[ReportHost]) -> Summary:
    """Counts hosts: statuses worst first, actions in the order of work, releases by name."""
    statuses = Counter(host["status"] for host in hosts)
    actions = Counter(action for host in hosts for action in host_actions(host))
    releases = Counter(release for host in hosts for release in host_releases(host))
    return {
        "hosts": len(hosts),
        "by_status": {status: statuses[status] for status in STATUSES if statuses[status]},
        "by_action": {action: actions[action] for action in ACTIONS if actions[action]},
        "by_release": dict(sorted(releases.items())),
        "blocked": sum(is_blocked(host) for host in hosts),
    }


def host_actions(host: ReportHost) -> list[str]:
    """Returns what is to be done on a host, each action once; ``none`` stands alone or not at all."""
    actions = {assessment["action"] for assessment in host["assessments"]} - {"none"}
    return [action for action in ACTIONS if action in actions] or ["none"]


def host_releases(host: ReportHost) -> list[str]:
    """Returns the releases of the update products on a host; of none, ``not_installed`` or ``unknown``."""
    products = [facts for facts in (host["wsus"], host["configmgr"]) if facts is not None]
    releases = [facts["release"] or "unknown" for facts in products if facts["installed"]]
    if releases:
        return releases
    return ["not_installed" if products and all(facts["installed"] is False for facts in products) else "unknown"]
