# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of a Windows Update client to its server ([MS-WUSP], Windows Update Services: Client-Server Protocol).

PRIVATE to the collection: may change without notice.

Only what an update client says before it knows which updates there are: GetConfig, GetAuthorizationCookie, GetCookie,
RegisterComputer where the server asks for it, and SyncUpdates. Nothing is downloaded and nothing is reported.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
from xml.etree import ElementTree

from ansible_collections.unblock.updates.plugins.module_utils._soap import (
    SoapError,
    SoapFault,
    child,
    child_text,
    compose,
    local_name,
    parse,
)

CLIENT_NAMESPACE = "http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"
AUTHORIZATION_NAMESPACE = "http://www.microsoft.com/SoftwareDistribution/Server/SimpleAuthWebService"
CLIENT_PATH = "ClientWebService/client.asmx"
AUTHORIZATION_PATH = "SimpleAuthWebService/SimpleAuth.asmx"

#: What the agents of that time speak; later versions only add drivers and categories to it ([MS-WUSP] 2.2.2.2.4).
PROTOCOL_VERSION = "1.6"

_MAX_RECOVERIES = 3

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_UPDATE_IDENTITY = re.compile(r"<UpdateIdentity\s[^>]{0,500}?UpdateID\s*=\s*[\"']([0-9a-fA-F-]{36})[\"']")

#: Sends one message to a path below the server's address and gives back the answer. (path, SOAP action, message)
Post = t.Callable[[str, str, bytes], bytes]


class StartOverError(Exception):
    """The server no longer knows its cookies: all that it told before is void ([MS-WUSP] 2.2.2.4)."""


@dataclasses.dataclass(frozen=True)
class Identity:
    """Who the probe says that it is.

    Attributes:
        client_id: letters a-z, digits and hyphens ([MS-WUSP] 1.1, ClientIdString).
        dns_name: the name under which the server's administrator sees it.
        target_group: the group that it asks to be in; empty for none.
    """

    client_id: str
    dns_name: str
    target_group: str = ""


@dataclasses.dataclass(frozen=True)
class Revision:
    """One revision that the server told of.

    Attributes:
        revision_id: the server's own number for it.
        is_leaf: whether nothing has it as its prerequisite.
        update_id: GUID of the update in lower case; None if the core fragment names none.
    """

    revision_id: int
    is_leaf: bool
    update_id: str | None


@dataclasses.dataclass(frozen=True)
class SyncInfo:
    """What one SyncUpdates was answered.

    Attributes:
        new: revisions that the client did not declare.
        truncated: whether the server kept some back for the next call.
    """

    new: tuple[Revision, ...]
    truncated: bool


