# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The automation objects that a script finds on a host: WScript, WScript.Shell, Scripting.FileSystemObject.

Public members are named as COM names them; a property of the Python class is a property of the object. Errors have the
numbers of Windows. The objects know no more members than the collection's scripts use.
"""

from __future__ import annotations

import dataclasses
import ntpath
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, BinaryIO

from tests.lab.simulated.background import Sleep, start_in_background
from tests.lab.simulated.errors import (
    BAD_FILE_MODE,
    DEVICE_UNAVAILABLE,
    END_OF_FILE,
    FILE_NOT_FOUND,
    INVALID_CALL,
    PATH_NOT_FOUND,
    PATH_NOT_THERE,
    WindowsError,
    file_error,
    from_runtime,
    from_win32,
)
from tests.lab.simulated.files import File
from tests.lab.simulated.process import NUL, Process, first_word
from tests.lab.simulated.registry import Value, full_path
from tests.lab.simulated.running import END_TIMEOUT

FOR_READING = 1
TERMINATED = 1  # exit code of a program that taskkill ended
CHUNK = 1 << 16  # bytes that a text stream reads at once
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Quit(Exception):
    """The script asked to be ended."""

    def __init__(self, code: int) -> None:
        self.code = code


class SafeArray(list[Any]):
    """An array of COM, which a script must unpack with VBArray."""


class Arguments:
    """WScript.Arguments."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    @property
    def Count(self) -> int:
        """Number of arguments."""
        return len(self._words)

    def Item(self, index: int) -> str:
        """One argument, counted from 0."""
        if not 0 <= index < len(self._words):
            raise from_runtime(INVALID_CALL)
        return self._words[index]


class WScript:
    """The script host itself."""

    def __init__(self, process: Process, script: str, words: list[str]) -> None:
        self._process = process
        self._script = script
        self._words = words

    @property
    def ScriptFullName(self) -> str:
        """Full path of the script."""
        return self._script

    @property
    def Arguments(self) -> Arguments:
        """What stands behind the script's name."""
        return Arguments(self._words)

    def Echo(self, *values: object) -> None:
        """Print a line; a truth value shows as its number, -1 or 0, since COM makes the text."""
        texts = (str(-int(value)) if isinstance(value, bool) else str(value) for value in values)
        self._process.print(" ".join(texts) + "\n")

    def Sleep(self, milliseconds: int) -> None:
        """Wait."""
        self._process.sleep(milliseconds / 1000)

    def Quit(self, code: int = 0) -> None:
        """End the script."""
        raise Quit(int(code))


class WScriptShell:
    """WScript.Shell."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def ExpandEnvironmentStrings(self, text: str) -> str:
        """Fill in %VARIABLES%; one that is not set stays."""
        return self._process.expand(text)

    def RegRead(self, name: str) -> str | int | SafeArray:
        """Read a value; a name that ends in a backslash is the default value of the key."""
        path, dummy, value_name = name.rpartition("\\")
        if full_path(path) is None:
            raise from_win32(PATH_NOT_FOUND, f'Invalid root in registry key "{name}".')
        try:
            return self._data(self._process.machine.registry.value(path, value_name))
        except WindowsError as error:
            raise from_win32(error.code, f'Unable to open registry key "{name}" for reading.') from error

    def _data(self, value: Value) -> str | int | SafeArray:
        if value.type == "REG_EXPAND_SZ":
            return self._process.expand(value.data)
        if value.type == "REG_DWORD":
            return value.data - (1 << 32) if value.data >= 1 << 31 else int(value.data)
        if value.type == "REG_MULTI_SZ":
            return SafeArray(value.data)
        if value.type == "REG_BINARY":
            return SafeArray(bytes.fromhex(value.data))
        return str(value.data)

    def Run(self, command: str, style: int = 1, wait: bool = False) -> int:
        """Run a program without the script's streams and return its 32-bit code, 0 unless `wait`."""
        quiet = self._process.with_streams(NUL, NUL, NUL)
        try:
            code = quiet.launch(self._process.expand(command))
        except WindowsError as error:
            raise from_win32(error.code, "The system cannot find the file specified.") from error
        return code if wait else 0

    def Exec(self, command: str) -> WshScriptExec:
        """Start a program and go on. Its streams lead nowhere here: a script that reads them has to wait for it."""
        if self._process.find(first_word(command)[0]) is None:
            raise from_win32(FILE_NOT_FOUND, "The system cannot find the file specified.")
        return WshScriptExec(self._process.with_streams(NUL, NUL, NUL), command)


class WshScriptExec:
    """A program that WScript.Shell.Exec started; only `taskkill` ends it before its time."""

    def __init__(self, process: Process, command: str) -> None:
        self._process = process
        self._command = command
        self._code: int | None = None
        self._over = threading.Event()
        self._number = process.machine.running.add(self._kill)
        self._end = start_in_background(process.machine, self._run)

    def _run(self, sleep: Sleep) -> None:
        code = TERMINATED
        try:
            code = dataclasses.replace(self._process, sleep=sleep).launch(self._command)
        finally:
            self._process.machine.running.discard(self._number)
            self._code = code
            self._over.set()

    def _kill(self) -> None:
        self._end()
        self._over.wait(END_TIMEOUT)

    @property
    def Status(self) -> int:
        """0 while it runs, 1 afterwards."""
        return int(self._code is not None)

    @property
    def ExitCode(self) -> int:
        """The exit code; 0 while it runs."""
        return self._code or 0

    @property
    def ProcessID(self) -> int:
        """The number by which `taskkill` knows it."""
        return self._number


