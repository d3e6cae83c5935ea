# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of the host's task scheduler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Task:
    """What is started, and how its last run ended."""

    name: str
    command: str
    running: bool = False
    result: int | None = None  # exit code, or the HRESULT of a program that could not be started
    end: Callable[[], None] = lambda: None
