# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame in which programs of this collection answer on a host: ASCII lines around one JSON document.

PRIVATE to the collection: may change without notice.

C(UNBLOCK BEGIN nonce), any number of C(UNBLOCK DATA characters), C(UNBLOCK END nonce count-of-data-lines).
"""

from __future__ import annotations

import json
import math
import re
import typing as t

_BEGIN = re.compile(r"^UNBLOCK BEGIN ([0-9a-f]{32})\s*$", re.MULTILINE)
_DATA = re.compile(r"^UNBLOCK DATA (.*?)\r?$", re.MULTILINE)
_END = re.compile(r"^UNBLOCK END ([0-9a-f]{32}) ([0-9]{1,6})\s*$", re.MULTILINE)


class AnswerError(Exception):
    """An answer is not what the program writes; the text says why."""


class NoAnswerError(AnswerError):
    """Nothing that the program writes is there: it did not run."""


class OtherRequestError(AnswerError):
    """An answer to another request."""


def unframe(text: str, nonce: str | None) -> t.Any:
    """The document in what a program printed.

    Args:
        text: the whole output. Of several answers, the last one counts.
        nonce: 32 hexadecimal digits that the program was given; None if they are not at hand.

    Raises:
        NoAnswerError: if the program did not run.
        OtherRequestError: if the answer belongs to another request.
        AnswerError: if the answer is incomplete, or no JSON.
    """
    begin = max(_BEGIN.finditer(text), key=re.Match.start, default=None)
    if begin is None:
        raise NoAnswerError("the program printed nothing")
    end = _END.search(text, begin.end())
    chunks = _DATA.findall(text, begin.end(), end.start()) if end else []
    if end is None or end.group(1) != begin.group(1) or int(end.group(2)) != len(chunks):
        raise AnswerError(f"the answer is incomplete: {len(text)} characters, the last ones {text[-80:]!r}")
    if nonce not in (None, begin.group(1)):
        raise OtherRequestError("the answer belongs to another request")
    try:
        return json.loads("".join(chunks), object_pairs_hook=_unique_keys, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as exc:
        raise AnswerError(f"the answer is not what the program writes: {exc}") from exc


def _unique_keys(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return document


def _refuse(name: str) -> t.Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is out of range")
    return number
