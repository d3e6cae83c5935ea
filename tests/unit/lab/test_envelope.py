# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Envelopes: what is read from a request, and what a client finds in an answer."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from winrm.protocol import Protocol

from tests.lab.endpoint import envelope
from tests.lab.endpoint.envelope import NAMESPACES, parse, seconds
from tests.lab.endpoint.faults import INVALID_XML, SHELL_NOT_FOUND, TOO_MANY_OPERATIONS, FaultError

REQUEST = """\
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
  xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
<s:Header><a:Action>http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Receive</a:Action>
<a:MessageID>uuid:1</a:MessageID><w:ResourceURI>urn:thing</w:ResourceURI><w:OperationTimeout>%s</w:OperationTimeout>
<w:MaxEnvelopeSize>153600</w:MaxEnvelopeSize><w:SelectorSet><w:Selector Name="ShellId">AB</w:Selector></w:SelectorSet>
<w:OptionSet><w:Option Name="WINRS_SKIP_CMD_SHELL">FALSE</w:Option></w:OptionSet></s:Header><s:Body/></s:Envelope>"""


def test_request() -> None:
    request = parse((REQUEST % "PT20S").encode())
    assert (request.operation, request.message_id, request.resource_uri) == ("Receive", "uuid:1", "urn:thing")
    assert (request.timeout, request.max_envelope_size) == (20.0, 153600)
    assert request.selectors == {"ShellId": "AB"}
    assert request.options == {"WINRS_SKIP_CMD_SHELL": "FALSE"}


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("PT20S", 20.0), ("PT0.5S", 0.5), ("PT1M2S", 62.0), ("PT1H", 3600.0), ("P1DT1S", 86401.0), (" PT60.000S ", 60.0)],
)
def test_duration(duration: str, expected: float) -> None:
    assert seconds(duration) == expected


@pytest.mark.parametrize("duration", ["", "20", "PT", "P", "PT20", "-PT1S", "PT1S;"])
def test_wrong_duration(duration: str) -> None:
    with pytest.raises(FaultError) as error:
        seconds(duration)
    assert error.value.fault is INVALID_XML


def test_a_long_operation_timeout_is_cut_to_the_services_limit() -> None:
    assert parse((REQUEST % "PT1H").encode()).timeout == 60.0


@pytest.mark.parametrize(
    "data", [b"", b"<a", b"<a/>", b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>']
)
def test_what_is_no_envelope(data: bytes) -> None:
    with pytest.raises(FaultError) as error:
        parse(data)
    assert error.value.fault is INVALID_XML


def test_answer_names_its_request() -> None:
    root = ET.fromstring(envelope.answer(parse((REQUEST % "PT1S").encode()), "<rsp:SendResponse/>"))
    assert root.findtext("s:Header/a:RelatesTo", namespaces=NAMESPACES) == "uuid:1"
    assert root.findtext("s:Header/a:Action", namespaces=NAMESPACES, default="").endswith("/shell/ReceiveResponse")
    assert root.find("s:Body/rsp:SendResponse", NAMESPACES) is not None


def test_fault_escapes_what_the_client_sent() -> None:
    root = ET.fromstring(envelope.fault(None, FaultError(SHELL_NOT_FOUND, "<x>&")))
    assert "ShellId <x>& failed" in root.findtext(".//s:Reason/s:Text", "", NAMESPACES)
    assert root.find(".//f:WSManFault", NAMESPACES).get("Code") == "2150858843"


def test_pywinrm_finds_the_code_of_a_wmi_fault() -> None:
    root = ET.fromstring(envelope.fault(None, FaultError(TOO_MANY_OPERATIONS, wmi=True)))
    known = {"w": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"}
    assert root.findtext(".//w:MSFT_WmiError/w:error_Code", namespaces=known) == str(0x803381A6)
    assert root.find(".//f:WSManFault", NAMESPACES) is None
    assert Protocol.DEFAULT_MAX_ENV_SIZE == 153600, "what the service's own limit is compared with"
