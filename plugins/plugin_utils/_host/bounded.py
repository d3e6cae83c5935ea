# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds on what a host may answer to one request of WS-Man, before anything reads it.

PRIVATE to the collection: may change without notice.

pywinrm takes a whole answer into memory, however long it is and takes, and parses it. A host that was taken over may
send without end, byte by byte, compressed, or send the controller elsewhere.
Sources: DSP0226 (wsman:MaxEnvelopeSize), RFC 9110 (redirection, content coding), SOAP 1.2 part 1, section 5 (no
document type).
"""

from __future__ import annotations

import http.client
import io
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.envelope import holds_document_type, is_envelope

if t.TYPE_CHECKING:
    import requests
    from winrm.transport import Transport
try:
    from requests.adapters import HTTPAdapter
except ImportError:  # it comes with pywinrm, without which nothing here is used
    HTTPAdapter = object  # type: ignore[assignment, misc]

#: Bytes of one answer with its headers. pywinrm asks for envelopes of at most 150 kB.
MAX_ANSWER_BYTES = 1024 * 1024

#: Seconds from the first byte of an answer to its last one. At 10 kbit/s the longest envelope takes 123.
MAX_ANSWER_SECONDS = 200.0


class AnswerRefusedError(Exception):
    """An answer that no WS-Management service gives, and that was not read to its end; the text says why."""


class BoundedAdapter(HTTPAdapter):
    """Carries requests to a host, and ends the connection over an answer that is out of bounds."""

    def init_poolmanager(self, *arguments: t.Any, **keywords: t.Any) -> None:
        """Makes connections that count what they read."""
        super().init_poolmanager(*arguments, **keywords)
        _meter(self.poolmanager)

    def proxy_manager_for(self, *arguments: t.Any, **keywords: t.Any) -> t.Any:
        """Makes connections through a proxy that count what they read."""
        manager = super().proxy_manager_for(*arguments, **keywords)
        _meter(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *arguments: t.Any, **keywords: t.Any) -> requests.Response:
        """Sends a request.

        Raises:
            AnswerRefusedError: for an answer that is out of bounds, compressed, or sends the controller elsewhere.
        """
        request.headers["Accept-Encoding"] = "identity"
        response = super().send(request, *arguments, **keywords)
        reason = ""
        if response.is_redirect:
            reason = "the host sends the controller elsewhere, which is not followed"
        elif response.headers.get("Content-Encoding", "identity") != "identity":
            reason = "the host compresses its answer, which was not asked for"
        if reason:
            response.raw.close()
            raise AnswerRefusedError(reason)
        return response


def refuse_what_is_no_message(transport: Transport) -> None:
    """Has a transport look at every answer, decrypted, before pywinrm parses it.

    pywinrm takes any XML for an answer to Receive that holds no output yet, and so would lose what a page of another
    service, in the answer's place, was put for.
    """
    read = transport._get_message_response_text

    def read_checked(response: requests.Response) -> bytes:
        message = read(response)
        if holds_document_type(message):
            status = f"HTTP {response.status_code}"
            raise AnswerRefusedError(f"{status}: the answer holds a document type or is not UTF-8, and was not read")
        if response.status_code == 200 and not is_envelope(message):
            start = message[:100].decode("utf-8", errors="replace")
            raise AnswerRefusedError(f"HTTP 200: the answer is no SOAP envelope: {start or 'it is empty'}")
        return message

    transport._get_message_response_text = read_checked  # type: ignore[method-assign]


class _Metered(io.RawIOBase):
    """The stream of one answer; reading fails once the answer is longer, or takes longer, than it may."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._count = 0
        self._deadline: float | None = None

    def __getattr__(self, name: str) -> t.Any:
        # Ways to log on look at the socket below, for its certificate.
        return getattr(self._raw, name)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        count = self._raw.readinto(buffer)
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + MAX_ANSWER_SECONDS
        self._count += count or 0
        if self._count > MAX_ANSWER_BYTES:
            raise AnswerRefusedError(f"the host answered more than {MAX_ANSWER_BYTES} bytes to one request")
        if now > self._deadline:
            raise AnswerRefusedError(f"one answer of the host had not ended after {MAX_ANSWER_SECONDS:g} s")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose status line, headers and body all pass the meter."""

    def __init__(self, *arguments: t.Any, **keywords: t.Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fp = io.BufferedReader(_Metered(self.fp.detach()))


def _meter(manager: t.Any) -> None:
    """Has the pools that a manager makes from now on pass the meter; it may be called for a manager again and again."""
    manager.pool_classes_by_scheme = {scheme: _metered(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


def _metered(pool: t.Any) -> t.Any:
    """The same kind of pool, with metered answers: that of a SOCKS proxy has connections of its own."""
    if pool.ConnectionCls.response_class is _Response:
        return pool
    return with_connections(pool, response_class=_Response)


def with_connections(pool: t.Any, **members: t.Any) -> t.Any:
    """The same kind of pool, whose connections have other members than its own."""
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), members)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
