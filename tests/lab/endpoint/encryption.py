# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Message encryption of WinRM over HTTP: one sealed SOAP message in a multipart body. [MS-WSMV] 2.2.9.1.1."""

from __future__ import annotations

import re
import struct
from typing import Protocol

import spnego

BOUNDARY = b"--Encrypted Boundary"
SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
CONTENT_TYPE = f'multipart/encrypted;protocol="{SPNEGO}";boundary="Encrypted Boundary"'
_PART = re.compile(
    rb"\s*-- ?Encrypted Boundary\r\n(?P<header>.*?)\r\n-- ?Encrypted Boundary\r\n"
    rb"[ \t]*Content-Type: application/octet-stream\r\n(?P<payload>.*)-- ?Encrypted Boundary--(?:\r\n)?",
    re.DOTALL,
)


class Context(Protocol):
    """The host's side of a log-on, which seals messages once it is complete; `spnego.ContextProxy` is one."""

    @property
    def complete(self) -> bool:
        """Whether the client is let in."""

    def step(self, token: bytes, /) -> bytes | None:
        """Take the client's token and return the answer to it."""

    def wrap_winrm(self, message: bytes, /) -> spnego.WinRMWrapResult:
        """Seal a message."""

    def unwrap_winrm(self, header: bytes, data: bytes, /) -> bytes:
        """Open a message; raises ValueError or SpnegoError."""


def decrypt(context: Context, body: bytes) -> bytes:
    """Return the message inside an encrypted body; raises ValueError if it is malformed or its seal is wrong."""
    part = _PART.fullmatch(body)
    length = part and re.search(rb"Length=(\d+)", part["header"])
    if not part or not length:
        raise ValueError("malformed multipart/encrypted body")
    payload = part["payload"]
    (signature_size,) = struct.unpack_from("<I", payload)
    signature, sealed = payload[4 : 4 + signature_size], payload[4 + signature_size :]
    try:
        message = context.unwrap_winrm(signature, sealed)
    except (ValueError, spnego.exceptions.SpnegoError) as error:
        raise ValueError(f"the message cannot be opened: {error}") from error
    if len(message) != int(length[1]):
        raise ValueError("the message is not as long as its header says")
    return message


def encrypt(context: Context, message: bytes) -> bytes:
    """Return the encrypted body for a message."""
    sealed = context.wrap_winrm(message)
    length = len(message) + sealed.padding_length
    return (
        BOUNDARY
        + f"\r\n\tContent-Type: {SPNEGO}\r\n"
        f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={length}\r\n".encode()
        + BOUNDARY
        + b"\r\n\tContent-Type: application/octet-stream\r\n"
        + struct.pack("<I", len(sealed.header))
        + sealed.header
        + sealed.data
        + BOUNDARY
        + b"--\r\n"
    )
