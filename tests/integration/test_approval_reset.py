# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `wsus_approval_reset` as a user calls it, on Wine hosts (real processes) and simulated ones."""

from __future__ import annotations

import contextlib
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY, kill, module_results, start_module
from tests.integration.approval_hosts import DATABASE, KEY, UPDATE_ID, calls, edit, is_declined, left, server
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, LabHost, Options
from tests.lab.susdb import OFFICE_2003_SP1, change_database, make_database, plant_fault

Results = dict[str, dict[str, t.Any]]
MODULE = "unblock.updates.wsus_approval_reset"
FLEETS = REPOSITORY / "tests" / "lab" / "fleets"
MUI_PACK = "Office 2003 Service Pack 1 for Multilingual User Interface Pack"
JOURNAL = rf"{KEY}\updates\954960"
GATE = r"C:\lab\gate"


@contextlib.contextmanager
def servers(executor: str, directory: Path) -> Iterator[Lab]:
    """Two servers, one of them to be a replica."""
    options = Options(executor=executor, port=free_port(), network="127.61.0.0/16")
    with Lab(FLEETS / "approval-reset.yml", directory, options) as lab:
        yield lab


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with servers("simulated", tmp_path_factory.mktemp("simulated")) as lab:
        yield lab


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with servers("wine", tmp_path_factory.mktemp("wine")) as lab:
        yield lab


def fresh(lab: Lab, name: str) -> LabHost:
    """A host of a lab as if nobody had treated it."""
    host = lab.host(name)
    settings = {"replica": True, "upstream": "wsus1"} if name == "replica" else {}
    host.put(DATABASE, make_database({"version": "3.0.6000.374", **settings}).encode())
    host.run(f"reg delete {KEY} /f")
    return host


def reset(lab: Lab, pattern: str, *arguments: str) -> Results:
    return module_results(lab.inventory, pattern, MODULE, *arguments)


def state(results: Results, name: str) -> tuple[t.Any, ...]:
    result = results[name]
    return result["failed"], result["changed"], result["remedy"]["outcome"]


@pytest.mark.parametrize(
    ("executor", "names"),
    [("simulated", ["replica", "alone"]), pytest.param("wine", ["replica"], marks=pytest.mark.one_core)],
)
def test_what_check_mode_foresees_is_done_and_only_once(
    request: pytest.FixtureRequest, executor: str, names: list[str]
) -> None:
    lab: Lab = request.getfixturevalue(executor)
    hosts = {name: fresh(lab, name) for name in names}
    replica, pattern = hosts["replica"], ":".join(names)
    untouched, asked = replica.snapshot(), len(replica.requests())
    foreseen = reset(lab, pattern, "-a", "use_helper=true", "--check")
    assert untouched.differences(replica.snapshot()) == []
    assert len(replica.requests()) - asked <= 31
    assert foreseen["replica"]["replica"] == {"before": True, "during": None, "after": None}
    assert "Its approvals for Desktops do not come back." in foreseen["replica"]["msg"]
    asked = len(replica.requests())
    done = reset(lab, pattern, "-a", "run_id='night & day'")
    assert len(replica.requests()) - asked <= 45
    for name, host in hosts.items():
        assert state(foreseen, name) == (False, True, "would_change")
        assert state(done, name) == (False, True, "changed")
        assert foreseen[name]["remedy"]["before"] == done[name]["remedy"]["before"]
        assert foreseen[name]["wsus_update"]["before"] == done[name]["wsus_update"]["before"]
        assert done[name]["wsus_update"]["before"]["id"] == UPDATE_ID
        assert is_declined(host) and server(host)["consistent"] == "true"
        record = left(host)["Record"]
        assert left(host) == {"Record": record}
        assert record["time"] == done[name]["remedy"]["finished"]
        assert (record["action"], record["run_id"]) == ("apply_rtm_workaround", "night & day")
        assert server(host)["replica"] == ("true" if host is replica else "false")
    assert done["replica"]["replica"] == {"before": True, "during": False, "after": True}
    assert done["replica"]["wsus_update"]["after"]["declined"] is True
    treated = replica.snapshot()
    changed = untouched.differences(treated)
    assert all("susdb.xml" in line or "unblock" in line for line in changed), changed
    again = reset(lab, pattern)
    assert {state(again, name) for name in hosts} == {(False, False, "unchanged")}
    assert treated.differences(replica.snapshot()) == []


