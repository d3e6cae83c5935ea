# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about System Center Configuration Manager.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart

#: ConfigMgr 2007 is version 4; SMS 2003 is version 2.50 under the same keys.
_FIRST_MAJOR = 4
_SITE_TYPES = {1: "primary", 2: "secondary"}

#: Endings of the ids of both registry views, the one of 32-bit programs first.
_VIEWS = ("_32", "")
_SETUP = ("configmgr.full_version", "configmgr.version", "configmgr.install_dir")

_HOTFIX_READS = ("configmgr.updates_32", "configmgr.updates", "configmgr.hotfix_32", "configmgr.hotfix")
_KEY_LINE = re.compile(r"^HKEY_.*$", re.MULTILINE)
_KB_NUMBER = re.compile(r"KB([0-9]{6,7})(?![0-9])", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class SmsClients:
    """What the SMS provider answered on the site server itself.

    Attributes:
        found: clients of SMS 2003 that were counted.
        capped: whether there are more than were counted.
        note: why the provider could not be asked, or what it refused; nothing if it answered.
        sees_resources: whether the same account sees any C(SMS_R_System) at all. The provider hides what the account
            has no right to and answers an empty set, so that zero alone means nothing.
    """

    found: int = 0
    capped: bool = False
    sees_resources: bool = False
    note: str | None = None


def configmgr_facts(readings: Readings, product: Product, clients: SmsClients | None = None) -> dict[str, t.Any]:
    """The facts C(configmgr). What could not be read, or cannot be right, is None; nothing is guessed.

    Args:
        readings: an answer to the reads of the product C(configmgr).
        product: the product file C(configmgr), for its releases.
        clients: None if nobody could ask, as with a provider on another machine.
    """
    view = _view(readings)
    version = None if view is None else _version(readings, view)
    is_counted = clients is not None and (clients.found > 0 or clients.sees_resources)
    return {
        "installed": None if view is None else _installed(readings, view, version),
        "version": version,
        "release": product.release_of(FourPart.parse(version)),
        "site_code": _text(readings, "configmgr.site_code", view),
        "parent_site_code": _parent_site_code(readings, view),
        "site_type": None if view is None else _SITE_TYPES.get(readings.number(f"configmgr.type{view}") or 0),
        "install_dir": _text(readings, "configmgr.install_dir", view),
        "provider": _text(readings, "configmgr.provider", view),
        "sms2003_clients": clients.found if clients and is_counted else None,
        "sms2003_clients_capped": clients.capped if clients and is_counted else None,
        "sms2003_clients_note": clients.note if clients else None,
        "legacy_catalog_tool": _legacy_catalog_tool(readings),
        "hotfixes": _hotfixes(readings),
    }


def _view(readings: Readings) -> str | None:
    """The registry view in which the product stands, the native one if it stands in none; None if that is not known."""
    for view in _VIEWS:
        states = [readings.state(f"{name}{view}") for name in _SETUP]
        if "ok" in states:
            return view
        if any(state != "absent" for state in states):
            return None
    return ""


def _text(readings: Readings, name: str, view: str | None) -> str | None:
    return None if view is None else readings.text(f"{name}{view}") or None


def _parent_site_code(readings: Readings, view: str | None) -> str | None:
    """Empty on the top site: there the value is empty or not there, beside the site's own code."""
    read_id = f"configmgr.parent_site_code{view}"
    if view is not None and readings.is_absent(read_id) and readings.text(f"configmgr.site_code{view}"):
        return ""
    return None if view is None else readings.text(read_id)


def _version(readings: Readings, view: str) -> str | None:
    texts = (readings.text(f"{name}{view}") for name in ("configmgr.full_version", "configmgr.version"))
    return next((text for text in texts if FourPart.parse(text)), None)


def _installed(readings: Readings, view: str, version: str | None) -> bool | None:
    """Whether this is a site server. A console or a client has some of the same keys, but not the service."""
    is_without_service = readings.is_absent("configmgr.service")
    if readings.is_absent(*(f"{name}{view}" for name in _SETUP)):
        return False if is_without_service else None
    parsed = FourPart.parse(version)
    if parsed is not None and parsed.major < _FIRST_MAJOR:
        return False
    if readings.is_absent(f"configmgr.type{view}"):
        has_site = readings.text(f"configmgr.site_code{view}") and readings.text(f"configmgr.install_dir{view}")
        return True if has_site else None
    site_type = readings.number(f"configmgr.type{view}")
    if site_type in _SITE_TYPES:
        return True
    return False if site_type is not None and is_without_service else None


def _legacy_catalog_tool(readings: Readings) -> bool | None:
    """Whether the Inventory Tool for Microsoft Updates is here: its share, or its catalogue in the default folder."""
    catalogs = ("configmgr.catalog_32", "configmgr.catalog")
    shares = readings.tree("configmgr.shares")
    if shares or "ok" in map(readings.state, catalogs):
        return True
    return False if shares is not None and readings.is_absent(*catalogs) else None


def _hotfixes(readings: Readings) -> list[str] | None:
    """Registered updates of those that the reads look for. One that was found counts even if another key is closed."""
    answers = [readings.read(read_id) for read_id in _HOTFIX_READS]
    keys = "\n".join(line for answer in answers for line in _KEY_LINE.findall(str(answer.get("text", ""))))
    found = sorted({f"KB{number}" for number in _KB_NUMBER.findall(keys)})
    is_complete = all(readings.tree(read_id) is not None for read_id in _HOTFIX_READS)
    return found if found or is_complete else None
