# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reg: prints the registry as reg.exe of Server 2003 or of Server 2008 does, and changes single values."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lab.simulated.errors import ACCESS_DENIED, WindowsError
from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Process, split_arguments
from tests.lab.simulated.registry import Key, Value, full_path

FAILURE = 1


class _Style:
    """The output of one generation of reg.exe."""

    def __init__(self, header: str, separator: str, default_name: str, list_end: str, empty_root: bool) -> None:
        self.header = header
        self.empty_root = empty_root  # whether /s names the key that was asked for if it has no values
        self.separator = separator
        self.default_name = default_name
        self.list_end = list_end  # behind the last of several strings

    def line(self, value: Value) -> str:
        """Return the line of a value."""
        return "    " + self.separator.join((value.name or self.default_name, value.type, self._data(value))) + "\n"

    def _data(self, value: Value) -> str:
        if value.type == "REG_DWORD":
            return f"0x{value.data:x}"
        if value.type == "REG_MULTI_SZ":
            return r"\0".join(value.data) + self.list_end
        if value.type == "REG_BINARY":
            return str(value.data).upper()
        return str(value.data)


SERVER_2003 = _Style("\n! REG.EXE VERSION 3.0\n", "\t", "<NO NAME>", r"\0\0", True)
SERVER_2008 = _Style("", "    ", "(Default)", "", False)


def reg(process: Process) -> int:
    """Run `reg query KEY [/s] [/v NAME]`, `reg add KEY [/v NAME [/t TYPE] [/d DATA]]`, `reg delete KEY [/v NAME] /f`.

    Without /f reg asks before it overwrites or deletes; that is refused here. An account that is no full administrator
    changes nothing of the machine's registry.
    """
    words = split_arguments(process.arguments)
    options = _options(words[2:])
    verb = {"query": _query, "add": _add, "delete": _delete}.get(words[0].lower() if words else "")
    if verb is None or len(words) < 2 or options is None or full_path(words[1]) is None:
        return _fail(process, "reg: this form of the command is not known here")
    try:
        if verb is not _query:
            _check_rights(process, words[1])
        return verb(process, words[1].rstrip("\\"), options)
    except WindowsError as error:
        return _fail(process, text(process, "access_denied" if error.code == ACCESS_DENIED else "no_such_key"))


def _check_rights(process: Process, path: str) -> None:
    if (full_path(path) or "").startswith("HKEY_LOCAL_MACHINE") and not process.token.elevated:
        raise WindowsError(ACCESS_DENIED)


def _options(words: list[str]) -> dict[str, str] | None:
    """Return switches in lower case with their arguments; None if a word is neither."""
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word.lower() in ("/s", "/f"):
            options[word.lower()] = ""
        elif word.lower() in ("/v", "/t", "/d"):
            options[word.lower()] = next(rest, "")
        else:
            return None
    return options


def _fail(process: Process, message: str) -> int:
    older = process.machine.windows.version == "win2003"
    process.complain(
        f"\n{text(process, 'error_2003')}:  {message}\n" if older else f"{text(process, 'error')}: {message}\n"
    )
    return FAILURE


def _style(process: Process) -> _Style:
    return SERVER_2003 if process.machine.windows.version == "win2003" else SERVER_2008


def _query(process: Process, path: str, options: dict[str, str]) -> int:
    style = _style(process)
    path = full_path(path) or path
    key = process.machine.registry.find(path)
    if "/v" in options:
        value = process.machine.registry.value(path, options["/v"])
        process.print(f"{style.header}\n{path}\n{style.line(value)}\n")
    elif "/s" in options:
        process.print(style.header)
        for block in _tree(style, path, key, style.empty_root):
            process.print(block)
        process.print("\n")
    else:
        values = "".join(map(style.line, key.values.values()))
        own = f"\n{path}\n{values}\n" if values else "\n"
        process.print(style.header + own + "".join(f"{path}\\{child.name}\n" for child in _sorted(key)))
    return 0


def _tree(style: _Style, path: str, key: Key, shown: bool = True) -> Iterator[str]:
    """Yield the text of a key and all below; raises WindowsError at a closed key."""
    if key.denied:
        raise WindowsError(ACCESS_DENIED)
    if shown or key.values:
        yield f"\n{path}\n" + "".join(map(style.line, key.values.values()))
    for child in _sorted(key):
        yield from _tree(style, f"{path}\\{child.name}", child)


def _sorted(key: Key) -> list[Key]:
    """The sub keys as Windows keeps them; values stay in the order in which they were made."""
    return [key.keys[name] for name in sorted(key.keys)]


def _add(process: Process, path: str, options: dict[str, str]) -> int:
    registry = process.machine.registry
    if "/v" not in options:
        registry.create_key(path)
    else:
        value = _value(options["/v"], options.get("/t", "REG_SZ").upper(), options.get("/d", ""))
        if value is None:
            return _fail(process, text(process, "syntax"))
        if "/f" not in options and _is_there(process, path, value.name):
            return _fail(process, "reg: to overwrite without /f is not known here")
        registry.set_value(path, value)
    process.print(text(process, "done") + "\n")
    return 0


def _is_there(process: Process, path: str, name: str) -> bool:
    try:
        process.machine.registry.value(path, name)
    except WindowsError:
        return False
    return True


def _value(name: str, kind: str, data: str) -> Value | None:
    """Return a value as reg reads it from its arguments, None if the type is none or the data does not fit it."""
    try:
        if kind == "REG_DWORD":
            return Value(name, kind, int(data or "0", 0) & 0xFFFFFFFF)
        if kind == "REG_MULTI_SZ":
            return Value(name, kind, data.split(r"\0"))
        if kind == "REG_BINARY":
            return Value(name, kind, bytes.fromhex(data).hex())
    except ValueError:
        return None
    return Value(name, kind, data) if kind in ("REG_SZ", "REG_EXPAND_SZ") else None


def _delete(process: Process, path: str, options: dict[str, str]) -> int:
    if "/f" not in options:
        return _fail(process, "reg: to delete without /f is not known here")
    if "/v" in options:
        process.machine.registry.delete_value(path, options["/v"])
    else:
        process.machine.registry.delete_key(path)
    process.print(text(process, "done") + "\n")
    return 0
