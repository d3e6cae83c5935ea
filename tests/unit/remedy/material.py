# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of fixes share: packages, and whom they trust."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from signify.x509 import FileSystemCertificateStore

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.authenticode import Trust

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "remedy"

_STORE = FileSystemCertificateStore(location=FIXTURES / "root.pem", trusted=True)
ROOT = next(iter(_STORE)).sha256_fingerprint

#: Whoever trusts the root of the tests, and takes it for Microsoft's own, or not.
TRUST = Trust(_STORE, frozenset({ROOT}))
OTHER_TRUST = Trust(_STORE, frozenset())


def entry(path: Path, **more: Any) -> dict[str, Any]:
    """An entry of unblock_packages for a file that is there."""
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **more}


def patched(source: Path, target: Path, *, machine: int | None = None, built: int | None = None) -> Path:
    """A copy of a program with another processor, or another time stamp (seconds of Unix time), in its header."""
    data = bytearray(source.read_bytes())
    header = int.from_bytes(data[0x3C:0x40], "little")
    if machine is not None:
        data[header + 4 : header + 6] = machine.to_bytes(2, "little")
    if built is not None:
        data[header + 8 : header + 12] = built.to_bytes(4, "little")
    target.write_bytes(data)
    return target
