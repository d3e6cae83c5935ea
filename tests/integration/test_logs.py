# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs judged by themselves: one on a host or on the controller, and a folder of what people sent."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import typing as t
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY, Run, ansible_playbook, module_results
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, LabHost, Options

SEARCH = "unblock.updates.log_signature_info"
LOGS = REPOSITORY / "tests" / "lab" / "logs"
EXCERPTS = REPOSITORY / "tests" / "fixtures" / "logs"
FAULT = "7b1f0c52-2a9e-4d61-8e3b-94d0c6f1a27e"

REFUSED = (LOGS / "client-refused.log").read_bytes()
HEALTHY = (LOGS / "client-healthy.log").read_bytes()
SERVER = (LOGS / "server-symptom-rtm.log").read_bytes()
QUIET = (LOGS / "server-quiet.log").read_bytes()
SITE = (LOGS / "site-symptom.log").read_bytes()


def search(inventory: Path, name: str, *options: str, **arguments: t.Any) -> dict[str, t.Any]:
    """Search one log from one host of an inventory."""
    return module_results(inventory, name, SEARCH, "-a", json.dumps(arguments), *options)[name]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    options = Options(executor="simulated", port=free_port())
    with Lab(REPOSITORY / "tests/lab/fleets/verify.yml", tmp_path_factory.mktemp("logs"), options) as lab:
        yield lab


def test_a_client_that_was_refused(simulated: Lab) -> None:
    host = simulated.host("client-refused")
    before = host.snapshot()
    found = search(simulated.inventory, host.name, "--check", path=r"%windir%\WindowsUpdate.log", timeout=60)
    assert (found["failed"], found["changed"]) == (False, False), found
    assert (found["path"], found["logs"]) == (r"C:\WINDOWS\WindowsUpdate.log", ["client"])
    (event,) = found["events"]
    assert (event["confidence"], event["fault_ids"], event["count"]) == ("certain", [FAULT], 1)
    # The host's clock shows UTC, the log names no offset.
    assert event["first"] == "2008-06-13T19:59:56.617Z"
    assert event["where"] == r"C:\WINDOWS\WindowsUpdate.log:3"
    assert (found["begins"], found["incomplete"]) == ("2008-06-13T19:59:53.383Z", None)
    assert before.differences(host.snapshot()) == []


def test_a_log_that_begins_after_the_time_asked_for(simulated: Lab) -> None:
    path = r"C:\WINDOWS\WindowsUpdate.log"
    later = search(simulated.inventory, "client-refused", path=path, since="2008-06-14T00:00:00Z")
    assert (later["events"], later["incomplete"]) == ([], None)
    # Five minutes are allowed for, and what the clocks of the lab differ by: nothing.
    near = search(simulated.inventory, "client-refused", path=path, since="2008-06-13T20:03:00Z")
    assert [event["confidence"] for event in near["events"]] == ["certain"]
    before = search(simulated.inventory, "client-refused", path=path, since="2008-06-13T00:00:00+02:00")
    assert before["incomplete"] == (
        "what was read begins at 2008-06-13T19:59:53.383Z, later than 2008-06-12T22:00:00.000Z"
    )
    wrong = search(simulated.inventory, "client-refused", path=path, since="yesterday")
    assert wrong["failed"] and wrong["msg"].startswith("since: ")


@pytest.mark.one_core
def test_what_cannot_be_searched_is_said(simulated: Lab) -> None:
    host = simulated.host("wsus-rtm")
    gone = search(simulated.inventory, host.name, path=r"C:\no\such.log")
    assert gone["failed"] and r"C:\no\such.log on" in gone["msg"] and "there is no such file" in gone["msg"]
    host.put(r"C:\sent.log", SERVER.decode().encode("utf-16"))
    wide = search(simulated.inventory, host.name, path=r"C:\sent.log")
    assert (wide["events"], wide["incomplete"]) == ([], "it is UTF-16, in which findstr finds nothing")
    assert wide["logs"] == ["client", "server", "site"], "the name tells nothing, so all are looked for"


