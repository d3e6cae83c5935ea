# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a lab host's WSUS: one XML file, which tests read, change and plant faults in.

What its elements mean to the administration API: tests/lab/dot_net/Microsoft.UpdateServices.Administration.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

CATALOGUE = Path(__file__).parent / "susdb.xml"
OFFICE_2003_SP1 = "Office 2003 Service Pack 1"


def make_database(settings: Mapping[str, Any]) -> str:
    """Return the catalogue with settings of one server: attributes, and under `downstream` names of servers."""
    root = ElementTree.fromstring(_catalogue())
    for name, value in settings.items():
        if name == "downstream":
            for server in value:
                ElementTree.SubElement(root, "downstream", name=server)
        else:
            root.set(name, _text(value))
    return _document(root)


def change_database(data: bytes, update: str | None = None, **attributes: object) -> bytes:
    """Set attributes of the server, or of the update with the title `update`."""
    root = ElementTree.fromstring(data)
    element = root if update is None else next(item for item in root.iter("update") if item.get("title") == update)
    for name, value in attributes.items():
        element.set(name, _text(value))
    return _document(root).encode()


def plant_fault(data: bytes, call: str, **attributes: object) -> bytes:
    """Let calls of a member of the API fail.

    Attributes: at (number of the call, counted over all processes; without it, every one), exception (name) and
    message, gate (the call waits while a file of that name lies beside the database; not on simulated hosts, whose
    running programs do not see what becomes of it), kill (True: the process ends there), after (True: the member does
    its work first).
    """
    root = ElementTree.fromstring(data)
    ElementTree.SubElement(root, "fault", {"call": call} | {name: _text(value) for name, value in attributes.items()})
    return _document(root).encode()


@functools.cache
def _catalogue() -> str:
    return CATALOGUE.read_text(encoding="utf-8")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(root: ElementTree.Element) -> str:
    return ElementTree.tostring(root, encoding="unicode")