class Client:
    """One update client in conversation with its server."""

    def __init__(self, post: Post, identity: Identity) -> None:
        """Sends nothing yet.

        Args:
            post: carries the messages.
            identity: who the client says that it is.
        """
        self._post = post
        self._identity = identity
        self._last_change = ""
        self._authorization_path = AUTHORIZATION_PATH
        self._cookie = ElementTree.Element("cookie")
        #: The web methods that were called, in order.
        self.methods: list[str] = []
        #: Whether the server demanded and got a registration, which leaves a computer in its database.
        self.registered = False

    @property
    def method(self) -> str | None:
        """The web method that was called last."""
        return self.methods[-1] if self.methods else None

    def open(self) -> None:
        """Makes the handshake.

        Raises:
            SoapFault: as the server answered.
            SoapError: if an answer is not what the protocol says.
        """
        if self._configure():
            self._renew_cookie()
            self.register()
        else:
            self._renew_cookie()

    def register(self) -> None:
        """Registers the computer. Only where the server demands it: it stays in the server's database."""
        call = _call("RegisterComputer")
        self._add_cookie(call)
        information = ElementTree.SubElement(call, _name("computerInfo"))
        for name, value in (("DnsName", self._identity.dns_name), *_COMPUTER):
            ElementTree.SubElement(information, _name(name)).text = value
        self._ask(CLIENT_PATH, call)
        self.registered = True

    def sync(self, installed: t.Collection[int], cached: t.Collection[int]) -> SyncInfo:
        """Asks for the revisions that are new to a client, and recovers from what a client is to recover from.

        Args:
            installed: ids of revisions that others have as prerequisites and that count as installed.
            cached: ids of the other revisions that the client knows.

        Raises:
            StartOverError: if the ids mean nothing to the server any more.
            SoapFault: as the server answered.
            SoapError: if an answer is not what the protocol says.
        """
        recoveries = 0
        while True:
            try:
                return self._sync(installed, cached)
            except SoapFault as fault:
                recoveries += 1
                if recoveries > _MAX_RECOVERIES:
                    raise
                self._recover(fault)

    def _recover(self, fault: SoapFault) -> None:
        """Does what [MS-WUSP] 2.2.2.4 has a client do about a fault; raises the fault where that is nothing."""
        if fault.code in ("InvalidCookie", "ServerChanged"):
            raise StartOverError(str(fault)) from fault
        if fault.code == "ConfigChanged":
            self.open()
        elif fault.code == "CookieExpired":
            self._renew_cookie()
        elif fault.code == "RegistrationRequired" and not self.registered:
            self.register()
        else:
            raise fault

    def _sync(self, installed: t.Collection[int], cached: t.Collection[int]) -> SyncInfo:
        call = _call("SyncUpdates")
        self._add_cookie(call)
        parameters = ElementTree.SubElement(call, _name("parameters"))
        ElementTree.SubElement(parameters, _name("ExpressQuery")).text = "false"
        _add_numbers(parameters, "InstalledNonLeafUpdateIDs", installed)
        _add_numbers(parameters, "OtherCachedUpdateIDs", cached)
        ElementTree.SubElement(parameters, _name("SkipSoftwareSync")).text = "false"
        result = _result(self._ask(CLIENT_PATH, call), "SyncUpdatesResult")
        cookie = child(result, "NewCookie")
        if cookie is not None:
            self._cookie = cookie
        updates = child(result, "NewUpdates")
        return SyncInfo(
            new=tuple(_revision(item) for item in updates) if updates is not None else (),
            truncated=child_text(result, "Truncated") == "true",
        )

    def _configure(self) -> bool:
        """Asks for the configuration; returns whether clients have to register."""
        call = _call("GetConfig")
        ElementTree.SubElement(call, _name("protocolVersion")).text = PROTOCOL_VERSION
        result = _result(self._ask(CLIENT_PATH, call), "GetConfigResult")
        self._last_change = _required(result, "LastChange")
        plug_ins = child(result, "AuthInfo")
        path = child_text(plug_ins[0], "ServiceUrl") if plug_ins is not None and len(plug_ins) else None
        # The server names a path of its own; a whole address could send the probe anywhere.
        if path and re.fullmatch(r"/?(?:[\w.-]+/){1,5}[\w.-]+", path):
            self._authorization_path = path.lstrip("/")
        elif path:
            raise SoapError(f"the server's authorization service is at an unusable address: {path[:200]!r}")
        return _required(result, "IsRegistrationRequired") == "true"

    def _renew_cookie(self) -> None:
        call = _call("GetAuthorizationCookie", AUTHORIZATION_NAMESPACE)
        for name, value in (
            ("clientId", self._identity.client_id),
            ("targetGroupName", self._identity.target_group),
            ("dnsName", self._identity.dns_name),
        ):
            ElementTree.SubElement(call, _name(name, AUTHORIZATION_NAMESPACE)).text = value
        authorization = _result(self._ask(self._authorization_path, call), "GetAuthorizationCookieResult")
        call = _call("GetCookie")
        entry = ElementTree.SubElement(ElementTree.SubElement(call, _name("authCookies")), _name("AuthorizationCookie"))
        for name in ("PlugInId", "CookieData"):
            ElementTree.SubElement(entry, _name(name)).text = _required(authorization, name)
        ElementTree.SubElement(call, _name("oldCookie"), {_NIL: "true"})
        ElementTree.SubElement(call, _name("lastChange")).text = self._last_change
        now = datetime.datetime.now(datetime.timezone.utc)
        ElementTree.SubElement(call, _name("currentTime")).text = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        ElementTree.SubElement(call, _name("protocolVersion")).text = PROTOCOL_VERSION
        self._cookie = _result(self._ask(CLIENT_PATH, call), "GetCookieResult")

    def _add_cookie(self, call: ElementTree.Element) -> None:
        cookie = ElementTree.SubElement(call, _name("cookie"))
        for name in ("Expiration", "EncryptedData"):
            ElementTree.SubElement(cookie, _name(name)).text = _required(self._cookie, name)

    def _ask(self, path: str, call: ElementTree.Element) -> ElementTree.Element:
        namespace, dummy, method = call.tag[1:].partition("}")
        self.methods.append(method)
        answer = parse(self._post(path, f"{namespace}/{method}", compose(call)))
        if local_name(answer.tag) != f"{method}Response":
            raise SoapError(f"{method} was answered by {local_name(answer.tag)[:100]!r}")
        return answer


