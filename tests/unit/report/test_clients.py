# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients in the report: whose they are, who refused them, and what is said of them."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import json_bytes
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.clients import server_of, symptom_words
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostResult, ReportClient
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, SchemaError, check
from ansible_collections.unblock.updates.plugins.plugin_utils._report.server_names import ServerNames
from ansible_collections.unblock.updates.plugins.plugin_utils._report.terminal import render_table
from tests.unit.report.samples import HOSTILE, RUN, client, event, failed, report, result

OTHER_ID = "11111111-2222-3333-4444-555555555555"
SERVERS: dict[str, str] = {
    "wsus1": "BERLIN",
    "wsus2.corp.example": "WSUS2",
    "wsus3.corp.example": "",
    "wsus3.lab.example": "",
    "10.0.0.7": "COPENHAGEN",
}


def _names(servers: dict[str, str]) -> ServerNames:
    return ServerNames([result(name, os={"computer_name": computer})["host"] for name, computer in servers.items()])


@pytest.mark.parametrize(
    ("wu_server", "server"),
    [
        ("http://wsus1", "wsus1"),
        ("http://WSUS1:8530", "wsus1"),
        ("https://user@wsus1.:8531/x?y", "wsus1"),
        ("wsus1:8530", "wsus1"),
        ("http://wsus1.corp.example", "wsus1"),
        ("http://berlin.corp.example:8530", "wsus1"),
        ("http://WSUS2", "wsus2.corp.example"),
        ("http://wsus2.corp.example", "wsus2.corp.example"),
        ("http://wsus3.lab.example", "wsus3.lab.example"),
        ("http://wsus3", None),  # two of this name
        ("http://wsus3.other.example", None),  # none of this domain
        ("http://10.0.0.7:8530", "10.0.0.7"),
        ("http://copenhagen", "10.0.0.7"),
        ("http://10.0.0.70", None),
        ("http://10", None),
        ("http://wsus", None),
        ("http://", None),
        ("http://[", None),
        ("http://[::1", None),
        ("", None),
        (None, None),
        *((text, None) for text in HOSTILE.values()),
    ],
)
def test_a_policy_names_a_server(wu_server: str | None, server: str | None) -> None:
    assert server_of(wu_server, _names(SERVERS)) == server


@pytest.mark.parametrize("wu_server", ["http://.corp.example", "http://:8530", "http://."])
def test_a_name_without_a_first_part_is_no_servers(wu_server: str) -> None:
    assert server_of(wu_server, _names({"wsus1": ""})) is None


def test_an_inventory_name_beats_what_another_calls_itself() -> None:
    assert server_of("http://wsus1", _names({"wsus1": "A", "b": "wsus1"})) == "wsus1"


def test_thousands_may_call_themselves_alike() -> None:
    started = time.process_time()
    many = _names({f"wsus{number}": "CLONE" for number in range(20_000)})
    assert (many.find("clone"), many.find("WSUS19999")) == (None, "wsus19999")
    assert time.process_time() - started < 5, "each is looked up, not searched for"


def _one(*servers: HostResult, **changes: t.Any) -> ReportClient:
    (found,) = report(*servers, clients=[client("pc1", *changes.pop("events", ()), **changes)])["clients"]
    return found


def test_what_a_server_calls_itself_is_taken_from_its_facts() -> None:
    system = {**t.cast("dict[str, t.Any]", result()["host"]["os"]), "computer_name": "WSUS-4"}
    assert _one(result("berlin", os=system), wu_server="http://wsus-4.corp.example")["server"] == "berlin"
    assert _one(failed("berlin"), wu_server="http://wsus-4")["server"] is None


@pytest.mark.parametrize(("in_force", "server"), [(True, "wsus1"), (None, "wsus1"), (False, None)])
def test_a_policy_that_is_not_in_force_names_no_server(in_force: bool | None, server: str | None) -> None:
    assert _one(result("wsus1"), use_wu_server=in_force)["server"] == server


def test_a_fault_in_both_logs_tells_the_server_where_the_policy_does_not() -> None:
    servers = [result(name, events=[event("server")]) for name in ("wsus8", "wsus9")]
    alias: dict[str, t.Any] = {"wu_server": "http://updates", "events": [event("client")]}
    assert _one(servers[0], result("wsus9"), **alias)["server"] == "wsus8"
    assert _one(*servers, **alias)["server"] is None, "both servers hold it"
    assert _one(result("wsus8"), **alias)["server"] is None


SYMPTOMS: dict[str, tuple[dict[str, t.Any], tuple[t.Any, ...], str]] = {
    "paired": (
        {"events": [event("client", count=3)]},
        (True, False, 3, "certain"),
        "refused by the server, in both logs",
    ),
    "paired and more": (
        {"events": [event("client", confidence="possible"), event("client", fault_ids=[OTHER_ID])]},
        (True, True, 1, "possible"),
        "refused by the server",
    ),
    "paired, in local time": (
        {"events": [event("client", first="2008-06-13T12:59:56.617", last="2008-06-13T12:59:56.617")]},
        (True, False, 1, "certain"),
        "in both logs, once, last 2008-06-13 19:59:56 UTC",
    ),
    "alone": (
        {"events": [event("client", fault_ids=[OTHER_ID])]},
        (False, True, 1, "certain"),
        "suspected, in the client's",
    ),
    "alone, log cut": (
        {"events": [event("client", fault_ids=[], count=2, last=None)], "log": "truncated"},
        (None, True, 2, "certain"),
        "only, 2 times, last at an unknown time",
    ),
    "quiet": ({}, (False, False, 0, None), "not seen"),
    "no log": ({"log": "absent"}, (None, None, 0, None), "unknown: the log was absent"),
    "own server's log": ({"events": [event("server")]}, (False, False, 0, None), "not seen"),
}


