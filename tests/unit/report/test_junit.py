# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.junit.xml for continuous integration servers."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.junit import render_junit
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from tests.unit.report.samples import HOSTILE, assessment, every_status, failed, hostile_result, remedy, report, result

OUTCOMES = {
    "unreachable": "error",
    "error": "error",
    "unknown": "error",
    "non_compliant": "failure",
    "fix_failed": "failure",
    "not_applicable": "skipped",
    "waived": "skipped",
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_becomes_the_contracts_outcome(status: str) -> None:
    (built,) = [one for one in every_status() if one["host"]["name"] == status]
    suite = ElementTree.fromstring(render_junit(report(built)))[0]
    (case,) = suite.findall("testcase")
    expected = OUTCOMES.get(status)
    assert [child.tag for child in case] == ([expected] if expected else [])
    counted = {name: int(suite.attrib[name]) for name in ("errors", "failures", "skipped")}
    assert counted == {
        "errors": int(expected == "error"),
        "failures": int(expected == "failure"),
        "skipped": int(expected == "skipped"),
    }


def test_a_suite_is_a_host_and_a_case_a_rule() -> None:
    other = assessment("compliant", advisory="954474")
    root = ElementTree.fromstring(render_junit(report(result("a", assessment(), other), failed("b"))))
    assert (root.tag, root.attrib) == ("testsuites", {})
    assert [suite.attrib["name"] for suite in root] == ["a", "b"]
    assert [(case.attrib["classname"], case.attrib["name"]) for case in root[0].findall("testcase")] == [
        ("a", "954960"),
        ("a", "954474"),
    ]
    failure = root[0].find("testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66."
    assert failure.text is not None
    assert "Next step: Install it" in failure.text
    assert r"D:\WSUS\Client.Dll: expected >= 3.1.6001.66, observed 3.1.6001.65" in failure.text


def test_a_suite_holds_what_either_schema_demands() -> None:
    suite = ElementTree.fromstring(render_junit(report(result("a"))))[0]
    assert suite.attrib == {
        "id": "0", "package": "unblock.updates", "name": "a", "hostname": "a", "timestamp": "2026-11-21T10:00:07",
        "tests": "1", "failures": "1", "errors": "0", "skipped": "0", "time": "0",
    }  # fmt: skip
    assert [child.tag for child in suite] == ["properties", "testcase", "system-out", "system-err"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    root = ElementTree.fromstring(render_junit(report(hostile_result(text), failed("x", text=text))))
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "properties", "testcase", "error", "system-out", "system-err",
    }  # fmt: skip


def test_a_failure_says_what_was_tried() -> None:
    tried = remedy("failed", message="It ended with 1603.", exit_code=1603, log_tail="Fatal\x07 error", after={})
    (case,) = ElementTree.fromstring(render_junit(report(result("a", assessment("fix_failed", remedy=tried))))).iter(
        "failure"
    )
    assert case.text is not None
    assert case.text.splitlines()[-3:] == [
        "Remedy: apply_kb954960 failed (exit code 1603): It ended with 1603.",
        "wsus.client_dll.version: before 3.1.6001.65, after -",
        r"Fatal\x07 error",
    ]
