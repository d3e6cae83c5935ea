# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that is published: the same bytes from the same files, and one that ansible-galaxy takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.ansible_run import REPOSITORY

pytestmark = pytest.mark.one_core


def _copy(target: Path, age: int, backwards: bool) -> Path:
    """Copies the checkout; its files get another age, and its folders another order."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0")
    for name in sorted(filter(None, names), reverse=backwards):
        if not (REPOSITORY / name).is_file():  # deleted, and git not told yet
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target / name)
        os.utime(target / name, (age, age + 0.5))
    return target


def _build(tree: Path) -> Path:
    command = [sys.executable, "tools/build_collection.py", f"{tree}-built"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1226448000"}
    made = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(made.strip())


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first = _build(_copy(tmp_path / "first", 1_000_000_000, backwards=False))
    second = _build(_copy(tmp_path / "second", 1_500_000_000, backwards=True))
    assert first.read_bytes() == second.read_bytes()
    galaxy = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection"]
    place = ["-p", str(tmp_path / "installed")]
    subprocess.run([*galaxy, "install", str(first), *place, "--no-deps"], cwd=tmp_path, check=True)
    verify = [*galaxy, "verify", "unblock.updates", "--offline", *place]
    verified = subprocess.run(verify, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True)
    assert "Successfully verified that checksums for 'unblock.updates:" in verified.stdout
    assert (tmp_path / "installed/ansible_collections/unblock/updates/plugins/host_scripts/probe.js").is_file()
