# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every layer between the controller and what a host must have: what was seen, whether it works, what to do.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import functools
import ssl
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import anonymous, network, probe, tls
from ansible_collections.unblock.updates.plugins.plugin_utils._host.compiler import (
    COMPILER_READS,
    COMPILERS,
    compiler_answer,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell, WinrmConnection
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import (
    UNREACHABLE_LAYERS,
    HostError,
    Layer,
    printable,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import Answer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target

#: From the outside in; each one needs those before it.
LAYERS = (
    Layer.NAME_RESOLUTION,
    Layer.TCP,
    Layer.TLS,
    Layer.AUTHENTICATION,
    Layer.WS_MAN,
    Layer.SHELL,
    Layer.SCRIPT_HOST,
    Layer.DOT_NET,
)

State = t.Literal["ok", "failed", "skipped"]

_OBSERVED_CHARACTERS = 500
_FRAMEWORK = r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v2.0.50727"
_READS = (
    {"id": "script_engine", "op": "file", "path": r"%SystemRoot%\System32\jscript.dll"},
    {"id": "framework.version", "op": "reg_value", "key": _FRAMEWORK, "value": "Version"},
    {"id": "framework.service_pack", "op": "reg_value", "key": _FRAMEWORK, "value": "SP"},
    *COMPILER_READS,
)

# What a host must offer for each of pywinrm's ways to log on.
_SCHEMES = {
    "basic": {"Basic"},
    "plaintext": {"Basic"},
    "ssl": {"Basic"},
    "ntlm": {"Negotiate", "NTLM"},
    "kerberos": {"Negotiate", "Kerberos"},
    "credssp": {"CredSSP"},
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """What was found at one layer.

    Attributes:
        layer: where.
        state: C(skipped) if it is not in use, or was not reached.
        observed: what was seen there, one sentence.
        next_step: what the operator can do about a failure; None without one.
    """

    layer: Layer
    state: State
    observed: str
    next_step: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """The finding as it stands in results."""
        return {
            "layer": self.layer.value,
            "state": self.state,
            "observed": printable(self.observed, _OBSERVED_CHARACTERS),
            "next_step": self.next_step,
        }


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What was found on the way to a host.

    Attributes:
        findings: one for each of ``LAYERS``.
        failure: what broke it; None if nothing did.
        warnings: a sentence for each weakness of the way that the operator chose.
    """

    findings: tuple[Finding, ...]
    failure: HostError | None
    warnings: t.Sequence[str] = ()

    @property
    def reachable(self) -> bool:
        """Whether the account could log on to the host."""
        return not any(each.state == "failed" and each.layer in UNREACHABLE_LAYERS for each in self.findings)

    @property
    def ready(self) -> bool:
        """Whether the host can be judged and changed."""
        return self.failure is None


def diagnose(
    connection: WinrmConnection, connect_timeout: float, timeout: float, legacy_tls: bool = False
) -> Diagnosis:
    """Goes through the layers until one fails.

    Args:
        connection: Ansible's C(winrm) connection of the task; closed afterwards.
        connect_timeout: seconds for a TCP connect, and for each step of what precedes the log-on.
        timeout: seconds for the probe.
        legacy_tls: take versions and ciphers of TLS that no longer count as safe.
    """
    found: dict[Layer, Finding] = {}
    failure = None
    try:
        for finding in _examine(connection, connect_timeout, timeout, legacy_tls):
            found[finding.layer] = finding
    except HostError as exc:
        failure = exc
        # Errors of the controller and of the probe itself belong to the layer that could not be shown to work.
        broken = exc.layer if exc.layer in LAYERS else next(layer for layer in LAYERS if layer not in found)
        for layer in LAYERS[LAYERS.index(broken) :]:
            found[layer] = Finding(layer, "skipped", f"not reached: {broken.value} failed")
        found[broken] = Finding(broken, "failed", exc.observed, exc.next_step)
    return Diagnosis(
        tuple(found.get(layer, Finding(layer, "skipped", "the host did not get so far as to ask")) for layer in LAYERS),
        failure,
        Target.of(connection, legacy_tls).weaknesses,
    )


def _examine(
    connection: WinrmConnection, connect_timeout: float, timeout: float, legacy_tls: bool
) -> t.Iterator[Finding]:
    """Yields the layers that work, in their order.

    Raises:
        HostError: at the first one that does not.
    """
    target = Target.of(connection, legacy_tls)
    if target.proxied:
        for layer in (Layer.NAME_RESOLUTION, Layer.TCP, Layer.TLS):
            yield Finding(layer, "skipped", "left to the proxy that ansible_winrm_proxy names")
    else:
        yield from _examine_network(target, connect_timeout)
    shell = Shell(connection, legacy_tls)
    try:
        started = time.monotonic()
        try:
            shell.connect()
        except HostError as exc:
            failure = _explain(exc, target, connect_timeout)
            if failure.fault is not None:  # only who is logged on gets a fault
                yield _logged_on(target, " or ".join(target.transports))
            if failure.layer is Layer.SHELL:
                yield Finding(Layer.WS_MAN, "ok", _product(_ask_anonymously(target, connect_timeout)))
            raise failure from exc
        seconds = time.monotonic() - started
        yield _logged_on(target, shell.transport)
        yield Finding(Layer.WS_MAN, "ok", _product(shell.identify()))
        yield Finding(Layer.SHELL, "ok", f"logged on and opened a shell in {seconds:.2f} s")
        answer = probe.ask(shell, _READS, timeout)
        yield _script_host(answer)
        yield _framework(target.host, answer)
    finally:
        shell.close()


def _examine_network(target: Target, timeout: float) -> t.Iterator[Finding]:
    addresses = network.resolve(target.host, target.port)
    names = dict.fromkeys(str(address[0]) for dummy, address in addresses)
    yield Finding(Layer.NAME_RESOLUTION, "ok", f"{target.host} has the address {' and '.join(names)}")
    started = time.monotonic()
    with network.dial(target.host, addresses, timeout) as opened:
        milliseconds = (time.monotonic() - started) * 1000
        peer = opened.getpeername()[0]
    yield Finding(Layer.TCP, "ok", f"{peer} port {target.port} connected in {milliseconds:.0f} ms")
    if not target.tls:
        yield Finding(Layer.TLS, "skipped", "not in use: the scheme is http")
        return
    session = tls.examine(target, functools.partial(network.dial, target.host, addresses, timeout), timeout)
    certificate = f"certificate {session.certificate}" if session.certificate else "a certificate that cannot be read"
    yield Finding(Layer.TLS, "ok", f"{session.version}, {session.cipher}, {certificate}")


def _logged_on(target: Target, transport: str) -> Finding:
    encryption = "over TLS" if target.tls else "messages encrypted" if target.sealed else "messages readable on the way"
    return Finding(Layer.AUTHENTICATION, "ok", f"{transport} let {target.who} in, {encryption}")


def _product(version: str | None) -> str:
    return f"the WS-Management service says {version}" if version else "the WS-Management service answers"


def _ask_anonymously(target: Target, timeout: float) -> str | None:
    return None if target.proxied else anonymous.identify(target, timeout, _context(target))


def _context(target: Target) -> ssl.SSLContext | None:
    return tls.trusting_context(target) if target.tls else None


def _script_host(answer: Answer) -> Finding:
    engine, host = answer["reads"]["script_engine"].get("version"), answer["probe"]
    bitness = f"{host['arch']} program" + (" on 64-bit Windows" if host["wow64"] else "")
    return Finding(
        Layer.SCRIPT_HOST, "ok", f"cscript ran the probe as {bitness}, JScript {engine or 'version unknown'}"
    )


def _framework(host: str, answer: Answer) -> Finding:
    reads = answer["reads"]
    version, service_pack = (reads[f"framework.{name}"].get("data") for name in ("version", "service_pack"))
    registered = f"version {version} is registered" if version else "no version is registered"
    registered += f" with service pack {service_pack}" if version and service_pack else ""
    compiler = compiler_answer(reads.__getitem__)
    if compiler["state"] == "ok":
        return Finding(Layer.DOT_NET, "ok", f"{registered}, the compiler csc.exe is {compiler['version'] or 'there'}")
    problem = compiler.get("error", {}).get("message") or compiler["state"]
    raise HostError(
        Layer.DOT_NET,
        host,
        f"{registered}, the compiler {compiler.get('path', COMPILERS[-1])} is not there ({problem})",
        "The host can be judged all the same; install the .NET Framework 2.0, which WSUS 3.0 needs as well, "
        "before it is to be changed.",
    )


def _explain(exc: HostError, target: Target, timeout: float) -> HostError:
    """The error of a log-on, with what the listener tells a stranger about it."""
    if target.proxied:
        return exc
    if exc.layer is Layer.TCP and not target.tls:
        return _explain_silence(exc, target, timeout)
    # Windows answers 500 without a fault when it has let the account in and the message is not encrypted.
    unencrypted = not target.sealed and exc.layer is Layer.WS_MAN and exc.fault is None and "Code 500" in exc.observed
    if exc.layer is Layer.AUTHENTICATION or unencrypted:
        return _explain_refusal(exc, target, timeout)
    return exc


def _explain_silence(exc: HostError, target: Target, timeout: float) -> HostError:
    addresses = network.resolve(target.host, target.port)
    version = tls.spoken_version(target, functools.partial(network.dial, target.host, addresses, timeout))
    if version is None:
        return exc
    return HostError(
        Layer.TLS,
        target.host,
        f"port {target.port} speaks {version}, while the inventory says http",
        "Set ansible_winrm_scheme=https, or ansible_port to that of the HTTP listener, 5985 as a rule.",
    )


def _explain_refusal(exc: HostError, target: Target, timeout: float) -> HostError:
    reply = anonymous.challenge(target, timeout, _context(target))
    offered = {scheme.lower(): scheme for scheme in (reply.schemes if reply else ())}
    wanted = set().union(*(_SCHEMES.get(transport, set()) for transport in target.transports))
    names = ", ".join(offered.values())
    observed = f"{target.who} was not let in ({exc.observed})"
    next_step = exc.next_step
    if offered:
        observed += f"; the host offers {names}"
    if offered and wanted and not any(scheme.lower() in offered for scheme in wanted):
        observed += f", and not {' or '.join(sorted(wanted))}"
        next_step = "Set ansible_winrm_transport to what the host offers, ntlm or kerberos for Negotiate"
        next_step += _basic_step(target) if "Basic" in wanted else "."
    elif not target.sealed:
        next_step = (
            "WinRM refuses messages that are not encrypted unless AllowUnencrypted is set: use ntlm or kerberos "
            "without ansible_winrm_message_encryption=never, or HTTPS. Else check ansible_user and ansible_password."
        )
    return HostError(Layer.AUTHENTICATION, target.host, observed, next_step)


def _basic_step(target: Target) -> str:
    if target.tls:
        return ', or switch Basic on there (winrm set winrm/config/service/auth @{Basic="true"}).'
    return (
        ". Basic over HTTP would need Basic and AllowUnencrypted switched on there, and shows the password to the "
        "network: prefer encrypted messages or HTTPS."
    )
