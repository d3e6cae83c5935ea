# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell: stdin in pieces, deadline, bounds, recovery, and errors that name their layer."""

from __future__ import annotations

import ssl
import time
import typing as t

import pytest
import requests
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.connection.winrm import Connection
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError
from winrm.transport import Transport

from ansible_collections.unblock.updates.plugins.plugin_utils._host import connection
from ansible_collections.unblock.updates.plugins.plugin_utils._host.bounded import BoundedAdapter
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.ntlm import adapter_for
from tests.unit.host.fakes import CODE_DONE, CODE_RUNNING, FakeConnection, FakeProtocol, fault


def open_shell(protocol: FakeProtocol) -> tuple[Shell, FakeConnection]:
    fake = FakeConnection(protocol)
    return Shell.open(fake, connect_timeout=1.0), fake


def test_private_names_of_ansibles_connection_are_still_there() -> None:
    known = set(dir(Connection)) | set(Connection.__init__.__code__.co_names)
    assert set(connection.PRIVATE_NAMES) <= known


def test_output_of_several_receives_is_joined() -> None:
    protocol = FakeProtocol([(b"a", b"x", -1, CODE_RUNNING), (b"b", b"y", 3010, CODE_DONE)])
    output = open_shell(protocol)[0].run("ver", b"", timeout=5, max_bytes=100)
    assert (output.stdout, output.stderr, output.code) == (b"ab", b"xy", 3010)


def test_a_command_is_acknowledged_before_the_next_one_and_the_last_one_by_closing() -> None:
    protocol = FakeProtocol([], start=["first", "second"])
    shell, dummy = open_shell(protocol)
    for command in ("ver", "set"):
        shell.run(command, b"", timeout=5, max_bytes=100)
    shell.close()
    assert protocol.calls == [
        ("run", ("shell-1", "ver")),
        ("receive", "shell-1"),
        ("signal", ("shell-1", "first")),
        ("run", ("shell-1", "set")),
        ("receive", "shell-1"),
    ]


def test_a_command_of_a_shell_that_is_gone_is_not_acknowledged_in_the_next_one() -> None:
    protocol = FakeProtocol([], start=["first", fault(wsman=0x8033805B), "second"])
    shell, fake = open_shell(protocol)
    for command in ("ver", "set"):
        shell.run(command, b"", timeout=5, max_bytes=100)
    assert fake.opened == 2
    assert [arguments for call, arguments in protocol.calls if call == "signal"] == [("shell-1", "first")]


def test_a_negative_exit_code_is_shown_as_windows_shows_it() -> None:
    protocol = FakeProtocol([(b"", b"", -1073741819, CODE_DONE)])
    assert open_shell(protocol)[0].run("crash", b"", timeout=5, max_bytes=100).code == 0xC0000005


@pytest.mark.parametrize("size", [0, 1, 79_999, 80_000, 80_001, 250_000])
def test_stdin_travels_in_pieces_below_the_envelope_and_ends_once(size: int) -> None:
    protocol = FakeProtocol([])
    data = bytes(i % 251 for i in range(size))
    open_shell(protocol)[0].run("findstr", data, timeout=5, max_bytes=100)
    assert b"".join(piece for piece, end in protocol.stdin) == data
    assert all(len(piece) <= connection.STDIN_CHUNK_BYTES for piece, end in protocol.stdin)
    assert [end for piece, end in protocol.stdin] == [False] * (len(protocol.stdin) - 1) + [True] * bool(protocol.stdin)


def test_a_command_that_never_ends_is_terminated_at_the_deadline() -> None:
    protocol = FakeProtocol([WinRMOperationTimeoutError()] * 100_000)
    started = time.monotonic()
    with pytest.raises(HostError, match=r"had not ended after 0.01 s") as caught:
        open_shell(protocol)[0].run("ping", b"", timeout=0.01, max_bytes=100)
    assert caught.value.layer is Layer.SCRIPT
    assert time.monotonic() - started < 5
    assert protocol.calls[-1][0] == "signal"


def test_endless_output_is_cut_off() -> None:
    protocol = FakeProtocol([(b"x" * 60, b"", -1, CODE_RUNNING)] * 1000)
    with pytest.raises(HostError, match="more than 100 bytes"):
        open_shell(protocol)[0].run("type", b"", timeout=5, max_bytes=100)
    assert [call for call, dummy in protocol.calls].count("receive") == 2


