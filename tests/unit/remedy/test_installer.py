# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a package is started, and the end of its log in whatever encoding it is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.installer import Job, decode_tail
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import read_packages
from tests.unit.rules.support import rule

FOLDER = r"C:\Documents and Settings\op\Temp\unblock-0"
SHA256 = "0" * 64


@pytest.mark.parametrize(
    ("advisory", "action", "name", "more", "line"),
    [
        ("954960", "apply_kb954960", "kb.exe", {}, r'"{0}\kb954960-x86.exe" /q "{0}\install.log"'),
        (
            "954960",
            "apply_kb954960",
            "KB.MSI",
            {},
            r'msiexec /i "{0}\kb954960-x86.msi" /qn /norestart /l*v "{0}\install.log"',
        ),
        ("954960", "upgrade_wsus", "setup.exe", {}, r'"{0}\wsus_setup-x86.exe" /q'),
        ("954474", "apply_kb954474", "kb.exe", {}, r'"{0}\kb954474-x86.exe" /quiet /norestart /log:"{0}\install.log"'),
        ("954960", "upgrade_wsus", "setup.exe", {"arguments": ""}, r'"{0}\wsus_setup-x86.exe"'),
    ],
)
def test_the_command(advisory: str, action: str, name: str, more: dict[str, Any], line: str) -> None:
    fix = rule(advisory).fixes[action]
    entry = {"path": f"/{name}", "sha256": SHA256, **more}
    spec = read_packages({fix.package: {"x86": entry}})[fix.package]["x86"]
    job = Job(spec, spec.installer(fix), (5, 2), as_system=False, timeout=1)
    assert job.line(FOLDER) == 'start "" /wait ' + line.format(FOLDER)


@pytest.mark.parametrize(
    ("data", "code_page", "text"),
    [
        ("=== Größe\r\n\r\nError 1603\r\n".encode("utf-16"), "1252", "=== Größe\nError 1603"),
        ("Fehler: Größe\r\n".encode("cp1252"), "1252", "Fehler: Größe"),
        ("エラー 1603\r\n".encode("cp932"), "932", "エラー 1603"),
        ("Größe\n".encode(), "932", "Größe"),
        (b"\xff\xfe\xfd", "none", "ÿþý"),
        (b"a\x1b[31mred\x00 and more\x07\n", "1252", "a [31mred  and more"),
        (b"", None, ""),
    ],
)
def test_the_end_of_a_log(data: bytes, code_page: str | None, text: str) -> None:
    assert decode_tail(data, code_page) == text


def test_a_long_log_is_cut_to_whole_lines() -> None:
    lines = [f"line {number} of a log" for number in range(5000)]
    data = "\r\n".join(lines).encode()
    assert decode_tail(data[-16 * 1024 :], "1252").split("\n") == lines[-40:]
    assert decode_tail("\r\n".join(lines).encode("utf-16-le")[-16 * 1024 :], "1252").split("\n") == lines[-40:]
    long = decode_tail(b"x" * 9000 + b"\r\n" + b"y" * 9000, "1252")
    assert (len(long), long[:4], long[-1]) == (4000, "...y", "y")
