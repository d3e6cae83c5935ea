# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe's script and answer as text, whoever carries them.

PRIVATE to the collection: may change without notice.

The script is one file: the request, then ``plugins/host_scripts/probe.js``. The answer is believed after its schema
was checked.
"""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import AnswerError, unframe
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

_PLUGINS = pathlib.Path(__file__).resolve().parents[2]

#: cmd.exe and findstr cut or drop longer lines (8,191 characters).
MAX_SCRIPT_LINE_BYTES = 8000

#: What the answer to a read that succeeded holds, by its operation.
_PROMISED = {
    "env": ("data",),
    "reg_value": ("data",),
    "reg_tree": ("text", "truncated"),
    "file": ("path", "version", "size", "created", "modified"),
    "drive": ("path", "free"),
    "service": ("status", "start"),
    "log": ("path", "size", "modified", "head", "lines", "truncated"),
}

#: What is read on as it is: parts of logs, and what reg.exe printed.
_OF_MANY_LINES = frozenset({"head", "lines", "text"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Read = t.Mapping[str, t.Any]
Answer = dict[str, t.Any]


def _load_script() -> str:
    """The probe without its comments and indentation, which the host has no use for."""
    lines = (_PLUGINS / "host_scripts" / "probe.js").read_text(encoding="ascii").splitlines()
    return "\r\n".join(line for line in map(str.strip, lines) if line and not line.startswith("//"))


SCRIPT = _load_script()
_SCHEMA = Validator(_PLUGINS / "schemas" / "probe_answer.schema.json")


def compose(reads: t.Sequence[Read], nonce: str, search_seconds: float | None = None) -> bytes:
    """The script that asks for these reads.

    Args:
        reads: what to read, in the order in which later ones refer to earlier ones.
        nonce: 32 hexadecimal digits that the answer repeats.
        search_seconds: when the searches of logs end, counted from the probe's start on the host; one that takes longer
            counts as truncated. None for no bound.

    Returns:
        ASCII with CRLF line ends, each line below ``MAX_SCRIPT_LINE_BYTES``.

    Raises:
        ValueError: for a read that makes a longer line.
    """
    entries = ",\r\n".join(json.dumps(read, ensure_ascii=True) for read in reads)
    bound = "" if search_seconds is None else f'"search_seconds": {search_seconds:.3f}, '
    request = f'var REQUEST = {{"nonce": "{nonce}", {bound}"reads": [\r\n{entries}\r\n]}};'
    script = f"{request}\r\n{SCRIPT}\r\n".encode("ascii")
    longest = max(map(len, script.split(b"\r\n")))
    if longest > MAX_SCRIPT_LINE_BYTES:
        raise ValueError(f"a line of the request has {longest} bytes, the host takes {MAX_SCRIPT_LINE_BYTES}")
    return script


def parse(text: str, reads: t.Sequence[Read], nonce: str | None = None) -> Answer:
    """The answer in what the probe printed.

    Args:
        text: the whole output. Of several answers, the last one counts.
        reads: what was asked for.
        nonce: the request's nonce; None if the request is not at hand.

    Returns:
        ``{"probe": {...}, "reads": {id: {"state": ...}}}``, checked against ``probe_answer.schema.json``. In what is
        no log and no listing, control characters are U+FFFD: a terminal may obey them, and Ansible shows some of
        them as they are.

    Raises:
        NoAnswerError: if the probe did not run.
        OtherRequestError: if the answer belongs to another request.
        AnswerError: if the answer is incomplete or malformed.
    """
    answer = unframe(text, nonce)
    if isinstance(answer, dict) and "failed" in answer:
        raise AnswerError(f"the probe could not start: {answer['failed']}")
    try:
        _SCHEMA.check(answer, "answer")
    except SchemaError as exc:
        raise AnswerError(f"the answer is not what the program writes: {exc}") from exc
    asked = {str(read["id"]) for read in reads}
    if asked != set(answer["reads"]):
        difference = ", ".join(sorted(asked ^ set(answer["reads"]))[:5])
        raise AnswerError(f"the answer does not fit the request: {difference}")
    for read in reads:
        found = answer["reads"][read["id"]]
        missing = [name for name in _PROMISED[read["op"]] if name not in found]
        if found["state"] == "ok" and missing:
            raise AnswerError(f"the answer does not fit the request: {read['id']} has no {missing[0]}")
    reads_seen = {
        name: {key: _visible(key, value) for key, value in read.items()} for name, read in answer["reads"].items()
    }
    return {"probe": {key: _visible(key, value) for key, value in answer["probe"].items()}, "reads": reads_seen}


def _visible(key: str, value: t.Any) -> t.Any:
    if isinstance(value, str):
        if key in _OF_MANY_LINES or value.isprintable():
            return value
        return _CONTROL.sub("\ufffd", value)
    if isinstance(value, list):
        return [_visible(key, item) for item in value]
    return {name: _visible(name, item) for name, item in value.items()} if isinstance(value, dict) else value
