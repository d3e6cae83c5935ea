# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through a server's updates, as a client makes it on which everything is installed ([MS-WUSP] 3.1.5.7).

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.unblock.updates.plugins.module_utils._wusp import Client, StartOverError

#: The product category "Office 2003" as public lists of WSUS categories have it.
OFFICE_2003 = "1403f223-a63f-f572-82ba-c92391218055"

_MAX_STARTS = 2


@dataclasses.dataclass(frozen=True)
class Limits:
    """Where a walk ends at the latest.

    Attributes:
        rounds: calls of SyncUpdates.
        seconds: for the whole walk, pauses among them.
        pause: seconds between two calls.
    """

    rounds: int
    seconds: float
    pause: float


@dataclasses.dataclass
class Walk:
    """How far a walk came. It is filled in while it goes on, so that a fault leaves what was seen before.

    Attributes:
        rounds: calls of SyncUpdates that were answered.
        revisions: different revisions that the server told of.
        declared: whether the product category was declared as installed in a call that was made.
        reached: whether such a call was answered.
        ended: why the walk ended before its end; empty if it came to it.
    """

    rounds: int = 0
    revisions: int = 0
    declared: bool = False
    reached: bool = False
    ended: str = ""


def walk(
    client: Client,
    category: str,
    limits: Limits,
    seen: Walk,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> None:
    """Goes through all revisions, declaring those as installed that others have as prerequisites.

    Args:
        client: a client whose handshake is made.
        category: GUID, in lower case, of the product category that has to be reached.
        limits: where to end.
        seen: is filled in.
        clock: seconds that only grow.
        sleep: waits for seconds.

    Raises:
        SoapFault: as the server answered.
        SoapError: if an answer is not what the protocol says.
    """
    deadline = clock() + limits.seconds
    for start in range(_MAX_STARTS):
        try:
            _walk_once(client, category, limits, seen, deadline, clock, sleep)
            return
        except StartOverError as exc:
            if start + 1 == _MAX_STARTS:
                seen.ended = f"the server forgot its own cookies twice ({exc})"
                return
            client.open()


def _walk_once(
    client: Client,
    category: str,
    limits: Limits,
    seen: Walk,
    deadline: float,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
) -> None:
    installed: set[int] = set()
    cached: set[int] = set()
    declares = False
    while True:
        if seen.rounds >= limits.rounds:
            seen.ended = f"the server still had new revisions after {seen.rounds} rounds"
            return
        if clock() + limits.pause >= deadline:
            seen.ended = f"the walk was not at its end after {limits.seconds:g} s"
            return
        if seen.rounds:
            sleep(limits.pause)
        seen.declared = seen.declared or declares
        answer = client.sync(installed, cached)
        seen.rounds += 1
        seen.reached = seen.reached or declares
        new = [revision for revision in answer.new if revision.revision_id not in installed | cached]
        installed.update(revision.revision_id for revision in new if not revision.is_leaf)
        cached.update(revision.revision_id for revision in new if revision.is_leaf)
        declares = declares or any(revision.update_id == category and not revision.is_leaf for revision in new)
        seen.revisions = max(seen.revisions, len(installed) + len(cached))
        if not new:
            if answer.new or answer.truncated:
                seen.ended = "the server repeats what it told before and does not come to an end"
            return
