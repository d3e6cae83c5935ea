# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication of one connection: Basic and certificates per request, Negotiate per connection as on Windows."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import struct
import threading
from pathlib import Path

import spnego

from tests.lab.endpoint.certificates import user_names
from tests.lab.endpoint.encryption import Context
from tests.lab.model import Account

_KERBEROS = bytes.fromhex("06092a864886f712010202")  # DER of the mechanism's name, 1.2.840.113554.1.2.2
_ACCOUNT_FILE = threading.Lock()  # pyspnego finds the accounts by an environment variable


def write_account_file(path: Path, account: Account, computer_name: str) -> None:
    """Write the account as pyspnego's NTLM acceptor reads it: local name and COMPUTER\\name."""
    lines = [f"{domain}:{account.user}:{account.password}\n" for domain in ("", computer_name, ".")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    path.chmod(0o600)


def basic_accepted(token: str, account: Account) -> bool:
    """Whether a Basic token names the account and its password."""
    try:
        given = base64.b64decode(token, validate=True)
    except binascii.Error:
        return False
    user, dummy, password = given.partition(b":")
    user = user.rpartition(b"\\")[2]
    return user.lower() == account.user.lower().encode() and hmac.compare_digest(password, account.password.encode())


def certificate_accepted(certificate: bytes | None, account: Account) -> bool:
    """Whether a client's certificate (DER), whose issuer TLS has checked, is mapped to the account."""
    return certificate is not None and f"{account.user}@localhost" in user_names(certificate)


class Negotiation:
    """The handshake of one connection, NTLM or Kerberos, and the context that seals its messages afterwards."""

    def __init__(self, account_file: Path, account: Account, keytab: Path | None = None) -> None:
        """Without a keytab, NTLM alone."""
        self._account_file = account_file
        self._account = account
        self._keytab = keytab
        self._context: Context | None = None

    @property
    def context(self) -> Context | None:
        """The finished context, or None."""
        return self._context if self._context is not None and self._context.complete else None

    def step(self, token: str) -> str | None:
        """Take the client's token and return the answer's; None when the client is refused."""
        with _ACCOUNT_FILE:
            os.environ["NTLM_USER_FILE"] = str(self._account_file)
            try:
                raw = base64.b64decode(token, validate=True)
                if self._context is None or self._context.complete:
                    self._context = self._acceptor(raw)
                answer = self._context.step(raw)
            except (PermissionError, spnego.exceptions.SpnegoError, ValueError, LookupError, struct.error):
                self._context = None  # wrong password, no such account, or a token that cannot be read
                return None
        return base64.b64encode(answer or b"").decode()

    def _acceptor(self, token: bytes) -> Context:
        """Return the side of the host for a client's first token: Kerberos, plain NTLM, or NTLM inside SPNEGO."""
        if self._keytab is not None and _KERBEROS in token[:32]:
            from tests.lab.endpoint.kerberos import KerberosContext  # what it needs, only a lab with Kerberos has

            return KerberosContext(self._keytab, self._account.user)
        if token.startswith(b"NTLMSSP\0"):
            protocol, implementation = "ntlm", spnego.NegotiateOptions.use_ntlm
        else:
            protocol, implementation = "negotiate", spnego.NegotiateOptions.use_negotiate
        return spnego.server(protocol=protocol, options=implementation | spnego.NegotiateOptions.wrapping_winrm)
