# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about WSUS: absent, unreadable and nonsense are three things."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import (
    WsusServer,
    server_evidence,
    wsus_facts,
)
from tests.unit.rules.support import ABSENT, DENIED, RULES, nest, ok, readings, service, tree

FOLDER = "D:\\Programme\\Update Services\\"
DLL: dict[str, t.Any] = {
    "state": "ok",
    "path": FOLDER + r"WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll",
    "version": "3.1.6001.66",
    "size": 500000,
    "created": "2008-07-15T09:30:00Z",
    "modified": "2008-06-28T00:00:00Z",
}
SERVER: dict[str, t.Any] = {
    "wsus.version_string": ok("3.1.6001.65"),
    "wsus.install_type": ok(1),
    "wsus.target_dir": ok(FOLDER),
    "wsus.port_number": ok(8530),
    "wsus.using_ssl": ok(0),
    "wsus.client_dll": DLL,
    "wsus.service.wsusservice": service("running"),
    "wsus.service.wsuscertserver": service("stopped"),
    "os.current_version": ok("5.2"),
    "wsus.product_suite": tree("    ProductSuite    REG_MULTI_SZ    Enterprise\\0Terminal Server\r\n"),
}
SKIPPED = {"state": "skipped", "why": "wsus.opsmgr_service"}
ERROR = {"state": "error", "error": {"number": -1, "message": "?"}}


def facts(found: Readings, **inventory: t.Any) -> dict[str, t.Any]:
    return wsus_facts(found, RULES.products["wsus"], Inventory(host="wsus01", **inventory))


def test_a_server() -> None:
    assert facts(readings(SERVER), wsus_replica=True, wsus_upstream="wsus00") == {
        "installed": True,
        "console_only": False,
        "version": "3.1.6001.65",
        "release": "3.0 SP1",
        "target_dir": FOLDER,
        "port": 8530,
        "use_ssl": False,
        "client_dll": {
            "path": DLL["path"],
            "exists": True,
            "version": "3.1.6001.66",
            "created": "2008-07-15T09:30:00Z",
            "build_release": "3.0 SP1",
            "replacement_pending": False,
        },
        "is_replica": True,
        "upstream_server": "wsus00",
        "used_by": [],
        "services": {"WsusService": "running", "WSusCertServer": "stopped"},
    }


@pytest.mark.parametrize(
    ("port", "ssl", "known"),
    [
        (ok(8531), ok(1), (8531, True)),
        (ok(80), ABSENT, (80, False)),
        (ABSENT, DENIED, (None, None)),
        (ok(0), ok("1"), (None, None)),
        (ok(65536), ok(2), (None, False)),
    ],
)
def test_the_web_site(port: dict[str, t.Any], ssl: dict[str, t.Any], known: tuple[int | None, bool | None]) -> None:
    found = facts(readings({**SERVER, "wsus.port_number": port, "wsus.using_ssl": ssl}))
    assert (found["port"], found["use_ssl"]) == known


def test_what_the_database_knows_is_unknown_unless_the_inventory_says() -> None:
    found = facts(readings(SERVER))
    assert (found["is_replica"], found["upstream_server"]) == (None, None)


def test_the_server_itself_is_believed_before_the_inventory() -> None:
    operator = Inventory(host="wsus01", wsus_replica=True, wsus_upstream="wsus00")
    for server, told in (
        (WsusServer(is_replica=False, upstream_server="wsus09"), (False, "wsus09")),
        (WsusServer(is_replica=False, upstream_server=""), (False, "")),
        (WsusServer(note="no answer"), (True, "wsus00")),
        (None, (True, "wsus00")),
    ):
        found = wsus_facts(readings(SERVER), RULES.products["wsus"], operator, server)
        assert (found["is_replica"], found["upstream_server"]) == told


