# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web site of a lab host's WSUS: its update service, tied to the host's database, files and log.

Inconsistent approvals make SyncUpdates fail and leave the fault in the server's log with the same id. The corrected
library of KB954960 cures it, and so does the reset of the approvals. `stays_blocked="true"` in the database makes a
server that nothing cures.
"""

from __future__ import annotations

import functools
import re
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from tests.lab.model import WSUS_SETUP, HostModel
from tests.lab.update_service import UpdateService, serve

LIBRARY = r"WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll"
CORRECTED = (3, 1, 6001, 66)
LOG = r"LogFiles\SoftwareDistribution.log"
SAMPLE = Path(__file__).parent / "logs" / "server-symptom.log"
STAMP = "2008-06-14 02:59:57.642"  # of the entry in the sample
FAULT_ID = "c0a7445f-b989-43fa-ac20-11f8ca65fa8c"


class SiteHost(Protocol):
    """What the site needs of the host that it is on."""

    def get(self, path: str) -> bytes:
        """Return a file's content; raises FileNotFoundError."""

    def put(self, path: str, data: bytes) -> None:
        """Write a file."""

    def append(self, path: str, data: bytes) -> None:
        """Add to a file; raises FileNotFoundError."""

    def file_version(self, path: str) -> str:
        """Return the version of a library; raises FileNotFoundError."""


@dataclass(frozen=True)
class Settings:
    """How the registry of a host describes the web site of WSUS; `folder` ends in a backslash."""

    folder: str
    port: int
    tls: bool


def settings_of(model: HostModel) -> Settings | None:
    """Return the settings of a host's site; None for a host without a WSUS database."""
    if model.susdb is None:
        return None
    setup = model.registry[WSUS_SETUP]
    return Settings(setup["TargetDir"]["data"], setup["PortNumber"]["data"], setup.get("UsingSSL", {}).get("data") == 1)


class UpdateSite:
    """One host's site, which answers from the start of the object until `close`."""

    def __init__(self, host: SiteHost, settings: Settings, address: str, tls: ssl.SSLContext | None) -> None:
        """Tie a service to the host and let it listen at `address`; raises OSError if the port is in use."""
        self._host = host
        self._folder = settings.folder
        self._database = rf"{settings.folder[:2]}\lab\susdb.xml"
        self._writing = threading.Lock()
        self.service = UpdateService(blocked=self._blocked, log=self._log, enter=self._enter)
        self._server = serve(self.service, address, settings.port, tls=tls if settings.tls else None)

    def close(self) -> None:
        """End the site."""
        self._server.shutdown()
        self._server.server_close()

    def _blocked(self) -> bool:
        database = self._read()
        if database.get("stays_blocked") == "true":
            return True
        version = tuple(map(int, self._host.file_version(self._folder + LIBRARY).split(".")))
        return database.get("consistent") != "true" and version < CORRECTED

    def _read(self) -> ElementTree.Element:
        return ElementTree.fromstring(self._host.get(self._database))

    def _log(self, fault_id: str) -> None:
        """Write the entry of the advisory's sample, with this id and the time of now."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        self._host.append(self._folder + LOG, _entry().replace(STAMP, now).replace(FAULT_ID, fault_id).encode())

    def _enter(self, client: str, name: str) -> None:
        """Enter a computer into the server's list."""
        with self._writing:
            root = self._read()
            if not any(item.get("id") == client for item in root.iter("computer")):
                ElementTree.SubElement(root, "computer", id=client, name=name)
                self._host.put(self._database, ElementTree.tostring(root))


@functools.cache
def _entry() -> str:
    """Return what the sample has of one refused call: from its first stamp to the line with its last one, with CRLF."""
    text = SAMPLE.read_text(encoding="utf-8")
    match = re.search(rf"(?ms)^{re.escape(STAMP)}.*^{re.escape(STAMP)}[^\n]*\n", text)
    assert match is not None
    return match[0].replace("\n", "\r\n")