@pytest.mark.parametrize("executor", ["simulated", pytest.param("wine", marks=pytest.mark.one_core)])
def test_no_more_than_64_kib_come_back(executor: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("simulated" if executor == "simulated" else "tls_lab")
    host: LabHost = lab.host("wsus-sp1-unpatched")
    faults = 300
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(faults)]
    text = QUIET + b"".join(SERVER.replace(FAULT.encode(), one.encode()) for one in ids)
    path = r"C:\windows\temp\SoftwareDistribution.log"
    host.put(path, text.replace(b"\n", b"\r\n"))
    try:
        found = search(lab.inventory, host.name, path=path, timeout=120)
    finally:
        host.run(f"del {path}")
    assert not found["failed"], found
    assert 60_000 < found["scanned"]["bytes"] <= 65_536
    assert (found["scanned"]["truncated"], found["incomplete"]) == (True, "only a part of it was read")
    certain = [event for event in found["events"] if event["confidence"] == "certain"]
    known = [one for event in certain for one in event["fault_ids"]]
    assert known == ids[-len(known) :] and len(known) > 40, "the newest are kept"
    assert sum(event["count"] for event in certain) == len(known)
    line = int(certain[0]["where"].rpartition(":")[2])
    assert text.splitlines()[line - 1].startswith(b"2008-06-14 02:59:57.642 UTC\tError")


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.ini"
    path.write_text("wsus1 ansible_connection=winrm ansible_host=127.54.255.254 ansible_port=1\n")
    return path


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("name", "data", "events"),
    [
        ("mail.txt", (EXCERPTS / "odd-client-mail-reply.log").read_bytes(), [("client", "certain")]),
        ("attachment", SERVER.decode().encode("utf-16"), [("server", "certain")]),
        ("wsyncmgr.lo_", SITE, [("site", "certain")]),
        ("WindowsUpdate.log.old", (EXCERPTS / "cut-client-no-method.log").read_bytes(), [("client", "possible")]),
        ("SoftwareDistribution.log", (EXCERPTS / "near-server-deadlock.log").read_bytes(), []),
    ],
)
def test_a_file(inventory: Path, name: str, data: bytes, events: list[tuple[str, str]]) -> None:
    path = inventory.parent / name
    path.write_bytes(data)
    found = search(inventory, "wsus1", path=str(path), remote=False)
    assert [(event["log"], event["confidence"]) for event in found["events"]] == events, found
    assert (found["incomplete"], found["scanned"]["truncated"]) == (None, False)


@pytest.mark.one_core
def test_only_its_end(inventory: Path) -> None:
    path = inventory.parent / "SoftwareDistribution.log"
    path.write_bytes(SERVER + QUIET * 50)
    found = search(inventory, "wsus1", path=str(path), remote=False, max_bytes=len(QUIET) * 20)
    assert (found["events"], found["incomplete"]) == ([], "only a part of it was read")
    assert found["scanned"] == {
        "bytes": len(QUIET) * 20, "lines": QUIET.count(b"\n") * 20, "truncated": True
    }  # fmt: skip


@pytest.mark.one_core
def test_what_cannot_be_read(inventory: Path) -> None:
    gone = search(inventory, "wsus1", path=str(inventory.parent / "none.log"), remote=False)
    assert gone["failed"] and "none.log on the controller cannot be read: No such file or directory" in gone["msg"]
    device = search(inventory, "wsus1", path="/dev/zero", remote=False)
    assert device["failed"] and "/dev/zero on the controller cannot be read" in device["msg"]


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


#: What a support engineer finds in a case's folder.
SENT = {
    "PC1/Kopie von WindowsUpdate (2).LOG": REFUSED,
    "pc2.zip": zipped({"Windows/WindowsUpdate.log": HEALTHY}),
    "wsus01/LogFiles/SoftwareDistribution.log": QUIET,
    "wsus01/LogFiles/SoftwareDistribution.log.old.gz": gzip.compress(SERVER),
    "site p01/mail attachment.txt": SITE.decode().encode("utf-16"),
    "wsus02/SoftwareDistribution.log": QUIET,
    "wsus03/SoftwareDistribution.log": zipped({"SoftwareDistribution.log": SERVER})[:-40],
    "pc9/WindowsUpdate.log.gz": gzip.compress(bytes(100 << 20)),
    "notes/readme.txt": b"Here are the logs.\n",
    "notes/holiday.zip": zipped({"1.jpg": bytes(100 << 20)}),
}


