# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What active probes make of a verdict: a symptom before the fix, a proof or a contradiction after it."""

from __future__ import annotations

import datetime
import re
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._judge import judge
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, SyncProbe
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._sync_probes import SyncProbeError, read_sync_probes
from tests.lab.update_site import FAULT_ID, SAMPLE
from tests.unit.report.samples import sync_probe
from tests.unit.rules.support import READS, RULES, ok

#: The host's clock is an hour ahead: it says 10:00 when the controller's says 09:00. The fix was made at 09:30 on it.
HOST_NOW, CONTROLLER_NOW = "2008-08-01T10:00:00.500Z", parse_utc("2008-08-01T09:00:00.500Z")
FIXED_AT = "2008-08-01T09:30:00Z"
BEFORE_FIX, AFTER_FIX = "2008-08-01T08:29:59.900Z", "2008-08-01T08:30:01.100Z"
QUIET = "2008-06-01 02:00:03.271 UTC\tInfo\tWsusService.8\tThreadEntry\tThreadHelper.ThreadStart"


def verdict(
    *probes: SyncProbe,
    version: str = "3.1.6001.66",
    logged: str = "",
    received: datetime.datetime | None = CONTROLLER_NOW,
) -> Assessment:
    """The verdict on a WSUS 3.0 SP1 for advisory 954960."""
    reads: dict[str, t.Any] = {read["id"]: {"state": "absent"} for read in READS}
    reads |= {
        "wsus.version_string": ok("3.1.6001.65"),
        "wsus.install_type": ok(1),
        "wsus.target_dir": ok("C:\\WSUS\\"),
        "wsus.client_dll": {"state": "ok", "path": "C:\\WSUS\\x.dll", "version": version, "created": FIXED_AT},
        "954960.log.server": {
            "state": "ok", "path": "server.log", "lines": logged, "truncated": False, "head": QUIET,
        },
    }  # fmt: skip
    about = {
        "time": HOST_NOW, "wow64": False, "arch": "AMD64", "utc_offset_minutes": 0, "ansi_code_page": "1252",
    }  # fmt: skip
    judged = judge({"probe": about, "reads": reads}, RULES, Inventory("wsus01"), received=received, probes=probes)
    return next(found for found in judged.assessments if found["advisory"] == "954960")


def short(found: Assessment) -> tuple[str, str, str]:
    return found["status"], found["action"], found["verification"]


def entry(moment: str) -> str:
    """The advisory's own entry in the server's log, at another time, numbered as findstr does."""
    text = SAMPLE.read_text(encoding="utf-8").partition("\n2008-06-14 02:59:57.642")
    lines = re.sub(r"2008-06-14 02:59:57\.642", moment, "".join(text[1:])).strip().splitlines()[:10]
    return "\r\n".join(f"{number}:{line}" for number, line in enumerate(lines, 1))


PENDING = ("compliant", "none", "pending")
PROVEN = ("compliant", "none", "proven")
CONTRADICTED = ("non_compliant", "investigate", "contradicted")


def test_a_walk_to_the_end_after_the_fix_proves_it_and_is_named() -> None:
    assert short(verdict()) == PENDING
    proven = verdict(sync_probe("healthy", started_at=AFTER_FIX, finished_at="2008-08-01T08:31:00.000Z"))
    assert short(proven) == PROVEN
    (said,) = (item for item in proven["evidence"] if item["source"] == "sync_probe")
    assert (said["where"], said["expected"]) == ("http://wsus01:8530/", "healthy")
    assert str(said["observed"]).startswith("healthy at 2008-08-01T08:31:00.000Z: ")


def test_a_walk_that_began_before_the_fix_proves_nothing() -> None:
    assert short(verdict(sync_probe("healthy", started_at=BEFORE_FIX, finished_at=AFTER_FIX))) == PENDING


def test_a_refusal_after_the_fix_contradicts_it() -> None:
    found = verdict(sync_probe("blocked", finished_at=AFTER_FIX))
    assert short(found) == CONTRADICTED
    assert (found["symptom"]["seen"], found["symptom"]["count"]) == (True, 1)
    assert found["symptom"]["last"] == "2008-08-01T09:30:01.100000Z", "by the host's clock"


def test_a_refusal_after_the_fix_counts_whatever_was_answered_later() -> None:
    later = sync_probe("healthy", started_at="2008-08-01T08:40:00.000Z", finished_at="2008-08-01T08:41:00.000Z")
    assert short(verdict(sync_probe("blocked", finished_at=AFTER_FIX), later)) == CONTRADICTED


def test_a_refusal_before_the_fix_is_a_symptom_seen_and_contradicts_nothing() -> None:
    found = verdict(sync_probe("blocked", finished_at=BEFORE_FIX))
    assert short(found) == PENDING
    assert (found["symptom"]["seen"], found["symptom"]["after_fix"]) == (True, False)
    unfixed = verdict(sync_probe("blocked", finished_at=AFTER_FIX), version="3.1.6001.65")
    assert short(unfixed) == ("non_compliant", "apply_kb954960", "not_attempted")
    assert unfixed["symptom"]["seen"] is True


