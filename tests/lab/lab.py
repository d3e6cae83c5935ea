# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops a lab, and lets tests look at its hosts.

with Lab("tests/lab/fleets/954960.yml", "build/lab") as lab:
    lab.inventory                          # path of the Ansible inventory
    lab.host("wsus-sp1").requests()        # what clients sent to it
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import yaml

from tests.lab.endpoint.certificates import make_certificates
from tests.lab.endpoint.daemon import CONTROL_KEY, control_address
from tests.lab.fleet import NETWORK, Member, load_fleet
from tests.lab.kdc import REALM, STRANGER, Kdc, KdcError
from tests.lab.model import HOSTS, Account, WinRM
from tests.lab.snapshot import Snapshot, take_snapshot
from tests.lab.wine_fleet import clone_of, host_directory, start_hosts, stop_hosts

REPOSITORY = Path(__file__).parents[2]
DEFAULT_STATE = REPOSITORY / "build" / "lab"
DEFAULT_CACHE = REPOSITORY / "build" / "lab-cache"
START_TIMEOUT = 120.0  # seconds until the endpoint must answer
AUTH: dict[str, dict[str, Any]] = {
    "ntlm": {"auth": ("negotiate",), "allow_unencrypted": False},
    "basic": {"auth": ("negotiate", "basic"), "allow_unencrypted": True},
    "kerberos": {"auth": ("negotiate",), "allow_unencrypted": False},
    "certificate": {"auth": ("negotiate", "certificate"), "allow_unencrypted": False},
}


class LabError(Exception):
    """The lab could not be started, or a call to it failed."""


@dataclass(frozen=True)
class Options:
    """How a lab is started."""

    auth: str = "ntlm"  # a key of AUTH: the transport of the inventory; certificate needs tls
    tls: bool = False
    port: int | None = None  # 5985, with TLS 5986
    network: str = NETWORK
    cache: Path = DEFAULT_CACHE
    executor: str = "wine"  # wine | simulated
    password: str | None = None  # of every account; without it, each model's own
    update_sites: bool = False  # hosts with WSUS answer update clients, at the ports that their registries name

    @property
    def listen_port(self) -> int:
        """The port of every host."""
        return self.port or (5986 if self.tls else 5985)


class LabHost:
    """One running host of a lab."""

    def __init__(self, lab: Lab, member: Member) -> None:
        self._lab = lab
        self.name = member.name
        self.address = member.address
        self.model = member.model
        self.account = lab.account(member)
        self.executor = lab.executor(member)
        self.prefix = host_directory(lab.state, member.name) / "prefix"

    @property
    def url(self) -> str:
        """The WS-Man URL."""
        options = self._lab.options
        return f"{'https' if options.tls else 'http'}://{self.address}:{options.listen_port}/wsman"

    def requests(self) -> list[dict[str, Any]]:
        """Return the recorded HTTP requests to this host, oldest first."""
        return [entry for entry in self._lab.requests() if entry["host"] == self.name]

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command on the host beside WinRM; returns exit code, stdout, stderr."""
        result: tuple[int, bytes, bytes] = self._lab.call(self.name, "run", command=command, stdin=stdin)
        return result

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the host, named by its Windows path, beside WinRM."""
        self._lab.call(self.name, "put", path=path, data=data)

    def get(self, path: str) -> bytes:
        """Return what is in a file of the host; raises LabError."""
        content: bytes = self._lab.call(self.name, "get", path=path)
        return content

    def file_version(self, path: str) -> str:
        """Return the version of a library of the host, A.B.C.D; raises LabError."""
        version: str = self._lab.call(self.name, "file_version", path=path)
        return version

    def started(self) -> list[str]:
        """Return the names of the programs that ran on the host, oldest first; only of a simulated one."""
        names: list[str] = self._lab.call(self.name, "started")
        return names

    def update_calls(self) -> list[str]:
        """Return which web methods of the host's WSUS were called, oldest first; needs `update_sites`."""
        calls: list[str] = self._lab.call(self.name, "update_calls")
        return calls

    def inject(self, kind: str = "", at: int = 0) -> None:
        """Let a fault (tests.lab.endpoint.injection.KINDS) strike the n-th request from now; without, only count."""
        self._lab.call(self.name, "inject", kind=kind, at=at)

    def injected(self) -> tuple[bool, int]:
        """Return whether the fault has struck, and how many requests came since `inject`."""
        fired, requests = self._lab.call(self.name, "injected")
        return fired, requests

    def is_up(self) -> bool:
        """Return whether the host is up; one that is restarting is not."""
        up: bool = self._lab.call(self.name, "is_up")
        return up

    def end_idle_shells(self) -> None:
        """Do to every shell of the host what the service does to one that nobody used for its idle time."""
        self._lab.call(self.name, "end_idle_shells")

    def snapshot(self) -> Snapshot:
        """Return a picture of every file and registry value, to be compared with another."""
        if self.executor == "simulated":
            return self._lab.call(self.name, "snapshot")
        # Wine registers display, console and script host when the first of each is used: that shall be no difference.
        script = 'new ActiveXObject("WScript.Shell").Run("cmd /c ver",0,true);'
        self.run(rf"echo {script}> C:\lab.js & cscript //nologo C:\lab.js & del C:\lab.js")
        return take_snapshot(clone_of(self._lab.state, self._lab.options.cache, self.name))

    def change(self, **settings: Any) -> None:
        """Change WinRM settings (see tests.lab.model.WinRM) for good."""
        self._lab.call(self.name, "change", **settings)

    @contextmanager
    def knobs(self, **settings: Any) -> Iterator[None]:
        """Change WinRM settings for the length of a with statement."""
        before = self._lab.call(self.name, "settings")
        self.change(**settings)
        try:
            yield
        finally:
            self.change(**before)

    @contextmanager
    def script_host_disabled(self) -> Iterator[None]:
        """Switch the Windows Script Host off by policy for the length of a with statement."""
        key = r"HKLM\SOFTWARE\Microsoft\Windows Script Host\Settings"
        self.run(rf'reg add "{key}" /v Enabled /t REG_DWORD /d 0 /f')
        try:
            yield
        finally:
            self.run(rf'reg delete "{key}" /v Enabled /f')


