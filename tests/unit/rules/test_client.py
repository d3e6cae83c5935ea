# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client is asked, and what its answer says."""

from __future__ import annotations

import datetime
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._client import describe_client, reads_for_client
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import ClientFacts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.client import client_facts, client_log_state
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from tests.unit.rules.support import ABSENT, DENIED, FIXTURES, RULES, log, ok

LOGS = Path(__file__).resolve().parents[2] / "lab" / "logs"
PROBE = {
    "wow64": False,
    "arch": "x86",
    "time": "2008-08-21T10:00:00Z",
    "utc_offset_minutes": 120,
    "ansi_code_page": "1252",
}
SERVER = {"client.wu_server": ok("http://wsus1:8530"), "client.use_wu_server": ok(1)}


def _answer(reads: t.Mapping[str, t.Any], **probe: t.Any) -> dict[str, t.Any]:
    known = {read["id"]: ABSENT for read in reads_for_client(RULES)}
    assert reads.keys() <= known.keys()
    return {"probe": {**PROBE, **probe}, "reads": {**known, **reads}}


def _log(name: str) -> dict[str, t.Any]:
    """A log as findstr numbers it."""
    lines = (LOGS / name).read_text(encoding="ascii").splitlines()
    text = "".join(f"{number}:{line}\r\n" for number, line in enumerate(lines, start=1))
    return {**log(text, path=r"C:\WINDOWS\WindowsUpdate.log"), "head": lines[0]}


def _describe(answer: dict[str, t.Any], office_2003: bool | None = None) -> ClientFacts:
    received = datetime.datetime(2008, 8, 21, 9, 0, 30, tzinfo=datetime.timezone.utc)
    return describe_client(answer, RULES, Inventory(host="pc1", office_2003=office_2003), received)


def test_a_client_is_asked_for_its_server_and_its_log_only() -> None:
    ids = {read["id"] for read in reads_for_client(RULES) if not read["id"].startswith(("host.", "os."))}
    assert ids == {"client.wu_server", "client.use_wu_server", "954960.log.client", "954960.log.client_older"}


def test_a_server_is_not_asked_for_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text((FIXTURES / "own.yml").read_text(encoding="utf-8"), encoding="utf-8")
    for rules in (RULES, load_rules([str(tmp_path)])):
        asked = {read["id"].partition(".")[0] for read in reads_for(rules)}
        assert asked == {"host", "os", "wsus", "configmgr"} | {rule.id for rule in rules.rules}


@pytest.mark.parametrize(
    ("read", "fact", "value"),
    [
        ({"client.wu_server": ok(" http://wsus1:8530 ")}, "wu_server", "http://wsus1:8530"),
        ({"client.wu_server": ABSENT}, "wu_server", None),
        ({"client.wu_server": DENIED}, "wu_server", None),
        ({"client.wu_server": ok(["http://wsus1"])}, "wu_server", None),
        ({"client.use_wu_server": ok(1)}, "use_wu_server", True),
        ({"client.use_wu_server": ok(0)}, "use_wu_server", False),
        ({"client.use_wu_server": ok("1")}, "use_wu_server", False),
        ({"client.use_wu_server": ABSENT}, "use_wu_server", False),
        ({"client.use_wu_server": DENIED}, "use_wu_server", None),
    ],
)
def test_the_policy(read: dict[str, t.Any], fact: str, value: object) -> None:
    assert client_facts(Readings(_answer(read)))[fact] == value


@pytest.mark.parametrize(
    ("read", "state"),
    [
        (log(), "read"),
        (log(truncated=True), "truncated"),
        (ABSENT, "absent"),
        (DENIED, "unreadable"),
        ({"state": "too_large"}, "unreadable"),
        ({"state": "skipped"}, "unreadable"),
    ],
)
def test_what_became_of_the_log(read: dict[str, t.Any], state: str) -> None:
    assert client_log_state(RULES.rules, Readings(_answer({"954960.log.client": read}))) == state


def test_a_refused_client() -> None:
    found = _describe(_answer({**SERVER, "954960.log.client": _log("client-refused.log")}))
    assert (found["wu_server"], found["log"], found["last_sync"]) == ("http://wsus1:8530", "read", None)
    (event,) = found["events"]
    assert (event["confidence"], event["first"], event["count"]) == ("certain", "2008-06-13T17:59:56.617Z", 1)
    assert event["fault_ids"] == ["7b1f0c52-2a9e-4d61-8e3b-94d0c6f1a27e"]
    assert "ErrorCode:InternalServerError" in event["excerpt"]


def test_a_healthy_client_tells_when_it_last_finished_a_search() -> None:
    reads = {"954960.log.client": log(), "954960.log.client_older": _log("client-healthy.log")}
    reads["954960.log.client"]["head"] = None
    found = _describe(_answer(reads))
    assert (found["events"], found["last_sync"]) == ([], "2008-08-20T06:00:05.203000Z")


def test_a_32_bit_probe_knows_nothing_of_a_client() -> None:
    found = _describe(_answer({**SERVER, "954960.log.client": _log("client-refused.log")}, wow64=True))
    assert (found["wu_server"], found["use_wu_server"], found["log"], found["events"]) == (None, None, "unreadable", [])


def test_what_a_proof_needs_beside_the_log() -> None:
    found = _describe(_answer(SERVER), office_2003=True)
    assert (found["office_2003"], found["clock_skew"]) == (True, 3570)
    assert _describe(_answer(SERVER))["office_2003"] is None
    assert _describe(_answer(SERVER, time="2008-13-45T10:00:00Z"))["clock_skew"] is None
