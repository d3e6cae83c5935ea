# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP 1.1 documents: composed from elements, read back with suspicion.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

# A document type is where entities are declared, and no SOAP message may have one (SOAP 1.1, section 3).
_DOCUMENT_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FAULT_TEXT_CHARACTERS = 500


class SoapError(Exception):
    """An answer is no SOAP message that could be used; the text says why."""


class SoapFault(Exception):
    """The server's own word that a call failed ([MS-WUSP] 2.2.2.4).

    Attributes:
        code: the ErrorCode, C(InternalServerError) for example; the SOAP fault code if the server gave no other.
        fault_id: the ID by which the server's log knows this fault, in lower case; None if the server gave none.
        method: the web method that failed, without its namespace; None if the server gave none.
        message: what else the server said, in one line of at most 500 characters.
    """

    def __init__(self, code: str, fault_id: str | None, method: str | None, message: str) -> None:
        self.code = code
        self.fault_id = fault_id
        self.method = method
        self.message = message
        super().__init__(f"{code}: {message}" if message else code)


def local_name(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """The first child of this local name: servers differ in the namespaces of what they answer."""
    return next((item for item in element if local_name(item.tag) == name), None)


def child_text(element: ElementTree.Element, name: str) -> str | None:
    """The text of a child without the blanks around it; None if it is missing or empty."""
    item = child(element, name)
    return ((item.text or "").strip() or None) if item is not None else None


def compose(call: ElementTree.Element) -> bytes:
    """The message that makes a call.

    Args:
        call: the method's element with its parameters.

    Returns:
        UTF-8.
    """
    envelope = ElementTree.Element(f"{{{ENVELOPE}}}Envelope")
    ElementTree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(call)
    message: bytes = ElementTree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return message


def parse(document: bytes) -> ElementTree.Element:
    """What stands in the body of an answer.

    Raises:
        SoapError: if the answer is no SOAP message, or one with a document type.
        SoapFault: if it is a fault.
    """
    # UTF-16 would hide a document type from the search; an ASP.NET service of that time answers in UTF-8.
    if b"\0" in document or _DOCUMENT_TYPE.search(document):
        raise SoapError("the answer holds a document type or is not UTF-8, and was not read")
    try:
        # Without a document type there are no entities to expand or to fetch.
        envelope = ElementTree.fromstring(document)  # nosec B314
    except (ElementTree.ParseError, ValueError, LookupError) as exc:
        raise SoapError(f"the answer is no XML: {exc}") from exc
    body = child(envelope, "Body") if local_name(envelope.tag) == "Envelope" else None
    content = next(iter(body), None) if body is not None else None
    if content is None:
        raise SoapError(f"the answer is no SOAP message but a document {local_name(envelope.tag)[:100]!r}")
    if local_name(content.tag) == "Fault":
        raise _fault(content)
    return content


def _fault(element: ElementTree.Element) -> SoapFault:
    detail = child(element, "detail")
    if detail is None:
        detail = element
    fault_id = child_text(detail, "ID")
    method = child_text(detail, "Method")
    return SoapFault(
        code=(child_text(detail, "ErrorCode") or child_text(element, "faultcode") or "unknown")[:100],
        fault_id=fault_id.strip("{}").lower()[:100] if fault_id else None,
        method=method.strip('"').rpartition("/")[2][:100] if method else None,
        message=_one_line(child_text(detail, "Message") or child_text(element, "faultstring") or ""),
    )


def _one_line(text: str) -> str:
    return " ".join(text[: 4 * _FAULT_TEXT_CHARACTERS].split())[:_FAULT_TEXT_CHARACTERS]
