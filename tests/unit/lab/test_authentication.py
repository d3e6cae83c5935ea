# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication and message sealing, with the client's half of pyspnego on the other side."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import spnego

from tests.lab.endpoint import encryption
from tests.lab.endpoint.authentication import Negotiation, basic_accepted, write_account_file
from tests.lab.model import Account

ACCOUNT = Account("Administrator", "pass:word ü")


def token(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("credentials", "accepted"),
    [
        ("Administrator:pass:word ü", True),
        ("administrator:pass:word ü", True),
        ("SRV\\Administrator:pass:word ü", True),
        ("Administrator:pass", False),
        ("Administrator", False),
        ("other:pass:word ü", False),
        ("", False),
    ],
)
def test_basic(credentials: str, accepted: bool) -> None:
    assert basic_accepted(token(credentials), ACCOUNT) is accepted


def test_basic_that_is_no_base64() -> None:
    assert not basic_accepted("%%%", ACCOUNT)


def handshake(path: Path, user: str, password: str, protocol: str) -> tuple[Negotiation, spnego.ContextProxy]:
    server = Negotiation(path, ACCOUNT)
    client = spnego.client(
        user, password, hostname="host", protocol=protocol, options=spnego.NegotiateOptions.wrapping_winrm
    )
    answer: bytes | None = None
    for _leg in range(3):
        question = client.step(answer)
        if question is None:
            break
        reply = server.step(base64.b64encode(question).decode())
        if reply is None:
            break
        answer = base64.b64decode(reply) or None
        if client.complete:
            break
    return server, client


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "account"
    write_account_file(path, Account("Administrator", "secret"), "SRV")
    return path


def test_account_file_is_for_its_owner_only(accounts: Path) -> None:
    assert accounts.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("protocol", ["ntlm", "negotiate"])
@pytest.mark.parametrize("user", ["Administrator", "SRV\\administrator"])
def test_sealed_messages_both_ways(accounts: Path, protocol: str, user: str) -> None:
    server, client = handshake(accounts, user, "secret", protocol)
    assert server.context is not None
    for text in (b"<a/>", b"x" * 200_000, "ü--Encrypted Boundary\r\n".encode()):
        assert encryption.decrypt(server.context, encryption.encrypt(client, text)) == text
        assert encryption.decrypt(client, encryption.encrypt(server.context, text)) == text


@pytest.mark.parametrize(
    ("user", "password"), [("Administrator", "wrong"), ("other", "secret"), ("X\\Administrator", "secret")]
)
def test_refused(accounts: Path, user: str, password: str) -> None:
    server, _client = handshake(accounts, user, password, "ntlm")
    assert server.context is None


@pytest.mark.parametrize("garbage", ["%%%", token("NTLMSSP\0garbage"), token("garbage")])
def test_tokens_that_cannot_be_read(accounts: Path, garbage: str) -> None:
    server = Negotiation(accounts, ACCOUNT)
    assert server.step(garbage) is None
    assert server.context is None


def test_tampered_message_is_refused(accounts: Path) -> None:
    server, client = handshake(accounts, "Administrator", "secret", "ntlm")
    assert server.context is not None
    body = bytearray(encryption.encrypt(client, b"message"))
    body[body.rindex(b"--Encrypted") - 1] ^= 1
    with pytest.raises(ValueError, match="cannot be opened"):
        encryption.decrypt(server.context, bytes(body))


@pytest.mark.parametrize("body", [b"", b"<plain/>", b"--Encrypted Boundary\r\nx\r\n--Encrypted Boundary--\r\n"])
def test_malformed_body_is_refused(accounts: Path, body: bytes) -> None:
    server, _client = handshake(accounts, "Administrator", "secret", "ntlm")
    assert server.context is not None
    with pytest.raises(ValueError, match="malformed"):
        encryption.decrypt(server.context, body)
