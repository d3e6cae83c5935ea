# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workspace over WinRM: a package arrives byte for byte or not at all, on Wine hosts and simulated ones."""

from __future__ import annotations

import dataclasses
import hashlib
import random
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host import workspace as workspace_module
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Sent, Workspace
from tests.integration.approval_hosts import left
from tests.integration.conftest import free_port
from tests.integration.winrm_shell import winrm_shell
from tests.lab.direct_shell import DirectShell
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.lab import REPOSITORY, Lab, LabHost, Options
from tests.lab.model import HOSTS, load_host

pytestmark = pytest.mark.one_core

SIZE = 10 * 1024 * 1024 + 7


@dataclasses.dataclass(frozen=True)
class Package:
    """A file on the controller that no compression and no text mode would leave as it is."""

    path: Path
    sha256: str


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    content = random.Random(954960).randbytes(SIZE - 512) + bytes(range(256)) * 2
    path = tmp_path_factory.mktemp("package") / "package.exe"
    path.write_bytes(content)
    return Package(path, hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="module", params=["simulated", "wine"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabHost]:
    options = Options(executor=request.param, port=free_port(), network="127.64.0.0/16")
    fleet = REPOSITORY / "tests" / "lab" / "fleets" / "approval-reset.yml"
    with Lab(fleet, tmp_path_factory.mktemp("workspace"), options) as lab:
        yield lab.host("alone")


@pytest.fixture(scope="module")
def shell(host: LabHost) -> Iterator[Shell]:
    with winrm_shell(host) as shell:
        yield shell


def open_on(shell: Shell) -> t.ContextManager[Workspace]:
    return Workspace.open(shell, run_id="test", timeout=120)


@pytest.fixture(scope="module")
def workspace(host: LabHost, shell: Shell) -> Iterator[Workspace]:
    """One for all tests; in the end nothing of it is left."""
    with open_on(shell) as workspace:
        workspace.compile("transfer")
        yield workspace
    assert left(host) == {}


@pytest.fixture
def without_package(workspace: Workspace) -> Iterator[Workspace]:
    """A test after which no package is in the folder, although it did nothing to remove one."""
    yield workspace
    assert b"package.exe" not in workspace.run("dir /b").stdout


def test_a_package_of_10_mb_arrives_byte_for_byte(host: LabHost, workspace: Workspace, package: Package) -> None:
    assert workspace.send(package.path, "package.exe", package.sha256.upper()) == Sent(SIZE, package.sha256)
    assert workspace.check("package.exe", package.sha256) == Sent(SIZE, package.sha256)
    assert host.get(rf"{workspace.folder}\package.exe") == package.path.read_bytes()
    workspace.run("echo x>> package.exe")
    with pytest.raises(HostError, match=f"{SIZE + 3} bytes and SHA-256") as caught:
        workspace.check("package.exe", package.sha256)
    assert caught.value.layer is Layer.TRANSFER
    workspace.run("del package.exe")


def test_a_package_that_is_not_what_was_announced_does_not_stay(without_package: Workspace, package: Package) -> None:
    with pytest.raises(HostError, match=f"SHA-256 {package.sha256} on the host, not 0000") as caught:
        without_package.send(package.path, "package.exe", "0" * 64)
    assert caught.value.layer is Layer.TRANSFER


def test_a_transfer_that_breaks_off_leaves_no_file(without_package: Workspace, package: Package) -> None:
    content = package.path.read_bytes()[:1_000_000]
    answer = without_package.call("transfer", "receive", "package.exe", str(SIZE), package.sha256, stdin=content)
    assert answer == {"size": 1_000_000, "sha256": hashlib.sha256(content).hexdigest()}


def test_what_does_not_exist_is_told_by_the_hosts_own_error(workspace: Workspace) -> None:
    with pytest.raises(HostError, match=r"System.IO.FileNotFoundException \(0x80070002\)"):
        workspace.check("package.exe", "0" * 64)


def test_a_run_keeps_others_off_also_where_nothing_of_it_runs(host: LabHost, workspace: Workspace) -> None:
    other = t.cast(Shell, DirectShell(host))  # another run on the same host, over another shell
    with pytest.raises(HostError, match="another run works here: test, since 20") as caught:
        open_on(other).__enter__()
    assert caught.value.layer is Layer.WORKSPACE
    assert workspace.run("cd").stdout.decode().strip() == workspace.folder


def test_a_controller_that_fails_while_it_sends_ends_the_program(workspace: Workspace) -> None:
    def stream() -> Iterator[bytes]:
        yield bytes(200_000)
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="the file is gone"):
        workspace.call("transfer", "receive", "package.exe", str(SIZE), "0" * 64, stdin=stream())
    deadline = time.monotonic() + 30
    while b"package.exe" in workspace.run("del package.exe 2>nul & dir /b").stdout:  # as long as it is in use
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_full_drive_is_told_and_keeps_nothing(package: Package) -> None:
    """Wine's hosts have the space of this machine."""
    full = SimulatedHost(dataclasses.replace(load_host(HOSTS / "wsus-rtm.yml"), free_bytes=3_000_000))
    with open_on(t.cast(Shell, DirectShell(full))) as workspace:
        workspace.compile("transfer")
        with pytest.raises(HostError, match="System.IO.IOException") as caught:
            workspace.send(package.path, "package.exe", package.sha256)
        assert caught.value.layer is Layer.TRANSFER
        assert b"package.exe" not in workspace.run("dir /b").stdout
    assert left(full) == {}


#: What a policy for FIPS makes of the constructor, which mono does not know.
REFUSED = b"""
namespace Unblock { internal static class Policy { public static System.Security.Cryptography.SHA256 Refuse() {
    throw new System.InvalidOperationException("not part of the validated cryptographic algorithms"); } } }
"""


def test_a_policy_that_forbids_sha_256_is_told(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    source = workspace_module._source("transfer").replace(b"new SHA256Managed()", b"Policy.Refuse()")
    monkeypatch.setattr(workspace_module, "_source", lambda program: source + REFUSED.replace(b"\n", b"\r\n"))
    host = SimulatedHost(load_host(HOSTS / "wsus-rtm.yml"))
    with open_on(t.cast(Shell, DirectShell(host))) as workspace:
        workspace.compile("transfer")
        with pytest.raises(HostError, match=r"System.InvalidOperationException \(0x80131509\)") as caught:
            workspace.send(package.path, "package.exe", package.sha256)
        assert caught.value.layer is Layer.TRANSFER
        assert "FIPSAlgorithmPolicy (2003)" in caught.value.next_step
        assert b"package.exe" not in workspace.run("dir /b").stdout
    assert left(host) == {}
