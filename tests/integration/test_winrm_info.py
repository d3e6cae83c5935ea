# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks each layer between the controller and a lab host, and looks whether winrm_info names it."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import ansible_playbook, module_results
from tests.integration.conftest import FLEETS, free_port
from tests.lab.endpoint.certificates import make_certificates
from tests.lab.lab import Lab, Options

MODULE = "unblock.updates.winrm_info"
READY = "winrm-ready"
TLS_HOST = "wsus-sp1-unpatched"
LAYERS = [
    "name resolution", "TCP", "TLS", "authentication", "WS-Man", "shell", "script host", ".NET Framework 2.0",
]  # fmt: skip


@pytest.fixture(scope="module")
def way_lab(lab_states: Path) -> Iterator[Lab]:
    """One host on which everything works, and one without the .NET Framework; NTLM over HTTP."""
    options = Options(port=free_port(), network="127.58.0.0/16")
    with Lab(FLEETS / "winrm_info.yml", lab_states / "winrm_info", options) as running:
        yield running


class Way:
    """What winrm_info found on the way to a host."""

    def __init__(self, lab: Lab, host: str, *arguments: str) -> None:
        self.result = module_results(lab.inventory, host, MODULE, *arguments)[host]
        assert not self.result.get("failed") and not self.result.get("unreachable"), self.result
        assert self.result["changed"] is False
        self.layers: list[dict[str, t.Any]] = self.result["layers"]
        assert [layer["layer"] for layer in self.layers] == LAYERS
        # Plain HTTP is the one thing that leaves out a layer on a way that works.
        self.states = ["ok" if "not in use" in layer["observed"] else layer["state"] for layer in self.layers]

    def seen(self, layer: str) -> str:
        return str(self.layers[LAYERS.index(layer)]["observed"])

    def assert_broken(self, layer: str, observed: str, remedy: str) -> None:
        """Everything before the layer works, nothing behind it was tried, and the result says what to do."""
        place = LAYERS.index(layer)
        assert self.states == ["ok"] * place + ["failed"] + ["skipped"] * (len(LAYERS) - place - 1)
        assert observed in self.seen(layer)
        assert remedy in self.layers[place]["next_step"]
        assert [entry["next_step"] is None for entry in self.layers].count(False) == 1
        message = self.result["msg"]
        assert message.startswith(f"{layer} failed for ") and observed in message and remedy in message
        assert self.result["ready"] is False
        assert self.result["reachable"] is (place > LAYERS.index("authentication"))


def test_a_host_on_which_everything_works_is_left_as_it_was(way_lab: Lab) -> None:
    host = way_lab.host(READY)
    first = Way(way_lab, READY)  # Wine registers its script host at the first use
    before, recorded = host.snapshot(), len(host.requests())
    way = Way(way_lab, READY, "--check")
    assert way.states == first.states
    assert way.states == ["ok"] * len(LAYERS)
    assert way.result["reachable"] and way.result["ready"] and way.result["msg"] == "Every layer works."
    assert host.address in way.seen("name resolution")
    assert f"port {way_lab.options.listen_port} connected in " in way.seen("TCP")
    assert way.seen("authentication") == "ntlm let Administrator in, messages encrypted"
    assert "OS: 6.0.6002 SP: 2.0 Stack: 2.0" in way.seen("WS-Man")
    assert "AMD64 program, JScript 5." in way.seen("script host")
    assert "version 2.0.50727.4016 is registered with service pack 2" in way.seen(".NET Framework 2.0")
    assert "csc.exe is 8.0.50727.4016" in way.seen(".NET Framework 2.0")
    assert before.differences(host.snapshot()) == []
    actions = [request["action"] for request in host.requests()[recorded:]]
    assert actions.count("Create") == actions.count("Command") == actions.count("Delete") == 1


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("variable", "layer", "observed", "remedy"),
    [
        ("ansible_host=no-such-host.invalid", "name resolution", "not known", "set ansible_host"),
        ("ansible_port=1", "TCP", "port 1: Connection refused", "winrm enumerate winrm/config/listener"),
        ("ansible_winrm_scheme=https", "TLS", "speaks plain HTTP", "Set ansible_winrm_scheme=http"),
        ("ansible_password=wrong", "authentication", "Administrator was not let in (ntlm: ", "ansible_password"),
        ("ansible_winrm_transport=basic", "authentication", "offers Negotiate, and not Basic", "ntlm or kerberos"),
        ("ansible_winrm_message_encryption=never", "authentication", "ntlm", "AllowUnencrypted"),
    ],
)
def test_what_the_inventory_may_get_wrong(way_lab: Lab, variable: str, layer: str, observed: str, remedy: str) -> None:
    Way(way_lab, READY, "-e", variable).assert_broken(layer, observed, remedy)


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("knobs", "layer", "observed", "remedy"),
    [
        ({"listening": False}, "TCP", "Connection refused", "no firewall stands between"),
        ({"auth": ("basic",), "allow_unencrypted": True}, "authentication", "offers Basic, and not", "host offers"),
        ({"shell_allowed": False}, "shell", "fault 0x00000005 (access denied", "winrm get winrm/config/winrs"),
    ],
)
def test_what_may_be_wrong_on_the_host(
    way_lab: Lab, knobs: dict[str, t.Any], layer: str, observed: str, remedy: str
) -> None:
    with way_lab.host(READY).knobs(**knobs):
        Way(way_lab, READY).assert_broken(layer, observed, remedy)


