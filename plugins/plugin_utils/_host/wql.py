# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WQL query finds, by WS-Man Enumerate and Pull over the connection that is already open.

PRIVATE to the collection: may change without notice.

Needs no process on the host. Sources: DSP0226 (Enumerate, OptimizeEnumeration, Pull, Release), [MS-WSMV] (dialect).
"""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.envelope import parse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import NEXT_STEPS, HostError, Layer

_ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
_WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
_WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
_WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"


@dataclasses.dataclass(frozen=True)
class Count:
    """How much a query found.

    Attributes:
        found: instances seen.
        more: whether there are others beyond the limit.
        requests: requests that were sent.
    """

    found: int
    more: bool
    requests: int


def count(shell: Shell, namespace: str, query: str, limit: int, max_requests: int) -> Count:
    """Counts the instances that a query finds.

    Args:
        shell: an open shell; its connection is used, no command is run.
        namespace: such as ``root/sms/site_XYZ``.
        query: WQL.
        limit: count no further than this.
        max_requests: bound on requests, at least 2: one that asks and one that gives the enumeration back.

    Raises:
        HostError: with the fault of the WS-Management service.
    """
    resource = f"{_WMI}/{namespace}/*"
    page = _enumerate(shell, resource, query, limit)
    found, requests = len(page.items), 1
    while page.context and found < limit and requests < max_requests - 1:
        body = (
            f"<n:Pull><n:EnumerationContext>{escape(page.context)}</n:EnumerationContext>"
            f"<n:MaxElements>{limit - found}</n:MaxElements></n:Pull>"
        )
        page = _read_page(shell, shell.request(resource, f"{_ENUMERATION}/Pull", body))
        found, requests = found + len(page.items), requests + 1
    if page.context:
        _release(shell, resource, page.context)
        requests += 1
    return Count(found, bool(page.context), requests)


def first(shell: Shell, namespace: str, query: str) -> dict[str, str] | None:
    """The first instance that a query finds, in at most two requests.

    Args:
        shell: an open shell; its connection is used, no command is run.
        namespace: such as ``root/cimv2``.
        query: WQL that names its properties.

    Returns:
        The properties as text by name; None if nothing is found.

    Raises:
        HostError: with the fault of the WS-Management service.
    """
    resource = f"{_WMI}/{namespace}/*"
    page = _enumerate(shell, resource, query, 1)
    if page.context:
        _release(shell, resource, page.context)
    if not page.items:
        return None
    # A time stands in an element of its own, inside that of the property (DSP0230, cimDateTime).
    return {_local(item.tag): "".join(item.itertext()).strip() for item in page.items[0]}


def _enumerate(shell: Shell, resource: str, query: str, limit: int) -> _Page:
    body = (
        f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>{limit}</w:MaxElements>"
        f'<w:Filter Dialect="{_WQL}">{escape(query)}</w:Filter></n:Enumerate>'
    )
    return _read_page(shell, shell.request(resource, f"{_ENUMERATION}/Enumerate", body))


def _release(shell: Shell, resource: str, context: str) -> None:
    body = f"<n:Release><n:EnumerationContext>{escape(context)}</n:EnumerationContext></n:Release>"
    shell.request(resource, f"{_ENUMERATION}/Release", body)


def _read_page(shell: Shell, response: bytes) -> _Page:
    try:
        return _Page.read(response)
    except ET.ParseError as exc:
        raise HostError(
            Layer.WS_MAN, shell.host, f"the answer to a query is no XML: {exc}", NEXT_STEPS[Layer.WS_MAN]
        ) from exc


@dataclasses.dataclass(frozen=True)
class _Page:
    """One response: the instances that it held, and the context that asks for more (None at the end)."""

    items: list[ET.Element]
    context: str | None

    @classmethod
    def read(cls, response: bytes) -> _Page:
        root = parse(response)
        # Enumerate answers in the namespace of WS-Man, Pull in that of the enumeration.
        items = [item for name in (_WSMAN, _ENUMERATION) for node in root.iter(f"{{{name}}}Items") for item in node]
        ended = any(next(root.iter(f"{{{name}}}EndOfSequence"), None) is not None for name in (_WSMAN, _ENUMERATION))
        context = next(root.iter(f"{{{_ENUMERATION}}}EnumerationContext"), None)
        text = context.text if context is not None and context.text and not ended else None
        return cls(items, text)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
