# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe on a Wine host whose log is long: what a judgement takes, and what its programs take on the host."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.logs import write_healthy_log
from tests.bench.measure import MEBIBYTE, BenchError, measure
from tests.lab.lab import REPOSITORY, Lab, Options

_FLEET = REPOSITORY / "tests" / "lab" / "fleets" / "one.yml"
_HOST = "wsus-sp1-unpatched"
_LOG = Path("drive_c", "Program Files", "Update Services", "LogFiles", "SoftwareDistribution.log")
_TIMEOUT = 600  # seconds; what Wine takes is to be measured, not judged


def measure_host_logs(folder: Path, sizes: list[int], port: int) -> list[dict[str, Any]]:
    """Judge a host with a healthy log of so many bytes: as a task, and by the same probe without Ansible and WinRM."""
    figures = []
    with Lab(_FLEET, folder / "lab", Options(port=port)) as lab:
        prefix = lab.host(_HOST).prefix
        for size in sizes:
            write_healthy_log(prefix / _LOG, "server", size)
            command = [str(Path(sys.executable).parent / "ansible"), _HOST, "-i", str(lab.inventory)]
            task = measure(
                [*command, "-m", "unblock.updates.assess", "-a", json.dumps({"timeout": _TIMEOUT})], folder / "task.log"
            )
            probe = _probe(prefix)
            logs = [read for read in probe["reads"].values() if read.get("size") == (prefix / _LOG).stat().st_size]
            if [read["state"] for read in logs] != ["ok"]:
                raise BenchError(f"{_LOG} was not searched: {probe['reads']}")
            figures.append(
                {
                    "mb": round(size / MEBIBYTE),
                    "wall_s": round(task.wall_s, 2),
                    "controller_cpu_s": round(task.cpu_s, 2),
                    "host_s": round(probe["seconds"], 2),
                    "host_cpu_s": round(probe["cpu_s"], 2),
                    "host_programs": sum(probe["programs"].values()),
                    "host_read_mb": round(probe["bytes_read"] / MEBIBYTE, 1),
                    "lines_bytes": len(logs[0]["lines"].encode()),
                }
            )
    return figures


def _probe(prefix: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.host_probe", str(prefix)]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BenchError(f"the probe in {prefix} failed: {run.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found
