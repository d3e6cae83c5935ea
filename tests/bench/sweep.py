# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sweep of a fleet, and what it is measured against. All figures are the controller's, never the hosts'."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.bench.fleet import first_hosts
from tests.bench.measure import Cost, measure, medians
from tests.lab.lab import REPOSITORY, Lab, write_json

BENCH = Path(__file__).parent

#: Hosts for the plain program: it has nothing that grows with their number.
_EXCHANGES = 300

_BIN = Path(sys.executable).parent
_ENVIRONMENT = {
    "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_LOCALHOST_WARNING": "0",
}


@dataclass
class Runs:
    """Runs over one lab.

    :ivar forks: of every playbook
    :ivar folder: for what the runs write
    """

    lab: Lab
    forks: int
    folder: Path

    def report_dir(self, hosts: int) -> Path:
        """Return where the sweep of so many hosts leaves its report."""
        return self.folder / f"report-{hosts}"

    def sweep(self, hosts: int, more: Sequence[str] = (), **how: Any) -> Cost:
        """Judge so many hosts by compliance.yml, with more arguments; other keywords are those of `_play`."""
        arguments = ["-e", f"unblock_report_dir={self.report_dir(hosts)}", *more]
        return self._play(REPOSITORY / "playbooks" / "compliance.yml", hosts, arguments, **how)

    def noop(self, hosts: int) -> Cost:
        """Run an action that does nothing on so many hosts."""
        return self._play(BENCH / "noop.yml", hosts)

    def stock(self, hosts: int) -> Cost:
        """Judge so many hosts by what a user would write without this collection."""
        return self._play(BENCH / "stock.yml", hosts)

    def exchange(self, hosts: int, *, forked: bool = False) -> Cost:
        """Do the sweep's exchange with so many hosts by pywinrm alone, in one process or in a forked one for each."""
        job = self.folder / f"exchange-{hosts}.json"
        command, stdin = _probe_command()
        members = [self.lab.host(member.name) for member in self.lab.members[:hosts]]
        entries = [{"url": host.url, "user": host.account.user, "password": host.account.password} for host in members]
        write_json(job, {"command": command, "stdin": stdin.decode("ascii"), "hosts": entries, "forked": forked})
        log = self.folder / "exchange.log"
        cost = measure([sys.executable, str(BENCH / "limit.py"), str(job)], log)
        return Cost(cost.wall_s, float(log.read_text(encoding="ascii"))) if forked else cost

    def _play(
        self,
        playbook: Path,
        hosts: int,
        more: Sequence[str] = (),
        *,
        inventory: Path | None = None,
        forks: int | None = None,
        environment: Mapping[str, str] | None = None,
        watch_memory: bool = False,
    ) -> Cost:
        command = [str(_BIN / "ansible-playbook"), str(playbook)]
        command += ["-i", str(inventory or first_hosts(self.lab, hosts)), "--forks", str(forks or self.forks), *more]
        log = self.folder / f"{playbook.stem}-{hosts}.log"
        return measure(command, log, {**_ENVIRONMENT, **(environment or {})}, watch_memory)


class _Asked(Exception):
    """What the probe would have run."""


def _probe_command() -> tuple[str, bytes]:
    """The command line and the standard input by which the sweep asks a host."""

    class Listening:
        def run(self, command: str, stdin: bytes, timeout: float, max_bytes: int) -> Output:
            raise _Asked(command, stdin)

    try:
        probe.ask(cast(Shell, Listening()), reads_for(load_rules()), 1.0)
    except _Asked as asked:
        return cast("tuple[str, bytes]", asked.args)
    raise AssertionError("the probe asked nothing")


def measure_sweeps(runs: Runs, sizes: Sequence[int], stock_hosts: int, repetitions: int) -> dict[str, Any]:
    """Return the sections C(sweep), C(sweeps) and C(ratios), and medians of what they were compared with.

    Ratios are of processor seconds: wall time on a machine that also runs the hosts says more of them than of the
    controller.
    """
    largest, smallest = max(sizes), min(sizes)
    exchanges = min(largest, _EXCHANGES)
    costs: dict[str, list[Cost]] = {}
    for _number in range(repetitions):
        for size in sizes:
            costs.setdefault(f"sweep {size}", []).append(runs.sweep(size))
        costs.setdefault("noop", []).append(runs.noop(largest))
        costs.setdefault("exchange", []).append(runs.exchange(exchanges))
        costs.setdefault("forked", []).append(runs.exchange(exchanges, forked=True))
        costs.setdefault("stock", []).append(runs.stock(stock_hosts))
        if stock_hosts not in sizes:
            costs.setdefault(f"sweep {stock_hosts}", []).append(runs.sweep(stock_hosts))
    cost = {name: medians(taken) for name, taken in costs.items()}
    sweeps = [_sweep(runs, size, cost[f"sweep {size}"]) for size in sizes]
    by_hosts = {sweep["hosts"]: sweep for sweep in sweeps}
    limit, worker_limit = (
        cost["noop"].cpu_s / largest + cost[exchange].cpu_s / exchanges for exchange in ("exchange", "forked")
    )
    return {
        "sweep": by_hosts[largest],
        "sweeps": sweeps,
        "compared_with": {
            "noop_action": _compared(largest, cost["noop"]),
            "exchange": _compared(exchanges, cost["exchange"]),
            "exchange_forked": _compared(exchanges, cost["forked"]),
            "stock": _compared(stock_hosts, cost["stock"]),
        },
        "ratios": {
            "sweep_vs_noop_action": round(cost[f"sweep {largest}"].cpu_s / cost["noop"].cpu_s, 2),
            "sweep_vs_limit": round(by_hosts[largest]["cpu_s_per_host"] / limit, 2),
            "sweep_vs_worker_limit": round(by_hosts[largest]["cpu_s_per_host"] / worker_limit, 2),
            "stock_vs_sweep": round(cost["stock"].cpu_s / cost[f"sweep {stock_hosts}"].cpu_s, 2),
            f"cost_{largest}_vs_{smallest}": round(
                by_hosts[largest]["cpu_s_per_host"] / by_hosts[smallest]["cpu_s_per_host"], 2
            ),
        },
    }


def _sweep(runs: Runs, hosts: int, cost: Cost) -> dict[str, Any]:
    """One more run of the sweep, in which memory is watched and requests are counted."""
    before = len(runs.lab.requests())
    peak = runs.sweep(hosts, watch_memory=True).peak_mb
    requests = runs.lab.requests()[before:]
    size = sum(request["bytes_in"] + request["bytes_out"] for request in requests)
    return {
        **_compared(hosts, cost),
        "peak_mb": round(peak or 0),
        "requests_per_host": round(len(requests) / hosts, 2),
        "bytes_per_host": round(size / hosts),
    }


def _compared(hosts: int, cost: Cost) -> dict[str, Any]:
    return {"hosts": hosts, "wall_s": round(cost.wall_s, 2), "cpu_s_per_host": round(cost.cpu_s / hosts, 4)}


def one_result(report_dir: Path) -> dict[str, Any]:
    """Return the result of one host of a sweep."""
    path = sorted((report_dir / "hosts").iterdir())[0]
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
