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

from ansible_collections.unblock.updates.plugins.plugin_utils._report.html import (
    TEMPLATES,
    PackedHost,
    render_html,
)
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
    sync_probe,
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

    @property
    def hosts(self) -> list[PackedHost]:
        return [PackedHost(*packed) for packed in self.data["hosts"]]

    def says(self, numbers: t.Any) -> t.Any:
        """The texts of numbers, in lists as they stand."""
        return [self.says(one) for one in numbers] if isinstance(numbers, list) else self.data["texts"][numbers]


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
    page = _page(report(result("wsus1")))
    (host,) = page.hosts
    assert (page.says(host.name), host.status, host.actions) == ("wsus1", "non_compliant", ["apply_kb954960"])
    assert (page.says(host.releases), page.says(host.os)) == (["3.0 SP1"], "Windows Server 2008, SP 1, x64")
    assert page.says(host.reason) == "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66."
    assert (page.says(host.next).split(":")[0], page.says(host.time)) == ("Install it", "2026-11-21T10:00:07Z")
    assert [page.says(text) for text in (host.collected, host.upstream, host.left)] == ["", "", ""]
    assert [host.remedies, host.others, host.probes, host.clients, host.warnings, host.error] == [
        [],
        [],
        [],
        [],
        [],
        None,
    ]
    ((advisory, *dummy, symptom, evidence, expired_waivers, fixed_at, remedies),) = host.assessments
    assert page.says(advisory) == "954960"
    assert (symptom[:2], page.says(symptom[2:4]), symptom[4]) == ([True, False], ["2008-06-20T08:00:00Z", "unknown"], 3)
    assert page.says(evidence) == [["file", r"D:\WSUS\Client.Dll", ">= 3.1.6001.66", "3.1.6001.65"]]
    assert (expired_waivers, page.says(fixed_at), remedies) == ([], "", [])
    assert [page.data["rules"][index] for index in host.rules] == [["954960", "1.2.0", "b7" * 32]]


def test_a_row_opens_to_before_and_after() -> None:
    failure = remedy("failed", message="It ended with 1603.", exit_code=1603, log_tail="one\ntwo", after={})
    verdict = assessment("fix_failed", remedy=failure, earlier_remedies=[remedy()])
    page = _page(report(result("wsus1", verdict), failed("wsus2", remedies=[failure])))
    data, texts = page.data, page.data["texts"]
    unjudged, judged = page.hosts
    first, second = judged.assessments[0][-1]
    assert unjudged.remedies == [second]
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


def test_a_row_opens_to_what_was_seen_from_outside() -> None:
    removed = {"removed": True, "message": "unblock-sync-probe.invalid was removed from the list."}
    probes = [sync_probe("blocked", changed=True), sync_probe("healthy", changed=True, removal=removed)]
    page = _page(report(result("wsus1", sync_probes=probes)))
    (host,) = page.hosts
    assert page.says(host.probes) == [
        ["Blocked", "2026-11-21 10:00:02.250 UTC", "http://wsus01:8530/", probes[0]["reason"]],
        ["Healthy", "2026-11-21 10:00:02.250 UTC", "http://wsus01:8530/", probes[1]["reason"]],
    ]
    assert page.says(host.left) == removed["message"]


def test_a_server_lists_its_clients_and_strays_are_counted() -> None:
    server = result("wsus1", events=[event("server")])
    page = _page(
        report(server, result("wsus2"), clients=[client("pc1", event("client")), client("pc2", wu_server=None)])
    )
    listed = {page.says(host.name): page.says(host.clients) for host in page.hosts}
    assert listed["wsus2"] == []
    assert listed["wsus1"] == [
        ["pc1", "unknown", "refused by the server, in both logs, once, last 2008-06-13 19:59:56 UTC"]
    ]
    assert "1 client without a known server in this run." in page.words
    assert "without a known server" not in " ".join(_page(report(server, clients=[client("pc1")])).words)


def test_the_worst_server_and_verdict_come_first() -> None:
    bad, fine = assessment(), assessment("compliant", advisory="954474")
    page = _page(report(result("b10", fine), result("b9", fine, bad), result("a", fine), failed("z")))
    assert [page.says(host.name) for host in page.hosts] == ["z", "b9", "a", "b10"]
    assert [verdict[1] for verdict in page.hosts[1].assessments] == ["non_compliant", "compliant"]


def test_a_merged_report_names_its_runs_and_each_hosts_own_rule() -> None:
    newer = result("wsus2")
    newer["rules"] = [{"id": "954960", "version": "1.3.0", "sha256": "d9" * 32}]
    built = report(result("wsus1"), newer)
    built["merged"] = [
        {"source": "/srv/<b>north", "run_id": "n1", "check_mode": False, "hosts": 1, "clients": 2, "finished_at": None}
    ]
    page = _page(built)
    words = " ".join(" ".join(page.words).split())
    assert "Merged from 1 run." in words
    assert "Run n1 of /srv/<b>north : 1 server, 2 clients" in words
    versions = [[page.data["rules"][index][1] for index in host.rules] for host in page.hosts]
    assert versions == [["1.2.0"], ["1.3.0"]]


def test_clients_and_the_servers_that_refused_them_are_listed_and_bounded() -> None:
    ids = [f"00000000-0000-0000-0000-{number:012}" for number in range(25)]
    refused = [client(f"pc{number:02}", event("client", fault_ids=[one])) for number, one in enumerate(ids)]
    again = client("often", event("client", fault_ids=ids[:2], last="2008-06-15T10:00:00.5Z"))
    page = _page(report(result("wsus1", events=[event("server", fault_ids=ids)]), clients=[*refused, again]))
    words = " ".join(" ".join(page.words).split())
    assert "often wsus1 954960 2 2008-06-13 19:59:56 UTC" in words, "the most faults first"
    assert "And 6 more; report.json holds them all." in words
    assert "Clients that a server refused" not in " ".join(_page(report(result("wsus1"))).words)


@pytest.mark.parametrize(("servers", "asked"), [(1, False), (2, True)])
def test_a_hierarchy_that_nobody_told_is_asked_for(servers: int, asked: bool) -> None:
    words = " ".join(_page(report(*(result(f"wsus{number}") for number in range(servers)))).words)
    assert ("unblock_wsus_upstream" in words) is asked


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
    assert [page.says(host.name) for host in page.hosts] == ["gone", one_line(text)]
    assert printable(text) in page.data["texts"]


def test_a_report_without_hosts_is_a_page() -> None:
    page = _page(report())
    assert "This run covered no servers." in " ".join(page.words)
    assert "table" not in page.tags
