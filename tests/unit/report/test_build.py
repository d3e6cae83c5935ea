# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data: summary, rules, schema."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils import _schema
from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import json_bytes
from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, SchemaError, check
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from tests.unit.report.samples import (
    HOSTILE,
    RUN,
    assessment,
    client,
    event,
    every_status,
    failed,
    hostile_result,
    remedy,
    report,
    result,
)


def test_a_report_has_the_contracts_fields() -> None:
    built = report(result("wsus1"))
    assert list(built) == [
        "schema_version", "run_id", "generated_at", "check_mode", "rules", "summary", "hosts", "clients", "pairs",
    ]  # fmt: skip
    assert built["generated_at"] == "2026-11-21T10:05:00Z"
    assert built["run_id"] == RUN
    assert set(built["hosts"][0]) == {*result()["host"], "finished_at", "rules", "events"}
    assert built["hosts"][0]["rules"] == [rule["sha256"] for rule in built["rules"]]


def test_the_summary_counts_every_status() -> None:
    summary = report(*every_status())["summary"]
    assert summary["hosts"] == len(STATUSES)
    assert summary["by_status"] == dict.fromkeys(STATUSES, 1)
    assert list(summary["by_status"]) == list(STATUSES)
    assert summary["blocked"] == 4
    assert summary["by_action"] == {"apply_kb954960": 1, "none": len(STATUSES) - 1}


def test_a_host_with_two_actions_counts_under_both_and_once_as_blocked() -> None:
    other = assessment("non_compliant", advisory="954474", action="apply_kb954474")
    summary = report(result("a", assessment(), other))["summary"]
    assert summary["by_action"] == {"apply_kb954960": 1, "apply_kb954474": 1}
    assert summary["blocked"] == 1


def _product(installed: bool | None, release: str | None = None) -> dict[str, t.Any]:
    return {"installed": installed, "version": None, "release": release}


@pytest.mark.parametrize(
    ("wsus", "configmgr", "expected"),
    [
        (_product(True, "3.0 SP1"), None, ["3.0 SP1"]),
        (_product(True, "3.0 SP1"), _product(True, "2007"), ["2007", "3.0 SP1"]),
        (_product(True), None, ["unknown"]),
        (_product(False), None, ["not_installed"]),
        (_product(False), _product(True, "2007 SP1"), ["2007 SP1"]),
        (_product(False), _product(None), ["unknown"]),
        (_product(None), None, ["unknown"]),
        (None, None, ["unknown"]),
    ],
)
def test_releases_of_every_installed_product_are_counted(
    wsus: dict[str, t.Any] | None, configmgr: dict[str, t.Any] | None, expected: list[str]
) -> None:
    summary = report(result("a", wsus=wsus, configmgr=configmgr))["summary"]
    assert list(summary["by_release"]) == expected


def test_rules_are_listed_once_each_version_apart() -> None:
    first, second = result("a"), copy.deepcopy(result("b"))
    second["rules"][0]["version"] = "1.3.0"
    versions = [rule["version"] for rule in report(second, first, result("c"))["rules"]]
    assert versions == ["1.2.0", "1.3.0"]


def test_an_empty_run_is_a_report_too() -> None:
    assert report()["summary"] == {"hosts": 0, "by_status": {}, "by_action": {}, "by_release": {}, "blocked": 0}
    check(report(), REPORT)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hosts_checked_one_by_one_make_a_report_that_fits_the_schema(text: str) -> None:
    built = report(hostile_result(text), failed("gone", text=text), *every_status())
    check(built, REPORT)
    check(json.loads(json_bytes(built)), REPORT)


