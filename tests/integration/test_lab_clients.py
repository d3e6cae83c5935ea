# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that were not written here run commands on lab hosts; the requests that they need are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import testinfra
from pypsrp.exceptions import AuthenticationError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import WSMan
from winrm.exceptions import InvalidCredentialsError
from winrm.protocol import Protocol

from tests.lab.lab import Lab, LabHost

pytestmark = pytest.mark.one_core

SORT_OF_SCRIPT = b"first line\r\nsecond \xc3\xbc line\r\n"
BASIC = {"auth": ("basic",), "allow_unencrypted": True}


def pypsrp_client(host: LabHost, **options: object) -> WSMan:
    _scheme, _separator, rest = host.url.partition("://")
    port = int(rest.partition(":")[2].partition("/")[0])
    settings = {"ssl": False, "auth": "ntlm", "encryption": "auto"} | options
    return WSMan(host.address, port=port, username=host.account.user, password=host.account.password, **settings)


def pywinrm_client(host: LabHost, transport: str = "ntlm", **options: object) -> Protocol:
    settings = {"username": host.account.user, "password": host.account.password} | options
    return Protocol(host.url, transport=transport, **settings)


def exchange(client: Protocol, command: str, stdin: bytes) -> tuple[bytes, bytes, int]:
    """Do what the product does: one shell, one command, one stdin."""
    shell = client.open_shell(codepage=65001)
    command_id = client.run_command(shell, command, console_mode_stdin=False)
    client.send_command_input(shell, command_id, stdin, end=True)
    result = client.get_command_output(shell, command_id)
    client.cleanup_command(shell, command_id)
    client.close_shell(shell)
    return result


@pytest.fixture
def host(lab: Lab) -> Iterator[LabHost]:
    yield lab.host("wsus-sp1-unpatched")


@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_pypsrp_runs_a_command_with_message_encryption(host: LabHost, auth: str) -> None:
    with pypsrp_client(host, auth=auth) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "hostname & reg query", [r'"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"'])
        process.invoke()
        process.signal(SignalCode.TERMINATE)
    lines = process.stdout.decode().splitlines()
    assert lines[0] == "WSUS-1"
    assert "    VersionString    REG_SZ    3.1.6001.65" in lines
    assert (process.rc, process.stderr) == (0, b"")
    assert all(request["bytes_in"] == 0 or request["authenticated"] for request in host.requests())


def test_pypsrp_keeps_environment_directory_and_the_32_bit_exit_code(host: LabHost) -> None:
    with (
        pypsrp_client(host) as wsman,
        WinRS(wsman, environment={"LABWORD": "a b"}, working_directory=r"C:\windows\system32") as shell,
    ):
        process = Process(shell, "echo %LABWORD%& cd& exit 3010")
        process.invoke()
    assert process.stdout.decode().splitlines() == ["a b", r"C:\windows\system32"]
    assert process.rc == 3010


def test_pypsrp_sends_input_in_parts(host: LabHost) -> None:
    with pypsrp_client(host) as wsman, WinRS(wsman) as shell:
        process = Process(shell, 'findstr "^"', no_shell=False)
        process.begin_invoke()
        for part in (SORT_OF_SCRIPT[:7], SORT_OF_SCRIPT[7:]):
            process.send(part, end=part.endswith(b"\n"))
        process.end_invoke()
    assert process.stdout == SORT_OF_SCRIPT


def test_testinfra_reads_registry_and_exit_code(host: LabHost) -> None:
    account = f"{host.account.user}:{host.account.password}"
    address = host.url.removeprefix("http://").removesuffix("/wsman")
    backend = testinfra.get_host(f"winrm://{account}@{address}?no_ssl=true&no_verify_ssl=true")
    result = backend.run('reg query "HKLM\\SOFTWARE\\Microsoft\\Update Services\\Server\\Setup" /v TargetDir')
    assert (result.rc, result.stderr) == (0, "")
    assert "TargetDir    REG_SZ    C:\\Program Files\\Update Services\\" in result.stdout
    assert backend.run("echo out& exit 3010").rc == 3010


