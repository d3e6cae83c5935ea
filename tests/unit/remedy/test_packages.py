# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's packages: what the variable may say, what the files must be."""

from __future__ import annotations

import calendar
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import packages
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Problem
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import (
    PackageError,
    PackageSpec,
    choose,
    describe,
    inspect,
    misfits,
    read_head,
    read_packages,
)
from tests.unit.remedy.material import FIXTURES, TRUST, entry, patched
from tests.unit.rules.support import rule

STAMPED = FIXTURES / "stamped.exe"
KB954960 = rule("954960").fixes["apply_kb954960"]
KB954474 = rule("954474").fixes["apply_kb954474"]
SHA256 = "0" * 64
SERVER_2003, SERVER_2008 = (5, 2), (6, 0)


def spec(path: Path, architecture: str = "x64", **more: Any) -> PackageSpec:
    return read_packages({"kb954960": {architecture: entry(path, **more)}})["kb954960"][architecture]


def words(problems: tuple[Problem, ...]) -> str:
    return "\n".join(f"{problem.message} -> {problem.next_step}" for problem in problems)


def one(**fields: Any) -> dict[str, Any]:
    return {"kb954960": {"x64": fields}}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], ": [] is not of type 'object'"),
        ({"kb954961": {}}, ": unknown key 'kb954961'; did you mean 'kb954960'?"),
        ({"kb954960": {"x68": {}}}, ".kb954960: unknown key 'x68'; did you mean 'x86'?"),
        (one(pth="/a.exe", sha256=SHA256), ".kb954960.x64: unknown key 'pth'; did you mean 'path'?"),
        (one(path="/a.exe"), ".kb954960.x64: 'sha256' is a required property"),
        (one(sha256=SHA256), ".kb954960.x64: "),
        (one(path="/a.exe", sha256="12"), ".kb954960.x64.sha256: '12' does not match"),
        (one(remote_path="a.exe", sha256=SHA256), ".kb954960.x64.remote_path: 'a.exe' does not match"),
        (one(remote_path='C:\\a" & del', sha256=SHA256), ".kb954960.x64.remote_path: "),
        (one(path="/a.exe", sha256=SHA256, success_codes=[-1]), ".kb954960.x64.success_codes[0]: -1 is less than"),
    ],
)
def test_a_wrong_value_is_refused(value: Any, why: str) -> None:
    with pytest.raises(PackageError) as caught:
        read_packages(value)
    assert caught.value.problem.message.startswith(f"unblock_packages{why}")


def test_none_are_no_packages() -> None:
    assert read_packages(None) == {}


def test_a_host_takes_the_package_for_its_processor() -> None:
    entries = {name: {"path": f"/{name}.exe", "sha256": SHA256} for name in ("x86", "x64")}
    known = read_packages({"kb954960": entries, "kb954474": {"x86": entries["x86"]}})
    assert [choose(known, KB954960, name).source_name for name in ("x86", "x64")] == ["x86.exe", "x64.exe"]
    assert choose(known, KB954474, "x64").label == "unblock_packages.kb954474.x86"
    for architecture, why in (
        ("ia64", "unblock_packages has no kb954960 for ia64, only x64 and x86"),
        (None, "the architecture of the host could not be read"),
    ):
        with pytest.raises(PackageError) as caught:
            choose(known, KB954960, architecture)
        assert why in caught.value.problem.message
    with pytest.raises(PackageError, match="unblock_packages has no kb954960 for x64$"):
        choose({}, KB954960, "x64")


def test_what_is_known_of_a_package() -> None:
    it = spec(STAMPED)
    file = inspect(it, TRUST)
    assert file.problems == () == misfits(it, file, KB954960, SERVER_2008)
    assert describe(it, file) == {
        "name": "stamped.exe",
        "sha256": it.sha256,
        "size": 7496,
        "signer": "Microsoft Corporation",
        "signed_at": "2008-08-05T09:30:00Z",
        "architecture": "x64",
    }


def test_upper_case_digits_are_the_same_digest() -> None:
    value = entry(STAMPED)
    value["sha256"] = value["sha256"].upper()
    assert inspect(read_packages({"kb954960": {"x64": value}})["kb954960"]["x64"], TRUST).problems == ()


def test_an_msi() -> None:
    it = spec(FIXTURES / "small-x64.msi", allow_unsigned=True)
    file = inspect(it, TRUST)
    assert (it.kind, it.staged_name, file.architecture, file.built) == ("msi", "kb954960-x64.msi", "x64", None)
    assert file.problems == ()
    assert "was made for x64, and not for x86" in words(
        misfits(spec(FIXTURES / "small-x64.msi", "x86"), file, KB954960, SERVER_2003)
    )


def test_without_olefile_the_processor_of_an_msi_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_HAS_OLEFILE", False)
    assert inspect(spec(FIXTURES / "small-x64.msi", allow_unsigned=True), TRUST).architecture is None


@pytest.mark.parametrize("name", ["foreign.exe", "small-x64.msi"])
def test_whoever_does_not_vouch_for_a_package_does_not_run_it(name: str) -> None:
    why = words(inspect(spec(FIXTURES / name), TRUST).problems)
    assert f"unblock_packages.kb954960.x64 ({name}) has no signature that counts: it is" in why
    assert "allow_unsigned: true" in why
    assert inspect(spec(FIXTURES / name, allow_unsigned=True), TRUST).problems == ()


