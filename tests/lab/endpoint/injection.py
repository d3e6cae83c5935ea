# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of network, service and host, injected at the n-th request to a lab host."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.lab.endpoint import faults

#: Statuses that a proxy, a worn-out http.sys or a service that is just starting answers with.
STATUSES = {f"status_{number}": number for number in (401, 403, 500, 503)}

#: What is made of an answer. The request was carried out by then.
ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "half_envelope": lambda answer: answer[: len(answer) // 2],
    "garbage": lambda answer: os.urandom(max(len(answer), 64)),
    "nothing": lambda answer: b"",
    "no_soap": lambda answer: b"<html><body>The service is unavailable.</body></html>",
}

#: SOAP faults; the request is not carried out.
FAULTS = {f"fault_{name.lower()}": fault for name, fault in vars(faults).items() if isinstance(fault, faults.Fault)}

KINDS = (
    "drop_before",  # the connection, before the request is carried out
    "drop_after",  # the connection, after it was carried out
    "hold",  # neither carried out nor answered
    "silence",  # carried out, and never answered
    "delay",  # carried out and answered, but late
    "wrong_type",  # the answer calls itself text/html
    "lose_shell",  # every shell of the host is gone
    "out_of_memory",  # what runs in the shells dies
    "restart",  # the host goes down and comes up
    *STATUSES,
    *ANSWERS,
    *FAULTS,
)


DELAY = 0.5  # seconds, of `delay`


@dataclass
class Injection:
    """A fault that waits for its request."""

    kind: str = ""
    at: int = 0  # the n-th request from now, counted from 1; 0: never
    fired: bool = False
    requests: int = 0  # that were made since
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.kind and self.kind not in KINDS:
            raise ValueError(f"{self.kind} is no kind of fault; there are {', '.join(KINDS)}")

    def strike(self) -> str:
        """Count a request and return the kind of fault that strikes it, or nothing."""
        with self._lock:
            self.requests += 1
            self.fired = self.fired or self.requests == self.at
            return self.kind if self.requests == self.at else ""