@pytest.mark.parametrize(
    ("server", "inventory", "entries"),
    [
        (None, {"wsus_replica": True}, []),
        (WsusServer(False, "wsus00"), {}, []),
        (WsusServer(False, ""), {"wsus_replica": False, "wsus_upstream": ""}, []),
        (WsusServer(True, "WSUS00.corp.example"), {"wsus_replica": True, "wsus_upstream": "wsus00"}, []),
        (WsusServer(False, ""), {"wsus_replica": True}, [("IsReplicaServer", "true (unblock_wsus_replica)", "false")]),
        (
            WsusServer(False, ""),
            {"wsus_upstream": "wsus00"},
            [("UpstreamWsusServerName", "wsus00 (unblock_wsus_upstream)", "Microsoft Update")],
        ),
        (
            WsusServer(True, "wsus00.lab.example"),
            {"wsus_replica": False, "wsus_upstream": "wsus00.corp.example"},
            [
                ("IsReplicaServer", "false (unblock_wsus_replica)", "true"),
                ("UpstreamWsusServerName", "wsus00.corp.example (unblock_wsus_upstream)", "wsus00.lab.example"),
            ],
        ),
        (
            WsusServer(note="no compiler"),
            {"wsus_replica": True},
            [("WSUS administration API", "an answer", "no compiler")],
        ),
    ],
)
def test_what_the_inventory_says_otherwise_is_reported(
    server: WsusServer | None, inventory: dict[str, t.Any], entries: list[tuple[str, str, str]]
) -> None:
    found = server_evidence(server, Inventory(host="wsus01", **inventory))
    assert [(entry["where"], entry["expected"], entry["observed"]) for entry in found] == entries


@pytest.mark.parametrize(
    ("reads", "installed", "console_only"),
    [
        ({}, False, None),
        ({"wsus.version_string": DENIED}, None, None),
        ({"wsus.install_type": ERROR}, None, None),
        ({"wsus.target_dir": DENIED}, None, None),
        ({"wsus.service.wsusservice": DENIED}, None, None),
        # A service without setup values, and a folder that outlived its product.
        ({"wsus.service.wsusservice": service()}, None, None),
        ({"wsus.target_dir": ok(FOLDER)}, None, None),
        ({"wsus.version_string": ok("3.1.6001.65"), "wsus.install_type": ok(2)}, True, True),
        ({"wsus.version_string": ok("3.1.6001.65"), "wsus.install_type": ok(1)}, True, False),
        ({"wsus.version_string": ok("3.1.6001.65"), "wsus.install_type": ok("1")}, True, None),
        ({"wsus.version_string": ok("3.1.6001.65"), "wsus.install_type": DENIED}, True, None),
        # Setup of Server 2012 and later writes no such value on a server.
        ({"wsus.version_string": ok("6.3.9600.16384")}, True, False),
        ({"wsus.version_string": DENIED, "wsus.install_type": ok(1)}, True, False),
    ],
)
def test_installed(reads: dict[str, t.Any], installed: bool | None, console_only: bool | None) -> None:
    found = facts(readings(reads))
    assert (found["installed"], found["console_only"]) == (installed, console_only)


@pytest.mark.parametrize(
    ("version", "install_type", "release"),
    [
        (ok("3.0.6000.374"), ok(1), "3.0"),
        (ok(" 3.2.7600.226 "), ok(1), "3.0 SP2"),
        # 2.0 wrote no VersionString; a closed one is no absent one.
        (ABSENT, ok(128), "2.0"),
        (ABSENT, ok(32), "2.0"),
        (DENIED, ok(128), None),
        (ABSENT, ok(1), None),
        (ok("three"), ok(128), None),
        (ok("3.1.6001"), ok(1), None),
    ],
)
def test_release(version: dict[str, t.Any], install_type: dict[str, t.Any], release: str | None) -> None:
    found = facts(readings({**SERVER, "wsus.version_string": version, "wsus.install_type": install_type}))
    assert found["release"] == release


@pytest.mark.parametrize(
    ("answer", "exists", "version"),
    [
        (DLL, True, "3.1.6001.66"),
        ({**DLL, "version": None}, True, None),
        ({**DLL, "version": "3.1"}, True, None),
        ({"state": "absent", "path": "x"}, False, None),
        (DENIED, None, None),
        ({"state": "skipped", "why": "wsus.target_dir"}, None, None),
    ],
)
def test_client_dll(answer: dict[str, t.Any], exists: bool | None, version: str | None) -> None:
    found = facts(readings({**SERVER, "wsus.client_dll": answer}))["client_dll"]
    assert (found["exists"], found["version"]) == (exists, version)


HERE = rf"\??\{DLL['path']}"
NEW = rf"\??\{FOLDER}new.dll"


