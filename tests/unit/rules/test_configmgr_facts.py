# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about ConfigMgr: the view of 32-bit programs first, hotfix keys of any name, zero clients only if believed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.configmgr import SmsClients, configmgr_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from tests.unit.rules.support import ABSENT, DENIED, RULES, ok, readings, service, tree


def site(view: str, version: str = "4.00.6221.1000", drive: str = "E") -> dict[str, t.Any]:
    return {
        f"configmgr.full_version{view}": ok(version),
        f"configmgr.version{view}": ok("4.00.0000.0000"),
        f"configmgr.install_dir{view}": ok(f"{drive}:\\SMS"),
        f"configmgr.type{view}": ok(1),
        f"configmgr.provider{view}": ok(r"\\SITE01\root\sms\site_ABC"),
        f"configmgr.site_code{view}": ok("ABC"),
        f"configmgr.parent_site_code{view}": ok("TOP"),
        "configmgr.service": service(),
    }


SITE = site("_32")
SKIPPED = {"state": "skipped", "why": "configmgr.full_version_32"}


def facts(found: Readings, clients: SmsClients | None = None) -> dict[str, t.Any]:
    return configmgr_facts(found, RULES.products["configmgr"], clients)


@pytest.mark.parametrize("view", ["_32", ""])
def test_a_site_server(view: str) -> None:
    assert facts(readings(site(view)), SmsClients(12, False, True)) == {
        "installed": True,
        "version": "4.00.6221.1000",
        "release": "2007 SP1",
        "site_code": "ABC",
        "parent_site_code": "TOP",
        "site_type": "primary",
        "install_dir": r"E:\SMS",
        "provider": r"\\SITE01\root\sms\site_ABC",
        "sms2003_clients": 12,
        "sms2003_clients_capped": False,
        "sms2003_clients_note": None,
        "legacy_catalog_tool": False,
        "hotfixes": [],
    }


@pytest.mark.parametrize(
    ("reads", "parent"),
    [
        ({"configmgr.parent_site_code_32": ok("")}, ""),
        ({"configmgr.parent_site_code_32": ABSENT}, ""),
        ({"configmgr.parent_site_code_32": DENIED}, None),
        ({"configmgr.parent_site_code_32": ABSENT, "configmgr.site_code_32": DENIED}, None),
        (
            dict.fromkeys(("configmgr.full_version_32", "configmgr.version_32", "configmgr.install_dir_32"), DENIED),
            None,
        ),
    ],
)
def test_the_top_site_has_no_parent(reads: dict[str, t.Any], parent: str | None) -> None:
    assert facts(readings({**SITE, **reads}))["parent_site_code"] == parent


def test_no_site_has_no_parent_that_is_known() -> None:
    assert facts(readings({}))["parent_site_code"] is None


def test_the_view_of_32_bit_programs_comes_first() -> None:
    both = {**site("", "5.00.7711.0000", "C"), **site("_32")}
    assert facts(readings(both))["version"] == "4.00.6221.1000"
    closed = facts(readings({**site(""), "configmgr.full_version_32": DENIED}))
    assert (closed["installed"], closed["version"], closed["install_dir"]) == (None, None, None)


@pytest.mark.parametrize(
    ("reads", "installed"),
    [
        ({}, False),
        ({"configmgr.service": service()}, None),
        ({"configmgr.service": DENIED}, None),
        ({"configmgr.install_dir": DENIED}, None),
        (site("_32", "2.50.4253.3000"), False),
        ({**SITE, "configmgr.type_32": ok(2)}, True),
        # A console: same keys, another type, no service.
        ({**SITE, "configmgr.type_32": ok(8), "configmgr.service": ABSENT}, False),
        ({**SITE, "configmgr.type_32": ok(8)}, None),
        ({**SITE, "configmgr.type_32": ABSENT}, True),
        ({**SITE, "configmgr.type_32": ABSENT, "configmgr.site_code_32": ABSENT}, None),
        ({**SITE, "configmgr.type_32": DENIED}, None),
    ],
)
def test_installed(reads: dict[str, t.Any], installed: bool | None) -> None:
    assert facts(readings(reads))["installed"] is installed


