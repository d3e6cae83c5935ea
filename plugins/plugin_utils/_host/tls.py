# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the TLS of a listener: what was agreed, or why nothing was. Nothing but the handshake is sent.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import socket
import ssl
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import anonymous
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import NEXT_STEPS, HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target

# Both come with pywinrm; without it the layers below the log-on can still be looked at.
try:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH
except ImportError:
    DEFAULT_CA_BUNDLE_PATH = ""
try:
    from cryptography import x509
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

#: Opens one more connection to the listener.
Dial = t.Callable[[], socket.socket]


@dataclasses.dataclass(frozen=True)
class Certificate:
    """What an operator has to know of a certificate.

    Attributes:
        subject: distinguished name.
        issuer: distinguished name.
        expires: day of the last validity, as YYYY-MM-DD.
    """

    subject: str
    issuer: str
    expires: str

    def __str__(self) -> str:
        return f"{self.subject} of issuer {self.issuer}, valid until {self.expires}"


@dataclasses.dataclass(frozen=True)
class Session:
    """What both sides agreed on.

    Attributes:
        version: such as C(TLSv1.2).
        cipher: OpenSSL's name.
        certificate: the host's; None if it cannot be read.
    """

    version: str
    cipher: str
    certificate: Certificate | None


def trusting_context(target: Target) -> ssl.SSLContext:
    """The context by which pywinrm would judge the target's certificate; with C(legacy_tls) it also takes old TLS.

    Raises:
        HostError: if the authorities that the inventory names cannot be read, or none are.
    """
    context = _judging_context(target)
    if target.legacy_tls:
        _take_old_versions(context)
    return context


def _judging_context(target: Target) -> ssl.SSLContext:
    extras = target.extras
    if extras.get("ansible_winrm_server_cert_validation") == "ignore":
        return _blind_context()
    target.require_trust()
    named = extras.get("ansible_winrm_ca_trust_path")
    variables = (os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    path = str(named or next(filter(None, variables), DEFAULT_CA_BUNDLE_PATH))
    try:
        if os.path.isdir(path):
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path or None)
    except OSError as exc:
        raise HostError(
            Layer.TLS,
            target.host,
            f"the authorities in {path} cannot be read: {exc.strerror or exc}",
            "Set ansible_winrm_ca_trust_path to a PEM file or a folder of hashed certificates on the controller.",
        ) from exc


def examine(target: Target, dial: Dial, timeout: float) -> Session:
    """Shakes hands as pywinrm would.

    Args:
        target: the listener.
        dial: opens a connection to it.
        timeout: seconds for each step of a plain HTTP exchange, made if the port does not speak TLS.

    Raises:
        HostError: with the certificate that is not trusted, the old version that the host speaks, or HTTP.
    """
    context = trusting_context(target)
    try:
        return _shake_hands(target, dial, context)
    except ssl.SSLCertVerificationError as exc:
        raise _untrusted(target, dial, exc) from exc
    except OSError as exc:
        raise _no_agreement(target, dial, timeout, exc) from exc


def spoken_version(target: Target, dial: Dial) -> str | None:
    """The TLS version that the port speaks, however old and whatever its certificate; None if it speaks none."""
    session = _try_to_shake_hands(target, dial, _legacy_context())
    return session.version if session else None


def _untrusted(target: Target, dial: Dial, reason: ssl.SSLCertVerificationError) -> HostError:
    session = _try_to_shake_hands(target, dial, _blind_context())
    certificate = f": {session.certificate}" if session and session.certificate else ""
    return HostError(
        Layer.TLS,
        target.host,
        f"the certificate is not trusted ({reason.verify_message}){certificate}",
        "Set ansible_winrm_ca_trust_path to the certificate of its issuer, give the listener a certificate with this "
        "name, or use ansible_port=5985 with NTLM or Kerberos message encryption.",
    )


def _no_agreement(target: Target, dial: Dial, timeout: float, reason: OSError) -> HostError:
    old = _try_to_shake_hands(target, dial, _legacy_context())
    if old:
        return HostError(
            Layer.TLS,
            target.host,
            f"the host speaks {old.version} with {old.cipher} at best, which OpenSSL on this controller refuses",
            "Use ansible_port=5985 with ansible_winrm_scheme=http and NTLM or Kerberos message encryption; "
            "Windows Server 2003 and 2008 speak TLS 1.0 only. Else set unblock_legacy_tls=true for this host.",
        )
    if anonymous.challenge(target, timeout):
        return HostError(
            Layer.TLS,
            target.host,
            f"port {target.port} speaks plain HTTP, while the inventory says https",
            "Set ansible_winrm_scheme=http with ansible_winrm_transport ntlm or kerberos, or ansible_port to that of "
            "the HTTPS listener, 5986 as a rule.",
        )
    text = "no answer in time" if isinstance(reason, TimeoutError) else reason.strerror or str(reason)
    return HostError(Layer.TLS, target.host, f"the handshake failed: {text}", NEXT_STEPS[Layer.TLS])


def _try_to_shake_hands(target: Target, dial: Dial, context: ssl.SSLContext) -> Session | None:
    with contextlib.suppress(OSError, HostError):
        return _shake_hands(target, dial, context)
    return None


def _shake_hands(target: Target, dial: Dial, context: ssl.SSLContext) -> Session:
    with dial() as connection, context.wrap_socket(connection, server_hostname=target.host) as session:
        cipher = session.cipher()
        return Session(
            session.version() or "unknown",
            cipher[0] if cipher else "unknown",
            _read_certificate(session.getpeercert(binary_form=True)),
        )


def _read_certificate(der: bytes | None) -> Certificate | None:
    """Reads a certificate that need not be trusted, which ssl itself does not."""
    if not der or not HAS_CRYPTOGRAPHY:
        return None
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Before cryptography 42 only the name without a zone, also in UTC.
        expires: datetime.datetime = getattr(certificate, "not_valid_after_utc", None) or certificate.not_valid_after
        return Certificate(
            certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string(), expires.strftime("%Y-%m-%d")
        )
    except ValueError:
        return None


def _blind_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _legacy_context() -> ssl.SSLContext:
    context = _blind_context()
    _take_old_versions(context)
    return context


def _take_old_versions(context: ssl.SSLContext) -> None:
    """Takes TLS 1.0 and what goes with it; how a certificate is judged stays, but for weak keys and signatures."""
    # SSL 3.0 stays off by an option of every default context.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    # SSL_OP_LEGACY_SERVER_CONNECT, which has a name from Python 3.12 on: Windows without MS10-049 knows no RFC 5746.
    context.options |= 0x4
