# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers are asked through their administration API, and what is left of one that does not answer."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import WsusServer
from ansible_collections.unblock.updates.plugins.plugin_utils._wsus_server import ask_server
from tests.unit.rules.support import DENIED, RULES, ok, readings
from tests.unit.rules.test_wsus_facts import SERVER

API = {"wsus.api_dll": {"state": "ok", "path": r"D:\Api\Microsoft.UpdateServices.Administration.dll"}}


class Lost:
    """A shell whose host is gone."""

    host = "wsus01"

    def __init__(self) -> None:
        self.commands: list[str] = []

    def run(self, command: str, *dummy: t.Any, **unused: t.Any) -> t.NoReturn:
        self.commands.append(command)
        raise HostError(Layer.TCP, self.host, "connection reset", "Look at it.")


def ask(shell: Lost, reads: dict[str, t.Any]) -> WsusServer | None:
    inventory = Inventory(host="wsus01")
    return ask_server(
        t.cast(Shell, shell), readings({**SERVER, **API, **reads}), RULES.products["wsus"], inventory, "run 1", 30
    )


@pytest.mark.parametrize(
    "reads",
    [
        {"wsus.version_string": ok("6.2.9200.16384")},
        {"wsus.version_string": ok("2.0.0.2620")},
        {"wsus.version_string": ok("3.0.5419.0")},
        {"wsus.version_string": DENIED},
        {"wsus.install_type": ok(2)},
        {"wsus.install_type": DENIED},
    ],
)
def test_nothing_is_compiled_on_a_host_that_is_no_server_of_these_releases(reads: dict[str, t.Any]) -> None:
    shell = Lost()
    assert ask(shell, reads) is None
    assert shell.commands == []


def test_a_host_that_is_lost_meanwhile_leaves_a_note() -> None:
    assert ask(Lost(), {}) == WsusServer(note="TCP: connection reset")


def test_what_a_killed_run_left_is_removed_where_no_server_is_to_be_asked() -> None:
    note = json.dumps({"folder": rf"C:\Temp\unblock-{'0' * 32}", "run_id": "run 0", "time": "2008-08-20T10:00:00Z"})
    shell = Lost()
    told = ask(shell, {"wsus.install_type": ok(2), "host.session": ok(note)})
    assert told == WsusServer(note="TCP: connection reset")
    assert [command.split('"')[0] for command in shell.commands] == ["move "]
