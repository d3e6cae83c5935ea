# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules' logs sections: they fit their schema, and what a schema cannot say is refused by name."""

from __future__ import annotations

import copy
import re
from typing import Any

import jsonschema
import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import choose
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import SignatureError, compile_signatures
from tests.unit.logs.material import findstr, positives, schema, section, signature, signatures


@pytest.mark.parametrize("advisory", ["954474", "954960"])
def test_schema(advisory: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(section(advisory), schema())


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("certain",), [["call", "nothing"]], "954960 logs.client: no mark is called nothing"),
        (("refuted",), ["nothing"], "954960 logs.client: no mark is called nothing"),
        (("possible",), [["method"]], "954960 logs.client: each set of certain and possible must hold a mark that is"),
        (("sought",), ["call", "cut", "error", "method"], "954960 logs.client.marks.method: a mark that is looked for"),
        (("marks", "call", "needle"), "0 x 8", "954960 logs.client.marks.call: a mark that is looked for"),
        (("marks", "call", "pattern"), "a(b", "954960 logs.client.marks.call: missing )"),
        (("stamp", "thread"), "*", "954960 logs.client.stamp.thread: nothing to repeat"),
        (("healthy", "begin"), "[a", "954960 logs.client.healthy.begin: unterminated character set"),
    ],
)
def test_refused(path: tuple[str, ...], value: Any, reason: str) -> None:
    changed: dict[str, Any] = copy.deepcopy({"client": section("954960")["client"]})
    node = changed["client"]
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(SignatureError, match=re.escape(reason)):
        compile_signatures("954960", changed)


@pytest.mark.parametrize(
    "change",
    [
        {"anchors": ['a "quoted" word']},
        {"anchors": ["%PATH%"]},
        {"anchors": []},
        {"reach": {"characters": 0, "seconds": 1}},
        {"marks": {"call": {"pattern": "with blank"}}},
        {"stamp": {"side": "above", "zone": "utc"}},
        {"extra": 1},
    ],
)
def test_refused_by_the_schema(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"client": {**section("954960")["client"], **change}}, schema())


@pytest.mark.parametrize("excerpt", [one for one in positives("certain") if one.on_host], ids=lambda one: one.file)
def test_needles_and_anchors_stand_where_marks_are(excerpt: Any) -> None:
    ((log, dummy),) = excerpt.expect
    one = signature(log)
    flat = flatten(excerpt.data)
    sent = flatten(findstr(excerpt.text, one.anchors).encode())
    assert any(needle in flat for needle in one.needles)
    for name, pattern in one.marks.items():
        if name not in one.refuted:
            assert bool(pattern.search(flat)) == bool(pattern.search(sent)), name


@pytest.mark.parametrize("log", ["client", "server", "site"])
def test_healthy_logs_send_little(log: str) -> None:
    names = {"client": "s1-neg-31.log", "server": "s2-neg-11.log", "site": "s3-neg-01.log"}
    text = (positives("certain")[0].path.parent / names[log]).read_text(encoding="utf-8")
    assert len(findstr(text, signature(log).anchors)) < len(text) / 10


@pytest.mark.parametrize(
    ("log", "name", "expected"),
    [
        ("site", "WindowsUpdate.log", {"site"}),
        (None, r"C:\Windows\WindowsUpdate.log", {"client"}),
        (None, "/logs/pc1/windowsupdate (2).LOG.old", {"client"}),
        (None, r"D:\WSUS\LogFiles\SoftwareDistribution.log.old", {"server"}),
        (None, "wsyncmgr.lo_", {"site"}),
        (None, "WSyncMgr.log", {"site"}),
        (None, "/SoftwareDistribution.log/mail.txt", {"client", "server", "site"}),
    ],
)
def test_choose(log: str | None, name: str, expected: set[str]) -> None:
    assert {one.log for one in choose(signatures(), log, name)} == expected