@pytest.mark.parametrize(("changes", "expected", "words"), SYMPTOMS.values(), ids=SYMPTOMS)
def test_the_symptom_of_a_client(changes: dict[str, t.Any], expected: tuple[t.Any, ...], words: str) -> None:
    found = _one(result("wsus1", events=[event("server")]), **changes)
    symptom = found["symptom"]
    assert (symptom["seen"], symptom["suspected"], symptom["count"], symptom["confidence"]) == expected
    assert words in symptom_words(found)


def test_pairs_name_client_server_and_both_times() -> None:
    server = result("wsus1", events=[event("server", first="2008-06-14T02:59:57.642Z")])
    assert report(server, result("wsus2"), clients=[client("pc1", event("client")), client("pc2")])["pairs"] == [
        {
            "advisory": "954960",
            "fault_id": "c0a7445f-b989-43fa-ac20-11f8ca65fa8c",
            "client": "pc1",
            "client_time": "2008-06-13T19:59:56.617Z",
            "server": "wsus1",
            "server_time": "2008-06-14T02:59:57.642Z",
        }
    ]


def test_clients_do_not_count_as_hosts() -> None:
    with_clients, without = report(result("wsus1"), clients=[client("pc1")]), report(result("wsus1"))
    assert with_clients["summary"] == without["summary"]
    assert [host["name"] for host in with_clients["hosts"]] == ["wsus1"]


def test_a_client_is_kept_and_found_again(tmp_path: Path) -> None:
    kept = client("../pc1", event("client", excerpt="x" * 2000))
    path = CLIENT_FILES.write(tmp_path, kept)
    assert path == tmp_path / "clients" / "%2E.%2Fpc1.json"
    assert CLIENT_FILES.read(tmp_path, RUN, ["../pc1"]) == [kept]


def test_a_client_without_a_result_is_in_the_report_with_the_reason(tmp_path: Path) -> None:
    CLIENT_FILES.write(tmp_path, client("pc1"))
    clients = CLIENT_FILES.read(tmp_path, "another run", ["pc1", "pc2"])
    found = report(result("wsus1"), clients=clients)["clients"]
    assert [(one["name"], one["server"], one["log"]) for one in found] == [("pc1", None, None), ("pc2", None, None)]
    assert "clients/pc1.json belongs to another run" in symptom_words(found[0])
    assert "clients/pc2.json is missing" in symptom_words(found[1])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": ""}, "$.client.name"),
        ({"log": "lost"}, "$.client.log"),
        ({"use_wu_server": 1}, "$.client.use_wu_server"),
        ({"wu_server": "http://" + "x" * 1024}, "$.client.wu_server"),
        ({"last_sync": "2008-08-20"}, "$.client.last_sync"),
        ({"os": {}}, "$.client.os"),
        ({"error": "gone"}, "$.client.error"),
        ({"events": [event("client", excerpt="x" * 2001)]}, "$.client.events[0].excerpt"),
        ({"events": [event("agent")]}, "$.client.events[0].log"),
        ({"events": [event("client", confidence="sure")]}, "$.client.events[0].confidence"),
        ({"events": [event("client", count=0)]}, "$.client.events[0].count"),
    ],
)
def test_a_client_that_breaks_the_schema_is_not_written(changes: dict[str, t.Any], place: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        CLIENT_FILES.write(tmp_path, client(**{"name": "pc1", **changes}))
    assert place in str(caught.value)
    assert not (tmp_path / "clients").exists()


def _last_line(*servers: HostResult, clients: t.Sequence[t.Any]) -> str:
    return render_table(report(*servers, clients=clients), width=1000)[-1]


def test_the_table_ends_with_what_became_of_the_clients() -> None:
    server = result("wsus1", events=[event("server")])
    error = failed("pc3")["host"]["error"]
    clients = [client("pc1", event("client"), event("client")), client("pc2"), client("pc3", error=error, log=None)]
    assert _last_line(server, clients=clients[:1]) == (
        "1 client gave its log; 1 was refused by its server: pc1 (wsus1)."
    )
    assert _last_line(server, clients=clients) == (
        "2 clients gave their log, 1 did not; 1 was refused by its server: pc1 (wsus1)."
    )
    assert _last_line(server, clients=clients[1:2]) == "1 client gave its log."
    assert "log" not in _last_line(server, clients=[])


def test_the_line_names_a_bounded_number_of_clients() -> None:
    many = [client(f"pc{number:03}", event("client")) for number in range(100)]
    line = _last_line(result("wsus1", events=[event("server")]), clients=many)
    assert line.endswith("pc019 (wsus1) and 80 more.")
    assert "100 were refused" in line and "pc020" not in line


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_of_a_client_is_only_text(text: str) -> None:
    hostile = client(text, event("client", where=text), wu_server=text, error=failed("x", text=text)["host"]["error"])
    built = report(result(text, events=[event("server", where=text)]), clients=[hostile])
    check(json.loads(json_bytes(built)), REPORT)
    assert all(line.isprintable() for line in render_table(built))
    assert symptom_words(built["clients"][0]).isprintable()