@pytest.mark.parametrize("lost", [fault(wmi=0x803381A6), fault(wsman=0x803381A6), fault(wsman=0x8033805B)])
def test_a_used_up_or_lost_shell_is_replaced_once(lost: Exception) -> None:
    protocol = FakeProtocol([(b"ok", b"", 0, CODE_DONE)], start=[lost])
    shell, fake = open_shell(protocol)
    fake.close_error = lost
    assert shell.run("ver", b"", timeout=5, max_bytes=100).stdout == b"ok"
    assert fake.opened == 2
    assert [arguments for call, arguments in protocol.calls if call == "run"] == [
        ("shell-1", "ver"),
        ("shell-2", "ver"),
    ]


def test_a_second_quota_fault_is_an_error_of_the_shell() -> None:
    protocol = FakeProtocol([], start=[fault(wmi=0x803381A6), fault(wmi=0x803381A6)])
    with pytest.raises(HostError, match="0x803381A6") as caught:
        open_shell(protocol)[0].run("ver", b"", timeout=5, max_bytes=100)
    assert caught.value.layer is Layer.SHELL


@pytest.mark.parametrize(
    ("raised", "layer"),
    [
        (AnsibleConnectionFailure("ntlm: the specified credentials were rejected by the server"), Layer.AUTHENTICATION),
        (AnsibleConnectionFailure("Kerberos auth failure for principal a@B: no KDC"), Layer.AUTHENTICATION),
        (AnsibleConnectionFailure("basic: auth method basic requires a password"), Layer.AUTHENTICATION),
        (
            AnsibleConnectionFailure(
                "ssl: HTTPSConnectionPool(host='h', port=5986): Max retries exceeded (Caused by SSLError("
                "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))"
            ),
            Layer.TLS,
        ),
        (AnsibleConnectionFailure("ntlm: HTTPConnectionPool(host='h'): Max retries exceeded"), Layer.TCP),
        (AnsibleError("the connection attempt timed out"), Layer.TCP),
        (AnsibleError("winrm or requests is not installed: No module named 'winrm'"), Layer.CONTROLLER),
        (AnsibleConnectionFailure("ntlm: Bad HTTP response returned from server. Code 503"), Layer.WS_MAN),
        (
            AnsibleConnectionFailure("ntlm: x (extended fault data: {'wsmanfault_code': 2150859173})"),
            Layer.SHELL,
        ),
    ],
)
def test_what_connecting_can_fail_with(raised: Exception, layer: Layer) -> None:
    with pytest.raises(HostError) as caught:
        Shell.open(FakeConnection(FakeProtocol([]), connect_error=raised), connect_timeout=1.0)
    assert caught.value.layer is layer
    assert "127.0.0.1" in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("raised", "layer"),
    [
        (requests.exceptions.ConnectionError("Connection aborted."), Layer.TCP),
        (requests.exceptions.ReadTimeout("Read timed out. (read timeout=30)"), Layer.TCP),
        (InvalidCredentialsError("the specified credentials were rejected by the server"), Layer.AUTHENTICATION),
        (WinRMTransportError("http", 503, ""), Layer.WS_MAN),
        (fault(wsman=5), Layer.SHELL),
        (fault(wsman=0x80338013), Layer.WS_MAN),
        (KeyError("Name"), Layer.WS_MAN),
    ],
)
def test_what_a_running_command_can_fail_with(raised: Exception, layer: Layer) -> None:
    with pytest.raises(HostError) as caught:
        open_shell(FakeProtocol([raised]))[0].run("ver", b"", timeout=5, max_bytes=100)
    assert caught.value.layer is layer


def test_a_closed_port_is_told_from_an_unknown_name() -> None:
    fake = FakeConnection(FakeProtocol([]))
    fake.stop_listening()
    with pytest.raises(HostError, match="refused") as caught:
        Shell.open(fake, connect_timeout=1.0)
    assert caught.value.layer is Layer.TCP
    fake.options["remote_addr"] = "no-such-host.invalid"
    with pytest.raises(HostError) as caught:
        Shell.open(fake, connect_timeout=1.0)
    assert caught.value.layer is Layer.NAME_RESOLUTION
    assert caught.value.unreachable


