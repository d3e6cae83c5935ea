# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a simulated host at the moment: what it keeps from being changed, and how to end all of it."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

END_TIMEOUT = 5.0  # seconds


@dataclass(eq=False)
class State:
    """What a program can change of itself; a program that it starts begins with a copy."""

    environment: dict[str, str]
    directory: str  # Windows keeps it from being renamed and removed
    error_level: int = 0  # of cmd.exe, a signed 32-bit number

    def copy(self) -> State:
        """Return the state of a program that this one starts."""
        return State(dict(self.environment), self.directory)


class Running:
    """The programs that run. Every method may be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._states: set[State] = set()
        self._images: Counter[str] = Counter()
        self._ends: set[Callable[[], None]] = set()
        self._programs: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count(1000, 4)

    @contextmanager
    def holding(self, state: State) -> Iterator[None]:
        """Keep a program's directory in use."""
        with self._lock:
            self._states.add(state)
        try:
            yield
        finally:
            with self._lock:
                self._states.discard(state)

    @contextmanager
    def executing(self, path: str) -> Iterator[None]:
        """Keep a program's own file in use."""
        with self._lock:
            self._images[path.lower()] += 1
        try:
            yield
        finally:
            with self._lock:
                self._images -= Counter([path.lower()])

    @contextmanager
    def endable(self, end: Callable[[], None]) -> Iterator[None]:
        """Let end_all() end something by calling `end`."""
        with self._lock:
            self._ends.add(end)
        try:
            yield
        finally:
            with self._changed:
                self._ends.discard(end)
                self._changed.notify_all()

    def add(self, end: Callable[[], None]) -> int:
        """Return the number of a program that `end` ends at once."""
        with self._lock:
            number = next(self._numbers)
            self._programs[number] = end
        return number

    def discard(self, number: int) -> None:
        """Forget a program that has ended."""
        with self._lock:
            self._programs.pop(number, None)

    def end(self, number: int) -> bool:
        """End a program by its number; returns whether there was one."""
        with self._lock:
            end = self._programs.get(number)
        if end is not None:
            end()
        return end is not None

    def is_image(self, path: str) -> bool:
        """Whether a program that runs was started from this file."""
        return path.lower() in self._images

    def is_directory(self, path: str) -> bool:
        """Whether a program runs in this directory or below it."""
        with self._lock:
            return any(f"{state.directory}\\".lower().startswith(f"{path}\\".lower()) for state in self._states)

    def end_all(self) -> None:
        """End every program, and return when they have ended; one that does not is left behind after a while."""
        with self._lock:
            ends = list(self._ends)
        for end in ends:
            end()
        with self._changed:
            self._changed.wait_for(lambda: not self._ends.intersection(ends), END_TIMEOUT)
