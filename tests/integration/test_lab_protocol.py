# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint's behaviour around a command: faults with their codes, time-outs, quotas, idle shells, listening."""

from __future__ import annotations

import http.client
import socket
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from tests.lab.endpoint.envelope import NAMESPACES
from tests.lab.executors.wine_prefix import processes_of
from tests.lab.lab import Lab, LabHost

pytestmark = pytest.mark.one_core

IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    "<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>"
)


@pytest.fixture
def host(lab: Lab) -> Iterator[LabHost]:
    """A host with Basic over HTTP: these tests look at the protocol, not at its encryption."""
    host = lab.host("wsus-absent")
    with host.knobs(auth=("basic",), allow_unencrypted=True):
        yield host


def client_of(host: LabHost, operation_timeout: int = 20) -> Protocol:
    return Protocol(
        host.url,
        transport="plaintext",
        username=host.account.user,
        password=host.account.password,
        operation_timeout_sec=operation_timeout,
        read_timeout_sec=operation_timeout + 10,
    )


def post(host: LabHost, body: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host.address, int(host.url.split(":")[2].split("/")[0]), timeout=10)
    connection.request("POST", "/wsman", body, {"Content-Type": "application/soap+xml", **headers})
    response = connection.getresponse()
    return response.status, response.read()


def test_identify_needs_no_authentication_and_tells_no_version(host: LabHost) -> None:
    status, body = post(host, IDENTIFY, WSMANIDENTIFY="unauthenticated")
    version = ET.fromstring(body).findtext(".//wsmid:ProductVersion", namespaces=NAMESPACES)
    assert (status, version) == (200, "OS: 0.0.0 SP: 0.0 Stack: 2.0")
    assert host.requests()[-1]["action"] == "Identify"
    assert host.requests()[-1]["authenticated"] is False


def test_identify_tells_the_version_to_an_authenticated_client(host: LabHost) -> None:
    answer = client_of(host).send_message(IDENTIFY)
    version = ET.fromstring(answer).findtext(".//wsmid:ProductVersion", namespaces=NAMESPACES)
    assert version == "OS: 5.2.3790 SP: 2.0 Stack: 2.0"


def test_nothing_but_identify_passes_without_authentication(host: LabHost) -> None:
    body = IDENTIFY.replace("wsmid:Identify/", "wsmid:Other/")
    assert post(host, body, WSMANIDENTIFY="unauthenticated")[0] == 401


def fault_of(error: pytest.ExceptionInfo[WSManFaultError]) -> tuple[int | None, str | None]:
    return error.value.wsman_fault_code, error.value.fault_subcode


def test_unknown_shell(host: LabHost) -> None:
    with pytest.raises(WSManFaultError, match="shell was not found") as error:
        client_of(host).run_command("11111111-2222-3333-4444-555555555555", "ver")
    assert fault_of(error) == (2150858843, "w:InvalidSelectors")


