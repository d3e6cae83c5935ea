# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html: one file that needs no network; the page itself is plugins/templates/report.html.j2.

The hosts travel as JSON that a script of the page renders by ``textContent`` only. A content security policy
lets nothing run or load but the page's own script and style, named by their hashes.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import host_actions, host_releases
from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import (
    facts_changed,
    package_words,
    span,
    verdict_remedies,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.clients import (
    refusals,
    strays_sentence,
    symptom_words,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.headline import headline
from ansible_collections.unblock.updates.plugins.plugin_utils._report.hierarchy import hierarchy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.labels import (
    ACTION_LABELS,
    MARKS,
    OUTCOME_LABELS,
    PROBE_LABELS,
    RELEASE_LABELS,
    VERIFICATION_LABELS,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    Assessment,
    Report,
    ReportClient,
    ReportHost,
    SyncProbe,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.notes import (
    age_note,
    connection_warnings,
    merge_sentences,
    other_results,
    upstream_words,
    waiver_notes,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.picture import BOX_HEIGHT, BOX_WIDTH, draw
from ansible_collections.unblock.updates.plugins.plugin_utils._report.probes import (
    computer_note,
    host_probes,
    probe_result,
    probe_time,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.rows import host_rows, report_rows
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES, rank
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, printable, shown

TEMPLATES = Path(__file__).parents[2] / "templates"


def render_html(report: Report) -> bytes:
    """Returns report.html in UTF-8."""
    style, script, icons = _asset("report.css"), _asset("report.js"), _asset("report_icons.svg")
    page = _environment().get_template("report.html.j2")
    wsus = hierarchy(report["hosts"])
    return page.render(
        report=report,
        headline=headline(report),
        strays=strays_sentence(report["clients"]),
        merged=merge_sentences(report),
        pictures=[draw(tree) for tree in wsus.trees],
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        left_out=wsus.left_out,
        refusals=refusals(report["pairs"]),
        marks=MARKS,
        action_labels=ACTION_LABELS,
        release_labels=RELEASE_LABELS,
        statuses=_by_advisory(report),
        filters=_filters(report),
        data=_page_data(report),
        icons=icons,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
    ).encode("utf-8")


class PackedHost(NamedTuple):
    """A host as it travels to the page: a list of this order, texts as their numbers among the page's texts."""

    name: int
    status: str
    actions: list[str]
    releases: list[int]
    os: int
    reason: int
    next: int
    time: int
    error: list[int] | None
    assessments: list[Any]
    remedies: list[Any]
    collected: int
    upstream: int
    others: list[int]
    rules: list[int]
    probes: list[list[int]]
    left: int
    clients: list[list[int]]
    warnings: list[int]


class _Strings:
    """Numbers texts in order of appearance: most of a fleet's texts repeat on every host."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[str, int] = {}

    def __call__(self, value: object) -> int:
        known = self._known.get(value) if isinstance(value, str) else None
        if known is None:
            known = self._numbers.setdefault(shown(value), len(self._numbers))
            if isinstance(value, str):
                self._known[value] = known
        return known

    def __iter__(self) -> Any:
        return iter(self._numbers)


def _page_data(report: Report) -> dict[str, Any]:
    """Returns what the page's script needs; ``report.js`` takes the lists apart in the same order."""
    number = _Strings()
    clients: dict[str | None, list[ReportClient]] = {}
    for client in report["clients"]:
        clients.setdefault(client["server"], []).append(client)
    rules = {rule["sha256"]: index for index, rule in enumerate(report["rules"])}
    # In the order in which the page first shows them: sorting ten thousand takes a browser long.
    hosts = [
        _packed_host(host, clients.get(host["name"], []), rules, number)
        for host in sorted(report["hosts"], key=lambda host: (rank(host["status"]), _natural(host["name"])))
    ]
    return {
        "texts": list(number),
        "hosts": hosts,
        "marks": {status: mark._asdict() for status, mark in MARKS.items()},
        "rank": STATUSES,
        "actions": ACTION_LABELS,
        "releases": RELEASE_LABELS,
        "verifications": VERIFICATION_LABELS,
        "outcomes": OUTCOME_LABELS,
        "rules": [[rule["id"], rule["version"], rule["sha256"]] for rule in report["rules"]],
    }


def _natural(name: str) -> list[tuple[int, str]]:
    """Returns a key by which C(wsus10) comes after C(wsus9)."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split("([0-9]+)", name.casefold())]


def _packed_host(
    host: ReportHost, clients: Sequence[ReportClient], rules: Mapping[str, int], number: _Strings
) -> PackedHost:
    rows = host_rows(host)
    deciding = rows[0]
    error = host["error"]
    return PackedHost(
        name=number(one_line(host["name"])),
        status=host["status"],
        actions=host_actions(host),
        releases=[number(release) for release in host_releases(host)],
        os=number(_os_line(host)),
        reason=number(deciding.reason),
        next=number(deciding.next_step),
        time=number(host["finished_at"]),
        error=None if error is None else [number(error[key]) for key in ("layer", "observed", "message")],
        assessments=[_packed_assessment(row.assessment, number) for row in rows if row.assessment],
        remedies=[_packed_remedy(remedy, number) for remedy in host.get("remedies", [])],
        collected=number(age_note(host)),
        upstream=number(upstream_words(host)),
        others=[number(words) for words in other_results(host)],
        rules=[rules[digest] for digest in host["rules"]],
        probes=[[number(text) for text in _probe_cells(probe)] for probe in host_probes(host)],
        left=number(computer_note(host)),
        clients=[
            [number(one_line(client["name"])), number(client["last_sync"]), number(symptom_words(client))]
            for client in clients
        ],
        warnings=[number(warning) for warning in connection_warnings(host)],
    )


def _probe_cells(probe: SyncProbe) -> tuple[str, str, str, str]:
    return PROBE_LABELS[probe["outcome"]], probe_time(probe), probe["url"], probe_result(probe)


def _packed_assessment(assessment: Assessment, number: _Strings) -> list[Any]:
    symptom = assessment["symptom"]
    return [
        number(assessment["advisory"]),
        assessment["status"],
        assessment["action"],
        number(assessment["reason"]),
        number(assessment["next_step"]),
        assessment["verification"],
        [symptom["seen"], symptom["suspected"], number(symptom["first"]), number(symptom["last"]), symptom["count"]],
        [
            [number(item["source"]), number(item["where"]), number(item["expected"]), number(item["observed"])]
            for item in assessment["evidence"]
        ],
        [number(note) for note in waiver_notes(assessment)],
        number(assessment.get("fixed_at") or ""),
        [_packed_remedy(remedy, number) for remedy in verdict_remedies(assessment)],
    ]


def _packed_remedy(remedy: Remedy, number: _Strings) -> list[Any]:
    return [
        remedy["action"],
        remedy["outcome"],
        number(remedy["message"]),
        number(span(remedy)),
        remedy["exit_code"],
        number(package_words(remedy)),
        [[number(text) for text in fact] for fact in facts_changed(remedy)],
        number(remedy["log_tail"] or ""),
        remedy["irreversible"],
    ]


def _os_line(host: ReportHost) -> str:
    facts = host["os"]
    if facts is None or facts["name"] is None:
        return ""
    pack = facts["service_pack"]
    words = (facts["name"], f"SP {pack}" if str(pack).isdigit() and str(pack) != "0" else pack, facts["arch"])
    return one_line(", ".join(str(word) for word in words if word not in (None, "", "0", 0)))


def _filters(report: Report) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Returns the filters of the table: name, label and choices, each a value and its word."""
    summary = report["summary"]
    return [
        ("status", "Status", [(status, mark.label) for status, mark in MARKS.items()]),
        ("advisory", "Advisory", [(advisory, advisory) for advisory in _by_advisory(report)]),
        ("action", "Action", [(action, ACTION_LABELS[action]) for action in summary["by_action"]]),
        ("release", "Release", [(release, RELEASE_LABELS.get(release, release)) for release in summary["by_release"]]),
    ]


def _by_advisory(report: Report) -> dict[str, Counter[str]]:
    """Counts verdicts: advisory -> status -> hosts."""
    counts: dict[str, Counter[str]] = {rule["id"]: Counter() for rule in report["rules"]}
    for row in report_rows(report):
        if row.assessment is not None:
            counts.setdefault(row.advisory, Counter())[row.status] += 1
    return counts


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_fit_to_show,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


def _fit_to_show(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _asset(name: str) -> Markup:
    # A file of this collection, not of a host.
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # nosec B704


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode('utf-8')).digest()).decode('ascii')}'"
