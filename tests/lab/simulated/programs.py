# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small programs of a simulated host."""

from __future__ import annotations

from tests.lab.simulated.process import Process, split_arguments

NO_SUCH_PROCESS = 128


def hostname(process: Process) -> int:
    """Print the computer's name."""
    process.print(process.machine.windows.computer_name + "\n")
    return 0


def ping(process: Process) -> int:
    """Run `ping [-n COUNT] HOST`: one answer a second. A command that takes its time, for deadlines and kills."""
    words = split_arguments(process.arguments)
    count = int(words[words.index("-n") + 1]) if "-n" in words[:-1] else 4
    for number in range(count):
        process.sleep(1.0 if number else 0)
        process.print(f"Reply from {words[-1]}: bytes=32 time<1ms TTL=128\n")
    return 0


def taskkill(process: Process) -> int:
    """Run `taskkill /f /t /pid NUMBER`: end a program and what it started."""
    words = split_arguments(process.arguments)
    if [word.lower() for word in words[:3]] != ["/f", "/t", "/pid"] or len(words) != 4:
        process.complain("ERROR: Invalid argument/option.\n")
        return 1
    if not process.machine.running.end(int(words[3])):
        process.complain(f'ERROR: The process "{words[3]}" not found.\n')
        return NO_SUCH_PROCESS
    process.print(f"SUCCESS: The process with PID {words[3]} has been terminated.\n")
    return 0
