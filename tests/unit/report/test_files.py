# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's files: all of the new report or all of the last one."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report import files
from ansible_collections.unblock.updates.plugins.plugin_utils._report.files import write_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from tests.unit.report.samples import assessment, report, result

NAMES = {"report.json", "report.csv", "report.html", "report.junit.xml"}


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_four_files_are_written(tmp_path: Path) -> None:
    assert {path.name for path in write_report(tmp_path, report(result("wsus1")))} == NAMES
    assert set(_content(tmp_path)) == NAMES


def test_an_interrupted_report_leaves_the_last_one_and_the_files_of_hosts(tmp_path: Path) -> None:
    """A format that cannot be made must not leave a new report.json beside an old report.html."""
    write_report(tmp_path, report(result("wsus1")))
    HOST_FILES.write(tmp_path, result("wsus1", assessment("compliant")))
    before = _content(tmp_path)

    def fail(dummy: object) -> t.NoReturn:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(files._RENDERERS, "report.junit.xml", fail)
        with pytest.raises(KeyboardInterrupt):
            write_report(tmp_path, report(result("wsus1", assessment("compliant"))))
    assert _content(tmp_path) == before
    assert os.listdir(tmp_path / "hosts") == ["wsus1.json"], "what was read of the hosts stays"
    write_report(tmp_path, report(result("wsus1", assessment("compliant"))))
    assert all(content != before[name] for name, content in _content(tmp_path).items())
