# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal goes from the log-on to a checked answer with the libraries that are there, and reaches nobody."""

from __future__ import annotations

import gc
import os
import socket
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.rehearsal import rehearse
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules


def test_every_step_of_an_exchange_is_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: t.Any) -> None:
        raise AssertionError(f"somebody is spoken to: {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    reads = reads_for(load_rules())
    answer = rehearse(reads)
    assert answer["reads"] == {read["id"]: {"state": "absent"} for read in reads}


def test_a_worker_does_not_collect_what_it_inherits() -> None:
    frozen = gc.get_freeze_count()
    reader, writer = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.write(writer, str(gc.get_freeze_count()).encode())
        os._exit(0)
    os.waitpid(worker, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        inherited = int(pipe.read())
    assert inherited > len(gc.get_objects()) / 2
    assert gc.get_freeze_count() == frozen