def test_the_shorter_version_steps_in() -> None:
    assert (
        facts(readings({**SITE, "configmgr.full_version_32": ABSENT, "configmgr.version_32": ok("4.00.5931.0000")}))[
            "release"
        ]
        == "2007"
    )


@pytest.mark.parametrize(
    ("clients", "count", "capped"),
    [
        (None, None, None),
        (SmsClients(0, False, False), None, None),
        (SmsClients(0, False, True), 0, False),
        (SmsClients(3, False, False), 3, False),
        (SmsClients(1000, True, True), 1000, True),
    ],
)
def test_zero_clients_are_believed_only_if_others_are_seen(
    clients: SmsClients | None, count: int | None, capped: bool | None
) -> None:
    found = facts(readings(SITE), clients)
    assert (found["sms2003_clients"], found["sms2003_clients_capped"]) == (count, capped)


UPDATES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node\Microsoft\Updates"


@pytest.mark.parametrize(
    ("reads", "hotfixes"),
    [
        ({"configmgr.updates_32": tree(UPDATES + "\\SMS\\SP2\\KB954474\r\n")}, ["KB954474"]),
        ({"configmgr.updates": tree(UPDATES + "\\SCCM\\SP1\\SCCM2007-SP1-KB954474-X86-ENU\r\n")}, ["KB954474"]),
        ({"configmgr.hotfix": tree("HKEY_LOCAL_MACHINE\\...\\HotFix\\kb954474\\File 1\r\n")}, ["KB954474"]),
        # The number in a value of another key, or as part of a longer one.
        ({"configmgr.updates": tree(UPDATES + "\\SMS\\KB999999\r\n    Description    REG_SZ    replaces KB954474\r\n")},
         ["KB999999"]),
        ({"configmgr.updates": tree(UPDATES + "\\SMS\\KB95447412\r\n")}, []),
        ({"configmgr.hotfix_32": DENIED}, None),
        ({"configmgr.hotfix_32": SKIPPED}, None),
        ({"configmgr.updates": tree("", truncated=True)}, None),
        # One that is there is there, whatever else is closed.
        ({"configmgr.hotfix_32": DENIED, "configmgr.updates": tree(UPDATES + "\\SMS\\KB954474\r\n")}, ["KB954474"]),
    ],
)  # fmt: skip
def test_hotfixes(reads: dict[str, t.Any], hotfixes: list[str] | None) -> None:
    assert facts(readings({**SITE, **reads}))["hotfixes"] == hotfixes


CATALOG = {"state": "ok", "path": "x", "version": None}


@pytest.mark.parametrize(
    ("reads", "found"),
    [
        ({}, False),
        ({"configmgr.shares": tree("    PackageSrc    REG_MULTI_SZ    Path=F:\\ITMU\\PkgSource\r\n")}, True),
        ({"configmgr.catalog": CATALOG}, True),
        ({"configmgr.catalog_32": CATALOG, "configmgr.shares": DENIED}, True),
        ({"configmgr.shares": DENIED}, None),
        ({"configmgr.shares": SKIPPED}, None),
        ({"configmgr.catalog": DENIED}, None),
    ],
)
def test_legacy_catalog_tool(reads: dict[str, t.Any], found: bool | None) -> None:
    assert facts(readings({**SITE, **reads}))["legacy_catalog_tool"] is found


def test_a_32_bit_probe_knows_nothing() -> None:
    assert set(facts(readings(SITE, wow64=True)).values()) == {None}


def test_every_fact_is_one_that_rules_may_name() -> None:
    names = {f"configmgr.{name}" for name in facts(readings(SITE))}
    assert names == {name for name in RULES.facts_for("configmgr") if name.startswith("configmgr.")}
