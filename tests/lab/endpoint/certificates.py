# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certificate authority; what it gives to hosts, a good one and bad ones, and to those who log on."""

from __future__ import annotations

import ipaddress
import ssl
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

_USER_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")  # the UPN, by which Windows maps a certificate to an account
_UTF8_STRING = 0x0C


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, now: datetime | None = None
) -> x509.CertificateBuilder:
    now = now or datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=30))
    )


def make_certificates(
    directory: Path, names: Iterable[str], addresses: Iterable[str], users: Iterable[str] = ()
) -> Path:
    """Write ca.pem and, for each kind of certificate, KIND.pem (certificate and key); return the path of ca.pem.

    Those to log on with are client.pem of the users, stranger.pem of nobody whom a host knows, and foreign.pem of the
    users by an authority that no host knows.
    """
    directory.mkdir(parents=True, exist_ok=True)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = (
        _builder("Lab CA", "Lab CA", ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    good: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    good += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]

    def issue(builder: x509.CertificateBuilder, names: list[x509.GeneralName]) -> x509.Certificate:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        named = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return named.add_extension(issuer, critical=False).sign(ca_key, hashes.SHA256())

    clients: list[x509.GeneralName] = [_user_name(user) for user in users]
    long_ago = datetime.now(timezone.utc) - timedelta(days=60)
    certificates = {
        "good": issue(_builder("lab", "Lab CA", key), good),
        "expired": issue(_builder("lab", "Lab CA", key, long_ago), good),
        "other_name": issue(_builder("lab", "Lab CA", key), [x509.DNSName("other.example")]),
        "self_signed": _builder("lab", "lab", key)
        .add_extension(x509.SubjectAlternativeName(good), critical=False)
        .sign(key, hashes.SHA256()),
        "client": issue(_builder("client", "Lab CA", key), clients),
        "stranger": issue(_builder("stranger", "Lab CA", key), [_user_name("stranger")]),
        "foreign": _builder("client", "client", key)
        .add_extension(x509.SubjectAlternativeName(clients), critical=False)
        .sign(key, hashes.SHA256()),
    }
    pem = serialization.Encoding.PEM
    (directory / "ca.pem").write_bytes(ca.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for kind, certificate in certificates.items():
        (directory / f"{kind}.pem").write_bytes(certificate.public_bytes(pem) + secret)
    return directory / "ca.pem"


def _user_name(user: str) -> x509.OtherName:
    text = f"{user}@localhost".encode()
    return x509.OtherName(_USER_NAME, bytes([_UTF8_STRING, len(text)]) + text)


def user_names(certificate: bytes) -> set[str]:
    """Return the names under which a certificate (DER) logs on."""
    parsed = x509.load_der_x509_certificate(certificate)
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    texts = (name.value for name in names.get_values_for_type(x509.OtherName) if name.type_id == _USER_NAME)
    return {text[2:].decode() for text in texts if text[0] == _UTF8_STRING}


def server_context(
    directory: Path, certificate: str = "good", version: str = "current", clients: bool = False
) -> ssl.SSLContext:
    """Return a TLS context of the endpoint (see tests.lab.model.WinRM), which may ask clients for certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / f"{certificate}.pem")
    if clients:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(directory / "ca.pem")
    if version == "1.0":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
