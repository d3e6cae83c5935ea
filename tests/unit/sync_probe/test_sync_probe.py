# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sync_probe against a web service that follows the specification."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common.text.converters import to_bytes

from ansible_collections.unblock.updates.plugins.modules import sync_probe
from tests.lab.endpoint.certificates import make_certificates, server_context
from tests.lab.update_service import OFFICE_2003, Update, UpdateService, catalogue, envelope, serve

CLIENT = "unblock-sync-probe.invalid"
FAULT_CODES = (
    "InvalidCookie",
    "ConfigChanged",
    "RegistrationRequired",
    "ServerChanged",
    "InternalServerError",
    "CookieExpired",
    "InvalidParameters",
    "InvalidAuthorizationCookie",
    "RegistrationNotRequired",
    "ServerBusy",
    "FileLocationChanged",
)

Probe = Callable[..., dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Probe:
    """Runs the module with these arguments and returns its result."""

    def run_module(check: bool = False, **arguments: Any) -> dict[str, Any]:
        arguments = {"server": "127.0.0.1", "pause": 0, "timeout": 5, **arguments, "_ansible_check_mode": check}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            sync_probe.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run_module


@pytest.fixture
def service() -> UpdateService:
    return UpdateService()


@pytest.fixture
def port(service: UpdateService) -> Iterator[int]:
    server = serve(service, "127.0.0.1", 0)
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_server_that_answers_to_the_end_is_healthy(run: Probe, service: UpdateService, port: int) -> None:
    result = run(port=port)
    assert (result["outcome"], result["office_2003"]) == ("healthy", True), result
    # Categories, then detectoids, then updates, then nothing new.
    assert (result["rounds"], result["revisions"]) == (4, len(service.updates))
    assert service.calls == ["GetConfig", "GetAuthorizationCookie", "GetCookie", *["SyncUpdates"] * 4]
    assert [computer["DnsName"] for computer in service.computers.values()] == [CLIENT]
    assert result["identity"]["computer_name"] == CLIENT
    assert list(service.computers) == [result["identity"]["client_id"]]


def test_the_fault_of_the_advisory_is_blocked_and_brings_the_id_that_the_servers_log_has(
    run: Probe, service: UpdateService, port: int
) -> None:
    logged: list[str] = []
    service.blocked, service.log = lambda: True, logged.append
    result = run(port=port)
    assert (result["outcome"], result["method"], result["fault_code"]) == (
        "blocked",
        "SyncUpdates",
        "InternalServerError",
    )
    assert [result["fault_id"]] == logged
    assert result["office_2003"] is True
    assert result["fault_id"] in result["reason"]


def test_a_catalogue_of_more_than_one_page_is_walked_to_its_end(run: Probe, service: UpdateService, port: int) -> None:
    service.updates = catalogue(leaves=950)
    result = run(port=port)
    assert (result["outcome"], result["revisions"]) == ("healthy", 954), result


def test_without_the_category_office_2003_nothing_is_claimed(run: Probe, service: UpdateService, port: int) -> None:
    service.updates = tuple(update for update in service.updates if update.number < 110)
    result = run(port=port)
    assert result["outcome"] == "inconclusive"
    assert "Office 2003 was not among them" in result["reason"]


def test_a_category_that_nothing_has_as_prerequisite_reaches_nobody(
    run: Probe, service: UpdateService, port: int
) -> None:
    service.updates = (Update(1, OFFICE_2003, "Category"),)
    assert run(port=port)["outcome"] == "inconclusive"


def test_the_computer_is_registered_only_where_the_server_demands_it(
    run: Probe, service: UpdateService, port: int
) -> None:
    service.registration_required = True
    result = run(port=port)
    assert (result["outcome"], result["registered"]) == ("healthy", True), result
    assert service.calls.count("RegisterComputer") == 1
    (computer,) = service.computers.values()
    assert (computer["ComputerManufacturer"], computer["ComputerModel"]) == ("unblock.updates", "sync_probe")


@pytest.mark.parametrize("method", ["GetConfig", "GetAuthorizationCookie", "GetCookie", "SyncUpdates"])
@pytest.mark.parametrize("code", FAULT_CODES)
def test_every_fault_of_the_specification(
    run: Probe, service: UpdateService, port: int, method: str, code: str
) -> None:
    service.registration_required = code == "RegistrationRequired"
    service.faults = [(method, code)]
    result = run(port=port)
    recovers = {"InvalidCookie", "ConfigChanged", "ServerChanged", "CookieExpired"}
    if method == "SyncUpdates" and code in recovers:
        assert result["outcome"] == "healthy", result
        assert result["fault_code"] is None
    else:
        expected = {"InternalServerError": "blocked", "ServerBusy": "inconclusive"}.get(code, "refused")
        if method != "SyncUpdates" and expected == "blocked":
            expected = "refused"
        assert (result["outcome"], result["fault_code"], result["method"]) == (expected, code, method), result
        assert result["fault_id"] in result["reason"]


@pytest.mark.parametrize("code", ["InvalidCookie", "ConfigChanged", "CookieExpired"])
def test_a_server_that_never_comes_to_terms_is_given_up(
    run: Probe, service: UpdateService, port: int, code: str
) -> None:
    service.faults = [("SyncUpdates", code)] * 50
    result = run(port=port)
    assert result["outcome"] in ("refused", "inconclusive"), result
    assert len(service.calls) < 25


def test_a_cookie_that_expired_is_renewed(run: Probe, service: UpdateService, port: int) -> None:
    service.faults = [("SyncUpdates", "CookieExpired")]
    result = run(port=port)
    assert result["outcome"] == "healthy"
    asked = service.calls.index("SyncUpdates")
    assert service.calls[asked : asked + 4] == ["SyncUpdates", "GetAuthorizationCookie", "GetCookie", "SyncUpdates"]


def test_a_server_that_never_stops_is_left_after_max_rounds(run: Probe, service: UpdateService, port: int) -> None:
    service.endless = True
    result = run(port=port, max_rounds=7)
    assert (result["outcome"], result["rounds"]) == ("inconclusive", 7)
    assert "after 7 rounds" in result["reason"]


def test_the_walk_ends_at_its_time(run: Probe, service: UpdateService, port: int) -> None:
    service.endless = True
    result = run(port=port, max_seconds=1, pause=0.2, max_rounds=1000)
    assert result["outcome"] == "inconclusive"
    assert "1 s" in result["reason"]


def test_check_mode_sends_nothing_and_says_what_it_would(run: Probe, service: UpdateService, port: int) -> None:
    result = run(check=True, port=port)
    assert service.calls == []
    assert (result["changed"], result["outcome"]) == (False, None)
    assert any(entry.startswith("SyncUpdates to http://127.0.0.1:") for entry in result["would_send"])


def test_a_closed_port_is_unreachable_and_names_the_layer(run: Probe) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        result = run(port=closed.getsockname()[1])
    assert (result["outcome"], result["changed"]) == ("unreachable", False)
    assert result["reason"].startswith("TCP failed for http://127.0.0.1:")


def test_a_name_that_does_not_resolve_is_unreachable(run: Probe) -> None:
    result = run(server="no-such-host.invalid", port=8530)
    assert result["outcome"] == "unreachable"
    assert result["reason"].startswith("name resolution failed")


def test_https_needs_a_certificate_that_is_trusted(run: Probe, service: UpdateService, tmp_path: Path) -> None:
    authority = make_certificates(tmp_path, [], ["127.0.0.1"])
    server = serve(service, "127.0.0.1", 0, tls=server_context(tmp_path))
    try:
        asked = {"port": server.server_address[1], "use_ssl": True}
        refused = run(**asked)
        assert (refused["outcome"], service.calls) == ("unreachable", []), refused
        assert refused["reason"].startswith("TLS failed for https://127.0.0.1:")
        assert "certificate" in refused["reason"].lower()
        assert run(**asked, ca_path=str(authority))["outcome"] == "healthy"
        strange = run(**asked, ca_path=str(authority), server="localhost")
        assert (strange["outcome"], strange["reason"][:10]) == ("unreachable", "TLS failed"), "not its name"
        assert run(**asked, validate_certs=False)["outcome"] == "healthy"
    finally:
        server.shutdown()
        server.server_close()


def intercepted(answer: Callable[[Any], None]) -> Iterator[int]:
    def intercept(handler: Any, path: str, document: bytes) -> bool:
        answer(handler)
        handler.close_connection = True
        return True

    server = serve(UpdateService(), "127.0.0.1", 0, intercept)
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def send(handler: Any, status: int, document: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "text/xml", "Content-Length": str(len(document)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(document)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (n, b"&lol%s;" % (str(n - 1).encode() if n > 1 else b"") * 10) for n in range(1, 10)
    )
    + b"]><lolz>&lol9;</lolz>"
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/hostname">]>' + envelope("<a>&secret;</a>")


@pytest.mark.parametrize(
    ("status", "document", "headers", "said"),
    [
        (200, BOMB, {}, "document type"),
        (200, OUTSIDE, {}, "document type"),
        (200, OUTSIDE.decode().encode("utf-16"), {}, "document type or is not UTF-8"),
        (200, b"<html>It works!</html>", {}, "no SOAP message"),
        (200, b"not XML at all", {}, "no XML"),
        (200, b"", {}, "no XML"),
        (200, envelope("<GetConfigResponse><GetConfigResult /></GetConfigResponse>"), {}, "LastChange"),
        (200, envelope("<OtherResponse />"), {}, "OtherResponse"),
        (302, b"", {"Location": "http://elsewhere.invalid/"}, "redirects to 'http://elsewhere.invalid/'"),
        (307, b"", {"Location": "file:///etc/passwd"}, "redirects to"),
        (401, b"", {"WWW-Authenticate": "NTLM"}, "HTTP 401"),
        (403, b"", {}, "HTTP 403"),
        (404, b"<html />", {}, "HTTP 404"),
        (500, b"<html />", {"Content-Type": "text/html"}, "HTTP 500"),
        (503, b"", {}, "HTTP 503"),
    ],
)
def test_what_is_no_answer_of_an_update_server_is_refused(
    run: Probe, status: int, document: bytes, headers: dict[str, str], said: str
) -> None:
    server = intercepted(lambda handler: send(handler, status, document, **headers))
    result = run(port=next(server))
    assert result["outcome"] == "refused", result
    assert said in result["reason"]
    next(server, None)


def test_an_authorization_service_somewhere_else_is_not_followed(
    run: Probe, service: UpdateService, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = UpdateService._GetConfig(service, None).replace("SimpleAuthWebService/", "http://elsewhere.invalid/")  # type: ignore[arg-type]
    monkeypatch.setattr(UpdateService, "_GetConfig", lambda self, call: elsewhere)
    result = run(port=port)
    assert result["outcome"] == "refused"
    assert "unusable address" in result["reason"]


def test_an_endless_answer_is_cut_off_by_its_size(run: Probe) -> None:
    def flood(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass

    server = intercepted(flood)
    result = run(port=next(server), max_bytes=1_000_000)
    assert (result["outcome"], result["bytes"] < 1_100_000) == ("inconclusive", True), result
    next(server, None)


def test_an_answer_that_drips_is_cut_off_by_its_time(run: Probe) -> None:
    ended = threading.Event()

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not ended.wait(0.05):
                handler.wfile.write(b" ")
        except OSError:
            pass

    server = intercepted(drip)
    begun = time.monotonic()
    result = run(port=next(server), max_seconds=1)
    ended.set()
    assert result["outcome"] == "inconclusive", result
    assert time.monotonic() - begun < 20
    next(server, None)


def test_an_answer_that_never_comes_is_given_up_by_the_timeout(run: Probe) -> None:
    ended = threading.Event()
    server = intercepted(lambda handler: ended.wait(30))
    result = run(port=next(server), timeout=0.5)
    ended.set()
    assert result["outcome"] == "unreachable", result
    next(server, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"server": "http://wsus/"}, "host name or an address"),
        ({"port": 0}, "1 to 65535"),
        ({"computer_name": "two words"}, "DNS name"),
        ({"max_rounds": 0}, "max_rounds must be above 0"),
        ({"pause": -1}, "pause must be 0"),
        ({"office_2003_category": "Office 2003"}, "must be a GUID"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_by_name(run: Probe, arguments: dict[str, Any], said: str) -> None:
    result = run(**arguments)
    assert result["failed"] is True
    assert said in result["msg"]


def test_the_ports_of_a_wsus_installation_are_known() -> None:
    parameters = {"server": "wsus", "port": None, "use_ssl": None}
    assert sync_probe._bases(parameters) == [
        "http://wsus:8530/",
        "http://wsus:80/",
        "https://wsus:8531/",
        "https://wsus:443/",
    ]
    assert sync_probe._bases({**parameters, "port": 8531}) == ["https://wsus:8531/"]
    assert sync_probe._bases({**parameters, "server": "fe80::1", "port": 80}) == ["http://[fe80::1]:80/"]
    assert sync_probe._bases({**parameters, "port": 8530, "use_ssl": True}) == ["https://wsus:8531/"]
    assert sync_probe._bases({**parameters, "port": 80, "use_ssl": True}) == ["https://wsus:443/"]
    assert sync_probe._bases({**parameters, "port": 8443, "use_ssl": True}) == ["https://wsus:8443/"]
