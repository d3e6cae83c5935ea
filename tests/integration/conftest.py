# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests: one lab for the whole session."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.controller_run import Controller, set_up
from tests.lab.lab import REPOSITORY, Lab, Options, take_down

FLEETS = REPOSITORY / "tests" / "lab" / "fleets"
STATES = REPOSITORY / "build" / "lab-tests"


def free_port() -> int:
    """Return a port that nothing uses: several test runs and a demo may share the machine."""
    with socket.create_server(("127.54.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="session")
def lab_states() -> Path:
    """Directory of this session's labs; what an interrupted session left running is taken down first."""
    for state in STATES.glob("*/*"):
        if not Path(f"/proc/{state.parent.name}").exists():
            take_down(state)
    return STATES / str(os.getpid())


@pytest.fixture(scope="session")
def lab(lab_states: Path) -> Iterator[Lab]:
    """The fleet `integration` with NTLM and message encryption over HTTP."""
    with Lab(FLEETS / "integration.yml", lab_states / "ntlm", Options(port=free_port())) as running:
        yield running


@pytest.fixture(scope="session")
def tls_lab(lab_states: Path) -> Iterator[Lab]:
    """One host behind TLS."""
    with Lab(FLEETS / "one.yml", lab_states / "tls", Options(tls=True, port=free_port())) as running:
        yield running


@pytest.fixture(scope="session")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """AWX after controller.yml ran once."""
    with set_up(tmp_path_factory.mktemp("controller")) as running:
        yield running
