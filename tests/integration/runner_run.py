# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks as AWX does: by ansible-runner, from a private data directory for each job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.integration.ansible_run import REPOSITORY

_BIN = Path(sys.executable).parent
_IDENT = "job"


class Answer(str):
    """A text that somebody typed, or that an earlier job left: Ansible must not take it for a template."""


class _Dumper(yaml.SafeDumper):
    """Writes variables as AWX does."""


_Dumper.add_representer(Answer, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


@dataclass(frozen=True)
class Job:
    """What ansible-runner brought back of one job."""

    artifacts: Path
    output: str

    @property
    def status(self) -> str:
        """Such as C(successful)."""
        return (self.artifacts / "status").read_text(encoding="utf-8")

    @property
    def stats(self) -> dict[str, t.Any]:
        """What the job leaves for later jobs: AWX takes it from the last event."""
        events = [json.loads(path.read_bytes()) for path in (self.artifacts / "job_events").glob("*.json")]
        (last,) = [event for event in events if event["event"] == "playbook_on_stats"]
        return t.cast("dict[str, t.Any]", last["event_data"]["artifact_data"])


def prepare(
    folder: Path,
    inventory: t.Mapping[str, t.Any] | None = None,
    variables: t.Mapping[str, t.Any] | None = None,
    **environment: str,
) -> Path:
    """Makes the private data directory of a job: the project is our playbooks, the rest comes from the collection.

    Args:
        folder: the directory, which must not be there.
        inventory: of the job.
        variables: extra variables.
        environment: environment variables of the job.
    """
    shutil.copytree(REPOSITORY / "playbooks", folder / "project" / "playbooks")
    texts = {
        "inventory/hosts.yml": yaml.safe_dump(dict(inventory or {})),
        "env/extravars": yaml.dump(dict(variables or {}), Dumper=_Dumper),
        "env/envvars": yaml.safe_dump(
            {
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / "build" / "collections"),
                "ANSIBLE_NOCOLOR": "1",
                **environment,
            }
        ),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, playbook: str, *arguments: str) -> Job:
    """Runs a job where it is: C(ansible-runner run)."""
    return Job(folder / "artifacts" / _IDENT, _runner("run", str(folder), *_job(playbook, arguments)).decode())


def run_elsewhere(folder: Path, playbook: str, *arguments: str) -> Job:
    """Runs a job as an execution node of a mesh does: everything goes there and comes back in one stream each."""
    sent = _runner("transmit", str(folder), *_job(playbook, arguments))
    returned = _runner("worker", "--private-data-dir", f"{folder}-worker", stdin=sent)
    # Nothing is there but what came back.
    back = Path(f"{folder}-back")
    return Job(back / "artifacts" / _IDENT, _runner("process", str(back), "--ident", _IDENT, stdin=returned).decode())


def _job(playbook: str, arguments: t.Sequence[str]) -> list[str]:
    return ["--ident", _IDENT, "-p", playbook, f"--cmdline={' '.join(arguments)}"]


def _runner(*arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        [str(_BIN / "ansible-runner"), *arguments],
        env={**os.environ, "PATH": f"{_BIN}:{os.environ['PATH']}"},
        input=stdin, capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr.decode()
    return done.stdout
