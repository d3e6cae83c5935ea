# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the controller believes, what it lets be read on the way, and old TLS where the operator asks for it.

Shown on simulated hosts: nothing of it depends on what runs behind the endpoint.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.integration.conftest import FLEETS, free_port
from tests.lab.lab import Lab, Options

pytestmark = pytest.mark.one_core

WAY = "unblock.updates.winrm_info"
OLD = "unblock_legacy_tls takes TLS versions and ciphers that can be broken."
NAMES = ("old", "other")


@pytest.fixture(scope="module")
def tls_fleet(lab_states: Path) -> Iterator[Lab]:
    """Two hosts over HTTPS, one of which may speak TLS 1.0."""
    options = Options(tls=True, port=free_port(), network="127.64.0.0/16", executor="simulated")
    with Lab(FLEETS / "transport.yml", lab_states / "transport_tls", options) as running:
        yield running


@pytest.fixture(scope="module")
def plain_fleet(lab_states: Path) -> Iterator[Lab]:
    """The same two over HTTP, with Basic and unencrypted messages allowed."""
    options = Options(auth="basic", port=free_port(), network="127.65.0.0/16", executor="simulated")
    with Lab(FLEETS / "transport.yml", lab_states / "transport_plain", options) as running:
        yield running


def _knobs(lab: Lab, stack: ExitStack, **settings: t.Any) -> None:
    for name in NAMES:
        stack.enter_context(lab.host(name).knobs(**settings))


def _layer(result: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", next(layer for layer in result["layers"] if layer["layer"] == name))


def _judge(lab: Lab, folder: Path, *arguments: str) -> tuple[str, dict[str, dict[str, t.Any]]]:
    """Judges both hosts; returns what Ansible printed and the hosts in the report."""
    variables = json.dumps({"unblock_report_dir": str(folder), "unblock_allow_unreachable": True})
    output = ansible_playbook("playbooks/compliance.yml", lab.inventory, "-e", variables, *arguments).output
    assert (folder / "report.json").exists(), output
    report = json.loads((folder / "report.json").read_bytes())
    return output, {host["name"]: host for host in report["hosts"]}


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        ("self_signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("other_name", "certificate is not valid for '127.64.0."),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(tls_fleet: Lab, certificate: str, why: str) -> None:
    """By both hosts: old TLS changes nothing about who is believed. Nothing is sent to them."""
    with ExitStack() as stack:
        _knobs(tls_fleet, stack, certificate=certificate)
        recorded = len(tls_fleet.requests())
        results = module_results(tls_fleet.inventory, "all", "unblock.updates.assess")
    for name in NAMES:
        assert results[name]["unreachable"] and results[name]["error"]["layer"] == "TLS"
        assert why in results[name]["error"]["observed"]
    assert len(tls_fleet.requests()) == recorded


def test_a_certificate_of_the_operators_own_authority_is_taken(tls_fleet: Lab, tmp_path: Path) -> None:
    output, hosts = _judge(tls_fleet, tmp_path, "--limit", "other")
    assert hosts["other"]["error"] is None
    assert "connection_warnings" not in hosts["other"] and "Warning" not in output


def test_old_tls_reaches_the_host_that_it_was_allowed_for_and_no_other(tls_fleet: Lab, tmp_path: Path) -> None:
    """Both by one process after the other, and beside each other, in the same run."""
    with ExitStack() as stack:
        _knobs(tls_fleet, stack, tls_version="1.0")
        ways = module_results(tls_fleet.inventory, "all", WAY, "--forks", "1")
        output, hosts = _judge(tls_fleet, tmp_path)
    old, other = (_layer(ways[name], "TLS") for name in NAMES)
    assert old["state"] == "ok" and old["observed"].startswith("TLSv1, ECDHE-ECDSA-AES256-SHA, certificate CN=lab")
    assert ways["old"]["connection_warnings"] == [OLD] and ways["other"]["connection_warnings"] == []
    assert other["state"] == "failed" and "speaks TLSv1 with ECDHE-ECDSA-AES256-SHA at best" in other["observed"]
    assert "set unblock_legacy_tls=true for this host" in other["next_step"]
    assert (hosts["old"]["error"], hosts["old"]["connection_warnings"]) == (None, [OLD])
    assert hosts["other"]["status"] == "unreachable" and hosts["other"]["error"]["layer"] == "TLS"
    assert f"old: {OLD}" in output
    for name in ("report.html", "report.csv", "report.junit.xml"):
        assert OLD in (tmp_path / name).read_text(encoding="utf-8"), name


def test_a_host_with_new_tls_is_still_reached_by_it(tls_fleet: Lab) -> None:
    way = module_results(tls_fleet.inventory, "old", WAY)["old"]
    assert _layer(way, "TLS")["observed"].startswith("TLSv1.3, ")


def test_the_report_warns_of_messages_that_can_be_read(plain_fleet: Lab, tmp_path: Path) -> None:
    output, hosts = _judge(plain_fleet, tmp_path)
    warning = "HTTP without message encryption: messages and the password can be read on the way, and messages changed."
    assert {name: host["connection_warnings"] for name, host in hosts.items()} == dict.fromkeys(NAMES, [warning])
    assert f"other: {warning}" in " ".join(output.split())


def test_no_password_is_sent_in_the_clear_unless_the_operator_said_so(plain_fleet: Lab, tmp_path: Path) -> None:
    """Without a transport, Ansible itself would log on by Basic."""
    recorded = len(plain_fleet.requests())
    dummy, hosts = _judge(plain_fleet, tmp_path, "-e", "ansible_winrm_transport=")
    for host in hosts.values():
        assert host["status"] == "unreachable" and host["error"]["layer"] == "authentication"
        assert "no ansible_winrm_transport is set" in host["error"]["observed"]
    assert len(plain_fleet.requests()) == recorded


def test_messages_are_encrypted_over_http(plain_fleet: Lab, tmp_path: Path) -> None:
    with ExitStack() as stack:
        _knobs(plain_fleet, stack, auth=("negotiate",), allow_unencrypted=False)
        dummy, hosts = _judge(plain_fleet, tmp_path, "-e", "ansible_winrm_transport=ntlm")
    assert [host["error"] for host in hosts.values()] == [None, None]
    assert not any("connection_warnings" in host for host in hosts.values())


def test_a_host_that_does_not_take_ntlm_says_what_it_takes(plain_fleet: Lab, tmp_path: Path) -> None:
    with ExitStack() as stack:
        _knobs(plain_fleet, stack, auth=("basic",))
        dummy, hosts = _judge(plain_fleet, tmp_path, "-e", "ansible_winrm_transport=ntlm")
    for host in hosts.values():
        assert host["status"] == "unreachable" and host["error"]["layer"] == "authentication"
        assert "the host does not take Negotiate, as NTLM needs, but Basic" in host["error"]["observed"]
        assert "Set ansible_winrm_transport to a way that the host takes" in host["error"]["next_step"]
