# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that touches Ansible's C(winrm) connection plugin and, with C(bounded), pywinrm.

PRIVATE to the collection: may change without notice.

Ansible's connection carries what the operator configured (inventory, vault, Kerberos, AWX credentials); pywinrm speaks
WS-Man. This file adds what neither has: errors that name the layer, a deadline, bounded output and recovery from the
shell's quota.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host import log_on, network, tls
from ansible_collections.unblock.updates.plugins.plugin_utils._host.anonymous import IDENTIFY, product_version
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import (
    NEXT_STEPS,
    HostError,
    Layer,
    printable,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target

try:
    import requests.exceptions
    import winrm.exceptions
    import xmltodict
    from winrm.protocol import Protocol
    from winrm.transport import Transport

    from ansible_collections.unblock.updates.plugins.plugin_utils._host.bounded import (
        BoundedAdapter,
        refuse_what_is_no_message,
    )
    from ansible_collections.unblock.updates.plugins.plugin_utils._host.ntlm import adapter_for
except ImportError as exc:
    WINRM_IMPORT_ERROR: ImportError | None = exc
else:
    WINRM_IMPORT_ERROR = None

#: Names of Ansible's winrm connection that are not public but used here; a test on every core fails when one is gone.
PRIVATE_NAMES = ("_connect", "protocol", "shell_id")

#: Raw bytes of one Send. WinRM 2.0 refuses envelopes over 150 kB, and Base64 adds a third (W32: WinRM/quotas).
STDIN_CHUNK_BYTES = 80_000

#: Seconds between two reports of a command that goes on.
PROGRESS_SECONDS = 30.0

#: Called with the seconds that a command has been running.
Progress = t.Callable[[float], None]

_QUOTA_MAX_OPERATIONS = 0x803381A6
_UNEXPECTED_SELECTORS = 0x8033805B

#: Codes of WS-Man faults (wsmerror.h) with the layer that they speak of and what they mean to an operator.
FAULTS = {
    0x00000005: (Layer.SHELL, "access denied: the account may not open a remote shell"),
    0x80338013: (Layer.WS_MAN, "the action is not supported"),
    0x80338029: (Layer.WS_MAN, "the operation timed out on the host"),
    0x8033803F: (Layer.WS_MAN, "a quota of the WS-Management service is exceeded"),
    0x8033805B: (Layer.SHELL, "the shell is no longer there"),
    0x803381A5: (Layer.SHELL, "the account has as many shells open as MaxShellsPerUser allows"),
    0x803381A6: (Layer.SHELL, "the shell's quota of operations is used up"),
    0x803381A7: (Layer.WS_MAN, "the account's quota of requests is used up"),
    0x803381A8: (Layer.WS_MAN, "the host's quota of requests is used up"),
    0x803381AB: (Layer.SHELL, "as many users have shells open as MaxConcurrentUsers allows"),
    0x80041003: (Layer.WS_MAN, "access denied: the account has no right to this WMI namespace"),
    0x8004100E: (Layer.WS_MAN, "there is no such WMI namespace"),
    0x80041010: (Layer.WS_MAN, "there is no such WMI class"),
    0x803381AC: (Layer.SHELL, "remote shells are not allowed on the host"),
}

display = Display()


@dataclasses.dataclass(frozen=True)
class Output:
    """What a command printed and how it ended.

    Attributes:
        stdout: bytes of the output stream.
        stderr: bytes of the error stream.
        code: the command's exit code, 32 bits.
    """

    stdout: bytes
    stderr: bytes
    code: int


class WinrmConnection(t.Protocol):
    """What is used of Ansible's connection plugin."""

    transport: str
    protocol: t.Any
    shell_id: str | None

    def get_option(self, option: str) -> t.Any:
        """The value of an option of the plugin."""

    def _connect(self) -> t.Any:
        """Builds the session and opens a shell."""

    def close(self) -> None:
        """Closes the shell and the session."""


class Shell:
    """The command shell that Ansible's connection opened on a Windows host."""

    def __init__(self, connection: WinrmConnection, legacy_tls: bool = False) -> None:
        """Opens nothing yet.

        Args:
            connection: Ansible's C(winrm) connection of the task.
            legacy_tls: take versions and ciphers of TLS that no longer count as safe.

        Raises:
            HostError: layer controller, without pywinrm.
        """
        self._connection = connection
        self._target = Target.of(connection, legacy_tls)
        self.host = self._target.host
        self._connect_timeout: float | None = None
        #: Whether the connection broke: its session cannot be used any more, and its shell may live on.
        self._lost = False
        #: The command that runs beside all others, and its number in the shell that is open.
        self._held: str | None = None
        self._holder: str | None = None
        #: The command that ended last in the shell that is open. The host keeps what it printed until the next one
        #: begins or the shell is closed, so acknowledging it may wait for either ([MS-WSMV] 2.2.4.38).
        self._ended: str | None = None
        if WINRM_IMPORT_ERROR is not None:
            raise self._error(Layer.CONTROLLER, f"pywinrm cannot be imported: {WINRM_IMPORT_ERROR}")

    @classmethod
    def open(cls, connection: WinrmConnection, connect_timeout: float, legacy_tls: bool = False) -> Shell:
        """Opens the shell.

        Args:
            connection: Ansible's C(winrm) connection of the task.
            connect_timeout: seconds for the TCP connect that precedes everything else.
            legacy_tls: take versions and ciphers of TLS that no longer count as safe.

        Raises:
            HostError: at the layer that failed.
        """
        shell = cls(connection, legacy_tls)
        shell._connect_timeout = connect_timeout
        shell._check_tcp()
        shell.connect()
        return shell

    def connect(self) -> None:
        """Logs on and opens the shell, without the TCP connect that ``open`` does first.

        Raises:
            HostError: at the layer that failed.
        """
        self._target.require_trust()
        self._target.require_secrecy()
        try:
            with _guarded_sessions(self._target, self._adapter_for):
                self._connection._connect()
        except (AnsibleConnectionFailure, AnsibleError) as exc:
            self._remove_ticket()
            raise self._classified(exc) from exc
        self._lost, self._ended = False, None
        if self._held is not None:
            try:
                self._holder = self._run_command(self._held)
            except Exception as exc:
                raise self._failed(exc) from exc

    @property
    def transport(self) -> str:
        """The way to log on that the open shell uses."""
        return str(self._protocol.transport.auth_method)

    def run(
        self,
        command: str,
        stdin: bytes | t.Iterable[bytes],
        timeout: float,
        max_bytes: int,
        progress: Progress | None = None,
    ) -> Output:
        """Runs one command. It is started once: a shell that refuses to start it, because it is lost or its quota is
        used up, is opened anew and asked once more; whatever fails later may have begun, and is never repeated.
        After a connection that broke, the next command has a new one.

        Args:
            command: the line given to cmd.exe.
            stdin: bytes for the command's standard input; pieces of any length are never held all at once.
            timeout: seconds until the command is terminated.
            max_bytes: bound on both output streams together.
            progress: called about every ``PROGRESS_SECONDS`` while the command runs.

        Raises:
            HostError: layer WS-Man for faults, TCP for a lost connection, script for deadline and bound.
            Exception: what taking the input raised, as it is.
        """
        clock = _Clock(self.host, timeout, progress)
        try:
            command_id = self._start(command)
            try:
                for piece, is_last in _pieces(stdin):
                    self._protocol.send_command_input(self._shell_id, command_id, piece, end=is_last)
                    clock.tick()
                output = self._receive(command_id, clock, max_bytes)
            except BaseException as exc:
                if not self._breaks(exc):
                    self._terminate(command_id)
                raise
            self._ended = command_id
            return output
        except HostError:
            raise
        except _InputError as exc:
            raise exc.cause from None
        except Exception as exc:
            raise self._failed(exc) from exc

    def hold(self, command: str) -> None:
        """Starts a command that waits for input beside all others, in this shell and in each that follows it.

        It ends with ``release``, or with its shell: where the controller is gone, after the shell's idle time.

        Args:
            command: the line given to cmd.exe.

        Raises:
            HostError: if it cannot be started.
        """
        try:
            self._holder = self._start(command)
        except HostError:
            raise
        except Exception as exc:
            raise self._failed(exc) from exc
        self._held = command

    def release(self) -> None:
        """Ends what ``hold`` started. In a shell whose connection broke, it ends with that shell."""
        holder, self._held, self._holder = self._holder, None, None
        if holder is not None and not self._lost:
            try:
                self._protocol.cleanup_command(self._shell_id, holder)
            except Exception as exc:
                self._lost = self._breaks(exc)
                display.vvv(f"ending what was held failed: {printable(str(exc), 300)}", host=self.host)

    def identify(self) -> str | None:
        """The product version that the WS-Management service tells an account that is logged on.

        Raises:
            HostError: with the fault of the service.
        """
        try:
            return product_version(self._protocol.send_message(IDENTIFY))
        except Exception as exc:
            raise self._failed(exc) from exc

    def request(self, resource_uri: str, action: str, body: str) -> bytes:
        """Sends one WS-Man request over the shell's connection.

        Args:
            resource_uri: what is addressed.
            action: what is to be done with it.
            body: XML; the prefixes C(n) (enumeration) and C(w) (WS-Man) are declared.

        Returns:
            The response's envelope.

        Raises:
            HostError: with the fault of the WS-Management service.
        """
        envelope = {"env:Envelope": self._protocol.build_wsman_header(action=action, resource_uri=resource_uri)}
        envelope["env:Envelope"]["env:Body"] = None
        try:
            message = xmltodict.unparse(envelope).replace("<env:Body></env:Body>", f"<env:Body>{body}</env:Body>")
            return self._protocol.send_message(message)
        except Exception as exc:
            raise self._failed(exc) from exc

    def close(self) -> None:
        """Closes the shell, with all that still runs in it; a host that is gone has none left to close."""
        try:
            if self._lost and self._connection.shell_id is not None:
                self._reconnect()
            self._connection.close()
        except Exception as exc:
            display.vvv(f"closing the shell failed: {printable(str(exc), 300)}", host=self.host)
            # Ansible's plugin keeps what it could not close, and would take it for open.
            self._connection.protocol = self._connection.shell_id = None
        self._remove_ticket()
        self._holder = self._ended = None

    def _remove_ticket(self) -> None:
        """Removes the file with the account's ticket, if Ansible's plugin made one: after a failure it would stay."""
        tickets = getattr(self._connection, "_kerb_ccache", None)
        if tickets is not None:
            tickets.close()

    def _adapter_for(self, transport: Transport, session: requests.Session) -> BoundedAdapter:
        return adapter_for(transport, session)

    @property
    def _protocol(self) -> Protocol:
        return t.cast("Protocol", self._connection.protocol)

    @property
    def _shell_id(self) -> str:
        return t.cast(str, self._connection.shell_id)

    def _reconnect(self) -> None:
        """Logs on anew, and ends the shell of the connection that broke."""
        left, self._connection.shell_id, self._connection.protocol = self._connection.shell_id, None, None
        self._check_tcp()
        try:
            self.connect()
        finally:  # also where a shell was opened, but what is held could not be started in it
            if left is not None and self._connection.shell_id is not None:
                self._close_left(left)

    def _close_left(self, shell_id: str) -> None:
        try:
            self._protocol.close_shell(shell_id, close_session=False)
        except Exception as exc:
            display.vvv(f"closing the shell that was left failed: {printable(str(exc), 300)}", host=self.host)

    @staticmethod
    def _breaks(exc: BaseException) -> bool:
        """Whether an error leaves a session that the host may know nothing of. A fault is an answer."""
        return isinstance(exc, Exception) and not isinstance(
            exc, (HostError, _InputError, winrm.exceptions.WSManFaultError)
        )

    def _start(self, command: str) -> str:
        if self._lost:
            self._reconnect()
        try:
            return self._run_command(command)
        except winrm.exceptions.WSManFaultError as exc:
            if not {_QUOTA_MAX_OPERATIONS, _UNEXPECTED_SELECTORS} & {exc.wsman_fault_code, exc.wmierror_code}:
                raise
            display.vvv("the shell is lost or its quota is used up: opening another", host=self.host)
        self.close()
        self.connect()
        return self._run_command(command)

    def _run_command(self, command: str) -> str:
        ended, self._ended = self._ended, None
        if ended is not None:
            self._protocol.cleanup_command(self._shell_id, ended)
        return self._protocol.run_command(self._shell_id, command, console_mode_stdin=False)

    def _receive(self, command_id: str, clock: _Clock, max_bytes: int) -> Output:
        stdout: list[bytes] = []
        stderr: list[bytes] = []
        received = 0
        while True:
            try:
                out, err, code, done = self._protocol.get_command_output_raw(self._shell_id, command_id)
            except winrm.exceptions.WinRMOperationTimeoutError:
                out, err, code, done = b"", b"", -1, False
            stdout.append(out)
            stderr.append(err)
            received += len(out) + len(err)
            if received > max_bytes:
                raise HostError(
                    Layer.SCRIPT,
                    self.host,
                    f"the command printed more than {max_bytes} bytes",
                    "This is not what the probe does: look at what else answers on this host.",
                )
            if done:
                return Output(b"".join(stdout), b"".join(stderr), code & 0xFFFFFFFF)
            clock.tick()

    def _terminate(self, command_id: str) -> None:
        """Ends a command after a failure, which is what the operator shall hear of, not of a second one."""
        try:
            self._protocol.cleanup_command(self._shell_id, command_id)
        except Exception as exc:
            display.vvv(f"terminating the command failed: {printable(str(exc), 300)}", host=self.host)

    def _check_tcp(self) -> None:
        """One short connect tells a wrong name, a closed port and a dead host apart, and keeps dead hosts cheap."""
        if self._connect_timeout is not None and not self._target.proxied:
            addresses = network.resolve(self.host, self._target.port)
            network.dial(self.host, addresses, self._connect_timeout).close()

    def _error(self, layer: Layer, observed: str, fault: int | None = None) -> HostError:
        return HostError(layer, self.host, observed, NEXT_STEPS[layer], fault)

    def _failed(self, exc: BaseException) -> HostError:
        """The layer of an error, which may have broken the connection."""
        self._lost = self._breaks(exc)
        return self._classified(exc)

    def _classified(self, exc: BaseException) -> HostError:
        """The layer of an error. Ansible's plugin joins what pywinrm raised into one text, so texts must do."""
        text = str(exc)
        code = _fault_code(exc, text)
        if code is not None:
            layer, meaning = FAULTS.get(code, (Layer.WS_MAN, f"winrm helpmsg 0x{code:08X} on the host explains it"))
            said = str(getattr(exc, "reason", text)).partition(" (extended fault data:")[0]
            return self._error(layer, f"fault 0x{code:08X} ({meaning}): {said}", code)
        known = log_on.explanation(text)
        if known is not None:
            return HostError(known.layer, self.host, text, known.next_step)
        for layer, pattern in _TEXT_PATTERNS:
            if pattern.search(text):
                return self._error(layer, text)
        if isinstance(exc, OSError) or (
            WINRM_IMPORT_ERROR is None and isinstance(exc, requests.exceptions.ConnectionError)
        ):
            return self._error(Layer.TCP, text)
        return self._error(Layer.WS_MAN, text or type(exc).__name__)


@contextlib.contextmanager
def _guarded_sessions(
    target: Target, adapter_for: t.Callable[[Transport, requests.Session], BoundedAdapter]
) -> t.Iterator[None]:
    """Has the session that is built meanwhile bound what the host may answer, and take old TLS if that was asked for:
    it, and its endpoint, alone.

    Ansible's plugin builds the session and sends the first request in one go, so this is the only place between.
    """
    build_session, setup_encryption = Transport.build_session, Transport.setup_encryption
    legacy = {"ssl_context": tls.trusting_context(target)} if target.tls and target.legacy_tls else {}

    def guard(transport: Transport, session: requests.Session) -> None:
        if not isinstance(session.adapters["http://"], BoundedAdapter):
            for scheme in ("http://", "https://"):
                session.mount(scheme, adapter_for(transport, session))
            if legacy:
                adapter = BoundedAdapter()
                adapter.init_poolmanager(1, 1, **legacy)
                # As requests writes it, which may be another way than the inventory's.
                session.mount(str(requests.Request("POST", transport.endpoint).prepare().url), adapter)
            refuse_what_is_no_message(transport)
            # pywinrm has read the environment's proxies already; requests would read them again for every message.
            session.trust_env = False

    def build(transport: Transport) -> requests.Session:
        session = build_session(transport)
        guard(transport, session)
        return session

    def set_up(transport: Transport, session: requests.Session) -> None:
        guard(transport, session)  # building a session that encrypts ends with a first request
        setup_encryption(transport, session)

    Transport.build_session, Transport.setup_encryption = build, set_up  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Transport.build_session = build_session  # type: ignore[method-assign]
        Transport.setup_encryption = setup_encryption  # type: ignore[method-assign]


class _Clock:
    """The time that a command may take, and who is told how long it has taken."""

    def __init__(self, host: str, timeout: float, progress: Progress | None) -> None:
        self._host = host
        self._timeout = timeout
        self._progress = progress
        self._started = self._reported = time.monotonic()

    def tick(self) -> None:
        """Raises HostError once the time is up; reports if a report is due."""
        now = time.monotonic()
        if now - self._started > self._timeout:
            raise HostError(
                Layer.SCRIPT,
                self._host,
                f"the command had not ended after {self._timeout:g} s and was terminated",
                "Raise unblock_timeout (for a package install_timeout) for this host, or look for what slows it down.",
            )
        if self._progress is not None and now - self._reported >= PROGRESS_SECONDS:
            self._reported = now
            self._progress(now - self._started)


class _InputError(Exception):
    """Taking the input of a command failed, which says nothing of the host."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _pieces(stdin: bytes | t.Iterable[bytes]) -> t.Iterator[tuple[bytes, bool]]:
    """Cuts input into what one Send carries, each with whether it is the last. Nothing at all is no piece."""
    ready = b""
    parts = iter((stdin,) if isinstance(stdin, bytes) else stdin)
    while (part := _next_part(parts)) is not None:
        ready += part
        start = 0
        while len(ready) - start > STDIN_CHUNK_BYTES:
            yield ready[start : start + STDIN_CHUNK_BYTES], False
            start += STDIN_CHUNK_BYTES
        ready = ready[start:]
    if ready:
        yield ready, True


def _next_part(parts: t.Iterator[bytes]) -> bytes | None:
    try:
        return next(parts, None)
    except Exception as exc:
        raise _InputError(exc) from exc


_TEXT_PATTERNS = tuple(
    (layer, re.compile(pattern, re.IGNORECASE))
    for layer, pattern in (
        (Layer.CONTROLLER, r"is not installed|does not support transport"),
        (Layer.AUTHENTICATION, r"credentials were rejected|Kerberos auth failure|requires a (username|password)|kinit"),
        (Layer.AUTHENTICATION, r"SpnegoError|GSSError|InvalidCredentials|server did not response? with"),
        (Layer.AUTHENTICATION, r"authGSSClient|Unable to authenticate"),
        (Layer.TLS, r"SSLError|CERTIFICATE_VERIFY_FAILED|\[SSL|certificate verify failed|wrong version number"),
        (Layer.TCP, r"connection (refused|reset|aborted)|Max retries exceeded|RemoteDisconnected|timed? ?out"),
    )
)


def _fault_code(exc: BaseException, text: str) -> int | None:
    for attribute in ("wmierror_code", "wsman_fault_code"):
        code = getattr(exc, attribute, None)
        if isinstance(code, int):
            return code & 0xFFFFFFFF
    match = re.search(r"'wsmanfault_code': '?(\d{1,10})", text)
    return int(match.group(1)) & 0xFFFFFFFF if match else None
