# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-ons by a certificate, which the hosts map to their account; no password is in the inventory.

Shown on simulated hosts: nothing of it depends on what runs behind the endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.integration.conftest import FLEETS, free_port
from tests.integration.many_names import write_inventory
from tests.lab.lab import Lab, Options

pytestmark = pytest.mark.one_core

NAMES = ("old", "other")


@pytest.fixture(scope="module")
def fleet(lab_states: Path) -> Iterator[Lab]:
    """Two hosts over HTTPS that take certificates."""
    options = Options(auth="certificate", tls=True, port=free_port(), network="127.68.0.0/16", executor="simulated")
    with Lab(FLEETS / "transport.yml", lab_states / "client_certificate", options) as running:
        yield running


def test_hosts_are_judged_by_a_certificate_alone(fleet: Lab, tmp_path: Path) -> None:
    assert "password" not in fleet.inventory.read_text(encoding="utf-8")
    variables = json.dumps({"unblock_report_dir": str(tmp_path)})
    output = ansible_playbook("playbooks/compliance.yml", fleet.inventory, "-e", variables).output
    assert (tmp_path / "report.json").exists(), output
    hosts = {host["name"]: host for host in json.loads((tmp_path / "report.json").read_bytes())["hosts"]}
    assert {name: hosts[name]["error"] for name in NAMES} == dict.fromkeys(NAMES)
    assert "connection_warnings" not in hosts["other"]  # and the other one may speak old TLS
    # Not a round of a handshake: TLS has shown who it is before the first request.
    assert {request["status"] for request in fleet.requests() if request["host"] == "old"} == {200}


def test_who_logged_on_is_told(fleet: Lab) -> None:
    result = module_results(fleet.inventory, "old", "unblock.updates.winrm_info")["old"]
    seen = next(layer["observed"] for layer in result["layers"] if layer["layer"] == "authentication")
    assert seen == f"certificate let the certificate {fleet.state}/tls/client.pem in, over TLS"


def test_a_certificate_that_lets_nobody_in(fleet: Lab, tmp_path: Path) -> None:
    """Nothing is done for it; the error says what is wrong with it, and what to do."""
    files = {name: (f"{fleet.state}/tls/{name}.pem",) * 2 for name in ("stranger", "foreign", "absent")}
    files["keyless"] = (f"{fleet.state}/tls/client.pem", f"{fleet.state}/tls/ca.pem")
    names = {
        name: {"ansible_winrm_cert_pem": certificate, "ansible_winrm_cert_key_pem": key}
        for name, (certificate, key) in files.items()
    }
    recorded = len(fleet.requests())
    # As servers of that time do: with TLS 1.3, who sends too soon may miss why it was refused.
    with fleet.host("old").knobs(tls_version="1.0"):
        results = module_results(write_inventory(fleet, "old", names, tmp_path), "all", "unblock.updates.assess")
    assert not any(request["authenticated"] for request in fleet.requests()[recorded:])
    said = {
        "stranger": ("credentials were rejected", "winrm enumerate winrm/config/service/certmapping"),
        "foreign": ("alert unknown ca", "Trusted Root Certification Authorities"),
        "absent": ("cert_pem file not found", "Set ansible_winrm_cert_pem"),
        "keyless": ("PEM lib", "Set ansible_winrm_cert_pem"),
    }
    for name, (observed, next_step) in said.items():
        error = results[name]["error"]
        assert results[name]["unreachable"] and error["layer"] == "authentication"
        assert observed in error["observed"] and next_step in error["next_step"]


def test_a_host_that_takes_no_certificates_says_what_it_takes(fleet: Lab) -> None:
    with fleet.host("old").knobs(auth=("negotiate",)):
        result = module_results(fleet.inventory, "old", "unblock.updates.winrm_info")["old"]
    assert result["reachable"] is False
    assert "credentials were rejected by the server); the host offers Negotiate" in result["msg"]
    assert "winrm get winrm/config/service/auth" in result["msg"]
