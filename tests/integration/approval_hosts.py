# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of approval resets look at on a host: its database, and what the collection left."""

from __future__ import annotations

import json
import re
import typing as t
from xml.etree import ElementTree

from tests.lab.susdb import OFFICE_2003_SP1

DATABASE = r"C:\lab\susdb.xml"
KEY = r"HKLM\SOFTWARE\unblock"
UPDATE_ID = "0b7e4f6a-1c2d-4e3f-8a9b-54c0de950001"


class AnyHost(t.Protocol):
    """A lab host of either kind."""

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command."""

    def get(self, path: str) -> bytes:
        """Read a file."""

    def put(self, path: str, data: bytes) -> None:
        """Write a file."""


def edit(host: AnyHost, change: t.Callable[..., bytes], *arguments: t.Any, **attributes: t.Any) -> None:
    """Change the database of a host by a function of tests.lab.susdb."""
    host.put(DATABASE, change(host.get(DATABASE), *arguments, **attributes))


def server(host: AnyHost) -> dict[str, str]:
    """Attributes of the server: C(replica), and C(consistent), which says that its clients are served again."""
    return dict(ElementTree.fromstring(host.get(DATABASE)).attrib)


def is_declined(host: AnyHost) -> bool:
    """Whether the update that the advisory is about is declined."""
    updates = ElementTree.fromstring(host.get(DATABASE)).iter("update")
    return next(update.get("declined") == "true" for update in updates if update.get("title") == OFFICE_2003_SP1)


def calls(host: AnyHost) -> dict[str, int]:
    """How often each member of the API was called for which a fault is planted."""
    faults = ElementTree.fromstring(host.get(DATABASE)).iter("fault")
    return {str(fault.get("call")): int(fault.get("calls") or 0) for fault in faults}


def left(host: AnyHost) -> dict[str, t.Any]:
    """What the collection left on a host: registry values by name, and C(files) in the folder for temporary files."""
    query = host.run(f"reg query {KEY} /s 2>nul")[1].decode()
    values = {name: json.loads(data) for name, data in re.findall(r"(?m)^\s+(\w+)\s+REG_SZ\s+(\{.*\})\s*$", query)}
    files = host.run(r'dir /b "%TEMP%\unblock-*" 2>nul')[1].decode().split()
    return {**values, **({"files": files} if files else {})}
