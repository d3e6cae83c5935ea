# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a simulated host: disks, registry, code pages, environment, snapshots."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.lab.model import ROOT, HostFile, HostModel, Windows
from tests.lab.simulated.code_page import CodePage
from tests.lab.simulated.disks import Disks
from tests.lab.simulated.errors import (
    ACCESS_DENIED,
    DISK_FULL,
    FILE_NOT_FOUND,
    PATH_NOT_FOUND,
    SHARING_VIOLATION,
    WindowsError,
)
from tests.lab.simulated.files import Bytes, File, Zeros, file_of
from tests.lab.simulated.machine import Machine
from tests.lab.simulated.registry import Registry, Value
from tests.lab.simulated.running import Running

NOON = datetime(2008, 6, 14, 12, tzinfo=timezone.utc)
SERVER = Windows("win2008", computer_name="SIM-1")


def file(path: str, data: bytes = b"x", **more: object) -> File:
    return File(path, Bytes(data), NOON, NOON, **more)  # type: ignore[arg-type]


@pytest.fixture
def disks() -> Disks:
    files = [
        file(r"C:\Logs\Plain.txt", b"plain"),
        file(r"C:\Logs\held.log", in_use="exclusive"),
        file(r"C:\Logs\written.log", b"old", in_use="shared"),
        file(r"C:\Logs\closed.log", denied=True),
    ]
    return Disks(files, [r"C:\Temp"], Running())


def code_of(action: object, *arguments: object) -> int:
    with pytest.raises(WindowsError) as caught:
        action(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_paths_have_no_case_and_keep_the_one_they_were_made_with(disks: Disks) -> None:
    assert disks.is_file(r"c:\LOGS\plain.TXT")
    assert disks.find(r"c:\LOGS\plain.TXT").path == r"C:\Logs\Plain.txt"
    assert disks.open(r"c:\logs\PLAIN.txt").read() == b"plain"


def test_directories_come_with_their_files(disks: Disks) -> None:
    assert [disks.is_directory(path) for path in ("C:\\", r"C:\Logs", r"c:\temp", r"C:\Logs\Plain.txt", "D:\\")] == [
        *(True, True, True),
        *(False, False),
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (r"C:\Logs\absent.txt", FILE_NOT_FOUND),
        (r"C:\Absent\absent.txt", PATH_NOT_FOUND),
        (r"D:\absent.txt", PATH_NOT_FOUND),
        (r"C:\Logs\held.log", SHARING_VIOLATION),
        (r"C:\Logs\closed.log", ACCESS_DENIED),
    ],
)
def test_opening_fails_with_the_number_of_windows(disks: Disks, path: str, code: int) -> None:
    assert code_of(disks.open, path) == code


def test_a_shared_log_is_read_but_neither_written_nor_deleted(disks: Disks) -> None:
    path = r"C:\Logs\written.log"
    assert disks.open(path).read() == b"old"
    assert code_of(disks.write, path, b"new") == SHARING_VIOLATION
    assert code_of(disks.delete, path) == SHARING_VIOLATION
    assert disks.open(path).read() == b"old"


def test_a_file_is_written_appended_to_and_deleted(disks: Disks) -> None:
    path = r"C:\Temp\new.txt"
    disks.write(path, b"one")
    disks.write(path.upper(), b" two", append=True)
    assert disks.open(path).read() == b"one two"
    disks.write(path, b"three")
    assert disks.find(path).content.size == 5
    disks.delete(path)
    assert not disks.is_file(path)
    assert code_of(disks.write, r"C:\Absent\new.txt", b"") == PATH_NOT_FOUND


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"C:\logs\*", ["closed.log", "held.log", "plain.txt", "written.log"]),
        (r"C:\Logs\*.LOG", ["closed.log", "held.log", "written.log"]),
        (r"C:\Logs\????.log", ["held.log"]),
        (r"C:\Logs\[h]eld.log", []),
        (r"C:\*", []),
    ],
)
def test_wildcards_match_names_in_one_directory(disks: Disks, pattern: str, names: list[str]) -> None:
    assert sorted(path.lower() for path in disks.matching(pattern)) == [rf"c:\logs\{name}" for name in names]


def test_names_below_a_directory_are_spelled_as_it_is(disks: Disks) -> None:
    disks.make_directory(r"c:\LOGS\New")
    disks.write(r"c:\logs\NEW\x.txt", b"")
    assert disks.children(r"C:\Logs\New")[1] == [r"C:\Logs\New\x.txt"]


