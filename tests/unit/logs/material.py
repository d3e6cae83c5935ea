# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the log code share: the rules' signatures, the excerpts, and a findstr."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, ScanResult, scan, scan_hits
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, compile_signatures

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "logs"
RULES = ROOT / "plugins" / "rules"

FAULT = "c0a7445f-b989-43fa-ac20-11f8ca65fa8c"


@dataclass(frozen=True)
class Excerpt:
    """A log excerpt and the confidence expected of each log's signature; none expected: nothing may be found.

    ``on_host``: a host may hold it as it is, so its lines may be searched there.
    """

    file: str
    expect: tuple[tuple[str, str], ...]
    on_host: bool

    @property
    def path(self) -> Path:
        return FIXTURES / self.file

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        return self.data.decode("utf-8")


@cache
def excerpts() -> tuple[Excerpt, ...]:
    manifest = yaml.safe_load((FIXTURES / "manifest.yml").read_text(encoding="utf-8"))
    return tuple(
        Excerpt(item["file"], tuple(sorted(item["expect"].items())), item.get("only") != "file") for item in manifest
    )


def positives(confidence: str) -> tuple[Excerpt, ...]:
    return tuple(one for one in excerpts() if confidence in dict(one.expect).values())


@cache
def section(advisory: str) -> dict[str, Any]:
    rule = yaml.safe_load((RULES / f"{advisory}.yml").read_text(encoding="utf-8"))
    logs: dict[str, Any] = rule["logs"]
    return logs


@cache
def signatures() -> tuple[Signature, ...]:
    return tuple(one for advisory in ("954474", "954960") for one in compile_signatures(advisory, section(advisory)))


def signature(log: str) -> Signature:
    return next(one for one in signatures() if one.log == log)


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((RULES / "schemas" / "logs.schema.json").read_text(encoding="utf-8"))
    return loaded


def scan_bytes(data: bytes, log: str | None = None, piece: int | None = None, **known: Any) -> ScanResult:
    """Scan bytes as a file, in pieces of ``piece`` bytes."""
    pieces = [data] if piece is None else [data[start : start + piece] for start in range(0, len(data), piece)]
    return scan(pieces, [one for one in signatures() if log in (None, one.log)], Context(source="test", **known))


def found(result: ScanResult) -> tuple[tuple[str, str], ...]:
    """Return log and confidence of each event."""
    return tuple(sorted((event.log, event.confidence) for event in result.events))


def findstr(text: str, anchors: tuple[str, ...]) -> str:
    """Return what ``findstr /i /n /c:ANCHOR...`` prints for a file of this text."""
    wanted = [anchor.lower() for anchor in anchors]
    return "".join(
        f"{number}:{line}\r\n"
        for number, line in enumerate(text.split("\n"), 1)
        if any(anchor in line.lower() for anchor in wanted)
    )


def scan_on_host(text: str, log: str, **known: Any) -> ScanResult:
    """Scan a log as it is read from a host."""
    one = signature(log)
    return scan_hits(findstr(text, one.anchors), [one], Context(source="test", **known), head=text.split("\n")[0])
