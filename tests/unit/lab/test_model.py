# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host and fleet files: all of ours are right, and a wrong one is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.fleet import load_fleet
from tests.lab.lab import Lab
from tests.lab.model import ROOT, HostModel, ModelError, Windows, load_host

HOSTS = sorted((ROOT / "hosts").glob("*.yml"))
FLEETS = sorted((ROOT / "fleets").glob("*.yml"))


@pytest.mark.parametrize("path", HOSTS, ids=lambda path: path.stem)
def test_host_file_and_what_it_names(path: Path) -> None:
    model = load_host(path)
    assert model.name == path.stem
    for file in model.files:
        assert file.fixture is None or (ROOT / file.fixture).is_file()
    for key in model.denied_keys:
        assert key in model.registry


@pytest.mark.parametrize("path", FLEETS, ids=lambda path: path.stem)
def test_fleet_file(path: Path) -> None:
    members = load_fleet(path)
    assert [member.address for member in members] == [f"127.54.0.{number}" for number in range(1, len(members) + 1)]


def test_every_host_file_is_in_a_fleet() -> None:
    used = {member.model.name for path in FLEETS for member in load_fleet(path) if member.model}
    assert used == {path.stem for path in HOSTS}


def test_an_included_fleet_comes_first() -> None:
    first = load_fleet(ROOT / "fleets" / "954960.yml")
    both = load_fleet(ROOT / "fleets" / "integration.yml")
    assert both[: len(first)] == first
    assert len(both) > len(first)


def test_a_host_can_be_simulated_among_others() -> None:
    lab = Lab(ROOT / "fleets" / "estate.yml")
    executors = {member.name: lab.executor(member) for member in lab.members}
    assert (executors["wsus-rtm"], executors["wsus-top"]) == ("wine", "simulated")


def test_a_big_fleet_has_an_address_for_each_host(tmp_path: Path) -> None:
    path = tmp_path / "big.yml"
    path.write_text(
        "hosts:\n"
        "  - {name: first, unreachable: true, group: update_servers}\n"
        "  - {name: server, unreachable: true, count: 999, group: update_servers}\n",
        encoding="utf-8",
    )
    members = load_fleet(path)
    assert [members[index].name for index in (0, 1, 999)] == ["first", "server-00001", "server-00999"]
    assert [members[index].address for index in (0, 255, 999)] == ["127.54.0.1", "127.54.1.0", "127.54.3.232"]
    assert len({member.address for member in members}) == 1000


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("windows: [", "", "expected"),
        ("windows: {version: win95, computer_name: A}", "$.windows.version", "win95"),
        ("windows: {version: win2003}", "$.windows", "computer_name"),
        ("windows: {version: win2003, computer_name: A}\nregistri: {}", "$", "registri"),
        (
            "windows: {version: win2003, computer_name: A}\nregistry: {HKLM\\A: {B: {type: REG_DWORD, data: x}}}",
            "$.registry['HKLM\\\\A'].B.data",
            "integer",
        ),
        (
            "windows: {version: win2003, computer_name: A}\nfiles: {C:\\ab: {text: x, size: 1}}",
            "$.files['C:\\\\ab']",
            "valid",
        ),
        ("windows: {version: win2003, computer_name: A}\nfiles: {a: {text: x}}", "$.files", "a"),
    ],
)
def test_wrong_host_file(tmp_path: Path, text: str, place: str, reason: str) -> None:
    path = tmp_path / "odd.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as error:
        load_host(path)
    assert str(error.value).startswith(f"{path}: {place}")
    assert reason in str(error.value)


def test_two_hosts_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yml"
    path.write_text("hosts:\n" + "  - {name: a, unreachable: true, group: update_servers}\n" * 2, encoding="utf-8")
    with pytest.raises(ModelError, match="two hosts are called a"):
        load_fleet(path)


@pytest.mark.parametrize(
    ("windows", "product", "kernel", "build"),
    [
        (Windows("win2003", 2), "Microsoft Windows Server 2003", "5.2", "3790"),
        (Windows("win2008", 1), "Windows Server (R) 2008 Standard", "6.0", "6001"),
        (Windows("win2008", 2), "Windows Server (R) 2008 Standard", "6.0", "6002"),
        (Windows("win2012", 0), "Windows Server 2012 Standard", "6.2", "9200"),
    ],
)
def test_windows_describes_itself(windows: Windows, product: str, kernel: str, build: str) -> None:
    key = HostModel("x", windows).full_registry[r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"]
    values = {name: value["data"] for name, value in key.items()}
    assert (values["ProductName"], values["CurrentVersion"], values["CurrentBuildNumber"]) == (product, kernel, build)
    assert values["CSDVersion"] == (f"Service Pack {windows.service_pack}" if windows.service_pack else "")


def test_registry_of_the_model_adds_to_what_windows_says() -> None:
    key = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"
    model = HostModel("x", Windows("win2003"), registry={key: {"OEMCP": {"type": "REG_SZ", "data": "850"}}})
    assert {name: value["data"] for name, value in model.full_registry[key].items()} == {"ACP": "1252", "OEMCP": "850"}


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (Windows("win2003", arch="x86"), ("x86", None)),
        (Windows("win2003", arch="x64"), ("AMD64", None)),
        (Windows("win2003", arch="x64", wow64=True), ("x86", "AMD64")),
    ],
)
def test_architecture(windows: Windows, expected: tuple[str, str | None]) -> None:
    environment = HostModel("x", windows).full_environment
    assert (environment["PROCESSOR_ARCHITECTURE"], environment.get("PROCESSOR_ARCHITEW6432")) == expected