class FileObject:
    """Scripting.File."""

    def __init__(self, file: File, path: str) -> None:
        self._file = file
        self._path = path

    @property
    def Path(self) -> str:
        """The full path."""
        return self._path

    @property
    def Name(self) -> str:
        """The name without folders."""
        return ntpath.basename(self._path)

    @property
    def Size(self) -> int:
        """Length in bytes."""
        return self._file.content.size

    @property
    def DateCreated(self) -> int:
        """Time of creation, milliseconds since 1970 as `new Date()` takes them."""
        return _milliseconds(self._file.created)

    @property
    def DateLastModified(self) -> int:
        """Time of the last change, milliseconds since 1970."""
        return _milliseconds(self._file.modified)


class FileCollection:
    """Scripting.Files: JScript walks it with an Enumerator, which asks for `lab_item`."""

    def __init__(self, files: list[FileObject]) -> None:
        self._files = files

    @property
    def Count(self) -> int:
        """How many files there are."""
        return len(self._files)

    def lab_item(self, index: int) -> FileObject:
        """Return a file."""
        return self._files[index]


class Folder:
    """Scripting.Folder."""

    def __init__(self, files: list[FileObject]) -> None:
        self._files = files

    @property
    def Files(self) -> FileCollection:
        """The files that lie in the folder."""
        return FileCollection(self._files)


class Drive:
    """Scripting.Drive."""

    def __init__(self, free: int) -> None:
        self._free = free

    @property
    def AvailableSpace(self) -> int:
        """Bytes that the account may still write."""
        return self._free

    @property
    def FreeSpace(self) -> int:
        """Bytes that are not in use; the same where accounts have no quota."""
        return self._free


def _milliseconds(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds() * 1000)


class TextStream:
    """Scripting.TextStream over a file in the host's ANSI code page."""

    def __init__(self, stream: BinaryIO, decoder: Any) -> None:
        self._stream = stream
        self._decoder = decoder
        self._text = ""
        self._ended = False

    def _fill(self, enough: Callable[[], bool]) -> None:
        while not enough() and not self._ended:
            data = self._stream.read(CHUNK)
            self._ended = not data
            self._text += self._decoder.decode(data, final=self._ended)

    @property
    def AtEndOfStream(self) -> bool:
        """Whether nothing is left."""
        self._fill(lambda: bool(self._text))
        return not self._text

    def _cut(self, length: int) -> str:
        if self.AtEndOfStream:
            raise from_runtime(END_OF_FILE)
        text, self._text = self._text[:length], self._text[length:]
        return text

    def Read(self, characters: int) -> str:
        """Read at most so many characters."""
        self._fill(lambda: len(self._text) >= characters)
        return self._cut(characters)

    def ReadLine(self) -> str:
        """Read a line, without its end."""
        self._fill(lambda: "\n" in self._text)
        end = self._text.find("\n") + 1
        return self._cut(end or len(self._text)).removesuffix("\n").removesuffix("\r")

    def ReadAll(self) -> str:
        """Read the rest."""
        self._fill(lambda: False)
        return self._cut(len(self._text))

    def Skip(self, characters: int) -> None:
        """Pass over characters."""
        self.Read(characters)

    def Close(self) -> None:
        """Close the file."""
        self._stream.close()


class FileSystemObject:
    """Scripting.FileSystemObject."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._disks = process.machine.disks

    def FileExists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._disks.is_file(self._process.full_path(path))

    def FolderExists(self, path: str) -> bool:
        """Whether there is such a directory."""
        return self._disks.is_directory(self._process.full_path(path))

    def GetDriveName(self, path: str) -> str:
        """Return the drive of a path, or the share; empty for a relative path."""
        return ntpath.splitdrive(path)[0]

    def GetDrive(self, name: str) -> Drive:
        """Return a drive by its letter, with or without colon and backslash."""
        root = f"{name[:1]}:\\"
        if name[1:] not in ("", ":", ":\\") or not self._disks.is_directory(root):
            raise from_runtime(DEVICE_UNAVAILABLE)
        return Drive(self._disks.free(root))

    def DeleteFolder(self, path: str, force: bool = False) -> None:
        """Delete a directory with all that is in it."""
        try:
            self._disks.remove_tree(self._process.full_path(path))
        except WindowsError as error:
            raise file_error(error) from error

    def GetFile(self, path: str) -> FileObject:
        """Return a file's size and times."""
        return FileObject(self._find(path), self._process.full_path(path))

    def GetFolder(self, path: str) -> Folder:
        """Return a folder."""
        full = self._process.full_path(path)
        if not self._disks.is_directory(full):
            raise from_runtime(PATH_NOT_THERE)
        return Folder([FileObject(self._disks.find(name), name) for name in self._disks.children(full)[1]])

    def GetFileVersion(self, path: str) -> str:
        """Return the version resource's file version, empty if the file has none."""
        file = self._find(path)
        try:
            file.check_readable()
        except WindowsError as error:
            raise from_win32(error.code, "") from error
        return file.version or ""

    def OpenTextFile(self, path: str, mode: int = FOR_READING, create: bool = False, form: int = 0) -> TextStream:
        """Open a file for reading as ANSI text."""
        if mode != FOR_READING or create or form != 0:
            raise from_runtime(BAD_FILE_MODE)
        try:
            stream = self._disks.open(self._process.full_path(path))
        except WindowsError as error:
            raise file_error(error) from error
        return TextStream(stream, self._process.machine.code_page.decoder())

    def DeleteFile(self, path: str, force: bool = False) -> None:
        """Delete a file."""
        try:
            self._disks.delete(self._process.full_path(path))
        except WindowsError as error:
            raise file_error(error) from error

    def _find(self, path: str) -> File:
        try:
            return self._disks.find(self._process.full_path(path))
        except WindowsError as error:
            raise file_error(error) from error
