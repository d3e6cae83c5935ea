# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up the stand-in for AWX as an operator sets up AWX: by controller.yml and a file of settings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.ansible_run import REPOSITORY, Run, ansible_playbook
from tests.integration.runner_run import Answer, Job, prepare, run
from tests.lab.awx_api import AwxApi
from tests.lab.lab import DEFAULT_CACHE
from tests.lab.packages import operator_packages

PREFIX = "Unblock updates: "
OURS = REPOSITORY / "build" / "collections"
AWX = REPOSITORY / "build" / "awx"
COLLECTION = AWX / "ansible_collections" / "awx" / "awx"
_PLAYBOOK = "playbooks/controller.yml"


@dataclass(frozen=True)
class Controller:
    """AWX, set up once by a job of its own.

    Attributes:
        awx: the stand-in for its API.
        job: the one that set it up.
        settings: file with its extra variables.
        reports: where jobs leave their reports, each in a folder called like its id.
        packages: the folder that the survey has for the packages.
    """

    awx: AwxApi
    job: Job
    settings: Path
    reports: Path
    packages: Path


@contextmanager
def set_up(folder: Path) -> Iterator[Controller]:
    """Starts the stand-in and runs the playbook under ansible-runner."""
    assert COLLECTION.is_dir(), "make awx-collection brings it"
    packages = operator_packages(DEFAULT_CACHE)
    directory = folder / "packages"
    directory.mkdir()
    for entry in (entry for architectures in packages.values() for entry in architectures.values()):
        name = Path(shutil.copy(entry["path"], directory)).name
        entry["path"] = Answer(f"{{{{ unblock_package_dir }}}}/{name}")
    settings = {
        "unblock_controller_slices": 3,
        "unblock_controller_package_dir": str(directory),
        "unblock_controller_packages": packages,
        "unblock_controller_report_dir": Answer(f"{folder}/reports/{{{{ awx_job_id }}}}"),
    }
    with AwxApi(COLLECTION) as awx:
        private = prepare(folder / "controller", variables=settings, **_environment(awx, OURS, AWX))
        job = run(private, _PLAYBOOK)
        assert job.status == "successful", job.output
        yield Controller(awx, job, private / "env" / "extravars", folder / "reports", directory)


def apply(awx: AwxApi, *arguments: str, collections: tuple[Path, ...] = (OURS, AWX), playbook: str = _PLAYBOOK) -> Run:
    """Runs the playbook from the command line."""
    return ansible_playbook(playbook, Path("/dev/null"), *arguments, **_environment(awx, *collections))


def _environment(awx: AwxApi, *collections: Path) -> dict[str, str]:
    return {
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": awx.token,
        "ANSIBLE_COLLECTIONS_PATH": ":".join(map(str, collections)),
    }
