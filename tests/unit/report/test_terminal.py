# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table on a terminal."""

from __future__ import annotations

import unicodedata

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.headline import headline
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.terminal import render_table
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


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def test_the_table_word_for_word() -> None:
    ok = assessment("compliant", next_step="Nothing.")
    table = render_table(report(result("wsus2", ok), result("wsus1"), failed("wsus3")), width=88)
    assert table == [
        "1 of 3 servers still cannot deliver updates. 1 server could not be judged.",
        "This is not a vulnerability in itself, but it keeps security updates from the clients of",
        "these servers.",
        "Next step: Apply KB954960 (1 server). The row of each server gives the exact command.",
        "HOST   STATUS         ACTION          NEXT STEP",
        "-----  -------------  --------------  " + "-" * 50,
        "wsus3  unreachable    none            Look at no answer within 5 seconds",
        "wsus1  non_compliant  apply_kb954960  Install it: ansible-playbook",
        "                                      unblock.updates.remediate --limit wsus1",
        "wsus2  compliant      none            Nothing.",
    ]


def test_what_was_done_is_told_below_the_table() -> None:
    treated = assessment("fixed", next_step="Nothing.", remedy=remedy())
    lines = render_table(report(result("wsus1", treated), failed("wsus2", remedies=[remedy("failed")])), width=160)
    assert lines[-2:] == [
        "wsus2: 954960 apply_kb954960 failed (exit code 0): KB954960 was installed (file version 3.1.6001.66).",
        "wsus1: 954960 apply_kb954960 changed (exit code 0): KB954960 was installed (file version 3.1.6001.66).",
    ]


def test_what_was_seen_from_outside_is_told_below_the_table() -> None:
    stuck = {"removed": False, "message": "the account has no right."}
    probes = [sync_probe("blocked", changed=True), sync_probe("healthy", changed=True, removal=stuck)]
    lines = render_table(
        report(
            result("wsus1", sync_probes=probes),
            result("wsus2", sync_probes=[sync_probe("healthy", changed=True)]),
            result("wsus3", sync_probes=[sync_probe("unreachable", changed=False)]),
            result("wsus4", sync_probes=[sync_probe(None)]),
        ),
        width=200,
    )
    healthy = f"healthy, 2026-11-21 10:00:02.250 UTC: {probes[1]['reason']}"
    stays = "unblock-sync-probe.invalid stays in the list of the server"
    assert lines[-7:] == [
        "wsus1: sync_probe blocked, 2026-11-21 10:00:02.250 UTC: SyncUpdates ended in the fault InternalServerError.",
        f"wsus1: sync_probe {healthy}",
        f"wsus1: sync_probe {stays}: the account has no right.",
        f"wsus2: sync_probe {healthy}",
        f"wsus2: sync_probe {stays} (id 93126e74-4e05-52f7-af22-26054964ae03).",
        "wsus3: sync_probe unreachable, 2026-11-21 10:00:02.250 UTC: TCP failed for http://wsus01:8530/: timed out.",
        "wsus4: sync_probe would send: GetConfig to http://wsus01:8530/; SyncUpdates to http://wsus01:8530/",
    ]


def test_every_status_is_listed_worst_first() -> None:
    words = [line.split()[1] for line in render_table(report(*every_status())) if line.split()[0] in STATUSES]
    assert words == list(STATUSES)


def test_a_second_advisory_is_listed_if_it_asks_for_something() -> None:
    quiet = assessment("compliant", advisory="954474", next_step="Nothing.")
    loud = assessment("non_compliant", advisory="954474", action="apply_kb954474", next_step="Second step.")
    table = "\n".join(render_table(report(result("a", assessment(), quiet), result("b", assessment(), loud))))
    assert "Nothing." not in table
    assert table.count("apply_kb954474") == 1


def test_a_large_fleet_is_cut_after_its_most_urgent_hosts() -> None:
    fleet = [result(f"ok{number}", assessment("compliant")) for number in range(30)] + [failed("gone")]
    table = render_table(report(*fleet), max_hosts=10)
    assert table[-1] == "... and 21 more hosts, none more urgent: see report.html"
    assert sum(line.startswith("ok") for line in table) == 9
    assert any(line.startswith("gone ") for line in table)


@pytest.mark.parametrize("width", [88, 108, 148])
@pytest.mark.parametrize("name", ["wsus1", "x" * 300, "東京" * 40])
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    verdict = assessment(next_step="指示" * 100 + " words" * 50)
    assert max(map(_columns, render_table(report(result(name, verdict)), width))) <= width


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_cannot_steer_a_terminal(text: str) -> None:
    table = render_table(report(hostile_result(text), failed("gone", text=text)))
    assert all(line.isprintable() for line in table)


@pytest.mark.parametrize(
    ("verdicts", "tone", "sentence"),
    [
        ([], "doubt", "This run covered no servers."),
        (
            ["compliant", "not_applicable", "fixed"],
            "ok",
            "No server of this run is kept from delivering updates by these advisories.",
        ),
        (
            ["compliant", "unknown"],
            "doubt",
            "No server is known to be blocked. 1 of 2 servers could not be judged.",
        ),
        (["unknown"], "doubt", "No server is known to be blocked. The one server of this run could not be judged."),
        (["non_compliant"], "bad", "The one server of this run still cannot deliver updates."),
        (["would_fix", "compliant"], "bad", "1 of 2 servers still cannot deliver updates."),
        (
            ["fix_failed", "fixed_pending_reboot", "unknown", "unknown"],
            "bad",
            "2 of 4 servers still cannot deliver updates. 2 servers could not be judged.",
        ),
    ],
)
def test_the_headline_says_where_the_estate_stands(verdicts: list[str], tone: str, sentence: str) -> None:
    built = report(*(result(str(number), assessment(status)) for number, status in enumerate(verdicts)))
    head = headline(built)
    assert (head.tone, head.sentence) == (tone, sentence)
    assert head.next_step
    assert ("not a vulnerability" in head.meaning) is (tone == "bad")


def test_the_next_step_names_the_work() -> None:
    fleet = [
        result("a"),
        result("b"),
        result("c", assessment(action="upgrade_wsus")),
        result("d", assessment("unknown", action="investigate")),
    ]
    assert headline(report(*fleet)).next_step == (
        "Apply KB954960 (2 servers), Upgrade WSUS (1 server), Investigate (1 server). "
        "The row of each server gives the exact command."
    )
