# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules ask of a host, as one request to the probe.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product, Read, Rule

#: Of the lines that a log's anchors hit, the last so many bytes travel.
LOG_BYTES = 65536

#: A log beyond this size is not searched: findstr would keep a host busy for minutes.
LOG_SCAN_BYTES = 256 * 1024 * 1024

#: The log of the Windows Update agent, as a rule's section calls it.
CLIENT_LOG = "client"


def build_reads(products: t.Iterable[Product], rules: t.Iterable[Rule] = ()) -> list[dict[str, t.Any]]:
    """The reads for the probe: products first, because paths of the rules refer to their values.

    Args:
        products: C(host) first; each read keeps its id.
        rules: each read gets the rule's id in front, C(954960.record), and each log is C(954960.log.server).
    """
    reads = [dict(read) for product in products for read in product.reads]
    for rule in rules:
        reads += [dict(read) for read in rule.reads]
        reads += [dict(read) for read in log_reads(rule)]
    return reads


def log_read_ids(rule: Rule, log: str) -> tuple[str, str]:
    """The ids of the reads of a log and of its predecessor."""
    return f"{rule.id}.log.{log}", f"{rule.id}.log.{log}_older"


def client_reads(host: Product, client: Product, rules: t.Iterable[Rule]) -> list[dict[str, t.Any]]:
    """The reads for the probe on a client: its update server, and the client's log of each rule."""
    logs = (read for rule in rules for read in log_reads(rule) if read["id"] in log_read_ids(rule, CLIENT_LOG))
    return build_reads([host, client]) + [dict(read) for read in logs]


def log_reads(rule: Rule) -> t.Iterator[Read]:
    """The reads of a rule's logs: lines that hold an anchor, of each log and of the one before it."""
    for log, section in rule.logs.items():
        anchors = dict.fromkeys([*section["anchors"], *section.get("healthy", {}).get("anchors", ())])
        current, older = log_read_ids(rule, log)
        for read_id, paths in ((current, section["paths"]), (older, section.get("older"))):
            if paths:
                yield {
                    "id": read_id,
                    "op": "log",
                    "paths": list(paths),
                    "anchors": list(anchors),
                    "max_bytes": LOG_BYTES,
                    "max_scan_bytes": LOG_SCAN_BYTES,
                }
