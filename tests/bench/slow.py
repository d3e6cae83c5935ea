# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sweep of a fleet of which one host in twenty is switched off and one in twenty is slow."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.bench.fleet import GROUP, first_hosts
from tests.bench.sweep import Runs
from tests.lab.dead_host import dead_host
from tests.lab.lab import Lab

_EVERY = 20
_ANSWER_AFTER = 20  # seconds that a slow host takes for its first answer
_CONNECT_TIMEOUT = 5  # seconds, the default of unblock_connect_timeout
_DEAD_ADDRESS = "127.71.0.1"
_CASES = (("linear", 10), ("linear", 50), ("host_pinned", 50), ("free", 50))


def measure_slow(runs: Runs, hosts: int) -> dict[str, Any]:
    """Sweep such a fleet by several strategies, and the same hosts while all are well; wall time only.

    The bound of each case is what it cannot take longer than: the time of the healthy fleet, the time for which dead
    and slow hosts hold workers, divided by the forks, and that of one slow host that comes last.
    """
    lab, few = runs.lab, hosts // _EVERY
    slow = [member.name for member in lab.members[1:hosts:_EVERY]]
    healthy = {forks: runs.sweep(hosts, forks=forks).wall_s for forks in {case[1] for case in _CASES}}
    with ExitStack() as stack:
        stack.enter_context(dead_host(_DEAD_ADDRESS, lab.options.listen_port))
        for name in slow:
            stack.enter_context(lab.host(name).knobs(answer_after=_ANSWER_AFTER))
        inventory = _without_every_twentieth(lab, hosts)
        cases = []
        for strategy, forks in _CASES:
            cost = runs.sweep(
                hosts,
                ["-e", '{"unblock_allow_unreachable": true}'],
                inventory=inventory,
                forks=forks,
                environment={"ANSIBLE_STRATEGY": strategy},
            )
            held = few * (_CONNECT_TIMEOUT + _ANSWER_AFTER) / forks + _ANSWER_AFTER
            cases.append(
                {
                    "strategy": strategy,
                    "forks": forks,
                    "healthy_wall_s": round(healthy[forks], 1),
                    "wall_s": round(cost.wall_s, 1),
                    "bound_s": round(healthy[forks] + held, 1),
                }
            )
    return {"hosts": hosts, "dead": few, "slow": len(slow), "answer_after_s": _ANSWER_AFTER, "cases": cases}


def _without_every_twentieth(lab: Lab, hosts: int) -> Path:
    content: dict[str, Any] = yaml.safe_load(first_hosts(lab, hosts).read_text(encoding="utf-8"))
    members = content["all"]["children"][GROUP]["hosts"]
    for name in list(members)[::_EVERY]:
        members[name]["ansible_host"] = _DEAD_ADDRESS
    path = lab.state / "inventory-slow.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path
