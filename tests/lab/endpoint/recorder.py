# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every HTTP request as one JSON line, so that tests count what a client really sent."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timezone
from pathlib import Path


class Recorder:
    """Appends to the file of requests; used by all connections."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def add(self, host: str, action: str, status: int, bytes_in: int, bytes_out: int, authenticated: bool) -> None:
        """Record one request and its answer; sizes are those of the HTTP bodies in bytes."""
        line = json.dumps(
            {
                "time": datetime.now(timezone.utc).isoformat(),
                "host": host,
                "action": action,
                "status": status,
                "bytes_in": bytes_in,
                "bytes_out": bytes_out,
                "authenticated": authenticated,
            }
        )
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