BROKEN: dict[str, tuple[t.Callable[[dict[str, t.Any]], t.Any], str]] = {
    "schema_version": (lambda it: it.update(schema_version="2.0"), "$.schema_version"),
    "time zone": (lambda it: it.update(generated_at="2026-11-21T10:00:00+01:00"), "$.generated_at"),
    "run_id": (lambda it: it.update(run_id=""), "$.run_id"),
    "summary field": (lambda it: it["summary"].pop("blocked"), "$.summary"),
    "negative": (lambda it: it["summary"].update(blocked=-1), "$.summary.blocked"),
    "boolean count": (lambda it: it["summary"].update(hosts=True), "$.summary.hosts"),
    "status name": (lambda it: it["summary"]["by_status"].update(fine=1), "$.summary.by_status"),
    "host name": (lambda it: it["hosts"][0].update(name=""), "$.hosts[0].name"),
    "host's rules": (lambda it: it["hosts"][0].update(rules=["954960"]), "$.hosts[0].rules[0]"),
    "host's events": (lambda it: it["hosts"][0].pop("events"), "$.hosts[0]"),
    "host's run": (lambda it: it["hosts"][0].update(run_id=""), "$.hosts[0].run_id"),
    "other result": (lambda it: it["hosts"][0].update(other_results=[{}]), "$.hosts[0].other_results[0]"),
    "merged run": (lambda it: it.update(merged=[{}]), "$.merged[0]"),
    "host time": (lambda it: it["hosts"][0].pop("finished_at"), "$.hosts[0]"),
    "host status": (lambda it: it["hosts"][0].update(status="ok"), "$.hosts[0].status"),
    "os field": (lambda it: it["hosts"][0]["os"].pop("language"), "$.hosts[0].os"),
    "wsus field": (lambda it: it["hosts"][0]["wsus"].pop("release"), "$.hosts[0].wsus"),
    "action": (lambda it: it["hosts"][0]["assessments"][0].update(action="pray"), "assessments[0].action"),
    "evidence": (lambda it: it["hosts"][0]["assessments"][0]["evidence"][0].update(observed=[1]), "observed"),
    "remedy": (lambda it: it["hosts"][0]["assessments"][0]["remedy"].pop("outcome"), "assessments[0].remedy"),
    "outcome": (lambda it: it["hosts"][0]["assessments"][0]["remedy"].update(outcome="done"), "remedy.outcome"),
    "fact": (lambda it: it["hosts"][0]["assessments"][0]["remedy"]["after"].update(x=[1]), "remedy.after.x"),
    "fix": (lambda it: it["hosts"][0]["assessments"][0].update(fixed_at="today"), "assessments[0].fixed_at"),
    "clock": (lambda it: it["hosts"][0].update(clock_skew="late"), "$.hosts[0].clock_skew"),
    "rule hash": (lambda it: it["rules"][0].update(sha256="abc"), "$.rules[0].sha256"),
    "client": (lambda it: it["clients"].append({}), "$.clients[1]"),
    "client's server": (lambda it: it["clients"][0].update(server=""), "$.clients[0].server"),
    "client's log": (lambda it: it["clients"][0].update(log="lost"), "$.clients[0].log"),
    "client's search": (lambda it: it["clients"][0].update(last_sync="today"), "$.clients[0].last_sync"),
    "client's status": (lambda it: it["clients"][0]["symptom"].update(seen="yes"), "symptom.seen"),
    "client's confidence": (lambda it: it["clients"][0]["symptom"].pop("confidence"), "$.clients[0].symptom"),
    "client's error": (lambda it: it["clients"][0].update(error={"layer": "TCP"}), "$.clients[0].error"),
    "pair": (lambda it: it["pairs"].append({"client": "a", "server": "b"}), "$.pairs[1]"),
    "pair field": (lambda it: it["pairs"][0].update(status="refused"), "$.pairs[0]"),
}


@pytest.mark.parametrize(("spoil", "place"), BROKEN.values(), ids=BROKEN)
def test_a_broken_report_is_refused_with_its_place(spoil: t.Callable[[dict[str, t.Any]], t.Any], place: str) -> None:
    built: dict[str, t.Any] = json.loads(
        json_bytes(
            report(
                result("wsus1", assessment(remedy=remedy()), events=[event("server")]),
                clients=[client("pc1", event("client"))],
            )
        )
    )
    spoil(built)
    with pytest.raises(SchemaError) as caught:
        check(built, REPORT)
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("hosts", "run_id", "place"), [((), "", r"^\$\.run_id"), ((result("x" * 1001),), RUN, r"^\$\.hosts\[0\]\.name")]
)
def test_what_does_not_fit_is_never_returned(hosts: tuple[HostResult, ...], run_id: str, place: str) -> None:
    with pytest.raises(SchemaError, match=place):
        build_report(hosts, run_id=run_id, check_mode=False)


def test_a_missing_jsonschema_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_schema, "_IMPORT_ERROR", ImportError("No module named 'jsonschema'"))
    with pytest.raises(ReportError, match=r"jsonschema 4.18 or later is missing on the controller"):
        check({}, REPORT)
