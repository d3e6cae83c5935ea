# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.junit.xml for continuous integration servers."""

from __future__ import annotations

import copy
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from ansible_collections.unblock.updates.plugins.plugin_utils._report.junit import render_junit
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from tests.unit.report.samples import (
    HOSTILE,
    assessment,
    every_status,
    failed,
    hostile_result,
    remedy,
    report,
    result,
    sync_probe,
)

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[2] / "fixtures" / "junit" / "junit.xsd"))
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


def test_a_suite_says_what_was_seen_from_outside() -> None:
    asked = result("a", sync_probes=[sync_probe("blocked", changed=False), sync_probe("healthy", changed=False)])
    suites = ElementTree.fromstring(render_junit(report(asked, result("b"))))
    said, silent = (suite.find("system-out") for suite in suites)
    assert said is not None and said.text is not None and silent is not None
    assert [line.split(",")[0] for line in said.text.splitlines()] == ["sync_probe blocked", "sync_probe healthy"]
    assert silent.text is None


def test_the_common_schema_accepts_it() -> None:
    SCHEMA.assertValid(etree.fromstring(render_junit(report(*every_status()))))
    SCHEMA.assertValid(etree.fromstring(render_junit(report())))


@pytest.mark.parametrize(
    ("place", "attribute", "value"),
    [
        ("testsuite", "timestamp", "2026-11-21T10:00:07Z"),
        ("testsuite", "hostname", ""),
        ("testsuite", "tests", "one"),
        ("testsuite/testcase", "time", "-1"),
        ("testsuite/testcase/failure", "kind", "x"),
    ],
)
def test_that_schema_refuses_what_a_reader_would(place: str, attribute: str, value: str) -> None:
    root = copy.deepcopy(etree.fromstring(render_junit(report(result("a")))))
    root.find(place).set(attribute, value)
    assert not SCHEMA.validate(root)


@pytest.mark.parametrize("text", [*HOSTILE.values(), "\n", "\u2028"], ids=[*HOSTILE, "line end", "separator"])
def test_hostile_text_stays_text(text: str) -> None:
    SCHEMA.assertValid(etree.fromstring(render_junit(report(hostile_result(text), failed("x", text=text)))))
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
