# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that was taken over, over real HTTP: whatever it sends, little of it is read, and the error says why."""

from __future__ import annotations

import os
import tracemalloc
import typing as t
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from winrm.transport import Transport

from ansible_collections.unblock.updates.plugins.plugin_utils._host import bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.probe import ask
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.integration.conftest import free_port
from tests.lab.enemy import ANSWERS, OUTPUTS, Enemies
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import load_host
from tests.unit.host.fakes import HOSTS

#: Above what reading an answer in bounds takes, and far below what the hosts send.
MAX_MEMORY = 32 * 1024 * 1024

TOO_MUCH = "answered more than 1048576 bytes to one request"
REFUSED = "document type or is not UTF-8"
WORDS = {
    "endless-body": TOO_MUCH,
    "endless-chunks": TOO_MUCH,
    "gigabyte-announced": TOO_MUCH,
    "endless-line": "line",
    "endless-continue": TOO_MUCH,
    "drip": "had not ended after 0.2 s",
    "compressed": "compresses its answer",
    "elsewhere": "sends the controller elsewhere",
    "entity-bomb": REFUSED,
    "external-entity": REFUSED,
    "external-type": REFUSED,
    "hidden-type": REFUSED,
    "deep-envelope": "",
    "unknown-encoding": "",
}
PRINTED_TOO_MUCH = "printed more than 4194304 bytes"
NOT_OURS = "not what the program writes"
PRINTED = {
    "gigabyte": PRINTED_TOO_MUCH,
    "endless-data": PRINTED_TOO_MUCH,
    "huge-number": NOT_OURS,
    "other-names": "does not fit the request",
}


@pytest.fixture(scope="module")
def enemies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enemies]:
    honest = SimulatedHost(load_host(HOSTS / "wsus-sp1-fixed.yml"))
    with Enemies(tmp_path_factory.mktemp("enemies"), honest, free_port()) as running:
        yield running


def open_shell(enemies: Enemies, name: str) -> Shell:
    connection = connection_loader.get("winrm", PlayContext(), os.devnull)
    connection.set_options(var_options={**enemies.inventory[name], "_extras": {}})
    return Shell.open(connection, connect_timeout=5.0)


def failing(action: t.Callable[[], t.Any]) -> HostError:
    """The error that an action ends with."""
    with pytest.raises(HostError) as caught:
        action()
    return caught.value


def frugal_failure(action: t.Callable[[], t.Any]) -> HostError:
    """The error that an action ends with, which must not need much memory."""
    tracemalloc.start()
    try:
        error = failing(action)
        assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY
    finally:
        tracemalloc.stop()
    return error


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_out_of_bounds_is_not_read(enemies: Enemies, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "drip":
        monkeypatch.setattr(bounded, "MAX_ANSWER_SECONDS", 0.2)
    error = frugal_failure(lambda: open_shell(enemies, name))
    assert WORDS[name] in error.observed
    assert error.layer is (Layer.TCP if name == "endless-line" else Layer.WS_MAN)
    assert len(error.observed) <= 500 and error.observed.isprintable()


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_probe_that_prints_something_else_is_not_believed(enemies: Enemies, name: str) -> None:
    shell = open_shell(enemies, name)
    measure = frugal_failure if name == "gigabyte" else failing
    error = measure(lambda: ask(shell, reads_for(load_rules()), timeout=120))
    shell.close()
    assert PRINTED.get(name, NOT_OURS) in error.observed
    assert error.layer is Layer.SCRIPT


def test_an_honest_host_is_read(enemies: Enemies) -> None:
    shell = open_shell(enemies, "honest")
    assert ask(shell, reads_for(load_rules()), timeout=120)["reads"]["os.computer_name"]["data"] == "WSUS-2"
    shell.close()


def test_a_session_stays_bounded_after_a_broken_connection(enemies: Enemies) -> None:
    shell = open_shell(enemies, "honest")
    shell._lost = True
    assert shell.run("ver", b"", timeout=60, max_bytes=1000).code == 0
    session = shell._protocol.transport.session
    assert isinstance(session.get_adapter(shell._protocol.transport.endpoint), bounded.BoundedAdapter)
    assert session.trust_env is False
    shell.close()


def test_a_page_of_another_service_shows_its_status() -> None:
    transport = Transport("http://h/wsman", username="user", password="password", auth_method="basic")
    bounded.refuse_what_is_no_message(transport)
    response = requests.Response()
    response.status_code, response._content = 404, b"<!DOCTYPE html><html></html>"
    with pytest.raises(bounded.AnswerRefusedError, match="HTTP 404: the answer holds a document type"):
        transport._get_message_response_text(response)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html><body>The service is unavailable.</body></html>", "<html><body>The service is unavailable"),
        (b"", "it is empty"),
        (b"<s:Envelopes/>", "<s:Envelopes/>"),
    ],
)
def test_a_page_in_place_of_an_answer_is_no_answer(answer: bytes, words: str) -> None:
    transport = Transport("http://h/wsman", username="user", password="password", auth_method="basic")
    bounded.refuse_what_is_no_message(transport)
    response = requests.Response()
    response.status_code, response._content = 200, answer
    with pytest.raises(bounded.AnswerRefusedError, match=f"HTTP 200: the answer is no SOAP envelope: {words}"):
        transport._get_message_response_text(response)
    for envelope in (b'<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="x"/>', b"\xef\xbb\xbf <Envelope>"):
        response._content = envelope
        assert transport._get_message_response_text(response) == envelope


def test_the_pools_of_a_socks_proxy_keep_their_connections() -> None:
    class Connection(HTTPConnection):
        def __init__(self, *arguments: t.Any, _socks_options: t.Any, **keywords: t.Any) -> None:
            super().__init__(*arguments, **keywords)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    metered = bounded._metered(Pool)
    assert issubclass(metered, Pool) and issubclass(metered.ConnectionCls, Connection)
    assert metered.ConnectionCls.response_class is bounded._Response
    assert bounded._metered(metered) is metered


def test_an_encrypted_message_is_looked_at_after_it_was_decrypted() -> None:
    transport = Transport("http://h/wsman", username="user", password="password", auth_method="basic")
    bounded.refuse_what_is_no_message(transport)
    decrypted = iter([b"<a/>", b"<!DOCTYPE a []><a/>"])
    transport.encryption = SimpleNamespace(parse_encrypted_response=lambda response: next(decrypted))
    response = requests.Response()
    assert transport._get_message_response_text(response) == b"<a/>"
    with pytest.raises(bounded.AnswerRefusedError, match="document type"):
        transport._get_message_response_text(response)


def test_the_name_of_pywinrm_that_is_not_public_is_still_there() -> None:
    assert callable(Transport._get_message_response_text)