@pytest.mark.parametrize(
    ("renames", "pending"),
    [
        (ABSENT, False),
        (ok([]), False),
        (ok([NEW, ""]), False),
        (ok([NEW, "!" + HERE]), True),
        (ok([HERE, "", NEW, HERE]), True),
        (ok([NEW, "!" + HERE.upper()]), True),
        # A file that goes away is not replaced, and another one of the same name is another one.
        (ok([HERE, ""]), False),
        (ok([HERE, "!" + NEW]), False),
        (ok([NEW, rf"!\??\E:\copy\{HERE[-40:]}"]), False),
        # A script host that leaves the empty names out, or stops at the first.
        (ok([NEW]), None),
        (ok([HERE, NEW, "!" + HERE]), True),
        (DENIED, None),
        (ERROR, None),
        ({"state": "too_large", "size": 5000}, None),
        (ok("text"), None),
        (ok([0, 255]), None),
    ],
)
def test_replacement_at_the_next_restart(renames: dict[str, t.Any], pending: bool | None) -> None:
    assert facts(readings({**SERVER, "wsus.pending_renames": renames}))["client_dll"]["replacement_pending"] is pending


def test_nothing_replaces_a_file_whose_place_is_unknown() -> None:
    assert facts(readings({**SERVER, "wsus.client_dll": DENIED}))["client_dll"]["replacement_pending"] is None


SBS = tree("    ProductSuite    REG_MULTI_SZ    Small Business\\0Small Business(Restricted)\r\n")
ESSENTIALS = tree("    DisplayName    REG_SZ    System Center Essentials 2007\r\n")


@pytest.mark.parametrize(
    ("reads", "used_by"),
    [
        ({}, []),
        ({"wsus.product_suite": ABSENT}, []),
        ({"wsus.product_suite": SBS}, ["sbs2003"]),
        # Small Business Server 2008 is Windows 6.0; the first word alone can stay after an upgrade.
        ({"wsus.product_suite": SBS, "os.current_version": ok("6.0")}, []),
        ({"wsus.product_suite": SBS, "os.current_version": DENIED}, None),
        ({"wsus.product_suite": tree("    ProductSuite    REG_MULTI_SZ    Small Business\r\n")}, []),
        ({"wsus.product_suite": DENIED}, None),
        ({"wsus.programs": SKIPPED}, []),
        ({"wsus.opsmgr_service": ok(2), "wsus.programs": ESSENTIALS}, ["sce2007"]),
        ({"wsus.opsmgr_service": ok(2), "wsus.programs": tree("")}, []),
        ({"wsus.opsmgr_service": ok(2), "wsus.programs": tree("", truncated=True)}, None),
        ({"wsus.opsmgr_service": ok(2), "wsus.programs": DENIED}, None),
        ({"wsus.opsmgr_service": DENIED, "wsus.programs": SKIPPED}, None),
        ({"wsus.configmgr_32": ok("4.00.6221.1000")}, ["configmgr2007"]),
        ({"wsus.configmgr": ok("4.00.6221.1000"), "wsus.product_suite": SBS}, ["sbs2003", "configmgr2007"]),
        ({"wsus.configmgr": ok("5.00.7711.0000")}, []),
        ({"wsus.configmgr_32": DENIED}, None),
    ],
)
def test_used_by(reads: dict[str, t.Any], used_by: list[str] | None) -> None:
    assert facts(readings({**SERVER, **reads}))["used_by"] == used_by


def test_services() -> None:
    assert facts(readings({**SERVER, "wsus.service.wsusservice": ABSENT, "wsus.service.wsuscertserver": DENIED}))[
        "services"
    ] == {"WsusService": "absent", "WSusCertServer": None}


def test_a_32_bit_probe_knows_nothing() -> None:
    found = facts(readings(SERVER, wow64=True))
    values = [*found.pop("client_dll").values(), *found.pop("services").values(), *found.values()]
    assert set(values) == {None}


def test_every_fact_is_one_that_rules_may_name() -> None:
    found = nest({"wsus": facts(readings(SERVER))})["wsus"]
    names = {f"wsus.{name}" for name in found} | {f"wsus.client_dll.{name}" for name in found["client_dll"]}
    assert names - set(RULES.facts_for("wsus")) == {"wsus.client_dll", "wsus.services"}
    assert {name for name in RULES.facts_for("wsus") if name.startswith("wsus.")} <= names
