# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every excerpt with its label: as a file with all signatures at once, and as what a host sends of it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_file
from tests.unit.logs.material import (
    FIXTURES,
    Excerpt,
    excerpts,
    found,
    positives,
    scan_bytes,
    scan_on_host,
    signatures,
)

#: The ids of faults (a service's id stands in braces), and the numbers of updates.
FAULT_ID = re.compile(r"(?<!\{)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IDS = {"client": FAULT_ID, "server": FAULT_ID, "site": re.compile(r"(?<!\d)1\d{6}(?!\d)")}

by_name = pytest.mark.parametrize("excerpt", excerpts(), ids=lambda one: one.file)


def test_every_file_has_a_label() -> None:
    assert {one.file for one in excerpts()} == {path.name for path in FIXTURES.glob("*.log")}


@by_name
def test_file(excerpt: Excerpt) -> None:
    result = scan_file(excerpt.path, signatures(), Context(source=excerpt.file))
    assert found(result) == excerpt.expect
    assert result.scanned() == {"bytes": len(excerpt.data), "lines": len(excerpt.text.splitlines()), "truncated": False}


@pytest.mark.parametrize("excerpt", [one for one in excerpts() if one.on_host], ids=lambda one: one.file)
@pytest.mark.parametrize("log", ["client", "server", "site"])
def test_on_a_host(excerpt: Excerpt, log: str) -> None:
    expected = tuple(item for item in excerpt.expect if item[0] == log)
    assert found(scan_on_host(excerpt.text, log)) == expected


@pytest.mark.parametrize("excerpt", positives("certain"), ids=lambda one: one.file)
def test_certain_event(excerpt: Excerpt) -> None:
    (event,) = scan_bytes(excerpt.data).events
    assert event.count == 1
    assert event.fault_ids == tuple(dict.fromkeys(IDS[event.log].findall(re.sub(r"\n(?:> )?", "", excerpt.text))))
    source, dummy, line = event.where.partition(":")
    assert source == "test"
    first = excerpt.text.splitlines()[int(line) - 1]
    assert event.excerpt.split("\n")[0] in first


def test_a_whole_page_with_all_its_samples() -> None:
    # What people paste: prose of an advisory around a client's and a server's sample.
    page = "Kunder kan se fejlen:\n" + "\n\n".join(
        (FIXTURES / f"advisory-954960-da-{log}.log").read_text(encoding="utf-8") for log in ("client", "server")
    )
    assert found(scan_bytes(page.encode())) == (("client", "certain"), ("server", "certain"))
