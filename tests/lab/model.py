# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host model: what one lab host is, as data. Every executor builds its hosts from the same file.

A file tests/lab/hosts/NAME.yml is checked against host.schema.json, which describes each field.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.lab.susdb import make_database

ROOT = Path(__file__).parent
HOSTS = ROOT / "hosts"
# version -> ProductName, CurrentVersion, build without service pack
RELEASES = {
    "win2003": ("Microsoft Windows Server 2003", "5.2", 3790),
    "win2008": ("Windows Server (R) 2008 Standard", "6.0", 6000),
    "win2012": ("Windows Server 2012 Standard", "6.2", 9200),
}
LANGUAGES = {"en-US": "0409", "de-DE": "0407", "da-DK": "0406", "fr-FR": "040C", "ja-JP": "0411"}

API = "Microsoft.UpdateServices.Administration"
WSUS_SETUP = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"
COMPILER = r"C:\windows\Microsoft.NET\{}\v2.0.50727\csc.exe"
COMPILER_VERSION = "8.0.50727.4016"
DOT_NET_REGISTRY: dict[str, dict[str, dict[str, Any]]] = {
    r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v2.0.50727": {
        "Install": {"type": "REG_DWORD", "data": 1},
        "SP": {"type": "REG_DWORD", "data": 2},
        "Version": {"type": "REG_SZ", "data": "2.0.50727.4016"},
    }
}
FREE_BYTES = 20 << 30


class ModelError(Exception):
    """A host or fleet file is wrong; the text names file and place."""


@dataclass(frozen=True)
class Windows:
    """The operating system of a host."""

    version: str  # a key of RELEASES
    service_pack: int = 2
    arch: str = "x64"  # x86 | x64
    wow64: bool = False  # commands run as 32-bit programs on a 64-bit system
    language: str = "en-US"
    ansi_code_page: str = "1252"
    computer_name: str = "SERVER"

    @property
    def product_name(self) -> str:
        """ProductName as the registry has it."""
        return RELEASES[self.version][0]

    @property
    def kernel(self) -> str:
        """CurrentVersion as the registry has it."""
        return RELEASES[self.version][1]

    @property
    def build(self) -> str:
        """CurrentBuildNumber as the registry has it; Server 2008 counts its service packs in it."""
        build = RELEASES[self.version][2]
        return str(build + self.service_pack if self.version == "win2008" else build)


@dataclass(frozen=True)
class Account:
    """The account that WinRM clients log on with."""

    user: str = "Administrator"
    password: str = "Lab-Passw0rd!"
    rights: str = "administrator"  # administrator | filtered (by UAC) | user; Wine knows administrators only


@dataclass(frozen=True)
class WinRM:
    """How the host's WinRM service is set up; each field can be changed while the host runs."""

    auth: tuple[str, ...] = ("negotiate",)  # negotiate, basic, certificate
    allow_unencrypted: bool = False
    listening: bool = True
    certificate: str = "good"  # good | expired | other_name | self_signed
    tls_version: str = "current"  # current | 1.0: the only one, with the ciphers of its time
    shell_allowed: bool = True
    eager: bool = False  # Receive answers as soon as there is any output
    max_shells: int = 5
    max_operations: int = 15
    max_envelope_size: int = 153600  # bytes
    idle_timeout: float = 180.0  # seconds
    lose_shell: int = 0  # this many next requests to a shell find it gone
    quota_faults: int = 0  # this many next commands are refused with the quota fault
    wmi_denied: bool = False  # the account has no right to WMI
    wmi_faults: bool = False  # quota faults come as MSFT_WmiError, as from later WinRM, not as WSManFault
    answer_after: float = 0.0  # seconds before the first answer on a connection; more than clients wait: none comes
    restart: str = "normal"  # normal | hangs (never goes down) | stays_down | keeps_boot_time
    down_for: float = 1.0  # seconds from going down to being up


@dataclass(frozen=True)
class HostFile:
    """One file of a host; exactly one of version, text, fixture, size, assembly and program is set.

    A program has a version, too.
    """

    path: str  # Windows path
    version: str | None = None
    text: str | None = None
    encoding: str = "utf-8"
    fixture: str | None = None  # below tests/lab
    size: int | None = None  # bytes of a sparse file
    assembly: str | None = None  # a .NET library of tests/lab/dot_net
    program: str | None = None  # what the executor puts there itself: csc
    created: str | None = None
    modified: str | None = None
    in_use: str | None = None  # exclusive | shared

    def fixture_content(self) -> bytes:
        """Return the fixture as Windows writes it: kept with LF, as all text of a repository, laid down with CRLF."""
        return (ROOT / str(self.fixture)).read_bytes().replace(b"\n", b"\r\n")


