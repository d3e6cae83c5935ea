# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about Windows Server Update Services.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart

#: InstallType: 2 is the console alone; WSUS 2.0 had front end, back end and both, and no VersionString.
_CONSOLE_ONLY = 2
_WSUS_2 = (32, 64, 128)

_SETUP = ("wsus.version_string", "wsus.install_type", "wsus.target_dir")

#: The suite that marks the licence of Small Business Server; Server 2003 and with it SBS 2003 are Windows 5.2.
_SBS_SUITE = "Small Business(Restricted)"
_SBS_2003_WINDOWS = "5.2"
_ESSENTIALS = re.compile("System Center Essentials", re.IGNORECASE)


def wsus_facts(readings: Readings, product: Product, inventory: Inventory) -> dict[str, t.Any]:
    """The facts C(wsus). What could not be read, or cannot be right, is None; nothing is guessed.

    Args:
        readings: an answer to the reads of the products C(host) and C(wsus).
        product: the product file C(wsus), for its releases.
        inventory: for what WSUS keeps in its database.
    """
    version = readings.text("wsus.version_string")
    parsed = FourPart.parse(version)
    return {
        "installed": _installed(readings),
        "console_only": _console_only(readings),
        "version": version if parsed else None,
        "release": product.release_of(parsed) or _release_without_version(readings),
        "target_dir": readings.text("wsus.target_dir") or None,
        "client_dll": _client_dll(readings, product),
        "is_replica": inventory.wsus_replica,
        "upstream_server": inventory.wsus_upstream,
        "used_by": _used_by(readings),
        "services": {
            read["name"]: _service_status(readings, read["id"]) for read in product.reads if read["op"] == "service"
        },
    }


def _installed(readings: Readings) -> bool | None:
    """Whether WSUS or its console is there. A service without setup values, or values alone, is a riddle: unknown."""
    if "ok" in (readings.state("wsus.version_string"), readings.state("wsus.install_type")):
        return True
    return False if readings.is_absent(*_SETUP, "wsus.service.wsusservice") else None


def _console_only(readings: Readings) -> bool | None:
    """Only a console writes the value 2, and it always does: no value is no console."""
    if readings.is_absent("wsus.install_type"):
        return False if _installed(readings) else None
    install_type = readings.number("wsus.install_type")
    return None if install_type is None else install_type == _CONSOLE_ONLY


def _release_without_version(readings: Readings) -> str | None:
    """WSUS 2.0 had no VersionString; its service packs cannot be told apart without one."""
    is_wsus_2 = readings.number("wsus.install_type") in _WSUS_2
    return "2.0" if is_wsus_2 and readings.is_absent("wsus.version_string") else None


def _client_dll(readings: Readings, product: Product) -> dict[str, t.Any]:
    answer = readings.read("wsus.client_dll")
    version = FourPart.parse(answer.get("version"))
    return {
        "path": answer.get("path"),
        "exists": {"ok": True, "absent": False}.get(readings.state("wsus.client_dll")),
        "version": None if version is None else str(version),
        "created": answer.get("created"),
        "build_release": product.release_of_file(version),
    }


def _service_status(readings: Readings, read_id: str) -> str | None:
    return "absent" if readings.is_absent(read_id) else readings.read(read_id).get("status")


def _used_by(readings: Readings) -> list[str] | None:
    """Products on this host that hand out updates through WSUS; None if one of them could not be looked for."""
    if _installed(readings) is False:
        return []
    products = {
        "sbs2003": _is_sbs_2003(readings),
        "sce2007": _is_essentials(readings),
        "configmgr2007": _is_configmgr_2007(readings),
    }
    return None if None in products.values() else [name for name, found in products.items() if found]


def _is_sbs_2003(readings: Readings) -> bool | None:
    suite = readings.tree("wsus.product_suite")
    windows = readings.text("os.current_version")
    if suite is None or (_SBS_SUITE in suite and windows is None):
        return None
    return _SBS_SUITE in suite and windows == _SBS_2003_WINDOWS


def _is_essentials(readings: Readings) -> bool | None:
    if readings.is_absent("wsus.opsmgr_service"):
        return False
    programs = readings.tree("wsus.programs")
    return None if programs is None else _ESSENTIALS.search(programs) is not None


def _is_configmgr_2007(readings: Readings) -> bool | None:
    reads = ("wsus.configmgr_32", "wsus.configmgr")
    versions = [FourPart.parse(readings.text(read_id)) for read_id in reads]
    if any(version is not None and version.major == 4 for version in versions):
        return True
    return False if readings.is_known(*reads) else None
