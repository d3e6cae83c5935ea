# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WinRM listener tells a client that has not logged on. No credential is ever sent from here.

PRIVATE to the collection: may change without notice.

Sources: DSP0226 (Identify) and [MS-WSMV] 3.1.4.1.9 (header ``WSMANIDENTIFY``).
"""

from __future__ import annotations

import dataclasses
import http.client
import ssl
import xml.etree.ElementTree as ET

from ansible_collections.unblock.updates.plugins.plugin_utils._host.envelope import parse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target

_IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_MAX_ANSWER_BYTES = 65536

#: The message that asks a WS-Management service what it is.
IDENTIFY = f'<s:Envelope xmlns:s="{_SOAP}"><s:Header/><s:Body><i:Identify xmlns:i="{_IDENTITY}"/></s:Body></s:Envelope>'


@dataclasses.dataclass(frozen=True)
class Reply:
    """A reply over HTTP.

    Attributes:
        status: the HTTP status.
        schemes: the ways to authenticate that the host offers, such as C(Negotiate).
        body: at most 64 KiB.
    """

    status: int
    schemes: tuple[str, ...]
    body: bytes


def challenge(target: Target, timeout: float, context: ssl.SSLContext | None = None) -> Reply | None:
    """What the listener answers to an empty message: 401 and the ways to log on that it offers.

    Args:
        target: where to ask.
        timeout: seconds for each step of the exchange.
        context: speak TLS with it; plain HTTP without.

    Returns:
        The reply; None if nothing there speaks HTTP.
    """
    return _post(target, timeout, context, b"", {})


def identify(target: Target, timeout: float, context: ssl.SSLContext | None = None) -> str | None:
    """The product version that a stranger is told, with zeros for the operating system; None if nothing is told."""
    reply = _post(target, timeout, context, IDENTIFY.encode(), {"WSMANIDENTIFY": "unauthenticated"})
    return product_version(reply.body) if reply and reply.status == 200 else None


def product_version(envelope: bytes) -> str | None:
    """The product version in the answer to Identify; None if it is not such an answer."""
    try:
        return parse(envelope).findtext(f".//{{{_IDENTITY}}}ProductVersion")
    except ET.ParseError:
        return None


def _post(
    target: Target, timeout: float, context: ssl.SSLContext | None, body: bytes, headers: dict[str, str]
) -> Reply | None:
    address = (target.host, target.port)
    connection = (
        http.client.HTTPSConnection(*address, timeout=timeout, context=context)
        if context
        else http.client.HTTPConnection(*address, timeout=timeout)
    )
    headers = {"Content-Type": "application/soap+xml;charset=UTF-8", "Content-Length": str(len(body)), **headers}
    try:
        connection.request("POST", target.path, body, headers)
        response = connection.getresponse()
        offers = response.headers.get_all("WWW-Authenticate") or []
        schemes = tuple(offer.split()[0] for offer in offers if offer.strip())
        return Reply(response.status, schemes, response.read(_MAX_ANSWER_BYTES))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
