# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the lab: `python -m tests.lab (up|status|run|picture|changes|packages|down)`."""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import time
from pathlib import Path

from tests.lab.executors.wine_tools import MissingToolError
from tests.lab.lab import AUTH, DEFAULT_CACHE, DEFAULT_STATE, Lab, LabError, Options, take_down
from tests.lab.model import ROOT, ModelError
from tests.lab.packages import operator_packages
from tests.lab.snapshot import Snapshot


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab", description="Windows hosts that answer WinRM on loopback."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start a fleet and its endpoint")
    up.add_argument("--fleet", type=Path, default=ROOT / "fleets" / "954960.yml")
    up.add_argument("--auth", choices=sorted(AUTH), default="ntlm")
    up.add_argument("--tls", action="store_true", help="HTTPS with a certificate of the lab's own authority")
    up.add_argument("--port", type=int, help="of every host; default 5985, with TLS 5986")
    up.add_argument("--update-sites", action="store_true", help="let WSUS servers answer update clients")
    up.add_argument("--executor", choices=["wine", "simulated"], default="wine", help="what the hosts run on")
    up.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="compiled programs and the Wine template")
    down = commands.add_parser("down", help="stop what runs in the state directory")
    status = commands.add_parser("status", help="show the hosts of the state directory")
    run = commands.add_parser("run", help="run a command on a host, beside WinRM, with this program's standard input")
    run.add_argument("host")
    run.add_argument("line", help="for cmd.exe")
    picture = commands.add_parser("picture", help="keep a picture of hosts: every file, every registry value")
    picture.add_argument("file", type=Path, help="where the picture goes")
    picture.add_argument("hosts", nargs="*", help="default: every host")
    changes = commands.add_parser("changes", help="show what differs from a picture; exit code 1 if anything does")
    changes.add_argument("file", type=Path, help="the picture")
    changes.add_argument("hosts", nargs="*", help="default: every host of the picture")
    packages = commands.add_parser("packages", help="build the stand-in packages, print what unblock_packages must be")
    packages.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="compiled programs")
    for command in (up, down, status, run, picture, changes):
        command.add_argument("--state", type=Path, default=DEFAULT_STATE)
    return parser.parse_args(arguments)


def up(arguments: argparse.Namespace) -> None:
    """Start a lab and leave it running."""
    started = time.monotonic()

    def progress(text: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {text}", flush=True)

    options = Options(
        arguments.auth,
        arguments.tls,
        arguments.port,
        cache=arguments.cache.resolve(),
        executor=arguments.executor,
        update_sites=arguments.update_sites,
    )
    lab = Lab(arguments.fleet, arguments.state, options, progress)
    lab.up()
    progress(f"inventory: {lab.inventory}")


def status(arguments: argparse.Namespace) -> None:
    """Print one line per host."""
    lab = Lab.running(arguments.state)
    lab.call(None, "ping")
    counts = {member.name: 0 for member in lab.members}
    for request in lab.requests():
        counts[request["host"]] += 1
    for member in lab.members:
        kind = lab.executor(member) if member.model else "nothing listens"
        print(
            f"{member.name:32} {member.address:15} {lab.options.listen_port} {kind:16} {counts[member.name]} requests"
        )


def run(arguments: argparse.Namespace) -> int:
    """Run a command as somebody who sits at the host; returns its exit code."""
    code, stdout, stderr = (
        Lab.running(arguments.state).host(arguments.host).run(arguments.line, sys.stdin.buffer.read())
    )
    sys.stdout.buffer.write(stdout)
    sys.stderr.buffer.write(stderr)
    return code


def picture(arguments: argparse.Namespace) -> None:
    """Keep a picture of hosts, for `changes`."""
    lab = Lab.running(arguments.state)
    names = arguments.hosts or [member.name for member in lab.members if member.model]
    arguments.file.write_bytes(pickle.dumps({name: lab.host(name).snapshot() for name in names}))


def changes(arguments: argparse.Namespace) -> int:
    """Print one line for each file and registry value that is not as in the picture; returns 1 if there is one."""
    lab = Lab.running(arguments.state)
    pictures: dict[str, Snapshot] = pickle.loads(arguments.file.read_bytes())
    different = 0
    for name in arguments.hosts or pictures:
        for line in pictures[name].differences(lab.host(name).snapshot()):
            print(f"{name}: {line}")
            different = 1
    return different


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parse_arguments(arguments)
    try:
        if options.command == "up":
            up(options)
        elif options.command == "status":
            status(options)
        elif options.command == "run":
            return run(options)
        elif options.command == "picture":
            picture(options)
        elif options.command == "changes":
            return changes(options)
        elif options.command == "packages":
            print(json.dumps({"unblock_packages": operator_packages(options.cache.resolve())}, indent=2))
        else:
            take_down(options.state.resolve())
    except (LabError, MissingToolError, ModelError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
