# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few bytes of a Windows program that say for which processor it was made, and when.

PRIVATE to the collection: may change without notice.

Source: Microsoft Portable Executable and Common Object File Format Specification, sections 2 and 3.3.
"""

from __future__ import annotations

import dataclasses
import datetime
import struct

#: How much of a file's beginning is looked at. The header of a program stands in its first kilobyte as a rule.
HEAD_BYTES = 4096

_DOS_SIGNATURE = b"MZ"
_SIGNATURE = b"PE\0\0"
_HEADER_OFFSET = 0x3C
_MACHINES = {0x014C: "x86", 0x8664: "x64", 0x0200: "ia64"}


@dataclasses.dataclass(frozen=True)
class ProgramHeader:
    """A program's header.

    Attributes:
        architecture: C(x86), C(x64), C(ia64), or C(machine 0x....) for any other.
        built: when it was linked, UTC, by the word of whoever did.
    """

    architecture: str
    built: datetime.datetime


def read_header(head: bytes) -> ProgramHeader:
    """Reads the header of a program.

    Args:
        head: the file's first C(HEAD_BYTES), or all of a shorter one.

    Raises:
        ValueError: if it is no program; the text says why, without a full stop.
    """
    if not head.startswith(_DOS_SIGNATURE) or len(head) < _HEADER_OFFSET + 4:
        raise ValueError("it is no Windows program: it does not begin with MZ")
    (offset,) = struct.unpack_from("<I", head, _HEADER_OFFSET)
    if offset + 12 > len(head) or head[offset : offset + 4] != _SIGNATURE:
        raise ValueError(f"it is no Windows program: no PE header within its first {len(head)} bytes")
    machine, dummy, seconds = struct.unpack_from("<HHI", head, offset + 4)
    return ProgramHeader(
        _MACHINES.get(machine, f"machine 0x{machine:04X}"),
        datetime.datetime.fromtimestamp(seconds, tz=datetime.timezone.utc),
    )
