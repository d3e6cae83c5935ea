# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is switched off: nobody answers a connect, not even to refuse it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def dead_host(address: str, port: int) -> Iterator[None]:
    """Let nobody answer at an address: its listener's queue is full, so the kernel drops whatever more comes."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((address, port), backlog=0))
        while True:
            client = stack.enter_context(socket.socket())
            client.settimeout(0.5)
            try:
                client.connect(listener.getsockname())
            except TimeoutError:
                break
        yield
