# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-ons by Kerberos: MIT's domain controller, and its library on the hosts' side of the lab.

Shown on simulated hosts: nothing of it depends on what runs behind the endpoint. No domain of Windows was at hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.integration.conftest import FLEETS, free_port
from tests.integration.many_names import write_inventory
from tests.lab.kdc import ADDRESS, OLD_REALM, REALM, STRANGER
from tests.lab.lab import REPOSITORY, Lab, Options
from tests.lab.model import Account
from tests.unit.docs.commands import blocks

pytestmark = pytest.mark.one_core

NAMES = ("old", "other")
ACCOUNT = f"Administrator@{REALM}"
OLD_ACCOUNT = f"Administrator@{OLD_REALM}"
WAY = "unblock.updates.winrm_info"
ASSESS = "unblock.updates.assess"
NO_RC4 = "[libdefaults]\n  permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96\n"
ANY_CLOCK_IS_WRONG = "[libdefaults]\n  clockskew = -1\n  kdc_timesync = 0\n"
# What breaks a log-on, what the error says of it, and what to do.
BROKEN: dict[str, tuple[dict[str, t.Any], str, str, str]] = {
    "wrong-password": (
        {"ansible_password": "wrong"}, "authentication", "Password incorrect", "Check ansible_password",
    ),
    "stranger": (
        {"ansible_user": f"{STRANGER}@{REALM}", "ansible_password": Account().password}, "authentication",
        "kerberos: the specified credentials were rejected by the server", "winrm get winrm/config/service/auth",
    ),
    "unknown-account": (
        {"ansible_user": f"nobody@{REALM}"}, "authentication", f"'nobody@{REALM}' not found", "Check ansible_user",
    ),
    "unknown-realm": (
        {"ansible_user": "Administrator@NOWHERE.EXAMPLE"}, "authentication",
        'Cannot find KDC for realm "NOWHERE.EXAMPLE"', "name its domain controllers in /etc/krb5.conf",
    ),
    "silent-domain-controller": (
        {"ansible_user": "Administrator@SILENT.EXAMPLE"}, "authentication",
        "Cannot contact any KDC for realm 'SILENT.EXAMPLE'", "reaches port 88",
    ),
    "unknown-service": (
        {"ansible_winrm_kerberos_hostname_override": "stranger.lab.example"}, "authentication",
        f"HTTP/stranger.lab.example@{REALM} not found in Kerberos database", "ansible_winrm_kerberos_hostname_override",
    ),
    "no-ticket": (
        {"ansible_winrm_kinit_mode": "manual"}, "authentication", f"Can't find client principal {ACCOUNT}",
        "Get a ticket with kinit",
    ),
    "RC4-alone": (
        {"ansible_user": OLD_ACCOUNT, "ansible_winrm_kinit_cmd": "kinit_without_rc4"}, "authentication",
        "KDC has no support for encryption type", "put arcfour-hmac into permitted_enctypes",
    ),
    "wrong-clock": (
        {"ansible_winrm_kinit_cmd": "kinit_at_another_time"}, "authentication", "Clock skew too great",
        "Set the controller's clock",
    ),
    "no-kinit": (
        {"ansible_winrm_kinit_cmd": "/nowhere/kinit"}, "controller", "No such file or directory: '/nowhere/kinit'",
        "Install the Kerberos client",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def fleet(lab_states: Path) -> Iterator[Lab]:
    """Two hosts in two domains, over HTTP."""
    options = Options(auth="kerberos", port=free_port(), network="127.67.0.0/16", executor="simulated")
    with Lab(FLEETS / "transport.yml", lab_states / "kerberos", options) as running:
        yield running


@pytest.fixture(autouse=True)
def _configured(fleet: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's tickets, and no realms but the lab's."""
    monkeypatch.setenv("KRB5_CONFIG", str(fleet.kdc.config))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/tickets")


def _judge(lab: Lab, folder: Path, **variables: t.Any) -> dict[str, dict[str, t.Any]]:
    variables |= {"unblock_report_dir": str(folder), "unblock_allow_unreachable": True}
    output = ansible_playbook("playbooks/compliance.yml", lab.inventory, "-e", json.dumps(variables)).output
    assert (folder / "report.json").exists(), output
    return {host["name"]: host for host in json.loads((folder / "report.json").read_bytes())["hosts"]}


def _tickets(lab: Lab, account: str) -> list[str]:
    """What the domain controller wrote of the tickets that it gave to an account."""
    lines = lab.kdc.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "ISSUE" in line and f"{account} for " in line]


def test_hosts_are_judged_by_a_password_of_the_domain(
    fleet: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection has a ticket of its own, which goes with it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    hosts = _judge(fleet, tmp_path / "report")
    assert {name: hosts[name]["error"] for name in NAMES} == dict.fromkeys(NAMES)
    assert not any("connection_warnings" in host for host in hosts.values())
    for name in NAMES:
        assert any(f"for HTTP/{name}.lab.example@{REALM}" in ticket for ticket in _tickets(fleet, ACCOUNT))
    assert not (tmp_path / "tickets").exists()
    assert [path for path in tmp_path.joinpath("temporary").rglob("*") if path.is_file()] == []


def test_hosts_are_judged_by_a_ticket_that_is_there_already(fleet: Lab, tmp_path: Path) -> None:
    """Without a password: Ansible could not get another one."""
    password = fleet.host("old").account.password
    subprocess.run(["kinit", ACCOUNT], input=f"{password}\n", text=True, stdout=subprocess.DEVNULL, check=True)
    hosts = _judge(fleet, tmp_path / "report", ansible_winrm_kinit_mode="manual", ansible_password="")
    assert {name: hosts[name]["error"] for name in NAMES} == dict.fromkeys(NAMES)


def test_the_guide_opens_the_way_to_a_domain_of_2003(
    fleet: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its lines, on a controller whose policy has no RC4; tickets, keys and messages are of RC4."""
    guide = (REPOSITORY / "docs/docsite/rst/guide_start.rst").read_text(encoding="utf-8")
    (told,) = (block for block in blocks(guide, "ini") if "krb5.conf" in block)
    for name, text in (("guide", told), ("policy", NO_RC4)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("KRB5_CONFIG", f"{tmp_path}/guide:{tmp_path}/policy:{fleet.kdc.config}")
    layers = module_results(fleet.inventory, "old", WAY, "-e", f"ansible_user={OLD_ACCOUNT}")["old"]["layers"]
    seen = next(layer["observed"] for layer in layers if layer["layer"] == "authentication")
    assert seen == f"kerberos let {OLD_ACCOUNT} in, messages encrypted"
    asked, service = _tickets(fleet, OLD_ACCOUNT)
    for ticket in (asked, service):
        assert ticket.count("arcfour-hmac(23)", ticket.index("ISSUE")) == 3, ticket  # reply, ticket and session


class Broken(t.NamedTuple):
    """What came of each of BROKEN, and the folder of the temporary files."""

    results: dict[str, dict[str, t.Any]]
    temporary: Path


@pytest.fixture(scope="module")
def broken(fleet: Lab, tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """One host under many names, all asked in one run."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "temporary").mkdir()
    (folder / "realms").write_text(f"[realms]\n  SILENT.EXAMPLE = {{\n    kdc = {ADDRESS}:1\n  }}\n", encoding="utf-8")
    for name, text in (("kinit_without_rc4", NO_RC4), ("kinit_at_another_time", ANY_CLOCK_IS_WRONG)):
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
        program = f'#!/bin/sh\nKRB5_CONFIG={folder}/{name}.conf:$KRB5_CONFIG exec kinit "$@"\n'
        (folder / name).write_text(program, encoding="utf-8")
        (folder / name).chmod(0o700)
    inventory = write_inventory(fleet, "old", {name: variables for name, (variables, *dummy) in BROKEN.items()}, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        patch.setenv("KRB5_CONFIG", f"{folder}/realms:{fleet.kdc.config}")
        patch.setenv("KRB5CCNAME", f"FILE:{folder}/tickets")
        patch.setenv("TMPDIR", f"{folder}/temporary")
        return Broken(module_results(inventory, "all", ASSESS), folder / "temporary")


@pytest.mark.parametrize("what", BROKEN)
def test_an_error_says_what_is_wrong_with_the_log_on(broken: Broken, what: str) -> None:
    dummy, layer, observed, next_step = BROKEN[what]
    result = broken.results[what]
    assert result["error"]["layer"] == layer
    assert observed in result["error"]["observed"]
    assert next_step in result["error"]["next_step"]
    assert result["unreachable"] is (layer == "authentication") and "wrong" not in result["error"]["message"]


def test_a_log_on_that_failed_leaves_no_ticket_behind(broken: Broken) -> None:
    """Also not where there was one, and the host was the reason."""
    assert "not found in Kerberos database" in broken.results["unknown-service"]["error"]["observed"]
    assert [path for path in broken.temporary.rglob("*") if path.is_file()] == []


def test_an_error_says_what_the_controller_lacks(fleet: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kerberos.py").write_text("raise ImportError\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    error = module_results(fleet.inventory, "old", ASSESS)["old"]["error"]
    assert error["layer"] == "controller"
    assert "python kerberos library is not installed" in error["observed"]
    assert "pip install 'pywinrm[kerberos]'" in error["next_step"]
