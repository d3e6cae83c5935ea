# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html as a file: what a browser would make of it. Its behaviour in a browser is tested apart."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t
from html.parser import HTMLParser

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.html import TEMPLATES, render_html
from ansible_collections.unblock.updates.plugins.plugin_utils._report.labels import MARKS
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, printable
from tests.unit.report.samples import (
    HOSTILE,
    assessment,
    client,
    event,
    every_status,
    failed,
    hostile_result,
    remedy,
    report,
    result,
)


class Page(HTMLParser):
    """The page's elements, and the text of its scripts and styles."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self._inside = ""
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.words.append(data)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, dummy in self.elements}

    @property
    def data(self) -> dict[str, t.Any]:
        return t.cast(dict[str, t.Any], json.loads(self.raw["script"][0]))


def _page(built: Report) -> Page:
    return Page(render_html(built))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_nothing_but_the_pages_own_script_and_style_may_run_or_load() -> None:
    page = _page(report(*every_status()))
    (policy,) = [attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv")]
    assert policy == (
        f"default-src 'none'; style-src {_hash(page.raw['style'][0])}; script-src {_hash(page.raw['script'][1])}; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.raw["script"][1] == (TEMPLATES / "report.js").read_text(encoding="utf-8")


def test_the_page_refers_to_nothing_outside_itself() -> None:
    page = _page(report(*every_status()))
    assert not page.tags & {"link", "img", "iframe", "object", "embed", "base", "a"}
    references = [attrs[name] for dummy, attrs in page.elements for name in ("src", "href", "action") if name in attrs]
    assert references
    assert all(reference is not None and reference.startswith("#icon-") for reference in references)
    assert "url(" not in page.raw["style"][0]
    assert "@import" not in page.raw["style"][0]
    assert not any(name.startswith("on") or name == "style" for dummy, attrs in page.elements for name in attrs)


def test_every_icon_that_is_used_is_there() -> None:
    page = _page(report(*every_status()))
    drawn = {attrs["id"] for tag, attrs in page.elements if tag == "symbol"}
    assert {f"icon-{mark.icon}" for mark in MARKS.values()} | {"icon-chevron"} == drawn


def test_the_top_says_where_the_estate_stands() -> None:
    words = " ".join(_page(report(result("a"), failed("b"))).words)
    assert "1 of 2 servers still cannot deliver updates. 1 server could not be judged." in words
    assert "not a vulnerability" in words
    assert "Apply KB954960 (1 server)" in words


@pytest.mark.parametrize("check_mode", [True, False])
def test_check_mode_is_said(check_mode: bool) -> None:
    words = " ".join(_page(report(result("a"), check_mode=check_mode)).words)
    assert ("Check mode: nothing was changed" in words) is check_mode


def test_every_status_is_counted_in_words() -> None:
    words = "".join(_page(report(*every_status())).words)
    assert all(f"{mark.label} 1" in words for mark in MARKS.values())


def test_the_table_carries_what_was_read() -> None:
    data = _page(report(result("wsus1"))).data
    texts = data["texts"]
    ((name, status, actions, releases, os, reason, step, time, error, verdicts, changes, collected, clients),) = data[
        "hosts"
    ]
    assert (texts[name], status, actions, error) == ("wsus1", "non_compliant", ["apply_kb954960"], None)
    assert ([texts[one] for one in releases], texts[os]) == (["3.0 SP1"], "Windows Server 2008, SP 1, x64")
    assert texts[reason] == "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66."
    assert (texts[step].split(":")[0], texts[time]) == ("Install it", "2026-11-21T10:00:07Z")
    assert (texts[collected], clients, changes) == ("", [], [])
    ((advisory, *dummy, symptom, evidence, expired_waivers, fixed_at, remedies),) = verdicts
    assert texts[advisory] == "954960"
    assert (symptom[:2], texts[symptom[2]], texts[symptom[3]], symptom[4]) == (
        [True, False],
        "2008-06-20T08:00:00Z",
        "unknown",
        3,
    )
    assert [texts[one] for one in evidence[0]] == ["file", r"D:\WSUS\Client.Dll", ">= 3.1.6001.66", "3.1.6001.65"]
    assert (expired_waivers, texts[fixed_at], remedies) == ([], "", [])
    assert data["rules"] == {"954960": ["1.2.0", "b7" * 32]}


def test_a_row_opens_to_before_and_after() -> None:
    failure = remedy("failed", message="It ended with 1603.", exit_code=1603, log_tail="one\ntwo", after={})
    verdict = assessment("fix_failed", remedy=failure, earlier_remedies=[remedy()])
    data = _page(report(result("wsus1", verdict), failed("wsus2", remedies=[failure]))).data
    texts = data["texts"]
    first, second = data["hosts"][0][9][0][-1]
    assert data["hosts"][1][10] == [second]
    assert [data["outcomes"][one[1]] for one in (first, second)] == ["Carried out", "Failed"]
    action, outcome, message, time, code, program, facts, log, irreversible = second
    assert (action, outcome, texts[message], code, texts[log]) == (
        "apply_kb954960",
        "failed",
        "It ended with 1603.",
        1603,
        "one\ntwo",
    )
    assert texts[time] == "2026-11-21 09:58:00 UTC to 2026-11-21 09:59:30 UTC"
    assert texts[program] == (
        f"WSUS-KB954960-x86.exe, SHA-256 {'c4' * 32}, 1234567 bytes, signed by Microsoft Corporation "
        "at 2008-07-31T20:00:00Z"
    )
    assert [[texts[text] for text in fact] for fact in facts] == [["wsus.client_dll.version", "3.1.6001.65", "-"]]
    assert [[texts[text] for text in fact] for fact in first[6]] == [
        ["wsus.client_dll.version", "3.1.6001.65", "3.1.6001.66"]
    ]
    assert irreversible is True


def test_a_server_lists_its_clients_and_strays_are_counted() -> None:
    server = result("wsus1", events=[event("server")])
    page = _page(
        report(server, result("wsus2"), clients=[client("pc1", event("client")), client("pc2", wu_server=None)])
    )
    listed = {page.data["texts"][host[0]]: host[-1] for host in page.data["hosts"]}
    assert listed["wsus2"] == []
    assert [[page.data["texts"][text] for text in one] for one in listed["wsus1"]] == [
        ["pc1", "unknown", "refused by the server, in both logs, once, last 2008-06-13 19:59:56 UTC"]
    ]
    assert "1 client without a known server in this run." in page.words
    assert "without a known server" not in " ".join(_page(report(server, clients=[client("pc1")])).words)


def test_a_text_that_repeats_is_carried_once() -> None:
    one, hundred = (render_html(report(*(result(f"h{n:03}") for n in range(count)))) for count in (1, 100))
    assert len(hundred) - len(one) < 99 * 200


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_changes_nothing_in_the_page(text: str) -> None:
    harmless, page = (
        _page(
            report(
                hostile_result(words),
                failed("gone", text=words),
                clients=[client(words, wu_server="http://gone"), client(words, wu_server=words, use_wu_server=False)],
            )
        )
        for words in ("harmless", text)
    )
    assert [tag for tag, dummy in page.elements] == [tag for tag, dummy in harmless.elements]
    assert [sorted(attrs) for dummy, attrs in page.elements] == [sorted(attrs) for dummy, attrs in harmless.elements]
    assert page.raw["script"][1:] == harmless.raw["script"][1:]
    assert page.data["texts"][page.data["hosts"][0][0]] == one_line(text)
    assert printable(text) in page.data["texts"]


def test_a_report_without_hosts_is_a_page() -> None:
    page = _page(report())
    assert "This run covered no servers." in " ".join(page.words)
    assert "table" not in page.tags