def test_the_space_of_a_drive_is_what_its_files_leave() -> None:
    disks = Disks([file(r"C:\a", b"12345")], ["D:\\"], Running(), 100)
    disks.write(r"C:\b", b"x" * 60)
    assert (disks.free(r"C:\x"), disks.free("D:\\")) == (40, 100)
    assert code_of(disks.write, r"C:\c", b"x" * 41) == DISK_FULL
    assert code_of(disks.write, r"C:\b", b"x" * 41, True) == DISK_FULL
    disks.write(r"C:\b", b"x" * 20)
    disks.delete(r"C:\a")
    assert disks.free("C:\\") == 85
    disks.move(r"C:\b", r"C:\c")
    assert disks.free("C:\\") == 85


def test_a_huge_sparse_file_costs_no_memory() -> None:
    content = Zeros(3 << 30)
    with content.open() as stream:
        assert stream.read(1 << 20) == bytes(1 << 20)
    with Zeros(5).open() as stream:
        assert stream.read() == bytes(5)
    assert content.size == 3221225472


@pytest.mark.parametrize(
    ("model", "content", "created", "modified"),
    [
        (
            HostFile("C:\\a", text="ü", encoding="cp1252", created="2008-07-01T09:00:00Z"),
            b"\xfc",
            "2008-07-01",
            "2008-07-01",
        ),
        (HostFile("C:\\a", text="x", modified="2008-07-02T09:00:00Z"), b"x", "2008-07-02", "2008-07-02"),
        (HostFile("C:\\a", size=3), b"\0\0\0", "2008-06-01", "2008-06-01"),
        (
            HostFile("C:\\a", text="x", created="2008-07-01T09:00:00Z", modified="2008-07-03T09:00:00Z"),
            b"x",
            "2008-07-01",
            "2008-07-03",
        ),
    ],
)
def test_a_file_of_the_model(model: HostFile, content: bytes, created: str, modified: str) -> None:
    made = file_of(model)
    with made.content.open() as stream:
        assert stream.read() == content
    assert made.content.size == len(content)
    assert (str(made.created.date()), str(made.modified.date())) == (created, modified)


def test_a_fixture_has_the_line_ends_of_windows_and_is_kept_once() -> None:
    made = file_of(HostFile("C:\\log", fixture="logs/server-quiet.log"))
    lines = (ROOT / "logs/server-quiet.log").read_bytes().splitlines()
    assert made.content.open().read() == b"".join(line + b"\r\n" for line in lines)
    assert made.content.size == sum(len(line) + 2 for line in lines)
    assert file_of(HostFile("C:\\log", fixture="logs/server-quiet.log")) is made


REGISTRY = {
    r"HKLM\SOFTWARE\Vendor\Product": {"Version": {"type": "REG_SZ", "data": "3.1"}},
    r"HKLM\SOFTWARE\Wow6432Node\Vendor\Product": {"Version": {"type": "REG_SZ", "data": "32"}},
    r"HKLM\SYSTEM\Select": {"Current": {"type": "REG_DWORD", "data": 1}},
    r"HKLM\SOFTWARE\Vendor\Closed": {"Version": {"type": "REG_SZ", "data": "secret"}},
}


@pytest.mark.parametrize("hive", ["HKLM", "hklm", "HKEY_LOCAL_MACHINE"])
def test_values_are_found_by_any_spelling(hive: str) -> None:
    value = Registry(REGISTRY).value(rf"{hive}\software\VENDOR\product", "VERSION")
    assert value == Value("Version", "REG_SZ", "3.1")


def test_missing_and_closed_keys_are_told_apart() -> None:
    registry = Registry(REGISTRY, denied=[r"HKLM\SOFTWARE\Vendor\Closed"])
    assert code_of(registry.value, r"HKLM\SOFTWARE\Vendor\Closed", "Version") == ACCESS_DENIED
    assert code_of(registry.value, r"HKLM\SOFTWARE\Vendor\Product", "Other") == FILE_NOT_FOUND
    assert code_of(registry.find, r"HKLM\SOFTWARE\Vendor\Other") == FILE_NOT_FOUND
    assert [key.name for key in registry.find(r"HKLM\SOFTWARE\Vendor").keys.values()] == ["Product", "Closed"]