@pytest.mark.one_core
def test_a_refused_shell_still_shows_what_the_service_is(way_lab: Lab) -> None:
    with way_lab.host(READY).knobs(shell_allowed=False):
        assert "Stack: 2.0" in Way(way_lab, READY).seen("WS-Man")


@pytest.mark.one_core
def test_basic_may_be_switched_on_but_not_for_unencrypted_messages(way_lab: Lab) -> None:
    arguments = ("-e", "ansible_winrm_transport=basic")
    with way_lab.host(READY).knobs(auth=("negotiate", "basic"), allow_unencrypted=False):
        Way(way_lab, READY, *arguments).assert_broken("authentication", "not Basic", "AllowUnencrypted")
    with way_lab.host(READY).knobs(auth=("negotiate", "basic"), allow_unencrypted=True):
        way = Way(way_lab, READY, *arguments)
    assert way.seen("authentication") == "basic let Administrator in, messages readable on the way"


@pytest.mark.one_core
def test_a_listener_of_something_else_is_not_ws_man(way_lab: Lab) -> None:
    way = Way(way_lab, READY, "-e", "ansible_winrm_path=/other")
    assert way.states == ["ok", "ok", "ok", "skipped", "failed", "skipped", "skipped", "skipped"]
    assert "Code 404" in way.seen("WS-Man") and "winrm id" in way.result["msg"]


@pytest.mark.one_core
def test_a_script_host_that_is_switched_off(way_lab: Lab) -> None:
    with way_lab.host(READY).script_host_disabled():
        Way(way_lab, READY).assert_broken("script host", "Enabled is 0 in HKLM", "Set it to 1")


@pytest.mark.one_core
def test_a_host_without_the_framework_can_be_judged_but_not_changed(way_lab: Lab) -> None:
    way = Way(way_lab, "wsus-absent")
    way.assert_broken(".NET Framework 2.0", "no version is registered", "install the .NET Framework 2.0")
    assert r"Microsoft.NET\Framework\v2.0.50727\csc.exe is not there" in way.seen(".NET Framework 2.0")


def test_a_wrong_password_is_tried_once(way_lab: Lab) -> None:
    """More attempts could lock the account."""
    host = way_lab.host(READY)
    recorded = len(host.requests())
    Way(way_lab, READY, "-e", "ansible_password=wrong")
    statuses = [request["status"] for request in host.requests()[recorded:]]
    # With the first token, with the password's; then once as a stranger, to read the offers.
    assert statuses == [401] * 3


@pytest.mark.parametrize("password", [None, "Wr0ng-Passw0rd!"])
def test_the_password_shows_nowhere(way_lab: Lab, tmp_path: Path, password: str | None) -> None:
    play = {"hosts": READY, "gather_facts": False, "tasks": [{MODULE: None, "register": "way"}]}
    play["tasks"].append({"ansible.builtin.debug": {"var": "way"}})
    secret = password or way_lab.host(READY).account.password
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (tmp_path / "secret.yml").write_text(yaml.safe_dump({"ansible_password": secret}), encoding="utf-8")
    run = ansible_playbook(tmp_path / "play.yml", way_lab.inventory, "-vvvvv", "-e", f"@{tmp_path / 'secret.yml'}")
    assert run.code == 0 and "Administrator" in run.output
    assert ("Every layer works." in run.output) is (password is None)
    assert secret not in run.output


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("variables", "layer", "observed", "remedy"),
    [
        ("ansible_winrm_scheme=http", "TLS", "speaks TLSv1.3, while the inventory says http", "scheme=https"),
        ("ansible_winrm_ca_trust_path=", "TLS", "is empty, so that no certificate would be checked", "name a file"),
        ("ansible_winrm_ca_trust_path=/no/such.pem", "TLS", "/no/such.pem cannot be read: No such file", "a PEM file"),
    ],
)
def test_what_may_be_wrong_with_tls(tls_lab: Lab, variables: str, layer: str, observed: str, remedy: str) -> None:
    Way(tls_lab, TLS_HOST, "-e", variables).assert_broken(layer, observed, remedy)


@pytest.mark.one_core
def test_a_certificate_of_another_authority_is_not_trusted(tls_lab: Lab, tmp_path: Path) -> None:
    other = make_certificates(tmp_path, ["lab"], ["127.0.0.1"])
    way = Way(tls_lab, TLS_HOST, "-e", f"ansible_winrm_ca_trust_path={other}")
    way.assert_broken("TLS", "the certificate is not trusted (", "Set ansible_winrm_ca_trust_path")
    assert "CN=lab of issuer CN=Lab CA, valid until 20" in way.seen("TLS")


def test_tls_shows_what_was_agreed_on(tls_lab: Lab) -> None:
    way = Way(tls_lab, TLS_HOST)
    assert way.states[:7] == ["ok"] * 7
    assert "TLSv1.3, TLS_AES_256_GCM_SHA384, certificate CN=lab of issuer CN=Lab CA, valid until 20" in way.seen("TLS")
    assert way.seen("authentication") == "ntlm let Administrator in, over TLS"
