# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of cmd.exe that work on files and directories: copy, del, dir, md, move, rd, ren, type."""

from __future__ import annotations

import dataclasses
import ntpath
import re
from collections.abc import Iterator
from datetime import datetime, timezone

from tests.lab.simulated.errors import ALREADY_EXISTS, FILE_NOT_FOUND, PATH_NOT_FOUND, WindowsError
from tests.lab.simulated.messages import system_text, text
from tests.lab.simulated.process import Process

CHUNK = 1 << 16  # bytes
_SWITCH = re.compile(r"(?<!\S)/([a-z])(?:[:-]?\w+)?(?=[\s/]|$)", re.IGNORECASE)
_NAME = re.compile(r'(?:"[^"]*"?|[^\s,;="])+')


class _SyntaxError(Exception):
    """The arguments are none that the command knows here."""


def _parse(arguments: str, known: str) -> tuple[set[str], list[str]]:
    """Split arguments into switches, by their letters, and names; a backslash before a quotation mark means nothing."""
    switches = {letter.lower() for letter in _SWITCH.findall(arguments)}
    if not switches <= set(known):
        raise _SyntaxError
    return switches, [name.replace('"', "") for name in _NAME.findall(_SWITCH.sub("", arguments))]


def _wrong(process: Process) -> int:
    process.complain(text(process, "syntax") + "\n")
    return 1


def _tell(process: Process, error: WindowsError) -> None:
    process.complain(system_text(process, error) + "\n")


def show(process: Process, arguments: str) -> int:
    """Run `type FILE...`."""
    code = 0
    for name in _parse(arguments, "")[1]:
        if name.lower() == "nul":
            continue
        try:
            with process.machine.disks.open(process.full_path(name)) as stream:
                while data := stream.read(CHUNK):
                    process.stdout.write(data)
        except WindowsError as error:
            _tell(process, error)
            code = 1
    return code


def delete(process: Process, arguments: str) -> int:
    """Run `del [/f] [/q] [/a] FILE...`: a missing file is told, but is no failure."""
    code = 0
    disks = process.machine.disks
    for name in _parse(arguments, "fqa")[1]:
        path = process.full_path(name)
        paths = disks.matching(ntpath.join(path, "*") if disks.is_directory(path) else path)
        if not paths:
            process.complain(text(process, "could_not_find").format(path=path) + "\n")
        for path in paths:
            try:
                disks.delete(path)
            except WindowsError as error:
                process.complain(f"{path}\n{system_text(process, error)}\n")
                code = 1
    return code


def make_directory(process: Process, arguments: str) -> int:
    """Run `md PATH...`, which makes the directories above as well."""
    code = 0
    for name in _parse(arguments, "")[1]:
        try:
            process.machine.disks.make_directory(process.full_path(name))
        except WindowsError:
            process.complain(text(process, "already_exists").format(name=name) + "\n")
            code = 1
    return code


def remove_directory(process: Process, arguments: str) -> int:
    """Run `rd [/s] [/q] PATH...`; its code is the error's number. /s without /q would ask, and is refused."""
    try:
        switches, names = _parse(arguments, "sq")
    except _SyntaxError:
        return _wrong(process)
    if "s" in switches and "q" not in switches:
        return _wrong(process)
    code = 0
    for name in names:
        path = process.full_path(name)
        try:
            if "s" in switches and process.machine.disks.is_directory(path):
                _remove_below(process, path)
            process.machine.disks.remove_directory(path)
        except WindowsError as error:
            _tell(process, error)
            code = error.code
    return code


def _remove_below(process: Process, directory: str) -> None:
    """Remove what lies in a directory; what cannot go is told and stays."""
    disks = process.machine.disks
    directories, files = disks.children(directory)
    for path in files:
        try:
            disks.delete(path)
        except WindowsError as error:
            process.complain(f"{path} - {system_text(process, error)}\n")
    for path in directories:
        _remove_below(process, path)
        try:
            disks.remove_directory(path)
        except WindowsError as error:
            process.complain(f"{path} - {system_text(process, error)}\n")


