# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords show nowhere, however much Ansible is told to say, on hosts that work and on hosts that do not.

Shown on simulated hosts: nothing of it depends on what runs behind the endpoint.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration import runner_run
from tests.integration.ansible_run import ansible_playbook
from tests.integration.conftest import FLEETS, free_port
from tests.integration.remedy_run import extra_variables
from tests.lab.lab import Lab, Options

#: What every encoding of a text leaves as it is, in the middle of what most of them change.
MARKER = "r1ghtMarker7Kx"
WRONG = "wr0ngMarker5Vy"
PASSWORD = f'zQ9{MARKER}&<"%+'
VERBOSE = "-vvvvv"
#: How each host is logged on to where a lab speaks TLS.
OVER_TLS = {
    "wsus-sp1-unpatched": "basic",
    "wsus-rtm": "kerberos",
    "awkward-script-host-off": "ntlm",
    "awkward-password": "kerberos",
}
#: What is said of a wrong password: by a host, and by a domain.
REFUSALS = {"NTLM over HTTP": "rejected", "three ways over HTTPS": "Password incorrect"}


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Yields what stands in every Base64 of a text that holds the bytes, whatever stands before them."""
    for before, lost in ((0, 0), (1, 2), (2, 3)):
        yield base64.b64encode(bytes(before) + raw).rstrip(b"=")[lost:-1]


def _forms(marker: str) -> list[bytes]:
    raws = [marker.encode(), marker.encode("utf-16-le")]
    encoded = [form for raw in raws for form in (*_base64_forms(raw), raw.hex().encode(), raw.hex().upper().encode())]
    return [*raws, *encoded]


FORMS = [form for marker in (MARKER, WRONG) for form in _forms(marker)]


def _leaks(data: bytes) -> bool:
    return any(form in data for form in FORMS)


def _leaking_files(*folders: Path) -> set[str]:
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*")):
        try:
            if path.is_file() and (_leaks(path.read_bytes()) or _leaks(os.fsencode(path))):
                found.add(str(path))
        except OSError:  # it is gone: temporary files are
            continue
    return found


def _leaking_processes() -> set[str]:
    """Which command lines and environments, of all processes of the machine, hold a password."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                data = (folder / name).read_bytes()
            except OSError:
                continue
            if _leaks(data):
                found.add(f"{name} of {folder.name}: {data[:200]!r}")
    return found