@pytest.mark.one_core
def test_check_mode_compiles_nothing_unless_it_may(simulated: Lab) -> None:
    replica = fresh(simulated, "replica")
    before, asked = replica.snapshot(), len(replica.requests())
    result = reset(simulated, "replica", "--check")
    assert state(result, "replica") == (False, True, "would_change")
    assert "the catalogue was not asked" in result["replica"]["msg"]
    assert before.differences(replica.snapshot()) == []
    assert len(replica.requests()) - asked <= 9


@pytest.mark.one_core
def test_the_literal_way_accepts_the_licence(simulated: Lab) -> None:
    replica = fresh(simulated, "replica")
    edit(replica, change_database, OFFICE_2003_SP1, license_required=True)
    done = reset(simulated, "replica", "-a", "approve_as=install")["replica"]
    steps = [step["step"] for step in done["steps"]]
    assert steps[1:5] == ["decline", "accept_license", "approve", "decline_again"]
    assert done["wsus_update"]["after"]["license_required"] is False


@pytest.mark.one_core
def test_a_program_that_is_killed_is_made_good_at_once(wine: Lab) -> None:
    replica = fresh(wine, "replica")
    edit(replica, plant_fault, "Approve", at=1, after=True, kill=True)
    failed = reset(wine, "replica")
    assert state(failed, "replica") == (True, True, "failed")
    assert "put in order again" in failed["replica"]["msg"]
    assert (server(replica)["replica"], is_declined(replica), left(replica)) == ("true", True, {})


@pytest.mark.one_core
def test_a_deadline_ends_the_program_and_the_server_is_put_in_order(wine: Lab) -> None:
    host = fresh(wine, "alone")  # a replica is given longer, to save its settings
    edit(host, plant_fault, "Approve", at=1, after=True, gate="gate")
    host.put(GATE, b"")
    failed = reset(wine, "alone", "-a", "timeout=20")["alone"]
    assert "had not ended after 20 s" in failed["error"]["observed"] and "put in order again" in failed["msg"]
    assert (is_declined(host), left(host)) == (True, {})


@pytest.mark.one_core
def test_a_killed_controller_is_no_harm(wine: Lab) -> None:
    """SIGKILL for Ansible with all its workers; what it had started goes on, on the host."""
    replica = fresh(wine, "replica")
    edit(replica, plant_fault, "Approve", at=1, after=True, gate="gate")
    replica.put(GATE, b"")
    process = start_module(wine.inventory, "replica", MODULE, "-a", "run_id=killed")
    deadline = time.monotonic() + 120
    while is_declined(replica) or calls(replica)["Approve"] == 0:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    kill(process)
    at_work = reset(wine, "replica")["replica"]
    assert at_work["error"]["layer"] == "working folder"
    assert "another run works here: killed, since 20" in at_work["error"]["observed"]
    assert set(left(replica)) == {"Journal", "Session", "files"}
    assert (server(replica)["replica"], is_declined(replica)) == ("false", False)
    replica.run(f"del {GATE}")
    while (server(replica)["replica"], is_declined(replica)) != ("true", True):  # what was started ends its work
        assert time.monotonic() < deadline
        time.sleep(0.2)
    replica.end_idle_shells()  # as the service does after their idle time; until then they keep others off
    last = reset(wine, "replica")
    assert state(last, "replica") == (False, True, "changed")
    assert "Ended the reset that was interrupted" in last["replica"]["msg"]
    assert (server(replica)["replica"], server(replica)["consistent"], is_declined(replica)) == ("true", "true", True)
    assert set(left(replica)) == {"Record"}


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    options = Options(executor="simulated", port=free_port(), network="127.62.0.0/16")
    with Lab(FLEETS / "approval-refusals.yml", tmp_path_factory.mktemp("refusals"), options) as lab:
        for name, update, attributes in (
            ("without-the-update", OFFICE_2003_SP1, {"title": "Office XP Service Pack 3"}),
            ("two-of-that-title", MUI_PACK, {"title": OFFICE_2003_SP1}),
            ("licence", OFFICE_2003_SP1, {"license_required": True}),
            ("expired", OFFICE_2003_SP1, {"expired": True, "declined": True}),
            ("reporter", None, {"user_role": "reporter"}),
            ("unauthorized", None, {"user_role": "unauthorized"}),
        ):
            edit(lab.host(name), change_database, update, **attributes)
        api = r"C:\Program Files\Update Services\Api\Microsoft.UpdateServices.Administration.dll"
        cache = r"%windir%\assembly\GAC_MSIL\Microsoft.UpdateServices.Administration\3.0.6000.374__31bf3856ad364e35"
        lab.host("without-database").run(r"del C:\lab\susdb.xml")
        lab.host("without-api").run(f'del "{api}"')
        lab.host("api-in-cache").run(f'mkdir "{cache}" & move "{api}" "{cache}"')
        framework = r"C:\WINDOWS\Microsoft.NET\Framework"
        lab.host("without-framework").run(rf'del "{framework}\v2.0.50727\csc.exe" "{framework}64\v2.0.50727\csc.exe"')
        lab.host("damaged-journal").run(rf'reg add {JOURNAL} /v Journal /t REG_SZ /d "{{}}" /f')
        sms = r"HKLM\SOFTWARE\Microsoft\SMS\Setup"
        lab.host("managed").run(f'reg add {sms} /v "Full Version" /t REG_SZ /d 4.00.6221.1000 /f')
        yield lab


