# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the operating system, in no language."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.host import host_facts
from tests.unit.rules.support import ABSENT, DENIED, ok, readings

SERVER_2003: dict[str, t.Any] = {
    "os.product_name": ok("Microsoft Windows Server 2003"),
    "os.current_version": ok("5.2"),
    "os.build": ok("3790"),
    "os.service_pack": ok(0x200),
    "os.install_language": ok("0407"),
    "os.ansi_code_page": ok("1252"),
    "os.computer_name": ok("WSUS-BERLIN"),
}


def test_german_server_2003() -> None:
    assert host_facts(readings(SERVER_2003, arch="x86")) == {
        "name": "Microsoft Windows Server 2003",
        "version": "5.2.3790",
        "service_pack": 2,
        "arch": "x86",
        "language": "de-DE",
        "code_page": "1252",
        "computer_name": "WSUS-BERLIN",
    }


def test_windows_10_and_later_freeze_the_old_version() -> None:
    frozen = {"os.current_version": ok("6.3"), "os.major": ok(10), "os.minor": ok(0), "os.build": ok("17763")}
    assert host_facts(readings({**SERVER_2003, **frozen}))["version"] == "10.0.17763"


@pytest.mark.parametrize(
    ("read", "answer", "fact", "value"),
    [
        ("os.service_pack", ok(0), "service_pack", 0),
        ("os.service_pack", ABSENT, "service_pack", None),
        ("os.service_pack", ok("Service Pack 2"), "service_pack", None),
        ("os.build", DENIED, "version", None),
        ("os.current_version", DENIED, "version", None),
        ("os.install_language", ok("0406"), "language", "da-DK"),
        ("os.install_language", ok("FFFF"), "language", None),
        ("os.install_language", ok("zz"), "language", None),
        ("os.product_name", ok(["a", "list"]), "name", None),
        ("os.product_name", ok("x" * 5000), "name", None),
    ],
)
def test_single_facts(read: str, answer: t.Mapping[str, t.Any], fact: str, value: object) -> None:
    assert host_facts(readings({**SERVER_2003, read: answer}))[fact] == value


@pytest.mark.parametrize(("arch", "value"), [("AMD64", "x64"), ("IA64", "ia64"), ("ARM64", None), (None, None)])
def test_architecture(arch: str | None, value: str | None) -> None:
    assert host_facts(readings(SERVER_2003, arch=arch))["arch"] == value


def test_a_32_bit_probe_knows_nothing() -> None:
    assert set(host_facts(readings(SERVER_2003, wow64=True)).values()) == {None}