class Sent(t.NamedTuple):
    """A folder of logs, and what logs.yml made of it."""

    folder: Path
    run: Run
    report_dir: Path
    report: dict[str, t.Any]

    def host(self, name: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", next(one for one in self.report["hosts"] if one["name"] == name))

    def client(self, name: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", next(one for one in self.report["clients"] if one["name"] == name))

    def verdict(self, name: str, advisory: str) -> dict[str, t.Any]:
        return next(one for one in self.host(name)["assessments"] if one["advisory"] == advisory)


def logs_yml(folder: Path, report_dir: Path, *options: str, **variables: t.Any) -> Run:
    variables = {"unblock_logs": str(folder), "unblock_report_dir": str(report_dir), **variables}
    return ansible_playbook("playbooks/logs.yml", Path("localhost,"), "-e", json.dumps(variables), *options)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    folder = tmp_path_factory.mktemp("sent") / "case 4711"
    for name, data in SENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    report_dir = tmp_path_factory.mktemp("report")
    run = logs_yml(folder, report_dir)
    return Sent(folder, run, report_dir, json.loads((report_dir / "report.json").read_bytes()))


def test_hosts_are_called_after_folders(sent: Sent) -> None:
    assert sent.run.code == 0, sent.run.output
    assert [host["name"] for host in sent.report["hosts"]] == ["notes", "site p01", "wsus01", "wsus02", "wsus03"]
    assert [client["name"] for client in sent.report["clients"]] == ["PC1", "pc2", "pc9"]


def test_no_server_is_compliant_by_its_logs(sent: Sent) -> None:
    assert sent.report["summary"]["by_status"] == {"unknown": 5}
    for host in sent.report["hosts"]:
        for verdict in host["assessments"]:
            assert (verdict["status"], verdict["verification"]) == ("unknown", "not_attempted")
            assert "unblock.updates.compliance" in verdict["next_step"]


def test_a_fault_in_a_servers_older_log(sent: Sent) -> None:
    verdict = sent.verdict("wsus01", "954960")
    assert (verdict["symptom"]["seen"], verdict["symptom"]["count"]) == (True, 1)
    assert verdict["symptom"]["last"].startswith("2008-06-14T02:59:57.642")
    assert verdict["reason"].startswith("Only logs of this host are known: they show the fault once, last 2008-06-14")
    assert [entry["where"] for entry in verdict["evidence"] if "faults: 1" in entry["observed"]] == [
        "wsus01/LogFiles/SoftwareDistribution.log.old"
    ]


def test_a_site_server_in_utf_16_by_another_name(sent: Sent) -> None:
    symptom = sent.verdict("site p01", "954474")["symptom"]
    assert (symptom["seen"], symptom["count"]) == (True, 1)
    other = sent.verdict("site p01", "954960")
    assert other["symptom"]["seen"] is None
    assert "none of them is one in which this fault shows (SoftwareDistribution.log)" in other["reason"]


def test_silence_proves_nothing_of_a_log_that_was_not_read(sent: Sent) -> None:
    assert sent.verdict("wsus02", "954960")["symptom"]["seen"] is False
    damaged = sent.verdict("wsus03", "954960")
    assert damaged["symptom"]["seen"] is None
    assert any("cannot be read" in entry["observed"] for entry in damaged["evidence"])
    assert sent.client("pc9")["log"] == "unreadable"


def test_a_client_is_paired_with_the_server_that_refused_it(sent: Sent) -> None:
    assert sent.report["pairs"] == [
        {
            "advisory": "954960",
            "fault_id": FAULT,
            "client": "PC1",
            "client_time": "2008-06-13T19:59:56.617",
            "server": "wsus01",
            "server_time": "2008-06-14T02:59:57.642Z",
        }
    ]
    assert (sent.client("PC1")["server"], sent.client("PC1")["symptom"]["seen"]) == ("wsus01", True)
    assert (sent.client("pc2")["server"], sent.client("pc2")["symptom"]["seen"]) == (None, False)


def test_bombs_are_refused_by_name(sent: Sent) -> None:
    words = " ".join(sent.run.output.split())
    for name in ("pc9/WindowsUpdate.log.gz", "notes/holiday.zip"):
        assert f"{name} was not searched: far more comes out of it than logs pack to" in words


def test_every_form_of_the_report(sent: Sent) -> None:
    page = (sent.report_dir / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in ("wsus01", "site p01", "PC1"))
    assert "refused by the server, in both logs, once, last 2008-06-14 02:59:57 UTC" in page
    rows = list(csv.DictReader((sent.report_dir / "report.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["host"] for row in rows} >= {"wsus01", "wsus02", "site p01"}
    junit = ET.parse(sent.report_dir / "report.junit.xml").getroot()
    assert {case.find("error") is not None for case in junit.iter("testcase")} == {True}


def test_nothing_is_written_beside_the_logs(sent: Sent) -> None:
    now = {path.relative_to(sent.folder).as_posix(): path for path in sent.folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in now.items()} == SENT


def test_check_mode_says_the_same(sent: Sent, tmp_path: Path) -> None:
    run = logs_yml(sent.folder, tmp_path, "--check")
    assert run.code == 0, run.output
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["check_mode"] is True
    assert (report["summary"], report["pairs"]) == (sent.report["summary"], sent.report["pairs"])
    assert [host["assessments"] for host in report["hosts"]] == [host["assessments"] for host in sent.report["hosts"]]


@pytest.mark.one_core
def test_since(sent: Sent, tmp_path: Path) -> None:
    run = logs_yml(sent.folder, tmp_path, unblock_logs_since="2008-06-20T00:00:00Z")
    assert run.code == 0, run.output
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["pairs"] == []
    (verdict,) = (
        one for host in report["hosts"] if host["name"] == "wsus01" for one in host["assessments"]
        if one["advisory"] == "954960"
    )  # fmt: skip
    assert verdict["symptom"]["seen"] is False


@pytest.mark.one_core
def test_the_play_fails_on_the_statuses_that_the_operator_names(sent: Sent, tmp_path: Path) -> None:
    run = logs_yml(sent.folder, tmp_path, unblock_fail_on=["unknown"])
    assert run.code == 2
    assert re.search(r"unknown: notes, site p01, wsus01", run.output), run.output
    assert (tmp_path / "report.json").exists()


@pytest.mark.one_core
def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    run = logs_yml(tmp_path / "nothing", tmp_path)
    assert run.code == 2
    assert f"{tmp_path}/nothing on the controller cannot be read: No such file or directory" in run.output
