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
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import AnswerError, unframe
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

_PLUGINS = pathlib.Path(__file__).resolve().parents[2]

#: cmd.exe and findstr cut or drop longer lines (8,191 characters).
MAX_SCRIPT_LINE_BYTES = 8000

Read = t.Mapping[str, t.Any]
Answer = dict[str, t.Any]


def _load_script() -> str:
    """The probe without its comments, which the host has no use for."""
    lines = (_PLUGINS / "host_scripts" / "probe.js").read_text(encoding="ascii").splitlines()
    return "\r\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("//"))


SCRIPT = _load_script()
_SCHEMA = Validator(_PLUGINS / "schemas" / "probe_answer.schema.json")


def compose(reads: t.Sequence[Read], nonce: str) -> bytes:
    """The script that asks for these reads.

    Args:
        reads: what to read, in the order in which later ones refer to earlier ones.
        nonce: 32 hexadecimal digits that the answer repeats.

    Returns:
        ASCII with CRLF line ends, each line below ``MAX_SCRIPT_LINE_BYTES``.

    Raises:
        ValueError: for a read that makes a longer line.
    """
    entries = ",\r\n".join(json.dumps(read, ensure_ascii=True) for read in reads)
    script = f'var REQUEST = {{"nonce": "{nonce}", "reads": [\r\n{entries}\r\n]}};\r\n{SCRIPT}\r\n'.encode("ascii")
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
        ``{"probe": {...}, "reads": {id: {"state": ...}}}``, checked against ``probe_answer.schema.json``.

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
    return t.cast(Answer, answer)
