# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP envelopes: requests read, answers and faults written. [MS-WSMV] sections 2.2 and 3.1.4.1."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.lab.endpoint.faults import INVALID_XML, FaultError

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
WMI_ERROR = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
IDENTIFY_ACTION = "Identify"
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
DEFAULT_TIMEOUT = 60.0  # seconds; MaxTimeoutms of WinRM 2.0
_DECLARATIONS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


@dataclass(frozen=True)
class Request:
    """One parsed request."""

    action: str
    message_id: str
    resource_uri: str
    timeout: float  # seconds
    max_envelope_size: int | None  # bytes that the client takes
    selectors: dict[str, str]
    options: dict[str, str]
    body: ET.Element

    @property
    def operation(self) -> str:
        """Last word of the action: Create, Command, Receive and so on."""
        return self.action.rpartition("/")[2]


def seconds(duration: str) -> float:
    """Convert an xs:duration; raises FaultError for anything else."""
    match = DURATION.fullmatch(duration.strip())
    if match is None or duration.strip() in ("P", "PT"):
        raise FaultError(INVALID_XML, f"OperationTimeout {duration}")
    days, hours, minutes, rest = (float(group or 0) for group in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def parse(data: bytes) -> Request:
    """Read a request; raises FaultError if it is no SOAP envelope."""
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        raise FaultError(INVALID_XML, error) from error
    body = root.find("s:Body", NAMESPACES)
    if root.tag != f"{{{NAMESPACES['s']}}}Envelope" or body is None:
        raise FaultError(INVALID_XML, "no SOAP envelope with a body")

    def header(name: str) -> str:
        return (root.findtext(f"s:Header/{name}", "", NAMESPACES) or "").strip()

    def named(name: str) -> dict[str, str]:
        return {
            item.get("Name", ""): (item.text or "").strip() for item in root.iterfind(f"s:Header/{name}", NAMESPACES)
        }

    identify = body.find("wsmid:Identify", NAMESPACES) is not None
    size = header("w:MaxEnvelopeSize")
    timeout = header("w:OperationTimeout")
    return Request(
        action=IDENTIFY_ACTION if identify else header("a:Action"),
        message_id=header("a:MessageID"),
        resource_uri=header("w:ResourceURI"),
        timeout=min(seconds(timeout), DEFAULT_TIMEOUT) if timeout else DEFAULT_TIMEOUT,
        max_envelope_size=int(size) if size.isdigit() else None,
        selectors=named("w:SelectorSet/w:Selector"),
        options=named("w:OptionSet/w:Option"),
        body=body,
    )


def answer(request: Request, body: str) -> bytes:
    """Write the answer to a request around a body of XML text."""
    return _write(request.message_id, request.action + "Response", body)


def fault(request: Request | None, error: FaultError) -> bytes:
    """Write a fault; `request` is None if it could not be parsed."""
    kind = error.fault
    reason = escape(str(error))
    body = (
        f"<s:Fault><s:Code><s:Value>{'s:Sender' if kind.sender else 's:Receiver'}</s:Value>"
        f"<s:Subcode><s:Value>{kind.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f"<s:Detail>{_wmi_detail(error) if error.wmi else _detail(error)}</s:Detail></s:Fault>"
    )
    return _write(request.message_id if request else "", FAULT_ACTION, body)


def _detail(error: FaultError) -> str:
    if not error.fault.code:
        return ""
    message = f"<f:Message>{escape(str(error))}</f:Message>"
    return f'<f:WSManFault Code="{error.fault.code}" Machine="lab">{message}</f:WSManFault>'


def _wmi_detail(error: FaultError) -> str:
    return (
        f'<e:MSFT_WmiError xmlns:e="{WMI_ERROR}"><e:MessageID>HRESULT 0x{error.fault.code:08x}</e:MessageID>'
        f"<e:error_Code>{error.fault.code}</e:error_Code><e:error_Type>HRESULT</e:error_Type>"
        f"<e:error_WindowsErrorMessage>{escape(str(error))}</e:error_WindowsErrorMessage></e:MSFT_WmiError>"
    )


def identify_answer(product_version: str) -> bytes:
    """Write the answer to Identify."""
    return (
        f"<s:Envelope {_DECLARATIONS}><s:Header/><s:Body><wsmid:IdentifyResponse>"
        "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion>"
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>{escape(product_version)}</wsmid:ProductVersion>"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def _write(relates_to: str, action: str, body: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US" {_DECLARATIONS}><s:Header><a:Action>{escape(action)}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