def test_a_deleted_shell_is_gone(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell()
    client.close_shell(shell, close_session=False)
    with pytest.raises(WSManFaultError) as error:
        client.run_command(shell, "ver")
    assert fault_of(error) == (2150858843, "w:InvalidSelectors")


def test_unknown_command(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell()
    with pytest.raises(WSManFaultError, match="CommandId") as error:
        client.get_command_output_raw(shell, "11111111-2222-3333-4444-555555555555")
    client.close_shell(shell)
    assert fault_of(error) == (2150858843, "w:InvalidSelectors")


def test_unknown_action(host: LabHost) -> None:
    body = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
    with pytest.raises(WSManFaultError) as error:
        client_of(host).send_message(body)
    assert fault_of(error) == (2150858753, "a:ActionNotSupported")


def test_no_soap(host: LabHost) -> None:
    with pytest.raises(WSManFaultError) as error:
        client_of(host).send_message("<html/>")
    assert fault_of(error) == (2150858817, "w:SchemaValidationError")


def test_an_envelope_over_the_limit_is_refused_and_one_below_passes(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell()
    command = client.run_command(shell, 'findstr "^" > nul')
    client.send_command_input(shell, command, b"x" * 100 + b"\r\n" * 50_000)
    with pytest.raises(WSManFaultError, match="153600") as error:
        client.send_command_input(shell, command, b"\r\n" * 60_000)
    client.close_shell(shell)
    assert fault_of(error) == (2150858825, "w:EncodingLimit")


def test_an_idle_receive_times_out_and_the_next_one_succeeds(host: LabHost) -> None:
    client = client_of(host, operation_timeout=1)
    shell = client.open_shell()
    command = client.run_command(shell, "ping -n 6 127.0.0.1 > nul & echo over")
    before = time.monotonic()
    with pytest.raises(WinRMOperationTimeoutError):
        client.get_command_output_raw(shell, command)
    assert time.monotonic() - before > 0.9
    assert client.get_command_output(shell, command) == (b"over\r\n", b"", 0)
    client.close_shell(shell)
    assert [entry["status"] for entry in host.requests() if entry["action"] == "Receive"][-1] == 200


SLOW = "echo early& ping -n 3 127.0.0.1 > nul & echo late"


@pytest.mark.parametrize("eager", [False, True])
def test_receive_waits_for_the_end_unless_it_is_eager(host: LabHost, eager: bool) -> None:
    client = client_of(host)
    with host.knobs(eager=eager):
        shell = client.open_shell()
        command = client.run_command(shell, SLOW)
        first, _stderr, code, done = client.get_command_output_raw(shell, command)
        assert first.startswith(b"early")
        assert (b"late" in first, done) == (not eager, not eager)
        if eager:
            rest, _stderr, code = client.get_command_output(shell, command)
            first += rest
        client.close_shell(shell)
    assert (first, code) == (b"early\r\nlate\r\n", 0)


def test_long_output_comes_in_envelopes_below_the_limit(host: LabHost) -> None:
    client = client_of(host)
    count = len(host.requests())
    shell = client.open_shell()
    command = client.run_command(shell, "for /l %i in (1,1,12000) do @echo line %i of many")
    stdout, _stderr, code = client.get_command_output(shell, command)
    client.close_shell(shell)
    assert code == 0
    assert stdout.splitlines() == [b"line %d of many" % number for number in range(1, 12001)]
    receives = [entry for entry in host.requests()[count:] if entry["action"] == "Receive"]
    assert len(receives) > 3
    assert all(entry["bytes_out"] < 153600 for entry in receives)


def test_output_that_the_client_fetches_late_is_complete(host: LabHost) -> None:
    path = host.prefix / "drive_c" / "windows" / "temp" / "late.log"
    content = b"".join(
        b"%07d of many lines, more than all the buffers on the way hold\r\n" % line for line in range(60_000)
    )
    path.write_bytes(content)
    client = client_of(host)
    shell = client.open_shell()
    command = client.run_command(shell, r"type C:\windows\temp\late.log & exit 7")
    time.sleep(1.5)
    stdout, stderr, code = client.get_command_output(shell, command)
    client.close_shell(shell)
    path.unlink()
    assert (len(stdout), stderr, code) == (len(content), b"", 7)
    assert stdout == content


def test_sixth_shell_of_a_user(host: LabHost) -> None:
    client = client_of(host)
    shells = [client.open_shell() for _number in range(5)]
    with pytest.raises(WSManFaultError, match="5 concurrent shells") as error:
        client.open_shell()
    assert fault_of(error) == (2150859173, "w:QuotaLimit")
    client.close_shell(shells.pop(), close_session=False)
    shells.append(client.open_shell())
    for shell in shells:
        client.close_shell(shell, close_session=False)


def test_sixteenth_operation_of_a_shell_even_when_the_others_are_over(host: LabHost) -> None:
    client = client_of(host)
    with host.knobs(max_operations=2):
        shell = client.open_shell()
        for _number in range(2):
            command = client.run_command(shell, "exit 4")
            assert client.get_command_output(shell, command)[2] == 4
            client.cleanup_command(shell, command)
        with pytest.raises(WSManFaultError, match="maximum number of concurrent operations") as error:
            client.run_command(shell, "ver")
        client.close_shell(shell)
    assert fault_of(error) == (0x803381A6, "w:QuotaLimit")


@pytest.mark.parametrize("wmi", [False, True])
def test_quota_fault_on_request(host: LabHost, wmi: bool) -> None:
    client = client_of(host)
    shell = client.open_shell()
    with host.knobs(quota_faults=1, wmi_faults=wmi):
        with pytest.raises(WSManFaultError) as error:
            client.run_command(shell, "ver")
        command = client.run_command(shell, "exit 5")
        assert client.get_command_output(shell, command)[2] == 5
    client.close_shell(shell)
    codes = (error.value.wsman_fault_code, error.value.wmierror_code)
    assert codes == ((None, 0x803381A6) if wmi else (0x803381A6, None))


def test_lost_shell_on_request(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell()
    with host.knobs(lose_shell=1), pytest.raises(WSManFaultError) as error:
        client.run_command(shell, "ver")
    assert error.value.wsman_fault_code == 2150858843
    with pytest.raises(WSManFaultError):
        client.run_command(shell, "ver")


def test_idle_shell_is_removed(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell(idle_timeout="PT1S")
    time.sleep(2)
    with pytest.raises(WSManFaultError) as error:
        client.run_command(shell, "ver")
    assert error.value.wsman_fault_code == 2150858843


def test_account_without_the_right_to_a_shell(host: LabHost) -> None:
    with host.knobs(shell_allowed=False), pytest.raises(WSManFaultError, match="Access is denied") as error:
        client_of(host).open_shell()
    assert fault_of(error) == (5, "w:AccessDenied")


def test_a_host_can_stop_listening_and_the_unreachable_one_never_does(lab: Lab, host: LabHost) -> None:
    port = lab.options.listen_port
    with host.knobs(listening=False), pytest.raises(ConnectionRefusedError):
        socket.create_connection((host.address, port), 5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((lab.host("wsus-unreachable").address, port), 5)
    assert post(host, IDENTIFY, WSMANIDENTIFY="unauthenticated")[0] == 200


def test_terminate_ends_the_whole_process_tree(host: LabHost) -> None:
    client = client_of(host)
    shell = client.open_shell()
    command = client.run_command(shell, 'cmd /c "cmd /c ping -n 600 127.0.0.1"')
    try:
        assert comes_true(lambda: bool(processes(host, "ping")))
    finally:
        client.cleanup_command(shell, command)
    # The whole tree goes when Wine's server notices that the launcher is gone.
    assert comes_true(lambda: not processes(host, "ping", "cmd", "winrshost")), processes(host, "ping", "cmd")
    client.close_shell(shell)


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether it does within a minute: on a busy machine Wine takes seconds to start or to end a program."""
    deadline = time.monotonic() + 60
    while not (fulfilled := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return fulfilled


def processes(host: LabHost, *names: str) -> list[str]:
    lines = [process.joinpath("cmdline").read_text().replace("\0", " ") for process in processes_of(host.prefix)]
    return [line for line in lines if any(f"{name}.exe" in line or line.startswith(f"{name} ") for name in names)]


def test_awkward_password_is_refused(lab: Lab) -> None:
    host = lab.host("awkward-password")
    variables = next(member.variables for member in lab.members if member.name == host.name)
    client = Protocol(host.url, transport="ntlm", username=host.account.user, password=variables["ansible_password"])
    with pytest.raises(InvalidCredentialsError):
        client.open_shell()
