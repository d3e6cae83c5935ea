# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the acceptance tests are given: the hosts by testinfra's own option, what is expected of each by a file."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from testinfra.host import Host

from .windows_host import WindowsHost

#: What can be expected of a host; docs/docsite/rst/guide_verification.rst says how.
EXPECTATIONS = frozenset({"client_library", "registry", "services", "log_lines"})

Expectations = dict[str, t.Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that names the file."""
    parser.addoption("--expected", type=Path, required=True, help="YAML file: what is expected of each host")


@pytest.fixture(scope="session")
def estate(pytestconfig: pytest.Config) -> dict[str, Expectations]:
    """What is expected of each host, by the name or address that stands in --hosts."""
    read: dict[str, Expectations] = yaml.safe_load(pytestconfig.getoption("expected").read_text(encoding="utf-8"))
    for name, expectations in read.items():
        if unknown := expectations.keys() - EXPECTATIONS:
            raise pytest.UsageError(f"{name}: nothing can be expected of {', '.join(sorted(unknown))}")
    return read


@pytest.fixture
def windows(host: Host) -> WindowsHost:
    """A host of --hosts."""
    return WindowsHost(host)


@pytest.fixture
def expected(windows: WindowsHost, estate: dict[str, Expectations]) -> Expectations:
    """What is expected of it; a host that the file forgets is an error."""
    if windows.name not in estate:
        pytest.fail(f"the file of --expected says nothing of {windows.name}")
    return estate[windows.name]
