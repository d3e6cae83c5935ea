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
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Clock, last_item, last_offset

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
    """Follows the buffers of one log for work that was finished.

    :param offset: the host's offset from UTC (east is positive) for times that name none.
    """

    def __init__(self, signature: Signature, source: str, offset: timedelta | None) -> None:
        self._signature = signature
        self._source = source
        self._offset = timedelta(0) if signature.stamp_utc else offset
        self._before = b""
        self._ends: deque[tuple[bytes, Buffer]] = deque(maxlen=_BUFFERS)

    def feed(self, buffer: Buffer) -> None:
        """Remember a buffer in whose new part some work ended."""
        work = self._signature.work
        if work:
            # An end that the buffer before cut off is whole in this one.
            if buffer.flat.find(work.needle, max(buffer.fresh - _END, 0)) >= 0:
                self._ends.append((self._before, buffer))
            self._before = buffer.flat

    def newest(self) -> Healthy:
        """Return the newest finished work: only that one counts, so the remembered buffers are searched backwards."""
        work = self._signature.work
        found = (self._search(work, before, buffer) for before, buffer in reversed(self._ends)) if work else iter(())
        return next((healthy for healthy in found if healthy), Healthy(self._signature.advisory, self._signature.log))

    def _search(self, work: Work, before: bytes, buffer: Buffer) -> Healthy | None:
        text = before + buffer.flat[buffer.fresh :]
        shift, stop = buffer.fresh - len(before), len(text)
        for _attempt in range(_TRIES):
            stop = text.rfind(work.needle, max(len(before) - _END, 0), stop)
            if stop < 0:
                break
            end = last_item(work.end.finditer(text, max(stop - _END, 0), stop + _END))
            begin = last_item(work.begin.finditer(text, max(stop - work.characters, 0), stop))
            if end and begin and not work.unless.search(text, begin.end(), end.start()):
                stamp = Clock(text, self._signature.stamp_after).at(end.start(), end.end())
                offset = self._offset if self._signature.stamp_utc else last_offset(text, self._offset)
                return Healthy(
                    self._signature.advisory,
                    self._signature.log,
                    stamp.in_utc(offset).text() if stamp else None,
                    f"{self._source}:{buffer.line_at(max(stop + shift, 0))}",
                )
        return None