class Watch:
    """Looks at every process of the machine, and at the files of some folders, for as long as the with statement."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.leaks: set[str] = set()
        self.looks = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(0.1):
            self.leaks |= _leaking_processes() | _leaking_files(*self._folders)
            self.looks += 1


def test_what_the_watch_would_see(tmp_path: Path) -> None:
    """A password on a command line, in an environment, in a file, in every encoding that is looked for."""
    texts = [
        PASSWORD.encode(),
        PASSWORD.encode("utf-16-le"),
        json.dumps(PASSWORD).encode(),
        PASSWORD.encode().hex().encode(),
    ]
    texts += [base64.b64encode(f"{before}:{PASSWORD}".encode()) for before in ("a", "ab", "abc")]
    texts += [base64.b64encode(f"{before}:{PASSWORD}".encode("utf-16-le")) for before in ("a", "ab", "abc")]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}").write_bytes(b"..." + text + b"...")
    (tmp_path / "harmless").write_bytes(b"Marker")
    with Watch(tmp_path) as watch:
        pause = [sys.executable, "-c", "import time; time.sleep(0.5)"]
        children = [
            subprocess.Popen([*pause, PASSWORD]),
            subprocess.Popen(pause, env={"SECRET": base64.b64encode(PASSWORD.encode()).decode()}),
        ]
        assert [child.wait() for child in children] == [0, 0]
    files = {str(tmp_path / f"{number}") for number in range(len(texts))}
    assert files <= watch.leaks
    assert {leak.partition(":")[0] for leak in watch.leaks - files} == {
        f"cmdline of {children[0].pid}", f"environ of {children[1].pid}"
    }  # fmt: skip


@pytest.fixture(
    scope="module",
    params=["NTLM over HTTP", pytest.param("three ways over HTTPS", marks=pytest.mark.one_core)],
)
def secret_lab(request: pytest.FixtureRequest, lab_states: Path) -> Iterator[Lab]:
    tls = "HTTPS" in request.param
    options = Options(
        auth="kerberos" if tls else "ntlm", tls=tls, port=free_port(), network="127.63.0.0/16", executor="simulated",
        password=PASSWORD,
    )  # fmt: skip
    with Lab(FLEETS / "secrets.yml", lab_states / "secrets", options) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KRB5_CONFIG", str(running.kdc.config))
        if tls:
            inventory = yaml.safe_load(running.inventory.read_text(encoding="utf-8"))
            for name, variables in inventory["all"]["children"]["update_servers"]["hosts"].items():
                variables["ansible_winrm_transport"] = OVER_TLS[name]
                if OVER_TLS[name] != "kerberos":
                    variables["ansible_user"] = running.host(name).account.user
                running.host(name).change(auth=("negotiate", "basic"))
            running.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
        yield running


def test_passwords_show_nowhere(request: pytest.FixtureRequest, secret_lab: Lab, tmp_path: Path) -> None:
    """Checked, changed and judged, with a host that fails and one that lets nobody in."""
    written, temporary, log = tmp_path / "written", tmp_path / "temporary", tmp_path / "ansible.log"
    temporary.mkdir()
    environment = {
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_HOME": str(temporary / "home"),
        "ANSIBLE_LOCAL_TEMP": str(temporary / "local"),
        "TMPDIR": str(temporary),
    }
    with Watch(temporary) as watch:
        outputs = {
            mode: ansible_playbook(
                "playbooks/remediate.yml", secret_lab.inventory, VERBOSE, *arguments,
                "-e", extra_variables(secret_lab, written / mode), **environment,
            ).output
            for mode, arguments in (("check", ["--check"]), ("run", []))
        }  # fmt: skip
        job = _judge_by_runner(secret_lab, tmp_path / "private")
        pictures = [secret_lab.host(name).snapshot() for name in OVER_TLS]
    reports = {mode: json.loads((written / mode / "report.json").read_bytes()) for mode in outputs}
    assert {mode: _statuses(report) for mode, report in reports.items()} == {
        "check": {"awkward-password": "unreachable", "awkward-script-host-off": "error",
                  "wsus-rtm": "would_fix", "wsus-sp1-unpatched": "would_fix"},
        "run": {"awkward-password": "unreachable", "awkward-script-host-off": "error",
                "wsus-rtm": "fixed", "wsus-sp1-unpatched": "fixed"},
    }  # fmt: skip
    assert watch.looks > 10
    assert watch.leaks == set()
    refusal = REFUSALS[request.node.callspec.id]
    for mode, output in outputs.items():
        assert "WINRM OPEN SHELL" in output and refusal in output, output  # it said all that it can say
        assert not _leaks(output.encode()), mode
    assert not _leaks(job.output.encode()) and "WINRM OPEN SHELL" in job.output
    assert log.stat().st_size > 1000
    # What the lab itself was told, its inventory and its accounts, holds the password and nothing else does.
    recordings = [secret_lab.state / "requests.jsonl", secret_lab.state / "endpoint.log"]
    assert not any(_leaks(path.read_bytes()) for path in (log, *recordings))
    assert _leaking_files(temporary, written, job.artifacts) == set()
    assert not any(_leaks(repr(picture).encode()) for picture in pictures)


def _judge_by_runner(lab: Lab, folder: Path) -> runner_run.Job:
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    prepared = runner_run.prepare(folder, inventory, ANSIBLE_DISPLAY_ARGS_TO_STDOUT="1")
    return runner_run.run(prepared, "playbooks/compliance.yml", VERBOSE)


def _statuses(report: dict[str, t.Any]) -> dict[str, str]:
    return {host["name"]: host["status"] for host in report["hosts"]}
