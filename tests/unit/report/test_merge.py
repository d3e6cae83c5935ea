# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One report of several runs: slices of a sweep, sites, days."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.files import write_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.merge import merge_reports
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import ClientResult, HostResult, Report
from tests.unit.report.samples import HOSTILE, NOW, assessment, client, event, failed, hostile_result, result

FIXED = assessment("compliant", verification="pending", fixed_at="2008-06-10T00:00:00Z")


def _run(
    folder: Path,
    run_id: str,
    *results: HostResult,
    clients: t.Sequence[ClientResult] = (),
    day: int = 21,
    check_mode: bool = False,
) -> str:
    """Writes what a run leaves in its folder; returns the folder."""
    finished = {"run_id": run_id, "finished_at": f"2026-11-{day}T10:00:00Z", "check_mode": check_mode}
    servers = [t.cast(HostResult, {**one, **finished}) for one in results]
    asked = [t.cast(ClientResult, {**one, **finished}) for one in clients]
    for one in servers:
        HOST_FILES.write(folder, one)
    for other in asked:
        CLIENT_FILES.write(folder, other)
    write_report(folder, build_report(servers, run_id=run_id, check_mode=check_mode, clients=asked, now=NOW))
    return str(folder)


def _merge(*paths: str) -> Report:
    return merge_reports(paths, run_id="merged", now=NOW)


def _only_report(folder: str) -> str:
    for part in ("hosts", "clients"):
        for file in (Path(folder) / part).glob("*"):
            file.unlink()
    return str(Path(folder) / "report.json")


def _by_host(report: Report) -> dict[str, t.Any]:
    return {host["name"]: host for host in report["hosts"]}


@pytest.mark.parametrize("files", [True, False], ids=["folders", "report.json alone"])
def test_slices_make_the_report_of_the_unsliced_run(tmp_path: Path, files: bool) -> None:
    """A client of one slice proves the fix of a server of another, and is paired with it."""
    refused = event("client", first="2008-06-09T10:00:00Z", last="2008-06-09T10:00:00Z")
    symptom = {
        "seen": False, "suspected": False, "first": None, "last": None, "count": 0,
        "after_fix": False, "searched_from": "2008-06-01T00:00:00Z",
    }  # fmt: skip
    server = result("wsus1", {**FIXED, "symptom": symptom}, events=[event("server")], clock_skew=0)
    served = client("pc1", refused, last_sync="2008-06-12T00:00:00Z", clock_skew=0, office_2003=True)
    rest = [result("wsus2"), failed("wsus3")]
    whole = _run(tmp_path / "whole", "r", server, *rest, clients=[served])
    slices = [
        _run(tmp_path / "a", "a", server, rest[0]),
        _run(tmp_path / "b", "b", rest[1], clients=[served]),
    ]
    merged = _merge(*(slices if files else map(_only_report, slices)))
    unsliced = json.loads((Path(whole) / "report.json").read_bytes())
    assert unsliced["hosts"][0]["assessments"][0]["verification"] == "proven"
    assert unsliced["pairs"] and unsliced["clients"][0]["server"] == "wsus1"
    without_runs: dict[str, t.Any] = copy.deepcopy(t.cast("dict[str, t.Any]", merged))
    assert [entry.pop("run_id") for entry in (*without_runs["hosts"], *without_runs["clients"])] == ["a", "a", "b", "b"]
    del without_runs["merged"]
    assert without_runs == {**unsliced, "run_id": "merged"}


def test_a_proof_survives_although_only_the_report_knows_it(tmp_path: Path) -> None:
    folder = _run(tmp_path / "a", "a", result("wsus1", {**FIXED, "verification": "proven"}))
    assert _merge(_only_report(folder))["hosts"][0]["assessments"][0]["verification"] == "proven"


def test_the_newest_verdict_counts_and_the_others_are_named(tmp_path: Path) -> None:
    days = [
        _run(tmp_path / "friday", "fri", result("wsus1"), day=20),
        _run(tmp_path / "today", "sat", result("wsus1", assessment("compliant")), day=21),
        _run(tmp_path / "thursday", "thu", failed("wsus1"), day=19),
    ]
    for paths in (days, days[::-1]):
        (host,) = _merge(*paths)["hosts"]
        assert (host["status"], host["run_id"]) == ("compliant", "sat")
        assert host["other_results"] == [
            {"run_id": "fri", "finished_at": "2026-11-20T10:00:00Z", "status": "non_compliant"},
            {"run_id": "thu", "finished_at": "2026-11-19T10:00:00Z", "status": "unreachable"},
        ]


def test_a_verdict_beats_a_newer_failure_to_judge_which_is_named(tmp_path: Path) -> None:
    (host,) = _merge(
        _run(tmp_path / "a", "a", result("wsus1"), day=20), _run(tmp_path / "b", "b", failed("wsus1"), day=21)
    )["hosts"]
    assert (host["status"], host["finished_at"]) == ("non_compliant", "2026-11-20T10:00:00Z")
    assert [other["status"] for other in host["other_results"]] == ["unreachable"]


def test_of_failures_the_newest_counts(tmp_path: Path) -> None:
    (host,) = _merge(
        _run(tmp_path / "a", "a", failed("wsus1", "error"), day=21), _run(tmp_path / "b", "b", failed("wsus1"), day=20)
    )["hosts"]
    assert host["status"] == "error"


def test_a_host_that_left_no_file_stays_in_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    results = HOST_FILES.read(folder, "a", ["lost"])
    write_report(folder, build_report(results, run_id="a", check_mode=False, now=NOW))
    merged = _merge(str(folder), _run(tmp_path / "b", "b", result("wsus1")))
    assert {name: host["status"] for name, host in _by_host(merged).items()} == {
        "lost": "error",
        "wsus1": "non_compliant",
    }
    assert merged["summary"]["hosts"] == 2


