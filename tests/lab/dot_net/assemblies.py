# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's .NET programs and libraries, built by mono's compiler."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests.lab.cache import new_file

MONO = "/usr/bin/mono"
MONO_COMPILER = "/usr/lib/mono/4.5/mcs.exe"
SOURCES = Path(__file__).parent
#: What csc.exe of the .NET Framework 2.0 is in the lab: its language, and the references that it has by itself.
FRAMEWORK_2_0 = (
    "-langversion:ISO-2",
    "-noconfig",
    "-r:System.dll",
    "-r:System.Xml.dll",
    "-r:System.Configuration.dll",
)


def assembly(cache: Path, name: str) -> Path:
    """Return the program of NAME.cs, or the library of the directory NAME, built when a source changed.

    Raises CalledProcessError if the compiler refuses it, FileNotFoundError if there is no mono.
    """
    directory = SOURCES / name
    is_library = directory.is_dir()
    sources = sorted(directory.glob("*.cs")) if is_library else [SOURCES / f"{name}.cs"]
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    # The library's file must bear the assembly's name, so that it is found by it.
    target = cache / "assemblies" / digest / f"{name}{'.dll' if is_library else '.exe'}"
    if not target.exists():
        kind = f"-target:{'library' if is_library else 'exe'}"
        with new_file(target) as new:
            options = [*FRAMEWORK_2_0, "-warnaserror", kind, f"-out:{new}"]
            subprocess.run([MONO, MONO_COMPILER, *options, *map(str, sources)], check=True)
    return target
