# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WQL over WS-Man: Enumerate (also optimized), Pull and Release on instances of WMI classes. DSP0226 section 8.

The instances are those of the host model, and the one that tells when the host was started.

As much of WQL as is asked: SELECT names FROM class, with WHERE name LIKE 'pattern' or name = 'value'.
"""

from __future__ import annotations

import fnmatch
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape

from tests.lab.endpoint.envelope import NAMESPACES, Request
from tests.lab.endpoint.faults import (
    INVALID_ENUMERATION_CONTEXT,
    INVALID_XML,
    WMI_ACCESS_DENIED,
    WMI_INVALID_CLASS,
    WMI_INVALID_NAMESPACE,
    FaultError,
)

ENUMERATION = NAMESPACES["n"]
_CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<names>[\w\s,*]+?)\s+FROM\s+(?P<class>\w+)"
    r"(?:\s+WHERE\s+(?P<name>\w+)\s*(?P<operator>LIKE|=)\s*['\"](?P<value>[^'\"]*)['\"])?\s*",
    re.IGNORECASE,
)
_ITEM_LIMIT = 300  # instances of one answer: about as many as fit into an envelope of 150 kB

Instance = Mapping[str, str | int | datetime]


class WmiService:
    """The instances of one host and the enumerations that clients have open on them."""

    def __init__(self, namespaces: Mapping[str, Mapping[str, Sequence[Instance]]]) -> None:
        self._namespaces = {name.lower(): classes for name, classes in namespaces.items()}
        self._open: dict[str, list[str]] = {}
        self.booted_at = datetime.now(timezone.utc) - timedelta(days=1)

    def serve(self, request: Request, denied: bool) -> str:
        """Carry out an Enumerate, Pull or Release; returns the body of the answer. Raises FaultError."""
        if denied:
            raise FaultError(WMI_ACCESS_DENIED)
        if request.operation == "Enumerate":
            return self._enumerate(request)
        context = request.body.findtext(f"n:{request.operation}/n:EnumerationContext", "", NAMESPACES)
        if context not in self._open:
            raise FaultError(INVALID_ENUMERATION_CONTEXT, context)
        if request.operation == "Release":
            del self._open[context]
            return ""
        items, more = self._take(context, _limit(request.body.findtext("n:Pull/n:MaxElements", None, NAMESPACES)))
        rest = f"<n:EnumerationContext>{context}</n:EnumerationContext>" if more else ""
        end = "" if more else "<n:EndOfSequence/>"
        return f"<n:PullResponse>{rest}<n:Items>{items}</n:Items>{end}</n:PullResponse>"

    def _enumerate(self, request: Request) -> str:
        namespace = request.resource_uri.removeprefix(RESOURCE).rpartition("/")[0]
        query = request.body.findtext("n:Enumerate/w:Filter", "", NAMESPACES)
        context = f"uuid:{uuid.uuid4()}"
        self._open[context] = [_item(instance, names) for instance, names in self._select(namespace, query)]
        if request.body.find("n:Enumerate/w:OptimizeEnumeration", NAMESPACES) is None:
            return f"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext></n:EnumerateResponse>"
        items, more = self._take(context, _limit(request.body.findtext("n:Enumerate/w:MaxElements", None, NAMESPACES)))
        rest = context if more else ""
        end = "" if more else "<w:EndOfSequence/>"
        return (
            f"<n:EnumerateResponse><n:EnumerationContext>{rest}</n:EnumerationContext>"
            f"<w:Items>{items}</w:Items>{end}</n:EnumerateResponse>"
        )

    def _take(self, context: str, limit: int) -> tuple[str, bool]:
        waiting = self._open[context]
        items, self._open[context] = waiting[:limit], waiting[limit:]
        more = bool(self._open[context])
        if not more:
            del self._open[context]
        return "".join(items), more

    def _select(self, namespace: str, query: str) -> list[tuple[Instance, list[str]]]:
        classes = dict(self._namespaces.get(namespace.lower(), {}))
        if namespace.lower() == "root/cimv2":
            classes["Win32_OperatingSystem"] = [{"LastBootUpTime": self.booted_at}]
        if not classes:
            raise FaultError(WMI_INVALID_NAMESPACE, namespace)
        match = _QUERY.fullmatch(query)
        if match is None:
            raise FaultError(INVALID_XML, f"WQL {query}")
        instances = {name.lower(): found for name, found in classes.items()}.get(match["class"].lower())
        if instances is None:
            raise FaultError(WMI_INVALID_CLASS, match["class"])
        names = [name.strip() for name in match["names"].split(",")]
        return [(instance, names) for instance in instances if _matches(instance, match)]


def _matches(instance: Instance, match: re.Match[str]) -> bool:
    if match["name"] is None:
        return True
    value = str(instance.get(match["name"], ""))
    if match["operator"] == "=":
        return value == match["value"]
    return fnmatch.fnmatchcase(value, match["value"].replace("%", "*").replace("_", "?"))


def _item(instance: Instance, names: Sequence[str]) -> str:
    shown = {name: value for name, value in instance.items() if "*" in names or name in names}
    properties = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in shown.items())
    return f"<w:XmlFragment>{properties}</w:XmlFragment>"


def _text(value: str | int | datetime) -> str:
    if isinstance(value, datetime):  # DSP0230, cimDateTime
        return f'<cim:Datetime xmlns:cim="{_CIM}">{value.isoformat()}</cim:Datetime>'
    return escape(str(value))


def _limit(text: str | None) -> int:
    if text is None:
        return 1
    if not text.isdigit() or int(text) < 1:
        raise FaultError(INVALID_XML, f"MaxElements {text}")
    return min(int(text), _ITEM_LIMIT)
