# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of statuses, and how a host gets its own."""

from __future__ import annotations

import json

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report import labels, schema
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import (
    ACTIONS,
    STATUSES,
    host_status,
    is_blocked,
    worst,
)
from tests.unit.report.samples import assessment, failed, result


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "unknown"),
        (["compliant"], "compliant"),
        (["not_applicable", "compliant"], "compliant"),
        (["compliant", "waived"], "waived"),
        (["waived", "fixed"], "fixed"),
        (["fixed", "fixed_pending_reboot"], "fixed_pending_reboot"),
        (["fixed_pending_reboot", "would_fix"], "would_fix"),
        (["would_fix", "non_compliant"], "non_compliant"),
        (["non_compliant", "unknown"], "unknown"),
        (["unknown", "fix_failed"], "fix_failed"),
        (["fix_failed", "error"], "error"),
        (["error", "unreachable"], "unreachable"),
        (reversed(STATUSES), "unreachable"),
    ],
)
def test_the_worst_status_is_the_contracts(statuses: list[str], expected: str) -> None:
    assert worst(statuses) == expected


def test_a_word_that_is_no_status_is_refused() -> None:
    with pytest.raises(KeyError, match="fine"):
        worst(["compliant", "fine"])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (result("a", assessment("compliant"), assessment("unknown"), status="compliant")["host"], "unknown"),
        (failed("a", "unreachable")["host"], "unreachable"),
        (failed("a", "error")["host"], "error"),
        (result("a", assessment("compliant"), error=failed("a")["host"]["error"])["host"], "error"),
        (result("a", assessments=[], status="compliant")["host"], "unknown"),
    ],
)
def test_a_host_cannot_claim_a_better_status(host: object, expected: str) -> None:
    assert host_status(host) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("status", STATUSES)
def test_blocked_is_what_still_cannot_deliver(status: str) -> None:
    expected = status in ("non_compliant", "would_fix", "fix_failed", "fixed_pending_reboot")
    assert is_blocked(result("a", assessment("compliant"), assessment(status))["host"]) is expected


def test_schema_labels_and_order_know_the_same_words() -> None:
    parts = json.loads((schema.SCHEMAS / "host_result.schema.json").read_bytes())["$defs"]
    assert sorted(parts["status"]["enum"]) == sorted(STATUSES) == sorted(labels.MARKS)
    assert sorted(parts["action"]["enum"]) == sorted(ACTIONS) == sorted(labels.ACTION_LABELS)
    assert parts["assessment"]["properties"]["verification"]["enum"] == list(labels.VERIFICATION_LABELS)