#: A Windows XP with Service Pack 3, as clients with Office 2003 are, that says plainly what it is.
_COMPUTER = (
    ("OSMajorVersion", "5"),
    ("OSMinorVersion", "1"),
    ("OSBuildNumber", "2600"),
    ("OSServicePackMajorNumber", "3"),
    ("OSServicePackMinorNumber", "0"),
    ("OSLocale", "en-US"),
    ("ComputerManufacturer", "unblock.updates"),
    ("ComputerModel", "sync_probe"),
    ("BiosReleaseDate", "2008-06-30T00:00:00"),
    ("ProcessorArchitecture", "X86"),
    ("SuiteMask", "256"),
    ("OldProductType", "1"),
    ("NewProductType", "0"),
    ("SystemMetrics", "0"),
    ("ClientVersionMajorNumber", "7"),
    ("ClientVersionMinorNumber", "0"),
    ("ClientVersionBuildNumber", "6000"),
    ("ClientVersionQfeNumber", "374"),
)


def _name(name: str, namespace: str = CLIENT_NAMESPACE) -> str:
    return f"{{{namespace}}}{name}"


def _call(method: str, namespace: str = CLIENT_NAMESPACE) -> ElementTree.Element:
    return ElementTree.Element(_name(method, namespace))


def _add_numbers(parent: ElementTree.Element, name: str, numbers: t.Collection[int]) -> None:
    array = ElementTree.SubElement(parent, _name(name))
    for number in sorted(numbers):
        ElementTree.SubElement(array, _name("int")).text = str(number)


def _result(answer: ElementTree.Element, name: str) -> ElementTree.Element:
    result = child(answer, name)
    if result is None:
        raise SoapError(f"the answer {local_name(answer.tag)} has no {name}")
    return result


def _required(element: ElementTree.Element, name: str) -> str:
    text = child_text(element, name)
    if text is None:
        raise SoapError(f"the answer has no {name}")
    return text


def _revision(element: ElementTree.Element) -> Revision:
    try:
        number = int(_required(element, "ID"))
    except ValueError as exc:
        raise SoapError(f"a revision's ID is no number: {exc}") from exc
    # The core fragment has no root and undeclared prefixes ([MS-WUSP] 3.1.1.1): it is text, not XML.
    identity = _UPDATE_IDENTITY.search(child_text(element, "Xml") or "")
    return Revision(
        revision_id=number,
        is_leaf=_required(element, "IsLeaf") == "true",
        update_id=identity.group(1).lower() if identity else None,
    )
