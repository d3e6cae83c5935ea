# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cscript: runs a script file in an embedded engine (QuickJS) that looks like JScript under Windows Script Host."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import quickjs  # type: ignore[import-untyped]

from tests.lab.simulated.automation import (
    FileSystemObject,
    Quit,
    SafeArray,
    TextStream,
    WScript,
    WScriptShell,
    WshScriptExec,
)
from tests.lab.simulated.errors import CANNOT_CREATE_OBJECT, ComError, WindowsError, from_runtime
from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Killed, Process, split_arguments

FAILURE = 1
SETTINGS = r"Software\Microsoft\Windows Script Host\Settings"
PRELUDE = (Path(__file__).parent / "wsh.js").read_text(encoding="ascii")


def cscript(process: Process) -> int:
    """Run `cscript [//nologo] [//E:JScript] FILE [ARGUMENT]...`.

    //B is refused: it silences WScript.Echo on Windows, and a probe must not come to need it.
    """
    if _is_disabled(process):
        return _refuse(process, text(process, "script_host_disabled"))
    words = split_arguments(process.arguments)
    while words and words[0].startswith("//"):
        option = words.pop(0)
        if option.lower() not in ("//nologo", "//e:jscript"):
            return _refuse(process, f'Input Error: Unknown option "{option}" specified.')
    if not words:
        return _refuse(process, "Input Error: There is no script file specified.")
    path = process.full_path(words[0])
    try:
        with process.machine.disks.open(path) as stream:
            source = process.machine.code_page.decode(stream.read())
    except WindowsError:
        return _refuse(process, f'Input Error: Can not find script file "{path}".')
    return ScriptHost(process, path, words[1:]).run(source)


def _refuse(process: Process, message: str) -> int:
    process.complain(message + "\n")
    return FAILURE


def _is_disabled(process: Process) -> bool:
    for hive in ("HKLM", "HKCU"):
        try:
            data = process.machine.registry.value(f"{hive}\\{SETTINGS}", "Enabled").data
        except WindowsError:
            continue
        if data in (0, "0"):
            return True
    return False


class ScriptHost:
    """One run of one script. Lives in the thread that made it, as the engine does."""

    def __init__(self, process: Process, path: str, words: list[str]) -> None:
        self._process = process
        self._path = path
        self._objects: list[Any] = [self]
        self._classes: dict[str, Callable[[], Any]] = {
            "wscript": lambda: WScript(process, path, words),
            "wscript.shell": lambda: WScriptShell(process),
            "scripting.filesystemobject": lambda: FileSystemObject(process),
        }
        self._raised: BaseException | None = None

    def run(self, source: str) -> int:
        """Run the script and return its exit code."""
        engine = quickjs.Context()
        engine.add_callable("lab", self._call)
        engine.eval(PRELUDE)
        try:
            engine.eval(source)
        except quickjs.JSException as error:
            if self._raised is None:
                return _refuse(self._process, f"{self._path}: {error}")
        finally:
            for item in self._objects:
                if isinstance(item, TextStream):
                    item.Close()
                if isinstance(item, WshScriptExec) and isinstance(self._raised, Killed):
                    self._process.machine.running.end(item.ProcessID)  # the shell's job ends with all that is in it
        if isinstance(self._raised, Quit):
            return self._raised.code
        if self._raised is not None:
            raise self._raised
        return 0

    def create(self, name: str) -> Any:
        """Create an object by its ProgID."""
        try:
            return self._classes[name.lower()]()
        except KeyError:
            raise from_runtime(CANNOT_CREATE_OBJECT) from None

    def _call(self, request: str) -> str:
        """Call a member of an object for the script; nothing may be raised through the engine."""
        try:
            if self._raised is not None:  # the script caught what ends it
                return json.dumps({"quit": True})
            number, name, arguments = json.loads(request)
            member = getattr(self._objects[number], name)
            return self._answer(member(*arguments) if callable(member) else member)
        except ComError as error:
            return json.dumps({"error": {"number": error.number, "description": error.description}})
        except BaseException as error:
            self._raised = error
            return json.dumps({"quit": True})

    def _answer(self, result: Any) -> str:
        if isinstance(result, SafeArray):
            return json.dumps({"array": result})
        if result is None or isinstance(result, (str, int, float)):
            return json.dumps({"value": result})
        self._objects.append(result)
        return json.dumps({"object": {"id": len(self._objects) - 1, **_members(type(result))}})


def _members(kind: type) -> dict[str, list[str]]:
    public = {name: member for name, member in vars(kind).items() if not name.startswith("_")}
    properties = [name for name, member in public.items() if isinstance(member, property)]
    return {"properties": properties, "methods": [name for name in public if name not in properties]}