class Lab:
    """A fleet of lab hosts with their endpoint."""

    def __init__(
        self,
        fleet: Path | str,
        state: Path | str = DEFAULT_STATE,
        options: Options = Options(),
        progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.state = Path(state).resolve()
        self.options = options
        self.members = load_fleet(Path(fleet), options.network)
        self._fleet = Path(fleet).resolve()
        self._progress = progress

    @classmethod
    def running(cls, state: Path | str = DEFAULT_STATE) -> Lab:
        """Return the lab that `up` left in a state directory; raises LabError if there is none."""
        try:
            record = json.loads((Path(state) / "lab.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise LabError(f"no lab runs in {state}") from None
        options = record["options"] | {"cache": Path(record["options"]["cache"])}
        return cls(record["fleet"], state, Options(**options))

    def __enter__(self) -> Lab:
        self.up()
        return self

    def __exit__(self, *exception: object) -> None:
        self.down()

    @property
    def inventory(self) -> Path:
        """Path of the Ansible inventory."""
        return self.state / "inventory.yml"

    @property
    def ca(self) -> Path:
        """Path of the certificate of the lab's own authority, with TLS or `update_sites`."""
        return self.state / "tls" / "ca.pem"

    @property
    def kdc(self) -> Kdc:
        """The domain controller, with `kerberos`."""
        return Kdc(self.state / "kdc")

    def host(self, name: str) -> LabHost:
        """Return a host by its inventory name; raises LabError."""
        for member in self.members:
            if member.name == name:
                return LabHost(self, member)
        raise LabError(f"no host is called {name}; there are: {', '.join(member.name for member in self.members)}")

    def account(self, member: Member) -> Account:
        """Return the account that may log on to a host."""
        account = member.model.account if member.model else Account()
        return (
            account if self.options.password is None else dataclasses.replace(account, password=self.options.password)
        )

    def executor(self, member: Member) -> str:
        """Return what a host runs on."""
        return "simulated" if member.simulated else self.options.executor

    def requests(self) -> list[dict[str, Any]]:
        """Return all recorded HTTP requests, oldest first."""
        path = self.state / "requests.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def call(self, host: str | None, operation: str, **arguments: Any) -> Any:
        """Call the endpoint's control socket; raises LabError."""
        try:
            with control_address(self.state) as address, Client(address, "AF_UNIX", authkey=CONTROL_KEY) as pipe:
                pipe.send((host, operation, arguments))
                outcome, value = pipe.recv()
        except (OSError, EOFError) as error:
            raise LabError(f"the endpoint in {self.state} does not answer: {error}") from error
        if outcome != "ok":
            raise LabError(value)
        return value

    def up(self) -> None:
        """Start every host and the endpoint; a lab that already runs in the state directory is replaced."""
        self.down()
        if self.options.auth == "certificate" and not self.options.tls:
            raise LabError("nobody logs on with a certificate without TLS")
        self._require_port()
        self.state.mkdir(parents=True, exist_ok=True)
        try:
            if on_wine := [member for member in self.members if self.executor(member) == "wine"]:
                start_hosts(on_wine, self.state, self.options.cache, self._progress)
            self._write_files()
            if self.options.auth == "kerberos":
                self._start_kdc()
            self._start_endpoint()
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stop the endpoint and every host."""
        take_down(self.state)

    def _require_port(self) -> None:
        """Raise LabError before anything is started if another program has the port."""
        address = next(member.address for member in self.members if member.model)
        try:
            socket.create_server((address, self.options.listen_port)).close()
        except OSError as error:
            raise LabError(
                f"{address} port {self.options.listen_port}: {os.strerror(error.errno or 0)}; choose another --port"
            ) from error

    def _write_files(self) -> None:
        reachable = [member for member in self.members if member.model]
        (self.state / "requests.jsonl").write_text("", encoding="utf-8")
        if self.options.tls or self.options.update_sites:
            names, addresses = [member.name for member in reachable], [member.address for member in reachable]
            make_certificates(self.state / "tls", names, addresses, {self.account(m).user for m in reachable})
        config = {
            "port": self.options.listen_port,
            "tls": self.options.tls,
            "update_sites": self.options.update_sites,
            "keytab": str(self.kdc.keytab) if self.options.auth == "kerberos" else None,
            "hosts": [self._endpoint_host(member) for member in reachable],
        }
        write_json(self.state / "endpoint.json", config)
        inventory = yaml.safe_dump(self._inventory(), sort_keys=False)
        self.inventory.write_text("---\n" + inventory, encoding="utf-8")
        options = dataclasses.asdict(self.options) | {"cache": str(self.options.cache)}
        write_json(self.state / "lab.json", {"fleet": str(self._fleet), "options": options})

    def _endpoint_host(self, member: Member) -> dict[str, Any]:
        model = member.model
        assert model is not None
        settings = dataclasses.asdict(dataclasses.replace(WinRM(), **AUTH[self.options.auth], **model.winrm))
        windows = model.windows
        return {
            "name": member.name,
            "address": member.address,
            "account": dataclasses.asdict(self.account(member)),
            "computer_name": windows.computer_name,
            "wmi": model.wmi,
            "product_version": f"OS: {windows.kernel}.{windows.build} SP: {windows.service_pack}.0 Stack: 2.0",
            "executor": self.executor(member),
            "model": str(HOSTS / f"{model.name}.yml"),
            "prefix": str(host_directory(self.state, member.name) / "prefix"),
            "environment": model.full_environment,
            "winrm": settings,
        }

    def _inventory(self) -> dict[str, Any]:
        groups: dict[str, Any] = {"update_servers": {"hosts": {}}, "update_clients": {"hosts": {}}}
        for member in self.members:
            groups[member.group]["hosts"][member.name] = {
                "ansible_host": member.address,
                **self._log_on(member),
                **member.variables,
            }
        variables: dict[str, Any] = {
            "ansible_connection": "winrm",
            "ansible_port": self.options.listen_port,
            "ansible_winrm_scheme": "https" if self.options.tls else "http",
            "ansible_winrm_transport": self.options.auth,
        }
        if self.options.tls:
            variables["ansible_winrm_ca_trust_path"] = str(self.ca)
        return {"all": {"vars": variables, "children": groups}}

    def _log_on(self, member: Member) -> dict[str, Any]:
        """Return what the inventory says of a host's account."""
        account = self.account(member)
        if self.options.auth == "certificate":
            pem = str(self.state / "tls" / "client.pem")
            return {"ansible_winrm_cert_pem": pem, "ansible_winrm_cert_key_pem": pem}
        if self.options.auth == "kerberos":
            return {
                "ansible_user": f"{account.user}@{REALM}",
                "ansible_password": account.password,
                "ansible_winrm_kerberos_hostname_override": domain_name(member),
                "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"],
            }
        return {"ansible_user": account.user, "ansible_password": account.password}

    def _start_kdc(self) -> None:
        reachable = [member for member in self.members if member.model]
        accounts = {account.user: account.password for account in map(self.account, reachable)}
        try:
            self.kdc.start(accounts | {STRANGER: Account().password}, map(domain_name, reachable))
        except KdcError as error:
            raise LabError(str(error)) from error
        self._progress(f"the domain controller answers who sets KRB5_CONFIG={self.kdc.config}")

    def _start_endpoint(self) -> None:
        log = self.state / "endpoint.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.lab.endpoint.daemon", str(self.state)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=REPOSITORY,
                # The file is there in a lab with Kerberos; in any other, the machine's own shall not be read either.
                env={**os.environ, "TZ": "UTC", "KRB5_CONFIG": str(self.kdc.config)},
                start_new_session=True,
            )
        (self.state / "endpoint.pid").write_text(f"{process.pid}\n", encoding="ascii")
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.call(None, "ping")
            except LabError:
                time.sleep(0.05)
            else:
                self._progress(f"endpoint listens on port {self.options.listen_port}")
                return
        raise LabError(f"the endpoint did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def domain_name(member: Member) -> str:
    """Return what a host is called in its domain; the name has no address, so that nobody's resolver is asked."""
    return f"{member.name}.lab.example"


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def take_down(state: Path) -> None:
    """Stop what runs in a state directory and remove what it needed; the record of requests and the log stay."""
    _stop(state, state / "endpoint.pid")
    _stop(state, Kdc(state / "kdc").pid_file)
    stop_hosts(state)
    for name in ("lab.json", "inventory.yml", "endpoint.json", "endpoint.pid", "control.sock"):
        (state / name).unlink(missing_ok=True)


def _stop(state: Path, pid_file: Path) -> None:
    """Stop a process of a state directory, if it runs."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return
    if str(state).encode() not in command:  # the number belongs to another process by now
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
        except ChildProcessError:
            if not Path(f"/proc/{pid}").exists():
                return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