def test_blocked_then_fixed_then_healthy_is_proven() -> None:
    proven = verdict(
        sync_probe("blocked", finished_at=BEFORE_FIX),
        sync_probe("healthy", started_at=AFTER_FIX, finished_at="2008-08-01T08:31:00.000Z"),
    )
    assert short(proven) == PROVEN
    observed = [str(item["observed"]).split()[0] for item in proven["evidence"] if item["source"] == "sync_probe"]
    assert observed == ["blocked", "healthy"]


def test_a_refusal_before_office_2003_was_declared_is_suspected_only() -> None:
    found = verdict(sync_probe("blocked", finished_at=AFTER_FIX, office_2003=False))
    assert short(found) == PENDING
    assert (found["symptom"]["seen"], found["symptom"]["suspected"], found["symptom"]["after_fix"]) == (
        False, True, None,
    )  # fmt: skip


def test_a_fault_that_the_servers_log_holds_is_one_symptom_and_the_pair_is_evidence() -> None:
    probe = sync_probe("blocked", finished_at=AFTER_FIX, fault_id=FAULT_ID)
    found = verdict(probe, logged=entry("2008-08-01 09:30:01.050"))
    assert short(found) == CONTRADICTED
    assert found["symptom"]["count"] == 1
    (pair,) = (item for item in found["evidence"] if str(item["expected"]).startswith(f"the fault {FAULT_ID}"))
    assert (pair["source"], pair["where"]) == ("log", "server.log:1")
    assert pair["observed"] == "the same id: the pair is complete"


def test_a_fault_that_the_servers_log_does_not_hold_is_told_as_such() -> None:
    found = verdict(sync_probe("blocked", finished_at=AFTER_FIX, fault_id="11111111-2222-3333-4444-555555555555"))
    assert short(found) == CONTRADICTED, "what was met counts, whether the log tells it or not"
    assert "no symptom with this id in what was read" in [item["observed"] for item in found["evidence"]]


def test_half_an_entry_with_the_faults_id_is_completed_by_the_probe() -> None:
    head, *dummy, throw = entry("2008-08-01 09:30:01.050").split("\r\n")
    partial = (
        f"{head}\r\n2:   at System.Collections.Hashtable.Insert(Object key, Object nvalue, Boolean add)\r\n{throw}"
    )
    probe = sync_probe("blocked", finished_at=AFTER_FIX, fault_id=FAULT_ID)
    assert verdict(logged=partial)["symptom"]["seen"] is False
    assert verdict(probe, logged=partial)["symptom"]["seen"] is True


@pytest.mark.parametrize("outcome", ["inconclusive", "refused", "unreachable"])
def test_what_says_nothing_about_the_fault_is_evidence_and_no_more(outcome: str) -> None:
    found = verdict(sync_probe(outcome, started_at=AFTER_FIX, finished_at=AFTER_FIX))
    assert short(found) == PENDING
    assert found["symptom"] == verdict()["symptom"]
    assert any(str(item["observed"]).startswith(f"{outcome} at ") for item in found["evidence"])


def test_a_probe_that_was_not_made_changes_nothing() -> None:
    assert verdict(sync_probe(None)) == verdict()


def test_without_a_comparison_of_the_clocks_a_probe_has_no_time() -> None:
    healthy = sync_probe("healthy", started_at=AFTER_FIX, finished_at="2008-08-01T08:31:00.000Z")
    assert short(verdict(healthy, received=None)) == PENDING
    blocked = verdict(sync_probe("blocked", finished_at=AFTER_FIX), received=None)
    assert (blocked["symptom"]["seen"], blocked["symptom"]["after_fix"]) == (True, None)
    assert short(blocked) == PENDING


def test_what_ansible_adds_to_a_result_is_left_out() -> None:
    probe = sync_probe("healthy")
    added = {"failed": False, "invocation": {"module_args": {}}, "bytes": 9, "registered": True}
    assert read_sync_probes([{**probe, **added}]) == [probe]


def test_a_long_reason_keeps_its_beginning() -> None:
    (read,) = read_sync_probes([{**sync_probe("refused"), "reason": "x" * 5000}])
    assert read["reason"] == "x" * 2000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"outcome": "healthy"}, r"sync_probes: \$"),
        (["healthy"], r"sync_probes: \$\[0\]"),
        ([{}], r"\$\[0\]: .*required"),
        ([{**sync_probe("healthy"), "outcome": "cured"}], r"\$\[0\]\.outcome"),
        ([{**sync_probe("healthy"), "finished_at": "now"}], r"\$\[0\]\.finished_at"),
        ([sync_probe("healthy"), {**sync_probe("blocked"), "fault_id": "x" * 101}], r"\$\[1\]\.fault_id"),
        (
            [{name: value for name, value in sync_probe("healthy").items() if name != "started_at"}],
            r"\$\[0\].*started_at",
        ),
        ([sync_probe("healthy")] * 21, r"\$: .*too long"),
    ],
)
def test_what_is_no_result_of_a_probe_is_refused_by_place(value: t.Any, said: str) -> None:
    with pytest.raises(SyncProbeError, match=said):
        read_sync_probes(value)
