# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web services of a WSUS server that update clients speak to, as [MS-WUSP] describes them.

The catalogue is a prerequisite graph; whether SyncUpdates fails as advisory 954960 describes is asked of the host.
"""

from __future__ import annotations

import base64
import http.server
import itertools
import json
import ssl
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from xml.etree import ElementTree

CLIENT = "http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"
AUTHORIZATION = "http://www.microsoft.com/SoftwareDistribution/Server/SimpleAuthWebService"
PATHS = {"/clientwebservice/client.asmx": CLIENT, "/simpleauthwebservice/simpleauth.asmx": AUTHORIZATION}
OFFICE_2003 = "1403f223-a63f-f572-82ba-c92391218055"
PAGE = 200  # revisions of one answer ([MS-WUSP] appendix B, note 55)
EXPIRES = "2026-12-31T00:00:00Z"


@dataclass(frozen=True)
class Update:
    """One revision of the catalogue; `needs` are the revisions that must be installed before a client hears of it."""

    number: int
    update_id: str
    kind: str = "Software"  # Software | Category | Detectoid
    needs: tuple[int, ...] = ()


def catalogue(leaves: int = 12) -> tuple[Update, ...]:
    """Return a small catalogue: Windows and Office 2003 with their detectoids, and updates below them."""

    def guid(number: int) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:unblock:update:{number}"))

    roots = (
        Update(101, guid(101), "Category"),
        Update(102, guid(102), "Detectoid", (101,)),
        Update(110, OFFICE_2003, "Category"),
        Update(111, guid(111), "Detectoid", (110,)),
    )
    return roots + tuple(
        Update(200 + number, guid(200 + number), needs=(102 if number % 2 else 111,)) for number in range(leaves)
    )


class FaultError(Exception):
    """A fault of the service; `fault_id` is what its log knows it by."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fault_id = str(uuid.uuid4())


@dataclass
class UpdateService:
    """The services of one server."""

    updates: tuple[Update, ...] = field(default_factory=catalogue)
    registration_required: bool = False
    #: Whether the approvals are inconsistent now: then SyncUpdates of a client with Office 2003 fails.
    blocked: Callable[[], bool] = lambda: False
    #: Told of the id of each fault of SyncUpdates, to be written to the server's log.
    log: Callable[[str], None] = lambda fault_id: None
    #: Told of each computer that asks for a cookie, by its id and name, to be entered into the server's list.
    enter: Callable[[str, str], None] = lambda client, name: None
    #: The next faults: (method, code), each thrown once.
    faults: list[tuple[str, str]] = field(default_factory=list)
    #: Whether every SyncUpdates invents a further revision.
    endless: bool = False
    calls: list[str] = field(default_factory=list)
    computers: dict[str, dict[str, str]] = field(default_factory=dict)  # client id -> what it said of itself

    def answer(self, path: str, action: str, document: bytes) -> tuple[int, bytes]:
        """Answer one POST; returns HTTP status and document."""
        namespace = PATHS.get(path.lower())
        if namespace is None:
            return 404, b"<html>not found</html>"
        call = ElementTree.fromstring(document)[0][0]
        method = call.tag.rpartition("}")[2]
        if call.tag != f"{{{namespace}}}{method}" or action.strip('"') != f"{namespace}/{method}":
            return 500, fault_document(FaultError("InvalidParameters", f"SOAPAction {action}"), method, path)
        self.calls.append(method)
        try:
            for thrown in self.faults:
                if thrown[0] == method:
                    self.faults.remove(thrown)
                    raise FaultError(thrown[1])
            content = getattr(self, f"_{method}")(call)
        except FaultError as fault:
            return 500, fault_document(fault, method, path)
        return 200, envelope(f'<{method}Response xmlns="{namespace}">{content}</{method}Response>')

    def _GetConfig(self, call: ElementTree.Element) -> str:
        return (
            "<GetConfigResult><LastChange>2008-06-10T12:00:00Z</LastChange>"
            f"<IsRegistrationRequired>{json.dumps(self.registration_required)}</IsRegistrationRequired><AuthInfo>"
            "<AuthPlugInInfo><PlugInID>SimpleTargeting</PlugInID>"
            "<ServiceUrl>SimpleAuthWebService/SimpleAuth.asmx</ServiceUrl><Parameter /></AuthPlugInInfo></AuthInfo>"
            "<Properties><ConfigurationProperty><Name>MaxExtendedUpdatesPerRequest</Name><Value>50</Value>"
            "</ConfigurationProperty><ConfigurationProperty><Name>ProtocolVersion</Name><Value>3.0</Value>"
            "</ConfigurationProperty></Properties></GetConfigResult>"
        )

    def _GetAuthorizationCookie(self, call: ElementTree.Element) -> str:
        client, name = _text(call, "clientId"), _text(call, "dnsName")
        if not client or not name:
            raise FaultError("InvalidParameters", "clientId" if not client else "dnsName")
        self.computers.setdefault(client, {"DnsName": name})
        self.enter(client, name)
        data = base64.b64encode(client.encode()).decode()
        return (
            "<GetAuthorizationCookieResult><PlugInId>SimpleTargeting</PlugInId>"
            f"<CookieData>{data}</CookieData></GetAuthorizationCookieResult>"
        )

    def _GetCookie(self, call: ElementTree.Element) -> str:
        cookies = call.findall(f".//{{{CLIENT}}}AuthorizationCookie")
        if len(cookies) != 1 or self._client(_text(cookies[0], "CookieData")) is None:
            raise FaultError("InvalidAuthorizationCookie")
        if _text(call, "lastChange") != "2008-06-10T12:00:00Z":
            raise FaultError("ConfigChanged")
        return f"<GetCookieResult>{self._cookie(_text(cookies[0], 'CookieData'))}</GetCookieResult>"

    def _RegisterComputer(self, call: ElementTree.Element) -> str:
        if not self.registration_required:
            raise FaultError("RegistrationNotRequired")
        client = self._of_cookie(call)
        information = call.find(f"{{{CLIENT}}}computerInfo")
        assert information is not None
        said = {item.tag.rpartition("}")[2]: item.text or "" for item in information}
        if said.get("DnsName") != self.computers[client]["DnsName"]:
            raise FaultError("InvalidParameters", "DnsName")
        self.computers[client] |= said | {"registered": "yes"}
        return ""

    def _SyncUpdates(self, call: ElementTree.Element) -> str:
        client = self._of_cookie(call)
        if self.registration_required and "registered" not in self.computers[client]:
            raise FaultError("RegistrationRequired")
        installed, cached = (
            {int(item.text or "") for item in call.iterfind(f".//{{{CLIENT}}}{name}/{{{CLIENT}}}int")}
            for name in ("InstalledNonLeafUpdateIDs", "OtherCachedUpdateIDs")
        )
        office = next((update.number for update in self.updates if update.update_id == OFFICE_2003), None)
        if office in installed and self.blocked():
            fault = FaultError("InternalServerError")
            self.log(fault.fault_id)
            raise fault
        needed = [update for update in self.updates if set(update.needs) <= installed]
        new = [update for update in needed if update.number not in installed | cached]
        if self.endless:
            number = 1 + max(itertools.chain(installed, cached, (update.number for update in self.updates)))
            new = [Update(number, str(uuid.uuid4()))]
        page = new[:PAGE]
        return (
            f"<SyncUpdatesResult><NewUpdates>{''.join(map(self._revision, page))}</NewUpdates>"
            f"<Truncated>{json.dumps(len(new) > PAGE)}</Truncated>"
            f"<NewCookie>{self._cookie(base64.b64encode(client.encode()).decode())}</NewCookie></SyncUpdatesResult>"
        )

    def _revision(self, update: Update) -> str:
        is_leaf = not any(update.number in other.needs for other in self.updates)
        core = (
            f'<UpdateIdentity UpdateID="{update.update_id}" RevisionNumber="100" />'
            f'<Properties UpdateType="{update.kind}" /><ApplicabilityRules><IsInstalled><b.Never /></IsInstalled>'
            "</ApplicabilityRules>"
        )
        return (
            f"<UpdateInfo><ID>{update.number}</ID><Deployment><ID>{update.number + 5000}</ID><Action>Evaluate</Action>"
            "<IsAssigned>true</IsAssigned><LastChangeTime>2008-06-10</LastChangeTime></Deployment>"
            f"<IsLeaf>{json.dumps(is_leaf)}</IsLeaf><Xml>{escape(core)}</Xml></UpdateInfo>"
        )

    def _client(self, data: str | None) -> str | None:
        client = base64.b64decode(data or "").decode(errors="replace")
        return client if client in self.computers else None

    def _of_cookie(self, call: ElementTree.Element) -> str:
        data = call.find(f"{{{CLIENT}}}cookie/{{{CLIENT}}}EncryptedData")
        client = self._client(data.text if data is not None else None)
        if client is None:
            raise FaultError("InvalidCookie")
        return client

    @staticmethod
    def _cookie(data: str | None) -> str:
        return f"<Expiration>{EXPIRES}</Expiration><EncryptedData>{data}</EncryptedData>"