@pytest.mark.parametrize(
    ("transport", "settings", "operations"),
    [
        ("ntlm", {}, ["handshake"] * 3 + ["Create", "Command", "Send", "Receive", "Signal", "Delete"]),
        ("plaintext", BASIC, ["Create", "Command", "Send", "Receive", "Signal", "Delete"]),
    ],
)
def test_requests_of_one_exchange(
    host: LabHost, transport: str, settings: dict[str, Any], operations: list[str]
) -> None:
    before = len(host.requests())
    with host.knobs(**settings):
        stdout, stderr, exit_code = exchange(pywinrm_client(host, transport), 'findstr "^"', SORT_OF_SCRIPT)
    assert (stdout, stderr, exit_code) == (SORT_OF_SCRIPT, b"", 0)
    requests = host.requests()[before:]
    assert [request["action"] for request in requests] == operations
    refused = 2 if transport == "ntlm" else 0
    assert [request["status"] for request in requests] == [401] * refused + [200] * (len(operations) - refused)
    assert [request["authenticated"] for request in requests] == [status["status"] == 200 for status in requests]


def test_input_larger_than_an_envelope_arrives_byte_exact(host: LabHost) -> None:
    data = b"".join(b"%06d \x84\xfc%s\r\n" % (number, b"x" * 70) for number in range(10_000))
    client = pywinrm_client(host)
    shell = client.open_shell()
    command = client.run_command(shell, r'findstr "^" > %TEMP%\big.txt & type %TEMP%\big.txt & del %TEMP%\big.txt')
    for start in range(0, len(data), 90_000):
        client.send_command_input(shell, command, data[start : start + 90_000], end=start + 90_000 >= len(data))
    stdout, _stderr, exit_code = client.get_command_output(shell, command)
    client.close_shell(shell)
    assert exit_code == 0
    assert stdout == data


def test_wrong_password_is_refused(lab: Lab, host: LabHost) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm_client(host, password="wrong").open_shell()
    with pytest.raises(AuthenticationError), pypsrp_client(host) as wsman:
        wsman.transport.password = "wrong"
        WinRS(wsman).open()
    assert host.requests()[-1]["status"] == 401


def test_basic_is_refused_where_it_is_off_or_unencrypted(host: LabHost) -> None:
    for settings in (
        {"auth": ("negotiate",), "allow_unencrypted": True},
        {"auth": ("basic",), "allow_unencrypted": False},
    ):
        with host.knobs(**settings), pytest.raises(InvalidCredentialsError):
            pywinrm_client(host, "plaintext").open_shell()


def test_unsealed_messages_are_refused_after_ntlm(host: LabHost) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm_client(host, message_encryption="never").open_shell()


@pytest.mark.parametrize("transport", ["ntlm", "plaintext"])
def test_tls_with_the_labs_own_authority(tls_lab: Lab, transport: str) -> None:
    host = tls_lab.host("wsus-sp1-unpatched")
    with host.knobs(auth=("negotiate", "basic")):
        client = pywinrm_client(host, transport, ca_trust_path=str(tls_lab.ca), server_cert_validation="validate")
        assert exchange(client, 'findstr "^"', SORT_OF_SCRIPT) == (SORT_OF_SCRIPT, b"", 0)


def test_tls_certificate_is_not_trusted_without_it(tls_lab: Lab) -> None:
    host = tls_lab.host("wsus-sp1-unpatched")
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        pywinrm_client(host, ca_trust_path=None).open_shell()


def test_pypsrp_over_tls(tls_lab: Lab) -> None:
    host = tls_lab.host("wsus-sp1-unpatched")
    with pypsrp_client(host, ssl=True, cert_validation=str(tls_lab.ca)) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "hostname")
        process.invoke()
    assert process.stdout.split() == [b"WSUS-1"]
