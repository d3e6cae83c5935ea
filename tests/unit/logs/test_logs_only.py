# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of which only logs are known: what is said of them, and that nothing more is said than logs can tell."""

from __future__ import annotations

import gzip
import typing as t
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import all_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.folder import Log, search_folder
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context
from ansible_collections.unblock.updates.plugins.plugin_utils._logs_only import client_of, is_client, server_of
from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.unit.logs.material import FAULT, FIXTURES, ROOT, excerpts

RULES = load_rules()
RUN = "20261121T100000Z-1f2e3d4c"
HEAD = {"run_id": RUN, "finished_at": "2026-11-21T10:01:00Z", "check_mode": False, "rules": []}

CLIENT = (FIXTURES / "advisory-954960-cs-client.log").read_bytes()
STARTED = b"2008-06-13\t19:00:00:000\t 788\tee4\tMisc\t=  Logging initialized (build: 7.1.6001.65, tz: -0700)  =\n"
SERVED = (ROOT / "tests" / "lab" / "logs" / "client-healthy.log").read_bytes()
SERVER = (FIXTURES / "advisory-954960-cs-server.log").read_bytes()
PARTIAL = (FIXTURES / "cut-server-no-throw.log").read_bytes()
QUIET = (FIXTURES / "near-server-invalid-cookie.log").read_bytes()
SITE = (FIXTURES / "odd-site-new-stamps.log").read_bytes()


def logs(folder: Path, files: dict[str, bytes], since: datetime | None = None) -> list[Log]:
    """The logs of one host that sent these files."""
    for name, data in files.items():
        (folder / "host").mkdir(exist_ok=True)
        (folder / "host" / name).write_bytes(data)
    return list(search_folder(folder, all_signatures(RULES), Context(since=since)))


def verdict(folder: Path, advisory: str, files: dict[str, bytes], since: datetime | None = None) -> dict[str, t.Any]:
    host, dummy = server_of("host", logs(folder, files, since), RULES)
    return dict(next(one for one in host["assessments"] if one["advisory"] == advisory))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"WindowsUpdate.log": CLIENT}, True),
        ({"1.txt": CLIENT, "readme.txt": b"Here it is.\n"}, True),
        ({"WindowsUpdate.log": CLIENT, "SoftwareDistribution.log": QUIET}, False),
        ({"readme.txt": b"Here it is.\n"}, False),
        ({"WindowsUpdate.log.gz": gzip.compress(CLIENT)[:-9]}, True),
    ],
)
def test_a_client_sent_logs_of_a_client_only(tmp_path: Path, files: dict[str, bytes], expected: bool) -> None:
    assert is_client(logs(tmp_path, files)) is expected


@pytest.mark.parametrize(
    ("files", "log", "last_sync"),
    [
        ({"WindowsUpdate.log": CLIENT}, "read", None),
        (
            {"WindowsUpdate.log": STARTED + SERVED, "WindowsUpdate.log.old": CLIENT},
            "read",
            "2008-08-20T15:00:05.203000Z",
        ),
        ({"WindowsUpdate.log": CLIENT, "photo.gz": b"\x1f\x8b\x08"}, "truncated", None),
        ({"WindowsUpdate.log": CLIENT, "WindowsUpdate.log.old.gz": gzip.compress(CLIENT)[:-9]}, "unreadable", None),
    ],
)
def test_a_client(tmp_path: Path, files: dict[str, bytes], log: str, last_sync: str | None) -> None:
    client = client_of("host", logs(tmp_path, files))
    assert (client["log"], client["last_sync"], client["wu_server"]) == (log, last_sync, None)
    assert [(event["confidence"], event["fault_ids"]) for event in client["events"]] == [("certain", [FAULT])]


def test_a_clients_log_that_begins_too_late(tmp_path: Path) -> None:
    since = datetime(2008, 6, 1, tzinfo=timezone.utc)
    assert client_of("host", logs(tmp_path, {"WindowsUpdate.log": CLIENT}, since))["log"] == "truncated"


