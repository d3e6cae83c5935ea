# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The C# compiler of the .NET Framework 2.0: where it is on a host, and how a host is asked for it.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import Read

_FOLDERS = ("Framework64", "Framework")

#: Where csc.exe is, in the order in which it is taken: 64-bit Windows has both, 32-bit Windows the last one.
COMPILERS = tuple(rf"%windir%\Microsoft.NET\{folder}\v2.0.50727\csc.exe" for folder in _FOLDERS)

#: What asks for each of them.
COMPILER_READS: tuple[Read, ...] = tuple(
    {"id": f"compiler.{folder.lower()}", "op": "file", "path": path}
    for folder, path in zip(_FOLDERS, COMPILERS, strict=True)
)


def compiler_answer(read: t.Callable[[str], t.Mapping[str, t.Any]]) -> t.Mapping[str, t.Any]:
    """What the host answered of the compiler that is taken; without one, of that which every Framework has.

    Args:
        read: gives the answer to a read by its id.
    """
    answers = [read(str(asked["id"])) for asked in COMPILER_READS]
    return next((answer for answer in answers if answer["state"] == "ok"), answers[-1])
