# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the wine executor writes into a prefix before Wine runs: registry text, files, drives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.executors.wine_model import make_model_layer
from tests.lab.executors.wine_registry import append_registry, encode_value
from tests.lab.executors.wine_tools import unix_path
from tests.lab.model import HostFile, HostModel, Windows


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("REG_SZ", 'a "b" C:\\c', r'"a \"b\" C:\\c"'),
        ("REG_SZ", "Zürich \U0001f600", r'"Z\x00fcrich \xd83d\xde00"'),
        ("REG_EXPAND_SZ", r"%A%\b", r'str(2):"%A%\\b"'),
        ("REG_MULTI_SZ", ["one", "two"], r'str(7):"one\0two\0"'),
        ("REG_DWORD", 0x803381A6, "dword:803381a6"),
        ("REG_BINARY", "00ff10", "hex:00,ff,10"),
    ],
)
def test_value(kind: str, data: Any, text: str) -> None:
    assert encode_value(kind, data) == text


def test_unknown_type() -> None:
    with pytest.raises(ValueError, match="REG_ODD"):
        encode_value("REG_ODD", "")


def test_keys_go_to_the_file_of_their_hive(tmp_path: Path) -> None:
    for name in ("system.reg", "user.reg"):
        (tmp_path / name).write_text("WINE REGISTRY Version 2\n", encoding="ascii")
    append_registry(
        tmp_path,
        {
            "HKLM\\SOFTWARE\\A [b]": {"": {"type": "REG_SZ", "data": "d"}, "V": {"type": "REG_DWORD", "data": 1}},
            "HKCU\\Software\\C": {},
        },
    )
    system = (tmp_path / "system.reg").read_text(encoding="ascii")
    assert system == 'WINE REGISTRY Version 2\n\n[SOFTWARE\\\\A \\[b\\]] 1\n@="d"\n"V"=dword:00000001\n'
    assert "[Software\\\\C] 1" in (tmp_path / "user.reg").read_text(encoding="ascii")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    directory = tmp_path / "template"
    (directory / "drive_c" / "windows" / "Temp").mkdir(parents=True)
    for name in ("system.reg", "user.reg"):
        (directory / name).write_text("WINE REGISTRY Version 2\n", encoding="ascii")
    return directory


def test_paths_take_the_case_of_what_is_there(tmp_path: Path, template: Path) -> None:
    layer = tmp_path / "layer"
    assert unix_path(layer, r"C:\WINDOWS\temp\A.log", template) == layer / "drive_c/windows/Temp/A.log"
    assert unix_path(layer, r"D:\Programme\X.dll", template) == layer / "drive_d/Programme/X.dll"


def test_layer(tmp_path: Path, template: Path) -> None:
    files = (
        HostFile(r"C:\Windows\a.log", text="ü\r\n", encoding="cp1252", modified="2008-06-14T03:00:00Z"),
        HostFile(r"E:\big.log", size=3 << 30, created="2008-07-15T00:00:00Z", modified="2001-01-01T00:00:00Z"),
        HostFile(r"E:\Sub\b.log", fixture="logs/server-quiet.log"),
        HostFile(r"E:\sub\c.log", text="c"),
    )
    layer = tmp_path / "layer"
    make_model_layer(
        HostModel("x", Windows("win2003"), files=files, services={"Svc": "stopped"}), template, tmp_path, layer
    )
    log = layer / "drive_c" / "windows" / "a.log"
    assert log.read_bytes() == b"\xfc\r\n"
    assert log.stat().st_mtime == 1213412400
    big = layer / "drive_e" / "big.log"
    assert (big.stat().st_size, big.stat().st_blocks) == (3 << 30, 0)
    assert big.stat().st_mtime == 1216080000, "the creation time decides"
    assert {path.name for path in (layer / "drive_e" / "Sub").iterdir()} == {"b.log", "c.log"}
    assert (layer / "dosdevices" / "e:").readlink() == Path("../drive_e")
    registry = (layer / "system.reg").read_text(encoding="ascii")
    assert (
        '[SYSTEM\\\\CurrentControlSet\\\\Services\\\\Svc] 1\n"Type"=dword:00000010\n"Start"=dword:00000003' in registry
    )
    assert "services" not in (template / "system.reg").read_text(encoding="ascii").lower()