def test_a_32_bit_program_sees_the_other_half_of_software_only() -> None:
    registry = Registry(REGISTRY, wow64=True)
    assert registry.value(r"HKLM\SOFTWARE\Vendor\Product", "Version").data == "32"
    assert registry.value(r"HKLM\SOFTWARE\Wow6432Node\Vendor\Product", "Version").data == "32"
    assert registry.value(r"HKLM\SYSTEM\Select", "Current").data == 1
    assert code_of(registry.find, r"HKLM\SOFTWARE\Vendor\Closed") == FILE_NOT_FOUND


def test_values_are_set_and_deleted() -> None:
    registry = Registry(REGISTRY)
    registry.set_value(r"HKLM\SOFTWARE\New\Key", Value("Name", "REG_DWORD", 7))
    assert registry.value(r"HKLM\SOFTWARE\new\key", "name").data == 7
    registry.delete_value(r"HKLM\SOFTWARE\New\Key", "NAME")
    assert code_of(registry.value, r"HKLM\SOFTWARE\New\Key", "Name") == FILE_NOT_FOUND
    assert code_of(registry.delete_value, r"HKLM\SOFTWARE\New\Key", "Name") == FILE_NOT_FOUND


@pytest.mark.parametrize(
    ("number", "data", "text"),
    [
        (1252, b"\xfc\x80", "ü€"),
        (1252, b"\x81", "\x81"),
        (850, b"\x81", "ü"),
        (932, b"\x83e\x83X", "テス"),
        (65001, b"\xc3\xbc", "ü"),
    ],
)
def test_code_pages_decode_as_windows_does(number: int, data: bytes, text: str) -> None:
    assert CodePage(number).decode(data) == text


def test_what_a_code_page_lacks_becomes_a_question_mark() -> None:
    assert CodePage(1252).encode("aü→") == b"a\xfc?"


def test_a_character_of_two_bytes_may_lie_across_two_reads() -> None:
    decoder = CodePage(932).decoder()
    assert [decoder.decode(data) for data in (b"\x83", b"e")] == ["", "テ"]


def test_a_snapshot_names_what_changed_and_nothing_else() -> None:
    model = HostModel("sim", SERVER, registry=REGISTRY, files=(HostFile(r"C:\Logs\a.log", text="a"),))
    machine = Machine(model)
    before = machine.snapshot()
    assert before == Machine(model).snapshot()
    assert before.differences(machine.snapshot()) == []
    machine.disks.write(r"C:\Logs\a.log", b"changed")
    machine.disks.write(r"C:\Logs\new.log", b"")
    machine.disks.make_directory(r"C:\Left\Behind")
    machine.registry.set_value(r"HKLM\SYSTEM\Select", Value("Current", "REG_DWORD", 2))
    lines = before.differences(machine.snapshot())
    assert [line.split(": ")[0] for line in lines] == [
        r"file c:\logs\a.log",
        r"file c:\logs\new.log",
        r"folder c:\left",
        r"folder c:\left\behind",
        "registry ('hkey_local_machine\\\\system\\\\select', 'current')",
    ]
    machine.registry.delete_value(r"HKLM\SYSTEM\Select", "Current")
    assert any(line.endswith("-> absent") for line in before.differences(machine.snapshot()))


def test_a_same_sized_change_of_content_is_seen() -> None:
    machine = Machine(HostModel("sim", SERVER, files=(HostFile(r"C:\a.log", text="a"),)))
    before = machine.snapshot()
    machine.disks.write(r"C:\a.log", b"b")
    assert len(before.differences(machine.snapshot())) == 1


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (
            Windows("win2003", arch="x86", computer_name="A"),
            {"PROCESSOR_ARCHITECTURE": "x86", "TEMP": r"C:\Documents and Settings\Administrator\Local Settings\Temp"},
        ),
        (
            Windows("win2008", arch="x64", computer_name="B"),
            {"PROCESSOR_ARCHITECTURE": "AMD64", "ProgramFiles(x86)": r"C:\Program Files (x86)", "COMPUTERNAME": "B"},
        ),
        (
            Windows("win2008", arch="x64", wow64=True, computer_name="C"),
            {"PROCESSOR_ARCHITECTURE": "x86", "PROCESSOR_ARCHITEW6432": "AMD64", "ProgramW6432": r"C:\Program Files"},
        ),
    ],
    ids=["x86", "x64", "wow64"],
)
def test_the_environment_follows_from_the_system(windows: Windows, expected: dict[str, str]) -> None:
    environment = Machine(HostModel("sim", windows)).environment
    assert expected.items() <= environment.items()
    assert ("ProgramFiles(x86)" in environment) == (windows.arch == "x64")
    assert ("PROCESSOR_ARCHITEW6432" in environment) == windows.wow64