def copy(process: Process, arguments: str) -> int:
    """Run `copy [/y] [/b] FILE TARGET`; the copy keeps the time of the last change."""
    try:
        dummy, names = _parse(arguments, "yb")
    except _SyntaxError:
        return _wrong(process)
    if len(names) != 2 or any("+" in name for name in names):
        return _wrong(process)
    disks = process.machine.disks
    count = 0
    try:
        for source, target in _pairs(process, *names):
            disks.find(source).check_readable()
            file = dataclasses.replace(disks.find(source), path=target, created=datetime.now(timezone.utc), in_use=None)
            disks.put(file)
            count += 1
    except WindowsError as error:
        _tell(process, error)
    process.print(text(process, "files_copied").format(count=count) + "\n")
    return 0 if count else 1


def move(process: Process, arguments: str) -> int:
    """Run `move [/y] FILE TARGET` or `move DIRECTORY TARGET`."""
    try:
        switches, names = _parse(arguments, "y")
    except _SyntaxError:
        return _wrong(process)
    if len(names) != 2:
        return _wrong(process)
    disks = process.machine.disks
    directory = disks.is_directory(process.full_path(names[0]))
    count = 0
    try:
        for source, target in _pairs(process, *names):
            if not directory and disks.is_file(target) and target.lower() != source.lower():
                disks.delete(target)  # without a window to ask in, move overwrites
            disks.move(source, target)
            count += 1
    except WindowsError as error:
        _tell(process, error)
        return 1
    process.print(text(process, "directories_moved" if directory else "files_moved").format(count=count) + "\n")
    return 0


def _pairs(process: Process, name: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield what is to be copied or moved, and where to: into a directory under its own name."""
    disks = process.machine.disks
    source, path = process.full_path(name), process.full_path(target)
    sources = [source] if disks.is_directory(source) else disks.matching(source)
    if not sources:
        disks.find(source)  # says whether the file or its directory is missing
        raise WindowsError(FILE_NOT_FOUND)
    if target.endswith("\\") and not disks.is_directory(path):
        raise WindowsError(PATH_NOT_FOUND)
    for one in sources:
        yield one, ntpath.join(path, ntpath.basename(one)) if disks.is_directory(path) else path


def rename(process: Process, arguments: str) -> int:
    """Run `ren PATH NAME`."""
    dummy, names = _parse(arguments, "")
    if len(names) != 2 or "\\" in names[1] or ":" in names[1]:
        return _wrong(process)
    path = process.full_path(names[0])
    try:
        process.machine.disks.move(path, ntpath.join(ntpath.dirname(path), names[1]))
    except WindowsError as error:
        duplicate = error.code in (ALREADY_EXISTS, FILE_NOT_FOUND)
        process.complain((text(process, "duplicate_name") if duplicate else system_text(process, error)) + "\n")
        return 1
    return 0


def list_directory(process: Process, arguments: str) -> int:
    """Run `dir /b [/s] [/a] [PATH]...`: the bare form only, the other one is in the host's language."""
    try:
        switches, names = _parse(arguments, "bsa")
    except _SyntaxError:
        return _wrong(process)
    if "b" not in switches:
        return _wrong(process)
    disks = process.machine.disks
    found: list[str] = []
    for name in names or ["."]:
        path = process.full_path(name)
        found += _listed(process, path, "s" in switches) if disks.is_directory(path) else disks.matching(path, True)
    if not found:
        process.complain(text(process, "no_file") + "\n")
        return 1
    process.print("".join(f"{path if 's' in switches else ntpath.basename(path)}\n" for path in found))
    return 0


def _listed(process: Process, directory: str, below: bool) -> Iterator[str]:
    directories, files = process.machine.disks.children(directory)
    yield from sorted([*directories, *files], key=str.lower)
    if below:
        for path in directories:
            yield from _listed(process, path, below)
