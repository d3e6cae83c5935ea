# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about Windows Server Update Services.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.names import agree, plain
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


@dataclasses.dataclass(frozen=True)
class WsusServer:
    """What the server's own administration API answered; None is: it did not.

    Attributes:
        is_replica: whether it takes approvals over from its upstream server.
        upstream_server: the server that it synchronizes from; empty if that is Microsoft Update.
        note: why there is no answer.
    """

    is_replica: bool | None = None
    upstream_server: str | None = None
    note: str | None = None


def wsus_facts(
    readings: Readings, product: Product, inventory: Inventory, server: WsusServer | None = None
) -> dict[str, t.Any]:
    """The facts C(wsus). What could not be read, or cannot be right, is None; nothing is guessed.

    Args:
        readings: an answer to the reads of the products C(host) and C(wsus).
        product: the product file C(wsus), for its releases.
        inventory: for what WSUS keeps in its database, where nobody asked the server.
        server: what the server itself says, which is believed first.
    """
    server = server or WsusServer()
    version = readings.text("wsus.version_string")
    parsed = FourPart.parse(version)
    return {
        "installed": _installed(readings),
        "console_only": _console_only(readings),
        "version": version if parsed else None,
        "release": product.release_of(parsed) or _release_without_version(readings),
        "target_dir": readings.text("wsus.target_dir") or None,
        "port": _port(readings),
        "use_ssl": _use_ssl(readings),
        "client_dll": _client_dll(readings, product),
        "is_replica": inventory.wsus_replica if server.is_replica is None else server.is_replica,
        "upstream_server": inventory.wsus_upstream if server.upstream_server is None else server.upstream_server,
        "used_by": _used_by(readings),
        "services": {
            read["name"]: _service_status(readings, read["id"]) for read in product.reads if read["op"] == "service"
        },
    }


def server_evidence(server: WsusServer | None, inventory: Inventory) -> list[dict[str, t.Any]]:
    """An entry for each thing that the inventory says otherwise than the server, and one if the server said nothing."""
    if server is None:
        return []
    if server.note is not None:
        return [_entry("WSUS administration API", "an answer", server.note)]
    entries = []
    if None not in (inventory.wsus_replica, server.is_replica) and inventory.wsus_replica is not server.is_replica:
        words = ["true" if value else "false" for value in (inventory.wsus_replica, server.is_replica)]
        entries.append(_entry("IsReplicaServer", f"{words[0]} (unblock_wsus_replica)", words[1]))
    told, upstream = inventory.wsus_upstream, server.upstream_server
    if told is not None and upstream is not None and told != upstream and not agree(plain(told), plain(upstream)):
        observed = upstream or "Microsoft Update"
        entries.append(_entry("UpstreamWsusServerName", f"{told} (unblock_wsus_upstream)", observed))
    return entries


def _entry(where: str, expected: str, observed: str) -> dict[str, t.Any]:
    return {"source": "wsus_api", "where": where, "expected": expected, "observed": observed}


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


def _port(readings: Readings) -> int | None:
    port = readings.number("wsus.port_number")
    return port if port is not None and 0 < port < 65536 else None


def _use_ssl(readings: Readings) -> bool | None:
    """Only wsusutil configuressl writes the value 1; no value is no HTTPS."""
    if readings.is_absent("wsus.using_ssl"):
        return False
    using_ssl = readings.number("wsus.using_ssl")
    return None if using_ssl is None else using_ssl == 1


def _client_dll(readings: Readings, product: Product) -> dict[str, t.Any]:
    answer = readings.read("wsus.client_dll")
    version = FourPart.parse(answer.get("version"))
    return {
        "path": answer.get("path"),
        "exists": {"ok": True, "absent": False}.get(readings.state("wsus.client_dll")),
        "version": None if version is None else str(version),
        "created": answer.get("created"),
        "build_release": product.release_of_file(version),
        "replacement_pending": _is_replacement_pending(readings, answer.get("path")),
    }


def _is_replacement_pending(readings: Readings, path: str | None) -> bool | None:
    """Whether Windows puts another file in the place of this one when it starts.

    C(PendingFileRenameOperations) holds pairs of source and destination, as paths of the object manager. An exclamation
    mark before a destination replaces what is there; an empty one removes the source. MoveFileEx of the Windows API
    documents both. An odd number of entries cannot be all of them.
    """
    if path is None:
        return None
    if readings.is_absent("wsus.pending_renames"):
        return False
    names = readings.texts("wsus.pending_renames")
    if names is None:
        return None
    destinations = {*names[1::2], *(name for name in names if name.startswith("!"))}
    if path.casefold() in {name.removeprefix("!").removeprefix("\\??\\").casefold() for name in destinations}:
        return True
    return False if len(names) % 2 == 0 else None


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
