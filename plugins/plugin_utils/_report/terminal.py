# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on a terminal: plain ASCII frames, a line or more for each host, worst first.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import host_remedies, remedy_words
from ansible_collections.unblock.updates.plugins.plugin_utils._report.clients import clients_sentence
from ansible_collections.unblock.updates.plugins.plugin_utils._report.headline import headline
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report, ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.notes import (
    age_note,
    connection_warnings,
    merge_sentences,
    other_results,
    waiver_notes,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.probes import probe_notes
from ansible_collections.unblock.updates.plugins.plugin_utils._report.rows import Row, host_rows
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import rank
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line

_TITLES = ("HOST", "STATUS", "ACTION", "NEXT STEP")
_GAPS = 6  # columns between the columns
_MAX_HOST = 36
_MIN_STEP = 24


def render_table(report: Report, width: int = 120, max_hosts: int = 100) -> list[str]:
    """Returns the report as lines of at most ``width`` columns (from 80 up).

    Args:
        report: the report.
        width: columns of the terminal.
        max_hosts: how many hosts are listed; a last line counts the others, which are the least urgent.
    """
    head = headline(report)
    lines = [head.sentence, head.meaning, f"Next step: {head.next_step}"]
    hosts = sorted(report["hosts"], key=lambda host: (rank(host["status"]), host["name"]))
    rows = [row for host in hosts[:max_hosts] for row in _urgent(host_rows(host))]
    table = _table([_cells(row, first) for row, first in rows], width) if rows else []
    hidden = len(hosts) - max_hosts
    more = [f"... and {hidden} more hosts, none more urgent: see report.html"] if hidden > 0 else []
    ends = [merge_sentences(report), *_notes(hosts[:max_hosts]), clients_sentence(report["clients"], report["pairs"])]
    notes = [part for note in ends if note for part in _wrapped(note, width)]
    return [part for line in lines if line for part in textwrap.wrap(line, width)] + table + more + notes


def _notes(hosts: Sequence[ReportHost]) -> Iterator[str]:
    """Yields what the table has no column for: old facts, unsafe ways, changes, probes, and waivers that ran out."""
    for host in hosts:
        name = one_line(host["name"])
        if age := age_note(host):
            yield f"{name}: {age}."
        for warning in connection_warnings(host):
            yield f"{name}: {warning}"
        for other in other_results(host):
            yield f"{name}: also {other}."
        for remedy in host_remedies(host):
            yield f"{name}: {one_line(remedy['advisory'])} {remedy_words(remedy)}"
        for note in probe_notes(host):
            yield f"{name}: sync_probe {note}"
        for verdict in host["assessments"]:
            for note in waiver_notes(verdict):
                yield f"{name}: waiver of {one_line(verdict['advisory'])} {note}."


def _urgent(rows: Sequence[Row]) -> list[tuple[Row, bool]]:
    """Keeps a host's worst verdict and any other that asks for something."""
    return [(row, index == 0) for index, row in enumerate(rows) if index == 0 or row.action != "none"]


def _cells(row: Row, first: bool) -> tuple[str, str, str, str]:
    name = one_line(row.host["name"]) if first else ""
    return name, row.status, row.action, one_line(row.next_step or row.reason)


def _table(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[str]:
    widths = [max(map(_columns, column)) for column in zip(_TITLES, *rows, strict=True)][:3]
    widths[0] = min(widths[0], _MAX_HOST, width - widths[1] - widths[2] - _GAPS - _MIN_STEP)
    rest = width - sum(widths) - _GAPS
    rule = ["-" * size for size in (*widths, rest)]
    return [line for row in (_TITLES, rule, *rows) for line in _lines(row, widths, rest)]


def _lines(row: Sequence[str], widths: Sequence[int], rest: int) -> list[str]:
    """Lays a row out, its next step wrapped below itself."""
    cells = [_padded(cell, size) for cell, size in zip(row[:3], widths, strict=True)]
    steps = _wrapped(row[3], rest)
    blank = [" " * size for size in widths]
    return ["  ".join([*(blank if index else cells), step]).rstrip() for index, step in enumerate(steps)]


def _wrapped(text: str, width: int) -> list[str]:
    if _columns(text) > len(text):
        width //= 2  # wide characters: textwrap counts them as one column
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _padded(text: str, width: int) -> str:
    while _columns(text) > width:
        text = f"{text.removesuffix('...')[:-1]}..."
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
