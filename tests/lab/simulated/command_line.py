# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cmd.exe reads in a line: commands, the operators between them, redirections.

Known are quotation marks, ^, &, &&, ||, |, <, >, >> and handles in front of them; neither parentheses nor for and if.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      \^ (?P<escaped> .)
    | (?P<quoted> " [^"]* "? )
    | (?P<operator> && | \|\| | & | \| )
    | (?P<redirection> (?: (?<![^\s&|<>]) [0-2] )? (?: >> | > | < ) )
      \s* (?P<target> (?: " [^"]* "? | [^\s&|<>"] )+ | &[0-2] )
    | (?P<other> [^^"&|<>0-2]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Redirection:
    """Where a stream of a command goes to, or comes from."""

    stream: int  # 0 standard input, 1 output, 2 error
    target: str  # a file, or &1 and &2
    append: bool = False


@dataclass(frozen=True)
class Command:
    """One command without its redirections."""

    text: str
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True)
class Step:
    """Commands joined by |, and the operator in front: "" or & always run, && and || by the code before."""

    operator: str
    commands: tuple[Command, ...]


def parse(line: str) -> list[Step]:
    """Split a line into steps."""
    steps: list[Step] = []
    commands: list[Command] = []
    redirections: list[Redirection] = []
    operator, text = "", ""

    def end_command() -> None:
        nonlocal text
        commands.append(Command(text.lstrip(), tuple(redirections)))
        redirections.clear()
        text = ""

    def end_step(following: str) -> None:
        nonlocal operator
        end_command()
        steps.append(Step(operator, tuple(commands)))
        commands.clear()
        operator = following

    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or ""
        if kind == "target":
            sign = match["redirection"]
            stream = int(sign[0]) if sign[0].isdigit() else 0 if sign == "<" else 1
            redirections.append(Redirection(stream, match["target"].replace('"', ""), sign.endswith(">>")))
        elif match["operator"] == "|":
            end_command()
        elif kind == "operator":
            end_step(match["operator"])
        else:
            text += match[kind]
    end_step("")
    return [step for step in steps if any(command.text for command in step.commands)]


def unwrap(arguments: str) -> str | None:
    """Return the command in the arguments of cmd.exe, None without /c.

    With /s, or with anything but one quoted program name, the first and the last quotation mark go.
    """
    match = re.match(r"((?:\s*/[a-bd-z](?::\w+)?)*)\s*/c(.*)", arguments, re.IGNORECASE | re.DOTALL)
    if match is None:
        return None
    command = match[2].lstrip()
    if not command.startswith('"'):
        return command
    one_name = command.count('"') == 2 and command.rstrip().endswith('"') and not re.search(r"[&<>()@^|]", command)
    if one_name and "/s" not in match[1].lower():
        return command
    start, dummy, end = command[1:].rpartition('"')
    return start + end