@dataclass(frozen=True)
class HostModel:
    """One lab host."""

    name: str
    windows: Windows
    account: Account = Account()
    winrm: Mapping[str, Any] = field(default_factory=dict)  # fields of WinRM that differ from the lab's
    registry: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    denied_keys: tuple[str, ...] = ()
    files: tuple[HostFile, ...] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    wmi: Mapping[str, Any] = field(default_factory=dict)  # namespace -> class -> instances
    dot_net: bool = False  # the .NET Framework 2.0 is installed: csc.exe compiles, and what it compiled runs
    susdb: Mapping[str, Any] | None = None  # WSUS with its administration API and a database, which these settings make
    free_bytes: int = FREE_BYTES  # on each drive; Wine's hosts have what this machine has

    @property
    def full_files(self) -> tuple[HostFile, ...]:
        """The files with what follows from `dot_net` and `susdb`."""
        files = list(self.files)
        if self.dot_net:
            frameworks = ("Framework", "Framework64") if self.windows.arch == "x64" else ("Framework",)
            files += (
                HostFile(COMPILER.format(framework), program="csc", version=COMPILER_VERSION)
                for framework in frameworks
            )
        if self.susdb is not None:
            setup = self.registry[WSUS_SETUP]
            directory = setup["TargetDir"]["data"]
            fixed = {
                "name": self.windows.computer_name,
                "version": setup["VersionString"]["data"],
                "culture": self.windows.language[:2],
            }
            files.append(HostFile(rf"{directory}Api\{API}.dll", assembly=API))
            files.append(HostFile(rf"{directory[:2]}\lab\susdb.xml", text=make_database(fixed | dict(self.susdb))))
        return tuple(files)

    @property
    def full_registry(self) -> dict[str, Mapping[str, Mapping[str, Any]]]:
        """The registry with what follows from `windows` and `dot_net`."""
        derived: dict[str, Mapping[str, Mapping[str, Any]]] = {**windows_registry(self.windows)}
        if self.dot_net:
            derived |= DOT_NET_REGISTRY
        return derived | {key: {**derived.get(key, {}), **values} for key, values in self.registry.items()}

    @property
    def full_environment(self) -> dict[str, str]:
        """The environment with what follows from `windows` and `account`."""
        native = {"x86": "x86", "x64": "AMD64"}[self.windows.arch]
        derived = {
            "COMPUTERNAME": self.windows.computer_name,
            "USERNAME": self.account.user,
            "PROCESSOR_ARCHITECTURE": "x86" if self.windows.wow64 else native,
        }
        if self.windows.wow64:
            derived["PROCESSOR_ARCHITEW6432"] = native
        return derived | dict(self.environment)


def windows_registry(windows: Windows) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the keys in which Windows describes itself."""

    def text(data: str) -> dict[str, Any]:
        return {"type": "REG_SZ", "data": data}

    language = LANGUAGES[windows.language]
    name = text(windows.computer_name)
    control = r"HKLM\SYSTEM\CurrentControlSet\Control"
    return {
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion": {
            "ProductName": text(windows.product_name),
            "CurrentVersion": text(windows.kernel),
            "CurrentBuildNumber": text(windows.build),
            "CurrentBuild": text(windows.build),
            "CSDVersion": text(f"Service Pack {windows.service_pack}" if windows.service_pack else ""),
        },
        control + r"\Windows": {"CSDVersion": {"type": "REG_DWORD", "data": windows.service_pack << 8}},
        control + r"\Nls\Language": {"InstallLanguage": text(language), "Default": text(language)},
        control + r"\Nls\CodePage": {"ACP": text(windows.ansi_code_page)},
        control + r"\ComputerName\ComputerName": {"ComputerName": name},
        control + r"\ComputerName\ActiveComputerName": {"ComputerName": name},
        r"HKCU\Software\Wine\Network": {"UseDnsComputerName": text("N")},
    }


@functools.cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((ROOT / schema).read_text(encoding="utf-8")))


def read_yaml(path: Path, schema: str) -> Any:
    """Read a YAML file and check it against a schema of tests/lab; raises ModelError."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ModelError(f"{path}: {error}") from error
    problem = jsonschema.exceptions.best_match(_validator(schema).iter_errors(data))
    if problem is not None:
        raise ModelError(f"{path}: {problem.json_path}: {problem.message}")
    return data


def load_host(path: Path) -> HostModel:
    """Read one host file; raises ModelError."""
    data = read_yaml(path, "host.schema.json")
    return HostModel(
        name=path.stem,
        windows=Windows(**data["windows"]),
        account=Account(**data.get("account", {})),
        winrm=data.get("winrm", {}),
        registry=data.get("registry", {}),
        denied_keys=tuple(data.get("denied_keys", ())),
        files=tuple(HostFile(file, **content) for file, content in data.get("files", {}).items()),
        services=data.get("services", {}),
        environment=data.get("environment", {}),
        wmi=data.get("wmi", {}),
        dot_net=data.get("dot_net", False),
        susdb=data.get("susdb"),
        free_bytes=data.get("free_bytes", FREE_BYTES),
    )
