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
    | (?P<redirection> (?: (?<![^\s&|<>]) [0-2] )? (?: >> | > | < ) ) \s* (?P<target> (?: " [^"]* "? | [^\s&|<>"] )+ | &[0-2] )
    | (?P<other> . )
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
    operator, commands = "", []  # type: ignore[var-annotated]
    text, redirections = "", []  # type: ignore[var-annotated]
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup
        if kind == "operator":
            commands.append(Command(text.strip(" \t") if not text.strip() else text.lstrip(), tuple(redirections)))
            text, redirections = "", []
            if match["operator"] != "|":
                steps.append(Step(operator, tuple(commands)))
                operator, commands = match["operator"], []
        elif kind == "target":
            sign = match["redirection"]
            stream = int(sign[0]) if sign[0].isdigit() else 0 if sign == "<" else 1
            redirections.append(Redirection(stream, match["target"].replace('"', ""), sign.endswith(">>")))
        else:
            text += match[kind] if kind else ""
    commands.append(Command(text.lstrip(), tuple(redirections)))
    steps.append(Step(operator, tuple(commands)))
    return [step for step in steps if any(command.text.strip() for command in step.commands)]


def unwrap(arguments: str) -> str | None:
    """Return the command in the arguments of cmd.exe, None without /c.

    With /s, or with anything but one quoted program name, the first and the last quotation mark go.
    """
    match = re.match(r"((?:\s*/[a-bd-z](?::\w+)?)*)\s*/c(.*)", arguments, re.IGNORECASE | re.DOTALL)
    if match is None:
        return None
    command = match[2].strip()
    if not command.startswith('"'):
        return command
    name = command[1:-1]
    if "/s" not in match[1].lower() and command.count('"') == 2 and command.endswith('"') and not re.search(r"[&<>()@^|]", name):
        return command
    start, _, end = command[1:].rpartition('"')
    return start + end