def _text(element: ElementTree.Element, name: str) -> str | None:
    return next((item.text for item in element if item.tag.rpartition("}")[2] == name), None)


def envelope(content: str) -> bytes:
    """Wrap content in a SOAP envelope."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<soap:Body>{content}</soap:Body></soap:Envelope>"
    ).encode()


def fault_document(fault: FaultError, method: str, path: str) -> bytes:
    """Return a fault with the detail that [MS-WUSP] 2.2.2.4 prescribes."""
    namespace = PATHS.get(path.lower(), CLIENT)
    return envelope(
        "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>System.Web.Services.Protocols.SoapException: Fault "
        f"occurred</faultstring><faultactor>http://server:8530{path}</faultactor><detail><ErrorCode>{fault.code}"
        f"</ErrorCode><Message>{escape(fault.message)}</Message><ID>{fault.fault_id}</ID>"
        f'<Method>"{namespace}/{method}"</Method></detail></soap:Fault>'
    )


#: Answers a request in a service's stead, or returns None: (handler, path, document).
Interceptor = Callable[[http.server.BaseHTTPRequestHandler, str, bytes], bool]


def serve(
    service: UpdateService,
    address: str,
    port: int,
    intercept: Interceptor | None = None,
    tls: ssl.SSLContext | None = None,
) -> http.server.HTTPServer:
    """Start a web server for a service in a thread of its own; shutdown() and server_close() end it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            document = self.rfile.read(int(self.headers["Content-Length"]))
            if intercept is not None and intercept(self, self.path, document):
                return
            status, answer = service.answer(self.path, self.headers.get("SOAPAction", ""), document)
            self.send_response(status)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of clients that go away, or that do not trust the certificate."""
            if not isinstance(sys.exc_info()[1], OSError):
                super().handle_error(request, client_address)

    server = Server((address, port), Handler)
    if tls is not None:
        # Each connection shakes hands in its own thread.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
