# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An approval reset cut off anywhere: at every call of the administration API, and at every command of the controller.

Simulated hosts without WinRM between: what is shown is the order of what is written and restored.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import add_command, encode
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.approval_reset import (
    ACTION,
    ADVISORY,
    ApprovalReset,
    Options,
    Result,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.record import JOURNAL, advisory_key
from tests.integration.approval_hosts import UPDATE_ID, calls, edit, is_declined, left, server
from tests.lab.direct_shell import Cut, CutShell, DirectShell
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HOSTS, load_host
from tests.lab.susdb import OFFICE_2003_SP1, change_database, plant_fault

pytestmark = pytest.mark.one_core

MEMBERS = (
    "GetUpdateServer",
    "GetCurrentUserRole",
    "GetConfiguration",
    "Version",
    "GetDownstreamServers",
    "GetUpdates",
    "GetUpdate",
    "GetUpdateApprovals",
    "GetComputerTargetGroup",
    "Save",
    "Decline",
    "Approve",
    "AcceptLicenseAgreement",
)
#: Members that alter something, so that it matters whether they did before they failed.
CHANGES = ("Save", "Decline", "Approve", "AcceptLicenseAgreement")


def make_replica() -> SimulatedHost:
    """A replica with the update approved, as the fault found it, whose licence has to be accepted."""
    host = SimulatedHost(load_host(HOSTS / "wsus-rtm.yml"))
    edit(host, change_database, replica=True, upstream="wsus1")
    edit(host, change_database, OFFICE_2003_SP1, license_required=True)
    return host


def reset(host: SimulatedHost, shell: DirectShell | None = None) -> Result:
    options = Options(OFFICE_2003_SP1, None, "install", False, "run", 60.0, check_mode=False, use_helper=False)
    attempt = ApprovalReset(load_rules(), Inventory("replica"), options)
    try:
        attempt.run(t.cast(Shell, shell or DirectShell(host)))
    except HostError as exc:
        attempt.fail(exc)
    return attempt.result


def names(result: Result) -> list[str]:
    return [step["step"] for step in result.steps]


def assert_cured(host: SimulatedHost) -> None:
    """Nobody can tell any more that a run was cut off."""
    assert (server(host)["replica"], server(host)["consistent"], is_declined(host)) == ("true", "true", True)
    assert set(left(host)) == {"Record"}
    assert left(host)["Record"]["update_id"] == UPDATE_ID


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    """How often a reset calls each member."""
    host = make_replica()
    for member in MEMBERS:
        edit(host, plant_fault, member, at=9999, exception="TimeoutException")
    assert reset(host).remedy["outcome"] == "changed"
    return calls(host)


def test_every_member_that_the_program_uses_is_known(counted: dict[str, int]) -> None:
    assert set(counted) == set(MEMBERS) and all(counted.values())


THROWS = {"exception": "TimeoutException", "message": "planted"}
KILLS = {"kill": True}


@pytest.mark.parametrize(
    ("member", "fault"),
    [
        *((member, THROWS) for member in MEMBERS),
        *((member, {**THROWS, "after": True}) for member in CHANGES),
        # Killed at a call that alters nothing, a server is as if it was killed after the last one that did.
        *((member, KILLS) for member in CHANGES),
        *((member, {**KILLS, "after": True}) for member in CHANGES),
    ],
)
def test_a_failure_at_any_call_leaves_the_server_as_it_was(
    counted: dict[str, int], member: str, fault: dict[str, t.Any]
) -> None:
    for number in range(1, counted[member] + 1):
        host = make_replica()
        edit(host, plant_fault, member, at=number, **fault)
        failed = reset(host)
        assert failed.remedy["outcome"] == "failed", (number, failed)
        assert server(host)["replica"] == "true", number
        # An update that was approved meanwhile is declined again; one that was not touched stays as it was.
        assert is_declined(host) or "approve" not in names(failed), (number, failed)
        assert left(host) == {}, number
        if "exception" in fault:
            assert "planted" in failed.remedy["message"]
        if failed.begun:
            assert "put in order again" in failed.remedy["message"]
        if member in CHANGES:
            assert reset(host).remedy["outcome"] == "changed", number
            assert_cured(host)


def test_a_replica_that_could_not_be_made_autonomous_is_not_saved_again() -> None:
    host = make_replica()
    edit(host, plant_fault, "Save", **THROWS)
    failed = reset(host)
    assert names(failed) == ["make_autonomous", "read_back"]
    assert calls(host)["Save"] == 1 and server(host)["replica"] == "true"
    assert not failed.begun and failed.remedy["message"].endswith("read_back; nothing was altered.")
    assert left(host) == {}


def test_the_program_itself_restores_what_it_altered() -> None:
    host = make_replica()
    edit(host, plant_fault, "Approve", at=1, **THROWS)
    failed = reset(host)
    steps = [(step["step"], (step["error"] or {}).get("type")) for step in failed.steps]
    assert steps == [
        ("make_autonomous", None),
        ("decline", None),
        ("accept_license", None),
        ("approve", "System.TimeoutException"),
        ("decline_at_last", None),
        ("restore_replica", None),
        ("read_back", None),
    ]
    assert (failed.replica_before, failed.replica_during, failed.replica_after) == (True, False, True)
    assert failed.remedy["message"].startswith(
        "WSUS administration API: step approve failed with System.TimeoutException (0x80131505): planted; "
        "done: make_autonomous, decline, accept_license, decline_at_last, restore_replica, read_back; "
    )


def test_settings_that_wsus_refuses_to_save_for_a_while_are_saved_later() -> None:
    """It does while it synchronizes, and for up to three minutes after some settings were saved."""
    host = make_replica()
    edit(host, plant_fault, "Save", at=1, exception="InvalidOperationException")
    edit(host, plant_fault, "Save", at=3, exception="InvalidOperationException")
    assert reset(host).remedy["outcome"] == "changed"
    assert calls(host)["Save"] == 4
    assert_cured(host)


def test_a_journal_that_another_run_wrote_meanwhile_is_not_overwritten() -> None:
    """It may be the only thing that knows that the server was a replica."""
    host = make_replica()
    edit(host, change_database, replica=False)
    other = {"action": ACTION, "time": "2008-08-20T10:00:00Z", "rule_version": "1", "run_id": "other"}
    journal = encode({**other, "update_id": UPDATE_ID, "replica": True})

    class Overtaken(DirectShell):
        """Another run begins once this one has asked for the server's state."""

        def run(self, command: str, *arguments: t.Any, **keywords: t.Any) -> Output:
            output = super().run(command, *arguments, **keywords)
            if '"status"' in command:
                assert host.run(add_command(advisory_key(ADVISORY), JOURNAL, journal))[0] == 0
            return output

    assert "does not hold the value Journal" in reset(host, Overtaken(host)).remedy["message"]
    assert not is_declined(host) and left(host)["Journal"]["run_id"] == "other"
    last = reset(host)
    assert (last.remedy["outcome"], last.replica_before) == ("changed", True)
    assert_cured(host)


def test_a_server_that_became_a_replica_since_stays_one() -> None:
    """The journal of the reset that was cut off says that it was none."""
    host = make_replica()
    edit(host, change_database, replica=False)
    with pytest.raises(Cut):
        reset(host, CutShell(host, 6))
    assert left(host)["Journal"]["replica"] is False
    edit(host, change_database, replica=True)
    assert reset(host).remedy["outcome"] == "changed"
    assert_cured(host)


def test_what_cannot_be_put_in_order_at_once_is_by_the_next_run() -> None:
    host = make_replica()
    edit(host, plant_fault, "Save", at=2, kill=True)  # the server is still autonomous then
    for number in (3, 4):
        edit(host, plant_fault, "Save", at=number, **THROWS)
    failed = reset(host)
    assert failed.remedy["outcome"] == "failed" and "The next run does it" in failed.remedy["next_step"]
    assert server(host)["replica"] == "false" and set(left(host)) == {"Journal"}
    again = reset(host)
    assert again.remedy["outcome"] == "failed", "the server is still out of order"
    assert set(left(host)) == {"Journal"}
    last = reset(host)
    assert last.remedy["outcome"] == "changed" and "Ended the reset that was interrupted" in last.remedy["message"]
    assert last.replica_before is True
    assert_cured(host)


class CountingShell(DirectShell):
    """Counts commands."""

    commands = 0

    def run(self, *arguments: t.Any, **keywords: t.Any) -> Output:
        self.commands += 1
        return super().run(*arguments, **keywords)


def test_a_controller_killed_at_any_command_can_start_again() -> None:
    counting = CountingShell(host := make_replica())
    assert reset(host, counting).remedy["outcome"] == "changed"
    for number in range(1, counting.commands + 1):
        host = make_replica()
        with pytest.raises(Cut):
            reset(host, CutShell(host, number))
        reset(host)
        assert_cured(host)


def test_a_host_that_was_cut_off_while_it_was_put_in_order_is_put_in_order() -> None:
    """The seventh command is the one whose program is killed; those after it put the host in order."""
    for number in range(7, 11):
        host = make_replica()
        edit(host, plant_fault, "Approve", at=1, after=True, **KILLS)
        with pytest.raises(Cut):
            reset(host, CutShell(host, number))
        assert (server(host)["replica"] == "false") is (number == 7)
        reset(host)
        assert_cured(host)
