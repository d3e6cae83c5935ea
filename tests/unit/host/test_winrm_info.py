# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a host, layer by layer: for what a lab host does not do on demand."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.unblock.updates.plugins.plugin_utils._host import anonymous, connection, layers, network, tls
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.layers import LAYERS, Diagnosis, diagnose
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target
from tests.lab.endpoint.certificates import make_certificates
from tests.unit.host.fakes import FakeConnection, FakeProtocol

UNAUTHORIZED = (
    b"HTTP/1.1 401 \r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Kerberos\r\nContent-Length: 0\r\n\r\n"
)
Listen = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Starts a server on loopback that treats each connection by a function; returns its port."""
    with contextlib.ExitStack() as servers:

        def start(serve: Callable[[socket.socket], None]) -> int:
            server = servers.enter_context(socket.create_server(("127.0.0.1", 0)))

            def accept() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        client = server.accept()[0]
                        client.settimeout(5)
                        with contextlib.suppress(OSError), client:
                            serve(client)

            threading.Thread(target=accept, daemon=True).start()
            servers.callback(server.shutdown, socket.SHUT_RDWR)
            return int(server.getsockname()[1])

        yield start


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    make_certificates(folder, ["lab"], ["127.0.0.1"])
    return folder


def speak_tls(folder: Path, version: ssl.TLSVersion | None = None) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "good.pem")
    if version:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version

    def serve(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as session:
            session.recv(1)

    return serve


def speak_http(client: socket.socket) -> None:
    client.recv(65536)
    client.sendall(UNAUTHORIZED)


def target(port: int, host: str = "127.0.0.1", scheme: str = "https", **extras: object) -> Target:
    named = {f"ansible_winrm_{name}": value for name, value in extras.items()}
    return Target(host, port, scheme, "/wsman", ("ntlm",), "Administrator", named)


def shake_hands(port: int, **options: t.Any) -> tls.Session:
    wanted = target(port, **options)
    addresses = network.resolve("127.0.0.1", port)
    return tls.examine(wanted, lambda: network.dial(wanted.host, addresses, 2.0), 2.0)


def broken_handshake(port: int, **options: t.Any) -> HostError:
    with pytest.raises(HostError) as caught:
        shake_hands(port, **options)
    assert caught.value.layer is Layer.TLS
    return caught.value


def look(fake: FakeConnection, connect_timeout: float = 2.0) -> Diagnosis:
    return diagnose(fake, connect_timeout, timeout=2.0)


def states(diagnosis: Diagnosis) -> list[str]:
    assert [finding.layer for finding in diagnosis.findings] == list(LAYERS)
    return [finding.state for finding in diagnosis.findings]


@pytest.mark.parametrize(
    ("options", "scheme", "transports"),
    [
        ({"port": 5985, "scheme": None}, "http", ("ntlm",)),
        ({"port": 5986, "scheme": None}, "https", ("ntlm",)),
        ({"port": 80, "scheme": "http", "transport": None}, "http", ("plaintext",)),
        ({"port": 5986, "scheme": None, "transport": [None]}, "https", ("ssl",)),
        ({"remote_user": "auditor@EXAMPLE.COM", "transport": None}, "http", ("kerberos",)),
        ({"transport": ["kerberos", "ntlm"]}, "http", ("kerberos", "ntlm")),
    ],
)
def test_a_target_defaults_as_ansibles_connection_does(
    options: dict[str, t.Any], scheme: str, transports: tuple[str, ...]
) -> None:
    fake = FakeConnection(FakeProtocol([]))
    fake.options.update(options)
    found = Target.of(fake)
    assert (found.scheme, found.transports) == (scheme, transports)


@pytest.mark.parametrize(
    ("scheme", "transports", "extras", "sealed"),
    [
        ("https", ("basic",), {}, True),
        ("http", ("basic",), {}, False),
        ("http", ("ntlm",), {}, True),
        ("http", ("ntlm",), {"ansible_winrm_message_encryption": "never"}, False),
        ("http", ("plaintext", "kerberos"), {"ansible_winrm_message_encryption": "auto"}, True),
    ],
)
def test_what_travels_encrypted(scheme: str, transports: tuple[str, ...], extras: dict[str, str], sealed: bool) -> None:
    assert Target("h", 1, scheme, "/wsman", transports, "u", extras).sealed is sealed


@pytest.mark.parametrize(
    ("scheme", "transports", "extras", "legacy_tls", "words"),
    [
        ("https", ("basic",), {}, False, []),
        ("http", ("ntlm", "kerberos"), {}, True, []),
        (
            "http",
            ("ntlm",),
            {"ansible_winrm_message_encryption": "never"},
            False,
            ["without message encryption: messages can"],
        ),
        ("http", ("ntlm", "basic"), {}, False, ["messages and the password can be read"]),
        (
            "https",
            ("ntlm",),
            {"ansible_winrm_server_cert_validation": "ignore"},
            True,
            ["not checked", "unblock_legacy_tls"],
        ),
        ("http", ("ntlm",), {"ansible_winrm_server_cert_validation": "ignore"}, False, []),
    ],
)
def test_what_somebody_on_the_way_could_use(
    scheme: str, transports: tuple[str, ...], extras: dict[str, str], legacy_tls: bool, words: list[str]
) -> None:
    target = Target("h", 1, scheme, "/wsman", transports, "u", extras, legacy_tls=legacy_tls)
    found = target.weaknesses
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def test_a_listener_on_the_second_address_is_found(listen: Listen) -> None:
    port = listen(speak_http)
    addresses = [(socket.AF_INET6, ("::1", port)), (socket.AF_INET, ("127.0.0.1", port))]
    with network.dial("h", addresses, 2.0) as opened:
        assert opened.getpeername() == ("127.0.0.1", port)


def test_the_first_address_says_why_no_address_answers() -> None:
    with socket.socket() as taken:  # and nobody listens on it
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match=f"port {port}: Connection refused") as caught:
            network.dial("h", network.resolve("127.0.0.1", port), 2.0)
    assert caught.value.layer is Layer.TCP


def test_what_a_handshake_agreed_on(listen: Listen, certificates: Path) -> None:
    session = shake_hands(listen(speak_tls(certificates)), ca_trust_path=certificates / "ca.pem")
    assert session.version == "TLSv1.3"
    assert session.certificate is not None
    assert (session.certificate.subject, session.certificate.issuer) == ("CN=lab", "CN=Lab CA")
    assert session.certificate.expires.startswith("20")


def test_a_certificate_need_not_be_trusted_where_the_inventory_says_so(listen: Listen, certificates: Path) -> None:
    session = shake_hands(listen(speak_tls(certificates)), server_cert_validation="ignore")
    assert session.certificate is not None and session.certificate.subject == "CN=lab"


def test_an_untrusted_certificate_is_shown(listen: Listen, certificates: Path) -> None:
    error = broken_handshake(listen(speak_tls(certificates)))
    assert "unable to get local issuer certificate): CN=lab of issuer CN=Lab CA, valid until 20" in error.observed
    assert "ansible_winrm_ca_trust_path" in error.next_step


def test_a_certificate_for_another_name_is_shown(listen: Listen, certificates: Path) -> None:
    port = listen(speak_tls(certificates))
    error = broken_handshake(port, host="wsus01", ca_trust_path=certificates / "ca.pem")
    assert "Hostname mismatch" in error.observed and "CN=lab" in error.observed
    assert "a certificate with this name" in error.next_step


@pytest.mark.parametrize(("version", "name"), [(ssl.TLSVersion.TLSv1, "TLSv1"), (ssl.TLSVersion.TLSv1_1, "TLSv1.1")])
@pytest.mark.filterwarnings("ignore:.*TLSVersion:DeprecationWarning")
def test_a_host_that_only_speaks_old_tls(
    listen: Listen, certificates: Path, version: ssl.TLSVersion, name: str
) -> None:
    error = broken_handshake(listen(speak_tls(certificates, version)), ca_trust_path=certificates / "ca.pem")
    assert error.observed.startswith(f"the host speaks {name} with ")
    assert "ansible_port=5985" in error.next_step and "message encryption" in error.next_step


def test_plain_http_is_told_from_broken_tls(listen: Listen) -> None:
    assert "speaks plain HTTP" in broken_handshake(listen(speak_http)).observed
    assert broken_handshake(listen(lambda client: client.close())).observed.startswith("the handshake failed: ")


def test_authorities_that_cannot_be_read_are_named(listen: Listen, certificates: Path, tmp_path: Path) -> None:
    port = listen(speak_tls(certificates))
    (tmp_path / "no.pem").write_text("no certificate", encoding="ascii")
    for name in ("no.pem", "absent.pem"):
        error = broken_handshake(port, ca_trust_path=tmp_path / name)
        assert f"{tmp_path / name} cannot be read" in error.observed
        assert "PEM file" in error.next_step


def test_a_folder_of_authorities_is_taken(listen: Listen, certificates: Path) -> None:
    error = broken_handshake(listen(speak_tls(certificates)), ca_trust_path=certificates)
    assert "is not trusted" in error.observed  # nothing in it is named by its hash


@pytest.mark.parametrize("envelope", [b"", b"<html>", b"<a/>", b"\xff\xfe", b"<s:Envelope/>"])
def test_what_is_no_answer_to_identify(envelope: bytes) -> None:
    assert anonymous.product_version(envelope) is None


def test_the_ways_to_log_on_are_read_from_the_challenge(listen: Listen) -> None:
    reply = anonymous.challenge(target(listen(speak_http), scheme="http"), 2.0)
    assert reply is not None
    assert (reply.status, reply.schemes) == (401, ("Negotiate", "Kerberos"))


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 twohundred\r\n\r\n"])
def test_what_is_not_http(listen: Listen, answer: bytes) -> None:
    def serve(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(answer)

    assert anonymous.challenge(target(listen(serve), scheme="http"), 2.0) is None


def test_without_pywinrm_the_layers_below_the_log_on_are_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WINRM_IMPORT_ERROR", ImportError("No module named 'winrm'"))
    found = look(FakeConnection(FakeProtocol([])))
    assert states(found) == ["ok", "ok", "skipped", "failed"] + ["skipped"] * 4
    assert "No module named 'winrm'" in found.findings[3].observed
    assert "Install the Python packages" in (found.findings[3].next_step or "")
    assert not found.reachable and not found.ready


@pytest.mark.parametrize(
    ("raised", "expected", "observed", "remedy"),
    [
        (
            AnsibleConnectionFailure("ntlm: x (extended fault data: {'wsmanfault_code': 2150859173})"),
            ["ok", "ok", "skipped", "ok", "ok", "failed", "skipped", "skipped"],
            "fault 0x803381A5 (the account has as many shells open as MaxShellsPerUser allows): ntlm: x",
            "winrm get winrm/config/winrs",
        ),
        (
            AnsibleConnectionFailure("ntlm: x (extended fault data: {'wsmanfault_code': 2150858771})"),
            ["ok", "ok", "skipped", "ok", "failed", "skipped", "skipped", "skipped"],
            "fault 0x80338013 (the action is not supported)",
            "winrm id",
        ),
        (
            AnsibleConnectionFailure("ntlm: Bad HTTP response returned from server. Code 503"),
            ["ok", "ok", "skipped", "skipped", "failed", "skipped", "skipped", "skipped"],
            "Code 503",
            "winrm id",
        ),
        (
            AnsibleConnectionFailure("Kerberos auth failure for principal a@B: Cannot find KDC for realm"),
            ["ok", "ok", "skipped", "failed", "skipped", "skipped", "skipped", "skipped"],
            "Cannot find KDC for realm",
            "/etc/krb5.conf",
        ),
        (
            AnsibleConnectionFailure("WinRM Kerberos requested but the python kerberos library is not installed"),
            ["ok", "ok", "skipped", "failed", "skipped", "skipped", "skipped", "skipped"],
            "the python kerberos library is not installed",
            "pip install 'pywinrm[kerberos]'",
        ),
        (
            AnsibleError("the connection attempt timed out"),
            ["ok", "failed", "skipped", "skipped", "skipped", "skipped", "skipped", "skipped"],
            "timed out",
            "no firewall",
        ),
    ],
)
def test_what_a_log_on_can_fail_with(raised: Exception, expected: list[str], observed: str, remedy: str) -> None:
    # What listens there never answers.
    found = look(FakeConnection(FakeProtocol([]), connect_error=raised), connect_timeout=0.1)
    assert states(found) == expected
    failed = next(finding for finding in found.findings if finding.state == "failed")
    assert observed in failed.observed and remedy in (failed.next_step or "")
    assert not found.ready
    assert found.reachable is (expected.index("failed") > LAYERS.index(Layer.AUTHENTICATION))


def test_windows_answers_500_to_what_is_not_encrypted(listen: Listen) -> None:
    failure = AnsibleConnectionFailure("ntlm: Bad HTTP response returned from server. Code 500")
    fake = FakeConnection(FakeProtocol([]), connect_error=failure)
    fake.options.update(port=listen(speak_http), _extras={"ansible_winrm_message_encryption": "never"})
    found = look(fake)
    assert states(found)[3:] == ["failed"] + ["skipped"] * 4
    assert "the host offers Negotiate, Kerberos" in found.findings[3].observed
    assert "AllowUnencrypted" in (found.findings[3].next_step or "")


def test_basic_over_tls_is_not_told_to_allow_unencrypted_messages(listen: Listen, certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "good.pem")

    def serve(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as session:
            speak_http(t.cast(socket.socket, session))

    rejected = AnsibleConnectionFailure("ssl: the specified credentials were rejected by the server")
    fake = FakeConnection(FakeProtocol([]), connect_error=rejected)
    trust = {"ansible_winrm_ca_trust_path": str(certificates / "ca.pem")}
    fake.options.update(port=listen(serve), scheme="https", transport=["ssl"], _extras=trust)
    found = look(fake)
    assert states(found)[2:4] == ["ok", "failed"]
    assert "and not Basic" in found.findings[3].observed
    assert 'Basic="true"' in (found.findings[3].next_step or "")
    assert "AllowUnencrypted" not in (found.findings[3].next_step or "")


def test_nothing_goes_around_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((network, "resolve"), (network, "dial"), (anonymous, "challenge"), (anonymous, "identify")):
        monkeypatch.setattr(module, name, lambda *arguments: pytest.fail(f"called with {arguments}"))
    failure = AnsibleConnectionFailure("ntlm: the specified credentials were rejected by the server")
    fake = FakeConnection(FakeProtocol([]), connect_error=failure)
    fake.options["_extras"] = {"ansible_winrm_proxy": "http://user:pass-w0rd@proxy:3128"}
    found = look(fake)
    assert states(found) == ["skipped", "skipped", "skipped", "failed"] + ["skipped"] * 4
    assert "pass-w0rd" not in str(found)


@pytest.mark.parametrize(
    ("compiler", "observed"),
    [
        ({"state": "absent", "path": r"C:\windows\csc.exe"}, r"csc.exe is not there (absent)"),
        ({"state": "denied", "error": {"number": 70, "message": "Permission denied"}}, "(Permission denied)"),
    ],
)
def test_a_framework_whose_compiler_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, compiler: dict[str, t.Any], observed: str
) -> None:
    answer = {
        "probe": {"arch": "x86", "wow64": True},
        "reads": {
            "script_engine": {"state": "ok", "version": "5.6.0.8820"},
            "framework.version": {"state": "ok", "data": "2.0.50727.42"},
            "framework.service_pack": {"state": "absent"},
            "compiler.framework64": {"state": "absent"},
            "compiler.framework": compiler,
        },
    }
    monkeypatch.setattr(layers.probe, "ask", lambda *arguments: answer)
    monkeypatch.setattr(layers.Shell, "identify", lambda shell: "OS: 5.2.3790 SP: 2.0 Stack: 1.1")
    monkeypatch.setattr(layers.Shell, "transport", "ntlm")
    fake = FakeConnection(FakeProtocol([]))
    found = look(fake)
    assert states(found) == ["ok", "ok", "skipped", "ok", "ok", "ok", "ok", "failed"]
    assert found.findings[6].observed == "cscript ran the probe as x86 program on 64-bit Windows, JScript 5.6.0.8820"
    assert "version 2.0.50727.42 is registered" in found.findings[7].observed
    assert observed in found.findings[7].observed
    assert fake.shell_id is None, "the shell is closed"


def test_a_probe_that_does_not_end_is_the_script_hosts_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> t.NoReturn:
        raise HostError(Layer.SCRIPT, "h", "the command had not ended after 2 s", "Raise unblock_timeout.")

    monkeypatch.setattr(layers.probe, "ask", never)
    monkeypatch.setattr(layers.Shell, "identify", lambda shell: "\x1b[31mStack: 2.0\r\n")
    monkeypatch.setattr(layers.Shell, "transport", "ntlm")
    found = look(FakeConnection(FakeProtocol([])))
    assert states(found)[5:] == ["ok", "failed", "skipped"]
    assert found.findings[6].next_step == "Raise unblock_timeout."
    assert "\x1b" not in str([finding.as_dict() for finding in found.findings])
