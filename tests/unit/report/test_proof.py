# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that was served after the fix proves it, and nothing less does."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, ClientResult, HostResult
from tests.unit.report.samples import assessment, client, event, report, result

FIXED, BEFORE, LATER = "2026-11-20T10:00:00Z", "2026-11-19T08:00:00Z", "2026-11-20T12:00:00.500000Z"
SILENT = {
    "seen": False, "suspected": False, "first": None, "last": None, "count": 0,
    "after_fix": False, "searched_from": "2026-11-01T00:00:00Z",
}  # fmt: skip


def treated(status: str = "compliant", **changes: t.Any) -> Assessment:
    return assessment(status, **{"verification": "pending", "fixed_at": FIXED, "symptom": SILENT, **changes})


def server(verdict: Assessment | None = None, **host: t.Any) -> HostResult:
    return result("wsus1", verdict or treated(), **{"clock_skew": 0, **host})


def served(name: str = "pc1", faults: t.Sequence[str] = (BEFORE,), **changes: t.Any) -> ClientResult:
    events = [event("client", first=moment, last=moment) for moment in faults]
    return client(name, *events, **{"last_sync": LATER, "clock_skew": 0, **changes})


def verdict(host: HostResult, *clients: ClientResult) -> Assessment:
    return report(host, clients=clients)["hosts"][0]["assessments"][0]


@pytest.mark.parametrize("status", ["compliant", "fixed"])
def test_a_client_that_was_refused_and_is_served_now_proves_the_fix(status: str) -> None:
    host = server(treated(status))
    proven = verdict(host, served())
    assert (proven["status"], proven["verification"]) == (status, "proven")
    assert proven["evidence"][:-1] == host["host"]["assessments"][0]["evidence"]
    assert proven["evidence"][-1] == {
        "source": "client",
        "where": "pc1, which was refused before the fix, so that it has Office 2003",
        "expected": "a search at this server that ended after 2026-11-20T10:00:00Z",
        "observed": LATER,
    }
    assert host["host"]["assessments"][0]["verification"] == "pending", "the result itself stays as it was written"


def test_the_operators_word_is_enough_for_office_2003() -> None:
    proven = verdict(server(), served(faults=(), office_2003=True))
    assert proven["verification"] == "proven"
    assert "by the operator's word (unblock_office_2003)" in str(proven["evidence"][-1]["where"])


def test_the_latest_of_several_clients_is_named() -> None:
    latest = served("pc2", last_sync="2026-11-21T07:00:00Z")
    evidence = verdict(server(), served("pc1"), latest, served("pc3"))["evidence"]
    assert [item["observed"] for item in evidence if item["source"] == "client"] == ["2026-11-21T07:00:00Z"]


PROVES_NOTHING: dict[str, tuple[HostResult, ClientResult]] = {
    "no Office 2003": (server(), served(faults=())),
    "no Office 2003, by the operator's word": (server(), served(faults=(), office_2003=False)),
    "a fault that may have another cause": (
        server(),
        client("pc1", event("client", confidence="possible", last=BEFORE), last_sync=LATER, clock_skew=0),
    ),
    "a fault of another advisory": (
        server(),
        client("pc1", event("client", advisory="1", last=BEFORE), last_sync=LATER, clock_skew=0),
    ),
    "never served": (server(), served(last_sync=None)),
    "served before the fix": (server(), served(last_sync=BEFORE)),
    "refused again": (server(), served(faults=(BEFORE, LATER))),
    "refused, nobody knows when": (server(), served(faults=(BEFORE, "2026-11-19T08:00:00"))),
    "another server": (server(), served(wu_server="http://wsus9")),
    "policy not in force": (server(), served(use_wu_server=False)),
    "no time of the fix": (server(treated(fixed_at=None)), served()),
    "a symptom after the fix": (server(treated(symptom={**SILENT, "after_fix": True})), served()),
    "nobody knows whether there was one": (server(treated(symptom={**SILENT, "after_fix": None})), served()),
    "a log that begins after the fix": (
        server(treated(symptom={**SILENT, "searched_from": "2026-11-20T11:00:00Z"})),
        served(),
    ),
    "a result of an older version": (server(assessment("compliant", verification="pending")), served()),
    "not treated": (server(treated("non_compliant", verification="not_attempted")), served()),
    "contradicted": (server(treated("non_compliant", verification="contradicted")), served()),
    "restart left": (server(treated("fixed_pending_reboot")), served()),
    "another advisory": (server(treated(advisory="954474")), served()),
    "clocks not compared": (server(clock_skew=None), served()),
    "the client's clock not compared": (server(), served(clock_skew=None)),
}


@pytest.mark.parametrize(("host", "other"), PROVES_NOTHING.values(), ids=PROVES_NOTHING)
def test_nothing_less_is_a_proof(host: HostResult, other: ClientResult) -> None:
    assert verdict(host, other) == host["host"]["assessments"][0]


@pytest.mark.parametrize(
    ("server_skew", "client_skew", "word"),
    [
        (0, 7199, "proven"),
        (0, 7201, "pending"),
        # Both clocks are wrong by the same.
        (86400, 86400, "proven"),
        # The server's clock is ahead: it was fixed earlier than it says.
        (7200, 14399, "proven"),
        (-7200, 1, "pending"),
        (-7200, -1, "proven"),
    ],
)
def test_times_of_two_hosts_are_compared_by_the_controllers_clock(
    server_skew: int, client_skew: int, word: str
) -> None:
    assert verdict(server(clock_skew=server_skew), served(clock_skew=client_skew))["verification"] == word


def test_a_pair_tells_the_server_where_the_policy_does_not() -> None:
    """The policy names an alias, and the client's old fault stands in the server's log."""
    host = result("wsus1", treated(), events=[event("server", last=BEFORE)], clock_skew=0)
    assert verdict(host, served(wu_server="http://updates"))["verification"] == "proven"
