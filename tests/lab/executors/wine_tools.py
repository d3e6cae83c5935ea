# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the wine executor needs, and the environment that they run in."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.lab.cache import new_file
from tests.lab.dot_net.assemblies import MONO, MONO_COMPILER

COMPILER = "x86_64-w64-mingw32-gcc"
RESOURCE_COMPILER = "x86_64-w64-mingw32-windres"
SOURCES = Path(__file__).parents[1] / "wine"
# The loader itself: `wine` is a shell script in Debian, and killing it would leave the program alive.
WINE = next((path for path in ("/usr/lib/wine/wine64", "/usr/lib/wine/wine") if os.access(path, os.X_OK)), "wine64")
WINESERVER = next(
    (p for p in ("/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver") if os.access(p, os.X_OK)), "wineserver"
)


#: The kernel puts a program's heap anywhere within 1 GiB of it. Debian's loader has no preloader that would keep it off
#: the page that every Windows program has at 0x7FFE0000: measured, 14 of 100,000 programs could not be started.
FIXED_ADDRESSES = ("setarch", "--addr-no-randomize")


class MissingToolError(Exception):
    """A program of the lab is not installed; the text says which package brings it."""


def require_tools() -> None:
    """Raise MissingToolError unless Wine and mingw are installed."""
    needs = {
        WINE: "wine64",
        WINESERVER: "wine64",
        COMPILER: "gcc-mingw-w64-x86-64",
        RESOURCE_COMPILER: "binutils-mingw-w64-x86-64",
        MONO: "mono-runtime",
        MONO_COMPILER: "mono-mcs",
        "wixl": "wixl",
    }
    missing = {package for program, package in needs.items() if not shutil.which(program, os.F_OK)}
    if missing:
        raise MissingToolError(f"the wine lab needs: apt-get install {' '.join(sorted({'wine', *missing}))}")


@functools.cache
def wine_command() -> list[str]:
    """Return what starts Wine's loader: in the same process, at fixed addresses where the system permits that."""
    is_permitted = subprocess.run([*FIXED_ADDRESSES, "true"], capture_output=True, check=False).returncode == 0
    return [*(FIXED_ADDRESSES if is_permitted else ()), WINE]


def wine_environment(prefix: Path) -> dict[str, str]:
    """Return the Unix environment of a Wine process in `prefix`: nothing of ours leaks into the host."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(prefix.parent),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
    }


def unix_path(layer: Path, windows_path: str, below: Path) -> Path:
    """Return where a Windows path lies in a layer over the prefix `below`, in the case of what is there already."""
    drive, dummy, rest = windows_path.partition(":\\")
    path, existing = layer, below
    for part in (f"drive_{drive.lower()}", *rest.split("\\")):
        names = {name.name.lower(): name.name for base in (existing, path) if base.is_dir() for name in base.iterdir()}
        name = names.get(part.lower(), part)
        path, existing = path / name, existing / name
    return path


def compile_program(source: Path, target: Path, *objects: Path) -> None:
    """Compile one C file of tests/lab/wine to an executable, or to a library if `target` is called .dll."""
    command = [
        COMPILER,
        "-shared" if target.suffix == ".dll" else "-municode",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-static",
        "-s",
        "-o",
        str(target),
        str(source),
        *map(str, objects),
        "-lshlwapi",
    ]
    subprocess.run(command, check=True)


def program(cache: Path, name: str, suffix: str = ".exe", version: str | None = None) -> Path:
    """Return the executable or library (.dll) of tests/lab/wine/NAME.c, compiled when the source changed.

    `version` (four numbers with dots) is what its version resource says, if it is to have one.
    """
    source = SOURCES / f"{name}.c"
    digest = hashlib.sha256(source.read_bytes() + (version or "").encode()).hexdigest()[:12]
    target = cache / "programs" / f"{name}-{digest}{suffix}"
    if not target.exists():
        with new_file(target) as new:
            compile_program(source, new, *([_version_resource(new, f"{name}{suffix}", version)] if version else []))
    return target


RESOURCE = """\
1 VERSIONINFO
FILEVERSION {numbers}
PRODUCTVERSION {numbers}
FILETYPE 0x2L
BEGIN
  BLOCK "StringFileInfo" BEGIN BLOCK "040904b0" BEGIN
    VALUE "FileVersion", "{version}\\0"
    VALUE "ProductVersion", "{version}\\0"
    VALUE "OriginalFilename", "{name}\\0"
  END END
  BLOCK "VarFileInfo" BEGIN VALUE "Translation", 0x409, 1200 END
END
"""


def _version_resource(beside: Path, name: str, version: str) -> Path:
    """Compile the version resource of a file called `name` to an object file."""
    script, resource = beside.with_suffix(".rc"), beside.with_suffix(".res.o")
    script.write_text(RESOURCE.format(numbers=version.replace(".", ","), version=version, name=name), encoding="ascii")
    subprocess.run([RESOURCE_COMPILER, str(script), str(resource)], check=True)
    return resource


def library(cache: Path, name: str, version: str) -> Path:
    """Return a real PE library called `name` whose version resource says `version` (four numbers with dots)."""
    target = cache / "libraries" / version / name
    if not target.exists():
        with new_file(target) as new:
            resource = _version_resource(new, name, version)
            options = ("-shared", "-nostdlib", "-Wl,-e,0", "-Wl,--no-insert-timestamp")
            subprocess.run([COMPILER, *options, "-o", str(new), str(resource)], check=True)
    return target
