# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listens on every host's address: one process, one accepting thread, one thread per connection."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable

from tests.lab.endpoint.connection import Connection, EndpointHost
from tests.lab.endpoint.recorder import Recorder

BACKLOG = 128

# Gives the TLS context for a kind of certificate and a version (see tests.lab.model.WinRM), and for whether clients are
# asked for theirs.
Contexts = Callable[[str, str, bool], ssl.SSLContext]


class Listener:
    """The sockets of all hosts."""

    def __init__(self, port: int, contexts: Contexts | None, recorder: Recorder) -> None:
        self.port = port
        self._contexts = contexts
        self._recorder = recorder
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[str, socket.socket] = {}

    def open(self, host: EndpointHost) -> None:
        """Listen on a host's address; raises OSError if the port is taken."""
        if host.name in self._sockets:
            return
        listening = socket.create_server((host.address, self.port), backlog=BACKLOG)
        listening.setblocking(False)
        self._sockets[host.name] = listening
        self._selector.register(listening, selectors.EVENT_READ, host)

    def close(self, host: EndpointHost) -> None:
        """Stop listening: clients are refused, as by a host without WinRM."""
        if listening := self._sockets.pop(host.name, None):
            self._selector.unregister(listening)
            listening.close()

    def serve_once(self, timeout: float) -> None:
        """Accept what is waiting, for at most `timeout` seconds."""
        for key, _events in self._selector.select(timeout):
            with contextlib.suppress(OSError):
                connection, _peer = key.fileobj.accept()  # type: ignore[union-attr]
                threading.Thread(target=self._serve, args=(connection, key.data), daemon=True).start()

    def _serve(self, connection: socket.socket, host: EndpointHost) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setblocking(True)
            if self._contexts is None:
                Connection(connection, host, False, self._recorder)
                return
            connection.settimeout(30)
            settings = host.service.settings
            context = self._contexts(settings.certificate, settings.tls_version, "certificate" in settings.auth)
            with context.wrap_socket(connection, server_side=True) as encrypted:
                Connection(encrypted, host, True, self._recorder)