def test_what_a_host_says_cannot_reach_the_terminal() -> None:
    error = HostError(Layer.SCRIPT, "h", "\x1b[31mred\x00\r\n" + "x" * 5000, "Look.")
    assert "\x1b" not in str(error) and "\n" not in str(error)
    assert len(error.observed) == 500


def test_an_empty_path_of_authorities_does_not_switch_validation_off() -> None:
    fake = FakeConnection(FakeProtocol([]))
    fake.options.update(scheme="https", _extras={"ansible_winrm_ca_trust_path": ""})
    with pytest.raises(HostError, match="no certificate would be checked") as caught:
        Shell.open(fake, connect_timeout=1.0)
    assert caught.value.layer is Layer.TLS and fake.opened == 0
    fake.options["_extras"]["ansible_winrm_server_cert_validation"] = "ignore"
    Shell.open(fake, connect_timeout=1.0)
    assert fake.opened == 1


@pytest.mark.parametrize("sizes", [[0], [80_000, 1], [1, 79_999], [3] * 50_000, [250_000, 0, 7]])
def test_a_stream_is_cut_anew_and_read_piece_by_piece(sizes: list[int]) -> None:
    protocol = FakeProtocol([])
    data = bytes(i % 251 for i in range(sum(sizes)))
    taken: list[int] = []

    def stream() -> t.Iterator[bytes]:
        start = 0
        for size in sizes:
            taken.append(sum(len(piece) for piece, end in protocol.stdin))
            yield data[start : start + size]
            start += size

    open_shell(protocol)[0].run("transfer", stream(), timeout=5, max_bytes=100)
    assert b"".join(piece for piece, end in protocol.stdin) == data
    assert all(len(piece) <= connection.STDIN_CHUNK_BYTES for piece, end in protocol.stdin)
    assert [end for piece, end in protocol.stdin] == [False] * (len(protocol.stdin) - 1) + [True] * bool(data)
    # Whatever had been taken before the last part was sent already, but for what fills one piece.
    assert sum(sizes[:-1]) - taken[-1] <= connection.STDIN_CHUNK_BYTES


def test_a_command_that_takes_its_input_too_slowly_is_terminated() -> None:
    protocol = FakeProtocol([])

    def stream() -> t.Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield bytes(100_000)

    with pytest.raises(HostError, match=r"had not ended after 0.05 s"):
        open_shell(protocol)[0].run("transfer", stream(), timeout=0.05, max_bytes=100)
    assert protocol.calls[-1][0] == "signal"


def test_long_work_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = FakeProtocol([WinRMOperationTimeoutError()] * 6 + [(b"", b"", 0, CODE_DONE)])
    shell = open_shell(protocol)[0]
    told: list[float] = []
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr(connection.time, "monotonic", lambda: float(next(clock)))
    shell.run("setup", b"", timeout=1000, max_bytes=100, progress=told.append)
    assert told == [40.0, 80.0, 120.0]


@pytest.mark.parametrize(
    "lost", [fault(wsman=0x8033805B), fault(wmi=0x803381A6), requests.exceptions.ConnectionError()]
)
def test_a_command_that_may_have_begun_is_never_repeated(lost: Exception) -> None:
    protocol = FakeProtocol([lost])
    with pytest.raises(HostError):
        open_shell(protocol)[0].run("reset", b"", timeout=5, max_bytes=100)
    assert [call for call, dummy in protocol.calls].count("run") == 1


def test_a_command_whose_start_got_no_answer_is_never_repeated() -> None:
    protocol = FakeProtocol([], start=[requests.exceptions.ReadTimeout("Read timed out.")])
    with pytest.raises(HostError, match="timed out"):
        open_shell(protocol)[0].run("reset", b"", timeout=5, max_bytes=100)
    assert [call for call, dummy in protocol.calls].count("run") == 1


@pytest.mark.parametrize("account", ["Administrator", "auditor@EXAMPLE.COM"])
def test_nothing_is_sent_in_the_clear_by_ansibles_own_choice(account: str) -> None:
    """For an account of a domain Ansible would try Kerberos, then Basic."""
    fake = FakeConnection(FakeProtocol([]))
    fake.options.update(transport=None, remote_user=account)
    with pytest.raises(HostError, match="shows the password") as caught:
        Shell.open(fake, connect_timeout=1.0)
    assert caught.value.layer is Layer.AUTHENTICATION and fake.opened == 0
    fake.options["transport"] = ["basic"]
    Shell.open(fake, connect_timeout=1.0)
    assert fake.opened == 1


