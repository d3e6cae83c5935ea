# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint as a process of its own: `python -m tests.lab.endpoint.daemon STATE`.

STATE/endpoint.json says which hosts to serve. STATE/control.sock takes calls (see Control) while it runs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import Listener as PipeListener
from pathlib import Path
from typing import Any

from tests.lab.endpoint.authentication import write_account_file
from tests.lab.endpoint.certificates import server_context
from tests.lab.endpoint.connection import EndpointHost
from tests.lab.endpoint.injection import Injection
from tests.lab.endpoint.listener import Listener
from tests.lab.endpoint.recorder import Recorder
from tests.lab.endpoint.shells import ShellHost
from tests.lab.endpoint.wmi import WmiService
from tests.lab.executors.base import CommandLine, Executor
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.executors.wine import WineHost
from tests.lab.model import Account, WinRM, load_host
from tests.lab.simulated.machine import Machine
from tests.lab.update_site import UpdateSite, settings_of

CONTROL_KEY = b"lab"  # the socket's directory is the protection; the key only keeps strangers' protocols out
RUN_TIMEOUT = 60.0  # seconds for one command of the control socket


@contextlib.contextmanager
def control_address(state: Path) -> Iterator[str]:
    """Yield a name of the control socket that fits into an address, which has 107 bytes, however deep the folder is."""
    folder = os.open(state, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/control.sock"
    finally:
        os.close(folder)


class Endpoint:
    """All hosts of one lab."""

    def __init__(self, state: Path) -> None:
        self._state = state
        config = json.loads((state / "endpoint.json").read_text(encoding="utf-8"))
        recorder = Recorder(state / "requests.jsonl")
        site_tls = server_context(state / "tls") if config["update_sites"] else None
        contexts = functools.cache(functools.partial(server_context, state / "tls")) if config["tls"] else None
        self._listener = Listener(config["port"], contexts, recorder)
        self._keytab = Path(config["keytab"]) if config["keytab"] else None
        self._executors: dict[str, Executor] = {}
        self._hosts: dict[str, EndpointHost] = {}
        self.sites: dict[str, UpdateSite] = {}
        self._stopping = threading.Event()
        for host in config["hosts"]:
            self._add(host)
            if config["update_sites"]:
                self._open_site(host, site_tls)

    def _add(self, config: dict[str, Any]) -> None:
        name = config["name"]
        executor = _executor(config)
        settings = WinRM(**config["winrm"])
        account = Account(**config["account"])
        account_file = self._state / "hosts" / name / "account"
        write_account_file(account_file, account, config["computer_name"])
        host = EndpointHost(
            name,
            config["address"],
            account,
            account_file,
            config["product_version"],
            ShellHost(settings, executor, WmiService(config["wmi"])),
            keytab=self._keytab,
        )
        self._executors[name] = executor
        self._hosts[name] = host
        if isinstance(executor, SimulatedHost):
            host.service.wmi.booted_at = executor.machine.boot_time
            host.restart = functools.partial(self._go_down, host, executor.machine)
            executor.machine.on_restart = host.restart
        if settings.listening:
            self._listener.open(host)

    def _open_site(self, config: dict[str, Any], tls: ssl.SSLContext | None) -> None:
        name = config["name"]
        settings = settings_of(load_host(Path(config["model"])))
        if settings is not None:
            self.sites[name] = UpdateSite(self._executors[name], settings, config["address"], tls)

    def run(self) -> None:
        """Serve until SIGTERM."""
        signal.signal(signal.SIGTERM, lambda *_: self._stopping.set())
        threading.Thread(target=self._listen_control, daemon=True).start()
        threading.Thread(target=self._remove_idle, daemon=True).start()
        while not self._stopping.is_set():
            self._listener.serve_once(0.2)
        for host in self._hosts.values():
            host.service.close()
        for site in self.sites.values():
            site.close()

    def _remove_idle(self) -> None:
        while not self._stopping.wait(0.5):
            for host in self._hosts.values():
                host.service.remove_idle()

    def _listen_control(self) -> None:
        (self._state / "control.sock").unlink(missing_ok=True)
        with (
            control_address(self._state) as address,
            PipeListener(address, "AF_UNIX", authkey=CONTROL_KEY) as listener,
        ):
            while True:
                threading.Thread(target=self._control, args=(listener.accept(),), daemon=True).start()

    def _control(self, pipe: Pipe) -> None:
        with pipe:
            try:
                name, operation, arguments = pipe.recv()
                pipe.send(("ok", getattr(Control(self, self._hosts.get(name)), operation)(**arguments)))
            except Exception as error:  # the caller gets whatever went wrong
                pipe.send(("error", f"{type(error).__name__}: {error}"))

    def _go_down(self, host: EndpointHost, machine: Machine) -> None:
        """What a restart is to clients: nothing listens, connections break, shells are gone."""
        settings = host.service.settings
        if settings.restart == "hangs":
            return
        host.up = False
        self.listen(host)
        host.service.close()
        if settings.restart != "stays_down":
            timer = threading.Timer(settings.down_for, self._come_up, [host, machine])
            timer.daemon = True
            timer.start()

    def _come_up(self, host: EndpointHost, machine: Machine) -> None:
        if host.service.settings.restart != "keeps_boot_time":
            machine.restart()
            host.service.wmi.booted_at = machine.boot_time
        host.up = True
        self.listen(host)

    def listen(self, host: EndpointHost) -> None:
        """Open or close the host's socket as its settings say."""
        listening = host.up and host.service.settings.listening
        (self._listener.open if listening else self._listener.close)(host)

    def executor(self, host: EndpointHost) -> Executor:
        """Return what runs the host's commands."""
        return self._executors[host.name]


def _executor(config: dict[str, Any]) -> Executor:
    if config["executor"] == "simulated":
        return SimulatedHost(load_host(Path(config["model"])))
    return WineHost(Path(config["prefix"]), config["environment"])


@dataclasses.dataclass
class Control:
    """The calls of the control socket."""

    endpoint: Endpoint
    host: EndpointHost | None

    def _known_host(self) -> EndpointHost:
        if self.host is None:
            raise LookupError("no such host")
        return self.host

    def ping(self) -> str:
        """Answer that the endpoint is up."""
        return "up"

    def settings(self) -> dict[str, Any]:
        """Return the WinRM settings of the host."""
        return dataclasses.asdict(self._known_host().service.settings)

    def change(self, **fields: Any) -> None:
        """Change WinRM settings of the host."""
        host = self._known_host()
        host.service.change(**fields)
        self.endpoint.listen(host)

    def inject(self, kind: str = "", at: int = 0) -> None:
        """Let a fault strike the n-th request from now; without one, only count requests."""
        self._known_host().injection = Injection(kind, at)

    def injected(self) -> tuple[bool, int]:
        """Return whether the fault has struck, and how many requests came since it was injected."""
        injection = self._known_host().injection
        return injection.fired, injection.requests

    def is_up(self) -> bool:
        """Return whether the host is up."""
        return self._known_host().up

    def end_idle_shells(self) -> None:
        """End the shells of the host, as if nobody had used them for long."""
        self._known_host().service.close()

    def snapshot(self) -> Any:
        """Return a picture of the host; a Wine host is pictured from outside."""
        return self.endpoint.executor(self._known_host()).snapshot()

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the host, beside all its programs; folders come into being."""
        self.endpoint.executor(self._known_host()).put(path, data)

    def get(self, path: str) -> bytes:
        """Return a file of the host."""
        return self.endpoint.executor(self._known_host()).get(path)

    def file_version(self, path: str) -> str:
        """Return the version of a library of the host."""
        return self.endpoint.executor(self._known_host()).file_version(path)

    def started(self) -> list[str]:
        """Return the names of the programs that ran on the host, oldest first; only of a simulated one."""
        return self.endpoint.executor(self._known_host()).started()

    def update_calls(self) -> list[str]:
        """Return which web methods of the host's WSUS were called, oldest first."""
        return list(self.endpoint.sites[self._known_host().name].service.calls)

    def run(self, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command on the host beside WinRM: no request, no shell. Returns exit code, stdout, stderr."""
        return self.endpoint.executor(self._known_host()).start(CommandLine(command)).communicate(stdin, RUN_TIMEOUT)


if __name__ == "__main__":
    Endpoint(Path(sys.argv[1])).run()
