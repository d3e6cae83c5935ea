# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""csc.exe of a simulated host: mono's compiler, once for each source and all hosts."""

from __future__ import annotations

import functools
import hashlib
import ntpath
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from tests.lab.dot_net.assemblies import FRAMEWORK_2_0, MONO, MONO_COMPILER
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.files import CACHE
from tests.lab.simulated.process import Process, split_arguments

_REFERENCE = re.compile(r"/r(?:eference)?:(.+)", re.IGNORECASE)
_compiling = threading.Lock()  # two at a time would do the same work twice


def csc(process: Process) -> int:
    """Run `csc [/nologo] [/target:exe] /out:FILE [/r:FILE[,FILE]...]... SOURCE...`; other switches are refused."""
    out, references, sources = "", [], []
    for word in split_arguments(process.arguments):
        if not word.startswith(("/", "-")):
            sources.append(word)
        elif word.lower().startswith("/out:"):
            out = word[5:]
        elif match := _REFERENCE.fullmatch(word):
            references += re.split("[,;]", match[1])
        elif word.lower() not in ("/nologo", "/target:exe", "/t:exe"):
            process.print(f"error CS2007: Unrecognized option: '{word}'\n")
            return 1
    if not sources or not out:
        process.print("fatal error CS2008: No inputs specified\n")
        return 1
    try:
        texts, libraries = (_read(process, names) for names in (sources, references))
    except WindowsError:
        process.print("error CS2001: Source file or reference could not be found\n")
        return 1
    with _compiling:
        program, messages = _compiled(texts, libraries)
    process.stdout.write(messages.replace(b"\n", b"\r\n"))
    if program is None:
        return 1
    process.machine.disks.write(process.full_path(out), program)
    return 0


#: Files by their name, without directory, and content.
_Files = tuple[tuple[str, bytes], ...]


def _read(process: Process, names: Iterable[str]) -> _Files:
    files = []
    for name in names:
        with process.machine.disks.open(process.full_path(name)) as stream:
            files.append((ntpath.basename(name), stream.read()))
    return tuple(files)


@functools.cache
def _compiled(sources: _Files, references: _Files) -> tuple[bytes | None, bytes]:
    """Compile, once for all hosts and tests; returns the program, None if it was refused, and what was said."""
    parts = (FRAMEWORK_2_0, sources, references)
    kept = CACHE / "compiled" / hashlib.sha256(repr(parts).encode()).hexdigest()
    if kept.exists():
        return kept.read_bytes(), b""
    with tempfile.TemporaryDirectory(prefix="lab-csc-") as name:
        folder = Path(name)
        for file, content in (*sources, *references):
            (folder / file).write_bytes(content)
        command = [
            MONO,
            MONO_COMPILER,
            *FRAMEWORK_2_0,
            "-out:program.out",
            *(f"-r:{file}" for file, dummy in references),
        ]
        done = subprocess.run(
            [*command, *(file for file, dummy in sources)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            return None, done.stdout
        program = (folder / "program.out").read_bytes()
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = kept.with_name(f"{kept.name}.{os.getpid()}")
    new.write_bytes(program)
    new.replace(kept)
    return program, done.stdout
