# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build context of the execution environment, made by ansible-builder and followed as far as no image is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY

BIN = Path(sys.executable).parent
DEFINITION = "execution-environment.yml"

pytestmark = pytest.mark.one_core


def command(program: str, *arguments: str, cwd: Path) -> str:
    """Runs a program of the tests' own environment; returns what it printed."""
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=cwd, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The context of a build from a checkout, as the guide has it."""
    folder = tmp_path_factory.mktemp("execution-environment")
    command("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=REPOSITORY)
    shutil.copy(REPOSITORY / DEFINITION, folder)
    command("ansible-builder", "create", "--context", "context", "--output-filename", "Containerfile", cwd=folder)
    return folder / "context"


def test_it_holds_the_collection_of_this_checkout(context: Path) -> None:
    version = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    brought = [path.name for path in (context / "_build" / "collections").iterdir()]
    assert brought == [f"unblock-updates-{version}.tar.gz"]


def test_its_collection_brings_the_requirements_and_signify_comes_along(context: Path, tmp_path: Path) -> None:
    # Both as the build does, from the folder in which it does.
    command(
        "ansible-galaxy", "collection", "install", "--offline", "-r", "requirements.yml", "-p", str(tmp_path),
        cwd=context / "_build",
    )  # fmt: skip
    found = command(
        "ansible-builder", "introspect", str(tmp_path), "--user-pip", "requirements.txt", cwd=context / "_build"
    )
    assert {re.split(r"\W", line, maxsplit=1)[0] for line in yaml.safe_load(found)["python"]} == {
        "jsonschema",
        "pywinrm",
        "signify",
    }


def test_pip_understands_what_the_image_begins_with(context: Path) -> None:
    text = (context / "Containerfile").read_text(encoding="utf-8")
    (wanted,) = re.findall('(?m)^ARG ANSIBLE_INSTALL_REFS="(.*)"$', text)
    # The shell splits it at blanks, so a blank within a requirement would make it several.
    assert [re.split("[~<>=]", word)[0] for word in wanted.split()] == ["ansible-core", "ansible-runner"]
    assert "pip install --no-cache-dir $ANSIBLE_INSTALL_REFS" in text
