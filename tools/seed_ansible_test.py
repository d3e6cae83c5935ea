# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ``ansible-test`` make its virtual environments on a machine that reaches a package index and nothing else.

``ansible-test`` downloads a pip bootstrap script from a host of its own, once, into a cache. This puts a stand-in of
the same name there: it seeds pip by ``ensurepip`` and then installs exactly the versions that ansible-test asks for,
from wheels fetched beforehand. Run it by the interpreter of the environment that ansible-test will be run from, with
the ``HOME`` that ansible-test will see.
"""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

from ansible_test._internal.python_requirements import get_venv_packages

STAND_IN = '''\
"""Stands in for get-pip.py: seeds pip by ensurepip, then installs the requested versions from the wheels beside it."""

import ensurepip
import os
import subprocess
import sys

REQUESTED = [argument for argument in sys.argv[1:] if "==" in argument]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]

ensurepip.bootstrap()
subprocess.check_call(PIP + ["install", "--quiet", "--no-index", "--find-links", os.path.dirname(__file__)] + REQUESTED)
'''


def main() -> None:
    """Fetch the wheels and write the stand-in, unless they are there.

    Raises:
        subprocess.CalledProcessError: the package index has not given a wheel.
    """
    cache = Path.home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    python = types.SimpleNamespace(version=f"{sys.version_info.major}.{sys.version_info.minor}")
    versions: dict[str, str] = get_venv_packages(python)
    stand_in = cache / f"get_pip_{versions['pip'].replace('.', '_')}.py"
    if stand_in.exists():
        return
    wanted = [f"{name}=={version}" for name, version in versions.items()]
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*fetch, "--only-binary", ":all:", "--dest", str(cache), *wanted], check=True)
    stand_in.write_text(STAND_IN, encoding="utf-8")


if __name__ == "__main__":
    main()
