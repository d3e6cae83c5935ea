# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's side of Kerberos, by MIT's library: who presents a ticket, and the seals of the messages afterwards.

Needs the Python package gssapi, which only the lab of the tests has. Clients seal by other code (pykerberos).
"""

from __future__ import annotations

from pathlib import Path

import gssapi
from gssapi.raw import IOV, IOVBufferType, unwrap_iov, wrap_iov
from spnego import WinRMWrapResult


class KerberosContext:
    """What `spnego.ContextProxy` is for NTLM, as far as the endpoint uses it."""

    def __init__(self, keytab: Path, user: str) -> None:
        """Expect tickets for a service whose key is in the keytab, of a client that is called as the user is."""
        credentials = gssapi.Credentials(usage="accept", store={"keytab": str(keytab)})
        self._context = gssapi.SecurityContext(usage="accept", creds=credentials)
        self._user = user

    @property
    def complete(self) -> bool:
        """Whether the client is let in."""
        return bool(self._context.complete)

    def step(self, token: bytes) -> bytes | None:
        """Take the client's ticket and return the answer to it; raises PermissionError."""
        try:
            answer: bytes | None = self._context.step(token)
        except gssapi.exceptions.GSSError as error:
            raise PermissionError(str(error)) from error
        name = str(self._context.initiator_name).partition("@")[0]
        if name.lower() != self._user.lower():
            raise PermissionError(f"nobody is called {name} here")
        return answer

    def wrap_winrm(self, message: bytes) -> WinRMWrapResult:
        """Seal a message."""
        buffers = IOV(IOVBufferType.header, message, IOVBufferType.padding, std_layout=False)
        wrap_iov(self._context, buffers, confidential=True)
        header, data, padding = (buffer.value or b"" for buffer in buffers)
        return WinRMWrapResult(header, data + padding, len(padding))

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Open a message; raises ValueError."""
        buffers = IOV((IOVBufferType.header, False, header), data, IOVBufferType.data, std_layout=False)
        try:
            unwrap_iov(self._context, buffers)
        except gssapi.exceptions.GSSError as error:
            raise ValueError(str(error)) from error
        message: bytes = buffers[1].value
        return message