def test_what_an_interrupted_run_left_counts(tmp_path: Path) -> None:
    folder = _run(tmp_path / "a", "good", result("wsus1"), result("wsus2"), day=20)
    newer = {**result("wsus1", assessment("compliant")), "run_id": "cut", "finished_at": "2026-11-21T10:00:00Z"}
    HOST_FILES.write(Path(folder), t.cast(HostResult, newer))
    merged = _merge(folder)
    assert {name: (host["status"], host["run_id"]) for name, host in _by_host(merged).items()} == {
        "wsus1": ("compliant", "cut"),
        "wsus2": ("non_compliant", "good"),
    }
    assert {run["run_id"]: run["hosts"] for run in merged["merged"]} == {"good": 2, "cut": 1}


def test_a_folder_without_a_report_is_enough(tmp_path: Path) -> None:
    HOST_FILES.write(tmp_path, result("wsus1"))
    assert [host["name"] for host in _merge(str(tmp_path))["hosts"]] == ["wsus1"]


def test_the_report_names_the_runs_that_it_was_made_from(tmp_path: Path) -> None:
    north = _run(tmp_path / "north", "n", result("wsus1"), clients=[client("pc1")], check_mode=True)
    south = _only_report(_run(tmp_path / "south", "s", result("wsus2"), result("wsus3"), day=20))
    merged = _merge(north, south)
    assert merged["merged"] == [
        {
            "source": north, "run_id": "n", "check_mode": True, "hosts": 1, "clients": 1,
            "finished_at": "2026-11-21T10:00:00Z",
        },
        {
            "source": south, "run_id": "s", "check_mode": False, "hosts": 2, "clients": 0,
            "finished_at": "2026-11-20T10:00:00Z",
        },
    ]  # fmt: skip
    assert merged["check_mode"] is False, "one of the runs may have changed something"
    assert _merge(north)["check_mode"] is True


def test_merging_again_loses_nothing(tmp_path: Path) -> None:
    first = _run(tmp_path / "a", "a", result("wsus1"), day=19)
    second = _run(tmp_path / "b", "b", failed("wsus1"), day=20)
    write_report(tmp_path / "week", _merge(first, second))
    third = _run(tmp_path / "c", "c", result("wsus1", assessment("compliant")), day=21)
    again = _merge(str(tmp_path / "week"), third, second)
    (host,) = again["hosts"]
    assert (host["status"], host["run_id"]) == ("compliant", "c")
    assert [other["run_id"] for other in host["other_results"]] == ["b", "a"]
    assert {run["run_id"] for run in again["merged"]} == {"a", "b", "c"}


def test_rules_of_every_version_are_listed_and_each_host_names_its_own(tmp_path: Path) -> None:
    newer = result("wsus2")
    newer["rules"] = [{"id": "954960", "version": "1.3.0", "sha256": "d9" * 32}]
    merged = _merge(_run(tmp_path / "a", "a", result("wsus1")), _run(tmp_path / "b", "b", newer))
    assert [rule["version"] for rule in merged["rules"]] == ["1.2.0", "1.3.0"]
    assert {name: host["rules"] for name, host in _by_host(merged).items()} == {
        "wsus1": ["b7" * 32],
        "wsus2": ["d9" * 32],
    }


def _named(name: str, computer: str | None) -> HostResult:
    return result(name, os={**t.cast("dict[str, t.Any]", result()["host"]["os"]), "computer_name": computer})


@pytest.mark.parametrize("other", ["WSUS-A", "wsus-a", None])
def test_one_computer_is_one_host(tmp_path: Path, other: str | None) -> None:
    first = _run(tmp_path / "a", "a", _named("wsus1", "WSUS-A"))
    assert len(_merge(first, _run(tmp_path / "b", "b", _named("wsus1", other)))["hosts"]) == 1


def test_two_computers_of_one_name_are_an_error(tmp_path: Path) -> None:
    first = _run(tmp_path / "a", "a", _named("wsus1", "WSUS-A"))
    second = _run(tmp_path / "b", "b", _named("wsus1", "WSUS-B"))
    with pytest.raises(ReportError) as caught:
        _merge(first, second)
    assert str(caught.value).startswith(
        f"wsus1 is the name of different computers: wsus-a in {first} and wsus-b in {second}. Give one of them another"
    )


def _nothing(folder: Path) -> Path:
    (folder / "hosts").mkdir()
    return folder


def _file(folder: Path, content: bytes, name: str = "report.json") -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "gone", r"gone cannot be read: No such file or directory\.$"),
        (_nothing, "holds neither a report.json nor results of hosts"),
        (lambda folder: _file(folder, b"{"), "report.json is not JSON: "),
        (lambda folder: _file(folder, b"[" * 200_000), "report.json is not JSON: "),
        (lambda folder: _file(folder, b"\xff"), "report.json is not JSON: "),
        (lambda folder: _file(folder, b"{}"), r"report.json is no report of this collection's schema: \$: "),
        (lambda folder: _file(folder, b"{}").parent, "report.json is no report of this collection's schema"),
        (lambda folder: _file(folder, b"{}", "hosts/a.json").parents[1], "hosts/a.json is no host result: "),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(tmp_path: Path, make: t.Callable[[Path], Path], message: str) -> None:
    with pytest.raises(ReportError, match=message) as caught:
        _merge(str(make(tmp_path)))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_comes_through_unchanged(tmp_path: Path, text: str) -> None:
    folder = _run(tmp_path / "a", "a", hostile_result(text), clients=[client(text)])
    (host,) = _merge(_only_report(folder))["hosts"]
    assert host["assessments"][0]["reason"] == text.replace("\ud800", "\ufffd")
