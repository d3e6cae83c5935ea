# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of a log on a Wine host: what all of it takes, and what of that the host's own search does."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import log_read
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import LOG_BYTES
from tests.bench.logs import signatures, write_healthy_log
from tests.bench.measure import MEBIBYTE, BenchError, measure
from tests.lab.direct_shell import ask
from tests.lab.lab import REPOSITORY, Lab, Options

_FLEET = REPOSITORY / "tests" / "lab" / "fleets" / "one.yml"
_HOST = "wsus-sp1-unpatched"
_PATH = r"C:\windows\temp\SoftwareDistribution.log"
_MODULE = "unblock.updates.log_signature_info"
_TIMEOUT = 600  # seconds; what Wine takes is to be measured, not judged


def measure_host_logs(folder: Path, sizes: list[int], port: int) -> list[dict[str, Any]]:
    """Search healthy logs of so many bytes on a host: as a task, and by the same probe without Ansible and WinRM."""
    figures = []
    with Lab(_FLEET, folder / "lab", Options(port=port)) as lab:
        host = lab.host(_HOST)
        file = host.prefix / "drive_c" / "windows" / "temp" / "SoftwareDistribution.log"
        for size in sizes:
            write_healthy_log(file, "server", size)
            arguments = json.dumps({"path": _PATH, "timeout": _TIMEOUT})
            command = [str(Path(sys.executable).parent / "ansible"), _HOST, "-i", str(lab.inventory), "-m", _MODULE]
            task = measure([*command, "-a", arguments], folder / "task.log")
            started = time.monotonic()
            read = ask(host, [log_read("log", _PATH, signatures("server"), LOG_BYTES)])["reads"]["log"]
            seconds = time.monotonic() - started
            if read["state"] != "ok" or read["size"] != file.stat().st_size:
                raise BenchError(f"{_PATH}: {read}")
            figures.append(
                {
                    "mb": round(size / MEBIBYTE),
                    "wall_s": round(task.wall_s, 2),
                    "host_s": round(seconds, 2),
                    "controller_cpu_s": round(task.cpu_s, 2),
                    "bytes_back": len(read["lines"].encode()),
                }
            )
    return figures
