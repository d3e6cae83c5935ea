# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web site of a lab host's WSUS: its update service, tied to the host's database, files and log.

Inconsistent approvals make SyncUpdates fail and leave the fault in the server's log with the same id. The corrected
library of KB954960 cures it, and so does the reset of the approvals.
"""

from __future__ import annotations

import re
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from tests.lab.update_service import UpdateService

LIBRARY = r"WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll"
CORRECTED = (3, 1, 6001, 66)
FAULT_ID = "c0a7445f-b989-43fa-ac20-11f8ca65fa8c"  # in the sample of the advisory
SAMPLE = Path(__file__).parent / "logs" / "server-symptom.log"


class SiteHost(Protocol):
    """What the site needs of the host that it is on."""

    def get(self, path: str) -> bytes:
        """Return a file's content; raises FileNotFoundError."""

    def put(self, path: str, data: bytes) -> None:
        """Write a file."""

    def file_version(self, path: str) -> str:
        """Return the version of a library; raises FileNotFoundError."""


class UpdateSite:
    """One host's site."""

    def __init__(self, host: SiteHost, target_dir: str) -> None:
        """Tie the service to `target_dir`, the folder of WSUS on the host, with its last backslash."""
        self._host = host
        self._folder = target_dir
        self._database = rf"{target_dir[:2]}\lab\susdb.xml"
        self._writing = threading.Lock()
        self.service = UpdateService(blocked=self._blocked, log=self._log, enter=self._enter)

    def _blocked(self) -> bool:
        version = tuple(map(int, self._host.file_version(self._folder + LIBRARY).split(".")))
        return self._read().get("consistent") != "true" and version < CORRECTED

    def _read(self) -> ElementTree.Element:
        return ElementTree.fromstring(self._host.get(self._database))

    def _log(self, fault_id: str) -> None:
        """Write the entry of the advisory's sample, with this id and the time of now."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        entry = SAMPLE.read_text(encoding="utf-8").partition("2008-06-14 02:59:57.642")
        lines = (entry[1] + entry[2]).splitlines()[:10]
        text = re.sub(r"(?m)^2008-06-14 02:59:57\.642", now, "\r\n".join(lines) + "\r\n").replace(FAULT_ID, fault_id)
        self._append(rf"{self._folder}LogFiles\SoftwareDistribution.log", text.encode())

    def _append(self, path: str, data: bytes) -> None:
        with self._writing:
            self._host.put(path, self._host.get(path) + data)

    def _enter(self, client: str, name: str) -> None:
        """Enter a computer into the server's list."""
        with self._writing:
            root = self._read()
            if not any(item.get("id") == client for item in root.iter("computer")):
                ElementTree.SubElement(root, "computer", id=client, name=name)
                self._host.put(self._database, ElementTree.tostring(root))