@pytest.mark.parametrize(
    ("files", "symptom", "words"),
    [
        ({"SoftwareDistribution.log": SERVER}, (True, False, 1), "they show the fault once, last 2008-06-14T02:59:57"),
        (
            {"SoftwareDistribution.log": PARTIAL},
            (False, True, 1),
            "they hold something like the fault, not all of it, once",
        ),
        ({"SoftwareDistribution.log": QUIET}, (False, False, 0), "they do not show the fault; which release runs"),
        ({"wsyncmgr.log": SITE}, (None, None, 0), "none of them is one in which this fault shows (SoftwareDist"),
        ({"readme.txt": b"Here.\n"}, (None, None, 0), "none of them is one in which this fault shows (SoftwareDist"),
        # The client's id stands in the server's log; the client's own log alone is a suspicion.
        ({"WindowsUpdate.log": CLIENT, "SoftwareDistribution.log": SERVER}, (True, False, 2), "they show the fault 2"),
        ({"WindowsUpdate.log": CLIENT, "SoftwareDistribution.log": QUIET}, (False, True, 1), "something like the"),
    ],
)
def test_a_server(tmp_path: Path, files: dict[str, bytes], symptom: tuple[t.Any, ...], words: str) -> None:
    found = verdict(tmp_path, "954960", files)
    assert (found["status"], found["action"], found["verification"]) == ("unknown", "investigate", "not_attempted")
    assert tuple(found["symptom"][key] for key in ("seen", "suspected", "count")) == symptom
    assert found["reason"].startswith("Only logs of this host are known: ") and words in found["reason"]


@pytest.mark.parametrize(
    ("files", "since", "observed"),
    [
        ({"SoftwareDistribution.log.gz": gzip.compress(QUIET)[:-9]}, None, "it cannot be read"),
        ({"SoftwareDistribution.log": QUIET}, datetime(2008, 1, 1, tzinfo=timezone.utc), "later than 2008-01-01T00:00"),
    ],
)
def test_silence_of_what_was_not_read_is_no_answer(
    tmp_path: Path, files: dict[str, bytes], since: datetime | None, observed: str
) -> None:
    found = verdict(tmp_path, "954960", files, since)
    assert (found["symptom"]["seen"], found["symptom"]["suspected"]) == (None, None)
    assert "what could be read of them does not show the fault" in found["reason"]
    (entry,) = found["evidence"]
    assert observed in entry["observed"] and entry["where"].startswith("host/SoftwareDistribution.log")


def test_no_excerpt_makes_a_verdict(tmp_path: Path) -> None:
    for number, excerpt in enumerate(excerpts()):
        folder = tmp_path / str(number)
        folder.mkdir()
        host, dummy = server_of("host", logs(folder, {excerpt.file: excerpt.data}), RULES)
        assert {one["status"] for one in host["assessments"]} == {"unknown"}, excerpt.file


def test_what_is_kept_fits_the_report(tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    sent = logs(tmp_path / "sent", {"SoftwareDistribution.log": SERVER, "wsyncmgr.log": SITE})
    host, events = server_of("case 1/wsus01", sent, RULES)
    assert not any("excerpt" in event for event in events)
    (tmp_path / "pc").mkdir()
    client = client_of("pc1", logs(tmp_path / "pc", {"WindowsUpdate.log": CLIENT}))
    HOST_FILES.write(tmp_path, t.cast(t.Any, {**HEAD, "host": host, "events": events}))
    CLIENT_FILES.write(tmp_path, t.cast(t.Any, {**HEAD, "client": client}))
    report = build_report(
        HOST_FILES.read(tmp_path, RUN, ["case 1/wsus01"]),
        run_id=RUN,
        check_mode=False,
        clients=CLIENT_FILES.read(tmp_path, RUN, ["pc1"]),
    )
    assert report["summary"]["by_status"] == {"unknown": 1}
    assert [(pair["client"], pair["server"], pair["fault_id"]) for pair in report["pairs"]] == [
        ("pc1", "case 1/wsus01", FAULT)
    ]
    assert [symptom["seen"] for one in report["hosts"][0]["assessments"] if (symptom := one["symptom"])] == [True, True]
    assert report["clients"][0]["symptom"]["last"] == "2008-06-14T02:59:57.642000Z"
