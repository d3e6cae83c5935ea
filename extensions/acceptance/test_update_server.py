# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acceptance tests of update servers, independent of the collection; the guide on verification says how to run them."""

from __future__ import annotations

import fnmatch
import typing as t

import pytest

from .conftest import Expectations
from .windows_host import WindowsHost


def wanted(expected: Expectations, what: str) -> t.Any:
    """What is expected; a test of something that nothing is expected of is skipped."""
    if what not in expected:
        pytest.skip(f"nothing is expected of {what}")
    return expected[what]


def test_the_client_library_has_its_version(windows: WindowsHost, expected: Expectations) -> None:
    version = wanted(expected, "client_library")
    assert windows.client_library_version() == version


def test_the_registry_holds_its_values(windows: WindowsHost, expected: Expectations) -> None:
    for key, values in wanted(expected, "registry").items():
        for name, value in values.items():
            found = windows.registry_value(key, name)
            assert _is_as_expected(found, value), f"{key}, {name}: {found!r} is not {value!r}"


def _is_as_expected(found: str | None, expected: str | int | None) -> bool:
    """Compares what reg prints: * in an expected text stands for anything, a number is one as reg writes it."""
    if found is None or expected is None:
        return found is expected
    return fnmatch.fnmatchcase(found, hex(expected) if isinstance(expected, int) else str(expected))


def test_the_services_are_in_their_state(windows: WindowsHost, expected: Expectations) -> None:
    services = wanted(expected, "services")
    assert {name: windows.service_state(name) for name in services} == services


def test_the_logs_hold_the_symptom_as_often_as_before(windows: WindowsHost, expected: Expectations) -> None:
    for path, counts in wanted(expected, "log_lines").items():
        assert {text: windows.lines_with(path, text) for text in counts} == counts, path
