# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the messages of an update client over HTTP, one at a time, within bounds.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import http.client
import ssl
import time
import typing as t
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import ConnectionError as AnsibleConnectionError
from ansible.module_utils.urls import open_url

_CHUNK_BYTES = 65536


class UnreachableError(Exception):
    """No answer came from the server; the text names the layer and says why."""


class RefusedError(Exception):
    """The web server refused the request before the update service saw it; the text says how."""


class TooMuchError(Exception):
    """The server sent more, or for longer, than the probe takes."""


@dataclasses.dataclass(frozen=True)
class Options:
    """How to send.

    Attributes:
        timeout: seconds without a byte until a request is given up.
        max_bytes: bound on all answers together.
        max_seconds: bound on all requests together.
        validate_certs: whether the server's certificate must be valid.
        ca_path: file with the certificates to trust; None for the system's.
        use_proxy: whether the environment's proxy is used.
    """

    timeout: float
    max_bytes: int
    max_seconds: float
    validate_certs: bool = True
    ca_path: str | None = None
    use_proxy: bool = False


class Http:
    """Posts messages to one server."""

    def __init__(self, base: str, options: Options) -> None:
        """Connects to nothing yet.

        Args:
            base: C(http://server:8530/).
            options: how to send.
        """
        self.base = base
        self._options = options
        self._deadline = time.monotonic() + options.max_seconds
        #: Bytes of all answers so far.
        self.received = 0

    def post(self, path: str, action: str, message: bytes) -> bytes:
        """Sends a message and gives back the answer, be it a fault.

        Raises:
            UnreachableError: if none came.
            RefusedError: if it came from the web server and not from the service.
            TooMuchError: if a bound was passed.
        """
        options = self._options
        try:
            response = open_url(
                self.base + path,
                data=message,
                headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'},
                method="POST",
                use_proxy=options.use_proxy,
                timeout=max(0.1, min(options.timeout, self._deadline - time.monotonic())),
                validate_certs=options.validate_certs,
                ca_path=options.ca_path,
                follow_redirects="none",
                http_agent="unblock.updates sync_probe",
                decompress=False,
                use_netrc=False,
            )
            return self._read(response)
        except HTTPError as exc:
            return self._read_refusal(exc)
        except (URLError, AnsibleConnectionError, ssl.SSLError, OSError, http.client.HTTPException) as exc:
            raise UnreachableError(f"{_layer(exc)} failed for {self.base}: {getattr(exc, 'reason', exc)}") from exc

    def _read_refusal(self, error: HTTPError) -> bytes:
        if 300 <= error.code < 400:
            target = str(error.headers.get("Location", "nowhere"))[:200]
            raise RefusedError(f"HTTP {error.code}: the server redirects to {target!r}, which is not followed")
        try:
            # SOAP 1.1 sends its faults with status 500.
            if error.code == 500 and "xml" in (error.headers.get("Content-Type") or ""):
                return self._read(error)
        except (OSError, http.client.HTTPException) as exc:
            raise UnreachableError(f"TCP failed for {self.base}: {exc}") from exc
        raise RefusedError(f"HTTP {error.code} {str(error.reason)[:200]}")

    def _read(self, response: t.Any) -> bytes:
        chunks: list[bytes] = []
        # read1() gives back what has come: read() would wait for the whole chunk from a server that drips.
        while chunk := response.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            self.received += len(chunk)
            if self.received > self._options.max_bytes:
                raise TooMuchError(f"the answers of {self.base} passed {self._options.max_bytes} bytes")
            if time.monotonic() > self._deadline:
                raise TooMuchError(f"{self.base} was still answering after {self._options.max_seconds:g} s")
        return b"".join(chunks)


def _layer(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLError) or isinstance(error, AnsibleConnectionError):
        return "TLS"
    # socket.gaierror is raised for names alone.
    return "name resolution" if type(reason).__name__ == "gaierror" else "TCP"
