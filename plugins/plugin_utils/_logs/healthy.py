# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Healthy lines: the newest work in a log that the fault would have stopped. Verification rests on it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.matcher import Buffer
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, Work
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Clock, last_item

# The newest buffers in which some work ended, and the ends in each that are tried: other services' stand between ours.
_BUFFERS, _TRIES = 8, 8
_END = 80


@dataclass(frozen=True)
class Healthy:
    """The newest finished work in a log; ``last`` and ``where`` as an event's, both None if there is none."""

    advisory: str
    log: str
    last: str | None = None
    where: str | None = None


class Watch:
    """Follows the buffers of one log for work that was finished."""

    def __init__(self, signature: Signature, source: str) -> None:
        self._signature = signature
        self._source = source
        self._done = 0
        # With the index from which on its ends are new.
        self._ends: deque[tuple[Buffer, int, timedelta | None]] = deque(maxlen=_BUFFERS)

    def feed(self, buffer: Buffer, offset: timedelta | None) -> None:
        """Remember a buffer in which some work ended, with all of the entry that says so.

        :param offset: from UTC (east is positive), in force there, for times that name none.
        """
        work = self._signature.work
        begin = max(self._done - buffer.start, 0)
        if work and buffer.flat.find(work.needle, begin, buffer.settled) >= 0:
            self._ends.append((buffer, begin, offset))
        self._done = max(self._done, buffer.start + buffer.settled - _END)

    def newest(self) -> Healthy:
        """Return the newest finished work: only that one counts, so the remembered buffers are searched backwards."""
        work = self._signature.work
        found = (self._search(work, *ended) for ended in reversed(self._ends)) if work else iter(())
        return next((healthy for healthy in found if healthy), Healthy(self._signature.advisory, self._signature.log))

    def _search(self, work: Work, buffer: Buffer, begin_at: int, offset: timedelta | None) -> Healthy | None:
        before = buffer.before()
        text = before + buffer.flat[buffer.fresh :]
        shift = buffer.fresh - len(before)
        first, stop = max(begin_at - shift, 0), buffer.settled - shift
        for _attempt in range(_TRIES):
            stop = text.rfind(work.needle, first, stop)
            if stop < 0:
                break
            end = last_item(work.end.finditer(text, max(stop - _END, 0), stop + _END))
            begin = last_item(work.begin.finditer(text, max(stop - work.characters, 0), stop))
            if end and begin and not work.unless.search(text, begin.end(), end.start()):
                stamp = Clock(text, self._signature.stamp_after).at(end.start(), end.end())
                return Healthy(
                    self._signature.advisory,
                    self._signature.log,
                    stamp.in_utc(offset).text() if stamp else None,
                    f"{self._source}:{buffer.line_at(max(stop + shift, 0))}",
                )
        return None
