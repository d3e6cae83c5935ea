# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change makes of a verdict."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedies import (
    RemedyError,
    apply_remedies,
    read_remedies,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment
from tests.unit.report.samples import assessment, remedy

COMPLIANT = assessment("compliant", verification="pending", reason="It is right.")
PROVEN = assessment("compliant", verification="proven")
NOT_APPLICABLE = assessment("not_applicable")
UNFIXED = assessment(reason="It is missing.", next_step="Install it.")
CONTRADICTED = assessment("non_compliant", action="investigate", verification="contradicted")
UNVERIFIED = assessment("unknown", action="investigate", verification="pending")
RESTART = assessment("fixed_pending_reboot", verification="pending")
UNREADABLE = assessment("unknown", action="investigate", reason="Nobody knows.")
INTERRUPTED = assessment("error", action="apply_rtm_workaround")


@pytest.mark.parametrize(
    ("verdict", "outcome", "status", "verification"),
    [
        (COMPLIANT, "changed", "fixed", "pending"),
        (PROVEN, "changed", "fixed", "proven"),
        # WSUS was upgraded to a release that is not affected.
        (NOT_APPLICABLE, "changed", "fixed", "pending"),
        (UNFIXED, "changed", "fix_failed", "not_attempted"),
        (UNREADABLE, "changed", "fix_failed", "not_attempted"),
        (INTERRUPTED, "changed", "fix_failed", "not_attempted"),
        (CONTRADICTED, "changed", "non_compliant", "contradicted"),
        # The record is there, and no log that tells whether it helped.
        (UNVERIFIED, "changed", "unknown", "pending"),
        (RESTART, "changed", "fixed_pending_reboot", "pending"),
        (UNFIXED, "reboot_required", "fixed_pending_reboot", "pending"),
        (COMPLIANT, "reboot_required", "fixed_pending_reboot", "pending"),
        (CONTRADICTED, "reboot_required", "non_compliant", "contradicted"),
        (UNFIXED, "failed", "fix_failed", "not_attempted"),
        (COMPLIANT, "failed", "fix_failed", "pending"),
        (UNFIXED, "would_change", "would_fix", "not_attempted"),
        (UNFIXED, "skipped", "non_compliant", "not_attempted"),
        (UNFIXED, "unchanged", "non_compliant", "not_attempted"),
        (COMPLIANT, "unchanged", "compliant", "pending"),
    ],
)
def test_the_status_says_what_became_of_the_change(
    verdict: Assessment, outcome: str, status: str, verification: str
) -> None:
    before = copy.deepcopy(verdict)
    treated = apply_remedies(verdict, [remedy(outcome)])
    assert (treated["status"], treated["verification"]) == (status, verification)
    assert treated["remedy"] == remedy(outcome) and "earlier_remedies" not in treated
    assert verdict == before


def test_a_failure_is_told_in_the_words_of_the_change() -> None:
    failure = remedy("failed", message="It ended with 1603.", next_step="Read its log.")
    treated = apply_remedies(UNFIXED, [failure])
    assert (treated["reason"], treated["next_step"], treated["action"]) == (
        "It ended with 1603.",
        "Read its log.",
        "apply_kb954960",
    )


def test_a_change_that_did_not_help_is_a_failure_that_names_the_verdict() -> None:
    treated = apply_remedies(UNFIXED, [remedy()])
    assert treated["reason"] == "apply_kb954960 was carried out, but afterwards: It is missing."
    assert (treated["next_step"], treated["action"]) == ("Install it.", "apply_kb954960")


def test_a_restart_is_the_only_thing_left_to_do() -> None:
    treated = apply_remedies(UNFIXED, [remedy("reboot_required", message="It ended with 3010.", next_step="Restart.")])
    assert (treated["action"], treated["reason"], treated["next_step"]) == ("none", "It ended with 3010.", "Restart.")


def test_check_mode_keeps_what_is_to_be_done() -> None:
    treated = apply_remedies(UNFIXED, [remedy("would_change", message="Would install.")])
    assert (treated["action"], treated["reason"], treated["next_step"]) == (
        "apply_kb954960",
        "It is missing.",
        "Install it.",
    )


@pytest.mark.parametrize("outcome", ["skipped", "unchanged"])
def test_a_host_that_was_left_alone_says_why(outcome: str) -> None:
    left = remedy(outcome, message="The maintenance window is closed.")
    assert apply_remedies(UNFIXED, [left])["reason"] == (
        "It is missing. Not treated: The maintenance window is closed."
    )
    assert apply_remedies(COMPLIANT, [left])["reason"] == "It is right."


def test_of_several_changes_the_last_one_that_wanted_something_decides() -> None:
    upgrade, install = remedy(action="upgrade_wsus"), remedy("failed")
    treated = apply_remedies(UNFIXED, [upgrade, install, remedy("unchanged")])
    assert (treated["status"], treated["remedy"], treated["earlier_remedies"]) == ("fix_failed", install, [upgrade])


def test_changes_for_another_advisory_are_none() -> None:
    assert apply_remedies(UNFIXED, [remedy(advisory="954474")]) == UNFIXED


KNOWN = {"954960", "954474"}


def test_what_the_changing_actions_return_is_taken() -> None:
    given = [remedy(), remedy("failed", exit_code=None, package=None, started=None, finished=None, rule_version="")]
    assert read_remedies(given, KNOWN) == given
    assert read_remedies([], KNOWN) == []


def test_too_many_words_are_cut_and_nothing_gets_lost() -> None:
    long = remedy("failed", message="x" * 9000, next_step="y" * 9000, log_tail="a" * 30000 + "end")
    (kept,) = read_remedies([long], KNOWN)
    assert (len(kept["message"]), len(kept["next_step"])) == (2000, 2000)
    assert kept["log_tail"] is not None and kept["log_tail"].endswith("end") and len(kept["log_tail"]) == 20000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, r"\$: .* is not of type 'array'"),
        (["954960"], r"\$\[0\]"),
        ([remedy(), remedy("done")], r"\$\[1\].outcome: 'done' is not one of"),
        ([remedy(action="pray")], r"\$\[0\].action"),
        ([remedy(advisory="1")], r"\$\[0\].advisory: no rule is called '1'"),
        ([remedy(exit_code="0")], r"\$\[0\].exit_code"),
        ([remedy(before={"x": [1]})], r"\$\[0\].before.x"),
        ([remedy(message="")], r"\$\[0\].message"),
        ([remedy(started="today")], r"\$\[0\].started"),
        ([{key: value for key, value in remedy().items() if key != "after"}], r"'after' is a required property"),
    ],
)
def test_anything_else_is_refused_with_its_place(value: t.Any, words: str) -> None:
    with pytest.raises(RemedyError, match=words):
        read_remedies(value, KNOWN)
