# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests: labs for the whole session, on addresses of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.controller_run import Controller, set_up
from tests.lab.cache import locked
from tests.lab.lab import REPOSITORY, Lab, Options, take_down

FLEETS = REPOSITORY / "tests" / "lab" / "fleets"
STATES = REPOSITORY / "build" / "lab-tests"


#: Every run of the tests that is under way on this machine takes its ports and networks out of these. The ports are
#: neither those of `make demo`, `make bench` and Molecule, nor those that the kernel gives to clients.
PORTS = range(20000, 25000)
NETWORKS = range(128, 255)

_claims: list[socket.socket] = []


def free_port() -> int:
    """Return a port that nothing uses, and that no other run of the tests gets while this one lasts."""
    return next(port for port in PORTS if _claim(f"port {port}") and _is_free(port))


def free_network() -> str:
    """Return a network for a lab that needs fixed ports; no other run of the tests gets it while this one lasts."""
    return next(f"127.{number}.0.0/16" for number in NETWORKS if _claim(f"network {number}"))


def _claim(what: str) -> bool:
    """Whether this process has claimed something first: it has a socket of that name, of which there can be but one.

    The kernel takes the name back when the process ends, however it does.
    """
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0unblock.updates {what}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def _is_free(port: int) -> bool:
    """Whether nothing listens on a port of any address."""
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def lab_states() -> Path:
    """Directory of this session's labs; what an interrupted session left running is taken down first."""
    with locked(STATES):  # a run that begins at the same time finds the same
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
def simulated_lab(lab_states: Path) -> Iterator[Lab]:
    """The same fleet without Wine; test_lab_parity shows that the hosts of both answer alike."""
    options = Options(port=free_port(), executor="simulated")
    with Lab(FLEETS / "integration.yml", lab_states / "simulated", options) as running:
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