class Connecting(FakeConnection):
    """Builds a session while it connects, as Ansible's does, then fails."""

    def __init__(self) -> None:
        super().__init__(FakeProtocol([]))
        self.options["scheme"] = "https"
        self.session = requests.Session()

    def _connect(self) -> None:
        self.session = build_session()
        raise AnsibleConnectionFailure("ntlm: Max retries exceeded")


def build_session() -> requests.Session:
    return Transport("https://127.0.0.1:5986/wsman", username="u", password="p", auth_method="ntlm").build_session()


@pytest.mark.parametrize("url", ["https://[fe80::1%eth0]:5986/wsman", "https://b\u00fccher.example:5986/wsman"])
def test_every_spelling_of_an_address_is_bounded(url: str) -> None:
    with connection._guarded_sessions(open_shell(FakeProtocol([]))[0]._target, adapter_for):
        session = Transport(url, username="u", password="p", auth_method="ntlm").build_session()
    prepared = requests.Request("POST", url).prepare()
    assert isinstance(session.get_adapter(str(prepared.url)), BoundedAdapter)


@pytest.mark.parametrize("legacy_tls", [True, False])
def test_old_tls_stays_with_the_endpoint_and_with_the_connection(legacy_tls: bool) -> None:
    fake = Connecting()
    with pytest.raises(HostError):
        Shell.open(fake, connect_timeout=1.0, legacy_tls=legacy_tls)

    def lowest(session: requests.Session, url: str) -> t.Any:
        adapter = t.cast(requests.adapters.HTTPAdapter, session.get_adapter(url))
        context = adapter.poolmanager.connection_pool_kw.get("ssl_context")
        return context and (context.minimum_version, context.verify_mode, context.check_hostname)

    old = (ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.CERT_REQUIRED, True)
    assert lowest(fake.session, "https://127.0.0.1:5986/wsman") == (old if legacy_tls else None)
    assert lowest(fake.session, "https://127.0.0.2:5986/wsman") is None
    assert lowest(build_session(), "https://127.0.0.1:5986/wsman") is None


def test_what_is_held_runs_in_every_shell_until_it_is_released() -> None:
    protocol = FakeProtocol([], start=["held-1", fault(wsman=0x8033805B), "held-2", "command-2"])
    shell, fake = open_shell(protocol)
    shell.hold("wait")
    shell.run("ver", b"", timeout=5, max_bytes=100)
    shell.release()
    shell.run("dir", b"", timeout=5, max_bytes=100)
    assert fake.opened == 2
    assert [call for call in protocol.calls if call[0] != "receive"] == [
        ("run", ("shell-1", "wait")),
        ("run", ("shell-1", "ver")),
        ("run", ("shell-2", "wait")),
        ("run", ("shell-2", "ver")),
        ("signal", ("shell-2", "held-2")),
        ("signal", ("shell-2", "command-2")),
        ("run", ("shell-2", "dir")),
    ]


def test_a_shell_that_was_left_is_closed_though_nothing_can_be_held_in_the_next() -> None:
    broken = requests.exceptions.ConnectionError("Connection reset by peer")
    protocol = FakeProtocol([broken], start=["held-1", "command-1", fault(wsman=0x803381A7)])
    shell, fake = open_shell(protocol)
    shell.hold("wait")
    for problem in ("reset", "quota of requests"):
        with pytest.raises(HostError, match=problem):
            shell.run("ver", b"", timeout=5, max_bytes=100)
    assert protocol.calls[-2:] == [("run", ("shell-2", "wait")), ("close", ("shell-1", False))]


def test_what_cannot_be_held_is_an_error_with_its_layer() -> None:
    shell = open_shell(FakeProtocol([], start=[fault(wsman=0x803381A7)]))[0]
    with pytest.raises(HostError, match="quota of requests") as caught:
        shell.hold("wait")
    assert caught.value.layer is Layer.WS_MAN


def test_proxies_of_the_environment_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    fake = Connecting()
    with pytest.raises(HostError):
        Shell.open(fake, connect_timeout=1.0)
    assert (fake.session.proxies["https"], fake.session.trust_env) == ("http://proxy:3128", False)
