# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP connection of a client: authentication, encryption, one envelope per request, one record per request."""

from __future__ import annotations

import http.server
import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.endpoint import encryption, envelope, operations
from tests.lab.endpoint.authentication import Negotiation, basic_accepted, certificate_accepted
from tests.lab.endpoint.faults import ENVELOPE_TOO_LARGE, FaultError
from tests.lab.endpoint.injection import ANSWERS, DELAY, FAULTS, STATUSES, Injection
from tests.lab.endpoint.recorder import Recorder
from tests.lab.endpoint.shells import ShellHost
from tests.lab.model import Account

SOAP = "application/soap+xml;charset=UTF-8"
BY_CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"  # DSP0226
BODY_LIMIT = 8 << 20  # bytes; above that nothing is read at all
PATIENCE = 0.1  # seconds between two looks at how long a slow host is to be slow


@dataclass
class EndpointHost:
    """What the endpoint knows of one lab host."""

    name: str
    address: str
    account: Account
    account_file: Path
    product_version: str
    service: ShellHost
    up: bool = True
    injection: Injection = field(default_factory=Injection)
    restart: Callable[[], None] | None = None  # of a host that can be restarted
    keytab: Path | None = None  # of a host in a domain


class Connection(http.server.BaseHTTPRequestHandler):
    """Serves one connection; the base class calls do_POST for each request in turn."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Microsoft-HTTPAPI/2.0", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    timeout = 120  # seconds without a request

    def __init__(self, connection: socket.socket, host: EndpointHost, encrypted: bool, recorder: Recorder) -> None:
        self.host = host
        self.tls = encrypted
        self.recorder = recorder
        self.negotiation = Negotiation(host.account_file, host.account, host.keytab)
        self.action = ""
        self.received = 0
        self.answered = False
        self.struck = ""  # the kind of fault that is injected into this request
        super().__init__(connection, connection.getpeername(), None)  # type: ignore[arg-type]

    def log_message(self, *arguments: Any) -> None:
        """Keep quiet: the recorder writes every request."""

    def do_GET(self) -> None:
        """Refuse every other method."""
        self.close_connection = True
        self._answer(405, b"", authenticated=False)

    def do_POST(self) -> None:
        """Serve one WS-Man request."""
        self.action = ""
        self.received = int(self.headers.get("Content-Length") or 0)
        if self.received > BODY_LIMIT:
            self.close_connection = True
            self._answer(413, b"", authenticated=False)
            return
        body = self.rfile.read(self.received)
        self._let_wait()
        self.struck = self.host.injection.strike()
        if not self._disturb():
            return
        if self.path.rstrip("/") != "/wsman":
            self._answer(404, b"", authenticated=False)
        elif self.headers.get("WSMANIDENTIFY", "").lower() == "unauthenticated":
            self._identify(body)
        else:
            self._authenticate(body)

    def _disturb(self) -> bool:
        """Inject a fault that comes before the request is carried out; whether it still is."""
        if self.struck in STATUSES:
            self._answer(STATUSES[self.struck], b"", authenticated=False)
            return False
        if self.struck == "restart" and self.host.restart:
            self.host.restart()
        elif self.struck == "lose_shell":
            self.host.service.close()
        elif self.struck == "out_of_memory":
            self.host.service.end_commands()
        elif self.struck == "delay":
            time.sleep(DELAY)
        elif self.struck == "hold":
            self._wait_for_the_client_to_give_up()
        self.close_connection = self.close_connection or self.struck in ("drop_before", "hold", "restart")
        return self.struck not in ("drop_before", "hold", "restart")

    def _wait_for_the_client_to_give_up(self) -> None:
        select.select([self.connection], [], [])

    def _let_wait(self) -> None:
        """Be slow with the connection's first answer, until the client gives up or the setting is taken back."""
        since = time.monotonic()
        while not self.answered and time.monotonic() - since < self.host.service.settings.answer_after:
            self.answered = bool(select.select([self.connection], [], [], PATIENCE)[0])
        self.answered = True

    def _identify(self, body: bytes) -> None:
        """Answer Identify without authentication; any other request needs it."""
        try:
            request = envelope.parse(body)
        except FaultError:
            request = None
        if request is None or request.action != envelope.IDENTIFY_ACTION:
            self._challenge()
            return
        self.action = request.action
        self._answer(200, operations.serve(self.host.service, "", request), authenticated=False)

    def _authenticate(self, body: bytes) -> None:
        settings = self.host.service.settings
        scheme, dummy, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            plain_allowed = self.tls or settings.allow_unencrypted
            if "basic" in settings.auth and plain_allowed and basic_accepted(token.strip(), self.host.account):
                self._serve(body)
            else:
                self._challenge()
        elif scheme == BY_CERTIFICATE:
            known = isinstance(self.connection, ssl.SSLSocket) and certificate_accepted(
                self.connection.getpeercert(binary_form=True), self.host.account
            )
            if known and "certificate" in settings.auth:
                self._serve(body)
            else:
                self._challenge()
        elif scheme.lower() in ("negotiate", "kerberos", "ntlm") and "negotiate" in settings.auth:
            self.action = "handshake"
            answer = self.negotiation.step(token.strip())
            if answer is None or not self.negotiation.context:
                self._challenge(f"{scheme} {answer}" if answer else None)
            else:
                self._serve(body, {"WWW-Authenticate": f"{scheme} {answer}"} if answer else {})
        elif self.negotiation.context:
            self._serve(body)
        else:
            self._challenge()

    def _challenge(self, challenge: str | None = None) -> None:
        """Answer 401 with what the host accepts, or with the next token of a handshake."""
        settings = self.host.service.settings
        if challenge:
            offers = [challenge]
        else:
            offers = ["Negotiate"] if "negotiate" in settings.auth else []
            offers += ["Kerberos"] if self.host.keytab else []
            if "basic" in settings.auth and (self.tls or settings.allow_unencrypted):
                offers.append('Basic realm="WSMAN"')
        self.action = self.action or "handshake"
        self._answer(401, b"", authenticated=False, headers=[("WWW-Authenticate", offer) for offer in offers])

    def _serve(self, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Serve an authenticated request, sealed or plain."""
        context = self.negotiation.context
        sealed = self.headers.get("Content-Type", "").startswith("multipart/encrypted")
        if not body:  # the last leg of a handshake carries no message
            self._answer(200, b"", authenticated=True, headers=list((headers or {}).items()))
            return
        if sealed:
            try:
                body = encryption.decrypt(context, body) if context else b""
            except ValueError:
                self.close_connection = True
                self._answer(400, b"", authenticated=True)
                return
        elif context and not self.tls and not self.host.service.settings.allow_unencrypted:
            self._challenge()  # what Windows does here is a guess
            return
        status, answer = self._call(body)
        answer = ANSWERS.get(self.struck, bytes)(answer)
        content_type = SOAP
        if sealed and context:
            answer, content_type = encryption.encrypt(context, answer), encryption.CONTENT_TYPE
        self._answer(
            status, answer, authenticated=True, headers=list((headers or {}).items()), content_type=content_type
        )

    def _call(self, body: bytes) -> tuple[int, bytes]:
        request = None
        try:
            if self.struck in FAULTS:
                raise FaultError(FAULTS[self.struck])
            limit = self.host.service.settings.max_envelope_size
            if len(body) > limit:
                self.action = "too large"
                raise FaultError(ENVELOPE_TOO_LARGE, limit)
            request = envelope.parse(body)
            self.action = request.operation or request.action
            owner = self.host.account.user
            return 200, operations.serve(self.host.service, owner, request, self.host.product_version)
        except FaultError as error:
            return 500, envelope.fault(request, error)

    def _answer(
        self,
        status: int,
        body: bytes,
        *,
        authenticated: bool,
        headers: list[tuple[str, str]] | None = None,
        content_type: str = SOAP,
    ) -> None:
        if self.struck == "silence":
            self._wait_for_the_client_to_give_up()
        # A host that went down meanwhile takes along whoever would answer.
        if not self.host.up or self.struck in ("drop_after", "silence"):
            self.close_connection = True
            return
        if self.struck == "wrong_type":
            content_type = "text/html"
        # Recorded first: a client that has its answer finds the request in the record.
        self.recorder.add(self.host.name, self.action, status, self.received, len(body), authenticated)
        self.send_response(status)
        for name, value in headers or []:
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
