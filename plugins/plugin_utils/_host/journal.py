# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON in a host's registry, by reg.exe: what the collection leaves there, and notes while it is at work.

PRIVATE to the collection: may change without notice.

Written by the controller and not by a program on the host: what is noted before a change must not depend on the
program that makes it.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable

#: Seconds that reg.exe may take.
REG_TIMEOUT = 60.0

#: Bound on what reg.exe may print, bytes.
REG_BYTES = 65536

_MAX_CHARACTERS = 4000

#: What cmd.exe reads as more than a character where it stands outside of quotation marks, or even within.
_SPECIAL = re.compile(r"[&|<>^%!()]")


def encode(document: t.Mapping[str, t.Any]) -> str:
    """JSON that stands in a command line as it is, but for its quotation marks.

    Raises:
        ValueError: for more than 4,000 characters.
    """
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    text = re.sub(r'\\(["\\])', lambda match: f"\\u{ord(match[1]):04x}", text)
    text = _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"a registry value of {len(text)} characters is too long")
    return text


def add_command(key: str, name: str, text: str) -> str:
    """The command that writes a value made by C(encode)."""
    escaped = text.replace('"', '\\"')
    return f'reg add "{key}" /v {name} /t REG_SZ /d "{escaped}" /f'


def query_command(key: str, name: str) -> str:
    """The command that shows a value."""
    return f'reg query "{key}" /v {name}'


def shown_value(output: bytes, name: str) -> str | None:
    """The text that C(reg query) shows of a value; None if it shows none."""
    pattern = rf"^\s+{re.escape(name)}\s+REG_SZ\s+(.*?)\s*$"
    match = re.search(pattern, output.decode("utf-8", errors="replace"), re.MULTILINE)
    return match[1] if match else None


def write_value(shell: Shell, key: str, name: str, document: t.Mapping[str, t.Any], *, replace: bool = True) -> None:
    """Writes a value and reads it back.

    Args:
        shell: an open shell on the host.
        key: such as C(HKLM\\SOFTWARE\\unblock\\updates).
        name: of the value.
        document: what C(json) can write, at most 4,000 characters of it.
        replace: whether a value that is already there is replaced; it is an error otherwise, and stays.

    Raises:
        HostError: layer registry, if what was read back is anything else; any layer, if the host is gone.
        ValueError: if the document is too long.
    """
    text = encode(document)
    add = f"{add_command(key, name, text)} >nul"
    if not replace:
        add = f"{query_command(key, name)} >nul 2>nul || {add}"
    command = f"{add} & {query_command(key, name)}"
    output = shell.run(command, b"", REG_TIMEOUT, REG_BYTES)
    if shown_value(output.stdout, name) != text:
        raise _error(shell, f"{key} does not hold the value {name} that was written", output.stderr)


def delete_value(shell: Shell, key: str, name: str) -> None:
    """Deletes a value and looks whether it is gone.

    Raises:
        HostError: layer registry, if it is still there; any layer, if the host is gone.
    """
    command = f'reg delete "{key}" /v {name} /f >nul & {query_command(key, name)} 2>nul'
    output = shell.run(command, b"", REG_TIMEOUT, REG_BYTES)
    if shown_value(output.stdout, name) is not None:
        raise _error(shell, f"{key} still holds the value {name} that was deleted", output.stderr)


def _error(shell: Shell, observed: str, said: bytes) -> HostError:
    detail = printable(said.decode("utf-8", errors="replace"), 200)
    return HostError(
        Layer.REGISTRY,
        shell.host,
        f"{observed}: {detail or 'reg.exe said nothing'}",
        "Check that the account may write to HKLM\\SOFTWARE\\unblock on the host.",
    )
