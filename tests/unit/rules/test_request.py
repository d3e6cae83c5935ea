# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request to the probe."""

from __future__ import annotations

import json
import re

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads, log_read_ids
from tests.unit.rules.support import READS, RULES, rule


def test_ids_are_unique_and_begin_with_product_or_rule() -> None:
    ids = [read["id"] for read in READS]
    assert len(set(ids)) == len(ids)
    assert {read_id.split(".")[0] for read_id in ids} == {"host", "os", "wsus", "configmgr", "954960", "954474"}


def test_a_read_refers_only_to_earlier_ones() -> None:
    seen: set[str] = set()
    for read in READS:
        text = json.dumps([read.get("key"), read.get("path"), read.get("paths")])
        assert set(re.findall(r"\{([^}]*)\}", text)) | set(read.get("needs", ())) <= seen
        seen.add(read["id"])


def test_facts_of_one_product_cost_its_reads_only() -> None:
    reads = build_reads([RULES.products["host"], RULES.products["wsus"]])
    assert {read["id"].split(".")[0] for read in reads} == {"host", "os", "wsus"}
    assert not [read for read in reads if read["op"] == "log"]


def test_the_logs_of_954960() -> None:
    reads = {read["id"]: read for read in build_reads([], [rule("954960")])}
    assert log_read_ids(rule("954960"), "server") == ("954960.log.server", "954960.log.server_older")
    # The folder that WSUS makes, then the one that the advisory names.
    assert reads["954960.log.server"]["paths"] == [
        r"{wsus.target_dir}\LogFiles\SoftwareDistribution.log",
        r"{wsus.target_dir}\Log Files\SoftwareDistribution.log",
    ]
    assert reads["954960.log.client"]["paths"] == [r"%windir%\WindowsUpdate.log"]
    for read in (reads[read_id] for read_id in reads if ".log." in read_id):
        assert read["op"] == "log" and read["max_bytes"] == 65536 and len(set(read["anchors"])) == len(read["anchors"])
    # Work that the fault would have stopped is looked for in the same pass.
    assert set(rule("954960").logs["client"]["healthy"]["anchors"]) <= set(reads["954960.log.client"]["anchors"])


def test_the_log_of_954474_is_where_tracing_says_it_is() -> None:
    reads = {read["id"]: read for read in build_reads([], [rule("954474")])}
    assert reads["954474.log.site"]["paths"] == [
        "{configmgr.trace_file_32}",
        r"{configmgr.install_dir_32}\Logs\wsyncmgr.log",
        "{configmgr.trace_file}",
        r"{configmgr.install_dir}\Logs\wsyncmgr.log",
    ]


def test_what_the_collection_left_on_the_host_is_read() -> None:
    reads = {read["id"]: read for read in READS}
    for value in ("Record", "Journal"):
        read = reads[f"954960.{value.lower()}"]
        assert (read["op"], read["key"], read["value"]) == ("reg_value", r"HKLM\SOFTWARE\unblock\updates\954960", value)


def test_a_host_without_the_products_starts_few_programs() -> None:
    """Every registry tree is a process on the host: it must need a value that only the product writes."""
    assert all(read.get("needs") for read in READS if read["op"] == "reg_tree")