@pytest.fixture(scope="module")
def refused(refusing: Lab) -> Results:
    before = {name: refusing.host(name).snapshot() for name in REFUSED}
    results = reset(refusing, "update_servers:!alone:!replica", "--forks", "8")
    for name, picture in before.items():
        assert picture.differences(refusing.host(name).snapshot()) == [], name
    return results


REFUSED = {
    "two-of-that-title": ("WSUS administration API", "the catalogue holds 2 updates"),
    "licence": ("WSUS administration API", "without that it cannot be approved"),
    "expired": ("WSUS administration API", "an expired update cannot be approved"),
    "reporter": ("WSUS administration API", "the account's role is Reporter, not Administrator"),
    "unauthorized": ("WSUS administration API", "System.UnauthorizedAccessException (0x80070005)"),
    "without-database": ("WSUS administration API", "WsusInvalidServerException"),
    "without-api": ("WSUS administration API", "is neither in the folder Api of WSUS nor in %windir%"),
    "without-framework": (".NET Framework 2.0", "there is no compiler"),
    "damaged-journal": ("registry", "the journal of an interrupted reset cannot be used: Journal holds {}"),
}


@pytest.mark.one_core
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_reset_is_told_with_its_layer_and_nothing_is_altered(refused: Results, name: str) -> None:
    layer, words = REFUSED[name]
    result = refused[name]
    assert (result["error"]["layer"], result["failed"], result["changed"]) == (layer, True, False)
    assert words in result["error"]["observed"]
    assert result["remedy"]["message"] == f"{layer}: {result['error']['observed']}."
    assert result["remedy"]["next_step"] == result["error"]["next_step"] != ""


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [
        ("without-the-update", "unchanged", "there are no approvals to reset"),
        ("managed", "skipped", "Configuration Manager 2007 manages WSUS here, and managed_wsus is false."),
        ("treated", "unchanged", "The workaround was made at"),
        ("other-release", "unchanged", "KB954960 is missing on WSUS 3.0 SP1"),
    ],
)
def test_where_nothing_is_to_be_done_nothing_is_done(refused: Results, name: str, outcome: str, words: str) -> None:
    assert state(refused, name) == (False, False, outcome)
    assert words in refused[name]["msg"]


@pytest.mark.one_core
def test_the_ids_of_several_updates_are_named_and_one_can_be_chosen(refusing: Lab, refused: Results) -> None:
    assert UPDATE_ID in refused["two-of-that-title"]["msg"]
    chosen = reset(refusing, "two-of-that-title", "-a", f"update_id={{{UPDATE_ID.upper()}}}")
    assert state(chosen, "two-of-that-title") == (False, True, "changed")
    assert server(refusing.host("two-of-that-title"))["consistent"] == "true"


@pytest.mark.one_core
def test_a_managed_server_is_treated_by_its_owners_word(refusing: Lab, refused: Results) -> None:
    assert state(reset(refusing, "managed", "-a", "managed_wsus=true"), "managed") == (False, True, "changed")


@pytest.mark.one_core
def test_the_api_is_found_in_the_global_assembly_cache(refused: Results) -> None:
    assert state(refused, "api-in-cache") == (False, True, "changed")


@pytest.mark.one_core
@pytest.mark.parametrize("arguments", ["update_id=office", "title=' '", "approve_as=uninstall"])
def test_arguments_that_cannot_be_meant_are_refused_before_the_host_is_asked(refusing: Lab, arguments: str) -> None:
    asked = len(refusing.host("alone").requests())
    assert reset(refusing, "alone", "-a", arguments)["alone"]["failed"] is True
    assert len(refusing.host("alone").requests()) == asked
