# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting by WQL: pages, the limit, the bound on requests, and that nothing is left open on the server."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.wql import count
from tests.lab.endpoint.envelope import NAMESPACES, Request
from tests.lab.endpoint.wmi import WmiService

NAMESPACE = "root/sms/site_XYZ"
QUERY = "SELECT ResourceID FROM SMS_R_System"
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


class Provider:
    """A shell whose host has so many instances; the lab's service answers pages of 300."""

    host = "server01"

    def __init__(self, instances: int) -> None:
        systems = [{"ResourceID": number} for number in range(instances)]
        self.service = WmiService({NAMESPACE: {"SMS_R_System": systems}})
        self.operations: list[str] = []

    def request(self, resource_uri: str, action: str, body: str) -> bytes:
        self.operations.append(action.rpartition("/")[2])
        parsed = ET.fromstring(f"<s:Body {DECLARED}>{body}</s:Body>")
        answer = self.service.serve(Request(action, "", resource_uri, 60.0, None, {}, {}, parsed), denied=False)
        return f"<s:Body {DECLARED}>{answer}</s:Body>".encode()


@pytest.mark.parametrize(
    ("instances", "limit", "requests", "found", "more", "operations"),
    [
        (0, 1000, 3, 0, False, ["Enumerate"]),
        (1, 1000, 3, 1, False, ["Enumerate"]),
        (300, 1000, 3, 300, False, ["Enumerate"]),
        (301, 1000, 3, 301, False, ["Enumerate", "Pull"]),
        (700, 1000, 3, 600, True, ["Enumerate", "Pull", "Release"]),
        (2000, 1000, 9, 1000, True, ["Enumerate", "Pull", "Pull", "Pull", "Release"]),
        (2, 1, 2, 1, True, ["Enumerate", "Release"]),
    ],
)
def test_what_is_counted_and_in_how_many_requests(
    instances: int, limit: int, requests: int, found: int, more: bool, operations: list[str]
) -> None:
    provider = Provider(instances)
    counted = count(t.cast(t.Any, provider), NAMESPACE, QUERY, limit, requests)
    assert (counted.found, counted.more, counted.requests) == (found, more, len(operations))
    assert provider.operations == operations
    assert provider.service._open == {}, "an enumeration was left open on the server"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'.encode("utf-16"),
    ],
)
def test_an_answer_that_is_no_xml_is_an_error_of_ws_man(answer: bytes) -> None:
    """Or is more than SOAP allows: entities, which could grow without bounds or read files."""
    provider = Provider(1)
    provider.request = lambda resource_uri, action, body: answer  # type: ignore[method-assign]
    with pytest.raises(HostError, match="is no XML") as caught:
        count(t.cast(t.Any, provider), NAMESPACE, QUERY, 1000, 3)
    assert caught.value.layer is Layer.WS_MAN