def test_the_controller_cannot_vouch_for_what_only_the_host_reads() -> None:
    value = {"remote_path": r"\\srv\share\kb.exe", "sha256": SHA256}
    only_remote = read_packages({"kb954960": {"x64": value}})["kb954960"]["x64"]
    assert "only remote_path is given" in words(inspect(only_remote, TRUST).problems)
    vouched = read_packages({"kb954960": {"x64": {**value, "allow_unsigned": True}}})["kb954960"]["x64"]
    assert inspect(vouched, TRUST).problems == ()
    both = spec(STAMPED, remote_path=r"\\srv\share\kb.exe")
    assert inspect(both, TRUST).signature is not None


def test_another_digest(tmp_path: Path) -> None:
    it = spec(STAMPED)
    other = tmp_path / "other.exe"
    other.write_bytes(STAMPED.read_bytes() + b"x")
    file = inspect(PackageSpec(it.name, it.architecture, it.sha256, other), TRUST)
    assert f"on the controller, not {it.sha256}" in words(file.problems)
    assert (file.signature, file.architecture) == (None, None)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.exe", None, "cannot be read on the controller: No such file or directory"),
        ("folder.exe", ..., "cannot be read on the controller: "),
        ("kb.zip", b"PK", "is neither an .exe nor an .msi"),
        ("kb.exe", b"<html>", "is no installation package: it is no Windows program: it does not begin with MZ"),
        ("kb.exe", b"MZ" + bytes(70), "no PE header within its first 72 bytes"),
        ("kb.exe", b"MZ" + bytes(58) + b"\xff" * 4, "no PE header within its first 64 bytes"),
        ("kb.msi", b"MZ" + bytes(70), "it does not begin as an .msi does"),
    ],
)
def test_what_is_no_package(tmp_path: Path, name: str, content: Any, why: str) -> None:
    path = tmp_path / name
    if content is ...:
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    value = entry(path) if isinstance(content, bytes) else {"path": str(path), "sha256": SHA256}
    it = read_packages({"kb954960": {"x64": value}})["kb954960"]["x64"]
    assert why in words(inspect(it, TRUST).problems)


@pytest.mark.parametrize(("machine", "name"), [(0x14C, "x86"), (0x200, "ia64"), (0x1C4, "machine 0x01C4")])
def test_the_wrong_processor(tmp_path: Path, machine: int, name: str) -> None:
    path = patched(STAMPED, tmp_path / "kb.exe", machine=machine)
    it = spec(path, allow_unsigned=True)
    why = words(misfits(it, inspect(it, TRUST), KB954960, SERVER_2003))
    assert f"was made for {name}, and not for x64" in why


def test_the_operator_knows_that_the_header_is_that_of_an_unpacker(tmp_path: Path) -> None:
    path = patched(STAMPED, tmp_path / "kb.exe", machine=0x14C, built=calendar.timegm((2008, 7, 9, 12, 0, 0)))
    refused = spec(path, allow_unsigned=True)
    assert len(misfits(refused, inspect(refused, TRUST), KB954960, SERVER_2008)) == 2
    it = spec(path, allow_unsigned=True, ignore_header=True)
    assert misfits(it, inspect(it, TRUST), KB954960, SERVER_2008) == ()


@pytest.mark.parametrize(
    ("day", "kernel", "is_refused"),
    [
        ((2008, 7, 31, 23, 59, 59), SERVER_2008, True),
        ((2008, 8, 1, 0, 0, 0), SERVER_2008, False),
        ((2008, 7, 9, 12, 0, 0), (6, 1), True),
        ((2008, 7, 9, 12, 0, 0), SERVER_2003, False),
    ],
)
def test_the_first_release_is_refused_where_it_fails(
    tmp_path: Path, day: tuple[int, ...], kernel: tuple[int, int], is_refused: bool
) -> None:
    it = spec(patched(STAMPED, tmp_path / "kb.exe", built=calendar.timegm((*day, 0, 0, 0))), allow_unsigned=True)
    why = words(misfits(it, inspect(it, TRUST), KB954960, kernel))
    assert ("do not ask for an administrator's full rights on Windows Server 2008" in why) is is_refused
    assert misfits(it, inspect(it, TRUST), KB954474, kernel) == ()


def test_what_the_host_read_is_looked_at_in_the_same_way() -> None:
    it = spec(STAMPED)
    file = read_head(it, STAMPED.read_bytes()[:4096])
    assert (file.architecture, str(file.built)) == ("x64", "2008-08-02 09:00:00+00:00")
    assert "is no installation package" in words(read_head(it, b"").problems)


def test_the_operators_words_go_before_the_rules() -> None:
    assert spec(STAMPED).installer(KB954960) == KB954960.exe
    assert spec(FIXTURES / "small-x64.msi").installer(KB954960) == KB954960.msi
    own = spec(STAMPED, arguments="/quiet", log=r"C:\a.log").installer(KB954960)
    assert (own.arguments, own.log) == ("/quiet", r"C:\a.log")
