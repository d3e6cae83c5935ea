# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures: what a rule's ``logs:`` section says, checked and compiled.

Patterns look at flat text (see flat.py): lower case, visible ASCII only. The section's keys are described in
plugins/rules/schemas/logs.schema.json; what a schema cannot say (a set names a mark that exists, a mark that is looked
for first has a needle) is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten

GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class SignatureError(ValueError):
    """A ``logs:`` section that its schema allows but that cannot work; the text names advisory, log and key."""


@dataclass(frozen=True)
class Work:
    """Finished work that the fault would have stopped: ``begin`` .. ``end`` without ``unless`` between them."""

    begin: re.Pattern[bytes]
    end: re.Pattern[bytes]
    needle: bytes
    written: bytes
    unless: re.Pattern[bytes]
    characters: int


@dataclass(frozen=True)
class Signature:
    """One advisory's symptom in one kind of log.

    :ivar needles: flat text, of which one stands in every mark that is sought
    :ivar written: all that is looked for by plain search, as the log's writer writes it
    """

    advisory: str
    log: str
    names: tuple[str, ...]
    content: re.Pattern[bytes]
    anchors: tuple[str, ...]
    marks: Mapping[str, re.Pattern[bytes]]
    sought: frozenset[str]
    needles: tuple[bytes, ...]
    written: tuple[bytes, ...]
    certain: tuple[frozenset[str], ...]
    possible: tuple[frozenset[str], ...]
    refuted: frozenset[str]
    reach: int
    reach_time: timedelta
    stamp_after: bool
    stamp_utc: bool
    stamp_start: bytes
    thread: re.Pattern[bytes] | None
    work: Work | None

    def confidence(self, marks: Iterable[str]) -> str | None:
        """Return ``certain``, ``possible`` or None for the marks that stand together in a log."""
        found = frozenset(marks)
        if any(wanted <= found for wanted in self.certain):
            return "certain"
        if found & self.refuted:
            return None
        return "possible" if any(wanted <= found for wanted in self.possible) else None

    def takes(self, file_name: str) -> bool:
        """Whether a file of this name (without its folder) is this kind of log."""
        return any(fnmatchcase(file_name.lower(), name) for name in self.names)


def compile_signatures(advisory: str, section: Mapping[str, Any]) -> tuple[Signature, ...]:
    """Compile the ``logs:`` section of one rule, already checked by its schema.

    :raises SignatureError: a set names an unknown mark, a sought mark has no needle, a pattern does not compile.
    """
    return tuple(_compile(advisory, log, data) for log, data in section.items())


def _compile(advisory: str, log: str, data: Mapping[str, Any]) -> Signature:
    place = f"{advisory} logs.{log}"
    marks = {name: _pattern(f"{place}.marks.{name}", mark["pattern"]) for name, mark in data["marks"].items()}
    certain, possible = (tuple(frozenset(names) for names in data[key]) for key in ("certain", "possible"))
    sought, refuted = frozenset(data["sought"]), frozenset(data.get("refuted", ()))
    unknown = frozenset().union(sought, refuted, *certain, *possible) - marks.keys()
    if unknown:
        raise SignatureError(f"{place}: no mark is called {', '.join(sorted(unknown))}")
    if not all(wanted & sought for wanted in certain + possible):
        raise SignatureError(f"{place}: each set of certain and possible must hold a mark that is sought")
    stamp, healthy = data["stamp"], data.get("healthy")
    work = _work(f"{place}.healthy", healthy) if healthy else None
    written = {_written(f"{place}.marks.{name}", data["marks"][name]) for name in sought}
    started = stamp.get("start", "").encode("ascii")
    return Signature(
        advisory=advisory,
        log=log,
        names=tuple(name.lower() for name in data["names"]),
        content=_pattern(f"{place}.content", data["content"]),
        anchors=tuple(data["anchors"]) + tuple(healthy["anchors"] if healthy else ()),
        marks=marks,
        sought=sought,
        needles=tuple(sorted(map(flatten, written))),
        written=tuple(sorted(written | {text for text in (started, work.written if work else b"") if text})),
        certain=certain,
        possible=possible,
        refuted=refuted,
        reach=data["reach"]["characters"],
        reach_time=timedelta(seconds=data["reach"]["seconds"]),
        stamp_after=stamp["side"] == "after",
        stamp_utc=stamp["zone"] == "utc",
        stamp_start=flatten(started),
        thread=_pattern(f"{place}.stamp.thread", stamp["thread"]) if "thread" in stamp else None,
        work=work,
    )


def _work(place: str, data: Mapping[str, Any]) -> Work:
    written = _written(f"{place}.end", data["end"])
    return Work(
        begin=_pattern(f"{place}.begin", data["begin"]),
        end=_pattern(f"{place}.end", data["end"]["pattern"]),
        needle=flatten(written),
        written=written,
        unless=_pattern(f"{place}.unless", data["unless"]),
        characters=data["characters"],
    )


def _pattern(place: str, text: str) -> re.Pattern[bytes]:
    try:
        return re.compile(text.replace("{guid}", GUID).encode("ascii"), re.DOTALL)
    except (re.error, UnicodeEncodeError) as error:
        raise SignatureError(f"{place}: {error}") from error


def _written(place: str, mark: Mapping[str, Any]) -> bytes:
    needle: bytes = mark.get("needle", "").encode("ascii", "replace")
    if len(flatten(needle)) < 4:
        raise SignatureError(
            f"{place}: a mark that is looked for first needs a needle of four visible characters or more"
        )
    return needle
