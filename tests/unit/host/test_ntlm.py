# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How NTLM begins over HTTP: with the log-on itself, and with an error that says what the host answered instead."""

from __future__ import annotations

import base64
import io
import typing as t

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from winrm.exceptions import WinRMTransportError
from winrm.transport import Transport

from ansible_collections.unblock.updates.plugins.plugin_utils._host import connection
from ansible_collections.unblock.updates.plugins.plugin_utils._host.bounded import AnswerRefusedError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.ntlm import adapter_for
from tests.unit.host.fakes import FakeConnection, FakeProtocol

URL = "http://192.0.2.1:5985/wsman"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[tuple[list[requests.PreparedRequest], list[tuple[int, str]]]]:
    """What reaches the host, and what it answers: status and C(WWW-Authenticate)."""
    requests_sent: list[requests.PreparedRequest] = []
    answers: list[tuple[int, str]] = []

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **dummy: t.Any) -> requests.Response:
        requests_sent.append(request)
        status, offered = answers.pop(0)
        headers = {"WWW-Authenticate": offered} if offered else {}
        return self.build_response(request, urllib3.HTTPResponse(io.BytesIO(), headers, status, preload_content=False))

    monkeypatch.setattr(HTTPAdapter, "send", send)
    yield requests_sent, answers


def build_session(url: str, transport: str, **settings: t.Any) -> requests.Session:
    with connection._guarded_sessions(connection.Shell(FakeConnection(FakeProtocol([])))._target, adapter_for):
        return Transport(url, username="u", password="p", auth_method=transport, **settings).build_session()


@pytest.mark.parametrize(
    ("status", "offered", "raised", "text"),
    [
        (401, "Kerberos, Basic realm=x", AnswerRefusedError, "does not take Negotiate, .* but Kerberos, Basic realm=x"),
        (401, "Negotiate, Kerberos", AnswerRefusedError, "does not take Negotiate, .* but Negotiate, Kerberos"),
        (401, "", AnswerRefusedError, "does not take Negotiate, .* but nothing"),
        (200, "", AnswerRefusedError, "HTTP 200: the host did not answer the log-on with a challenge"),
        (503, "", WinRMTransportError, "503"),
    ],
)
def test_the_first_request_logs_on_and_is_answered_by_a_challenge(
    sent: t.Any, status: int, offered: str, raised: type[Exception], text: str
) -> None:
    requests_sent, answers = sent
    answers.append((status, offered))
    with pytest.raises(raised, match=text):
        build_session(URL, "ntlm")
    (first,) = requests_sent
    scheme, dummy, token = first.headers["Authorization"].partition(" ")
    assert scheme == "Negotiate" and base64.b64decode(token).startswith(b"NTLMSSP\0\x01")
    assert not first.body


def test_over_tls_the_host_is_asked_first_since_the_log_on_is_bound_to_its_certificate(sent: t.Any) -> None:
    requests_sent, answers = sent
    answers.append((403, ""))
    session = build_session(URL.replace("http:", "https:"), "ntlm")
    assert session.post(URL.replace("http:", "https:"), data=b"<message/>").status_code == 403
    assert "Authorization" not in requests_sent[0].headers
    assert t.cast(t.Any, session.auth).send_cbt


def test_behind_a_proxy_the_first_request_is_sent_since_the_proxy_may_refuse_it_too(sent: t.Any) -> None:
    requests_sent, answers = sent
    answers += [(407, "")]
    with pytest.raises(WinRMTransportError, match="407"):
        build_session(URL, "ntlm", proxy="http://192.0.2.2:3128")
    assert "Authorization" not in requests_sent[0].headers
