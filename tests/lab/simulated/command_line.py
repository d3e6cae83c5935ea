# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cmd.exe reads in a line: commands, the operators between them, parentheses, conditions, redirections.

Known are quotation marks, ^, &, &&, ||, |, ( ), if with else, <, >, >> and handles in front of them; no for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_BLANK = re.compile(r"[\s,;=@]*")
_TARGET = r"""
    (?P<redirection> (?: (?<![^\s&|<>()]) [0-2] )? (?: >> | > | < ) )
    \s* (?P<target> (?: " [^"]* "? | [^\s&|<>()"] )+ | &[0-2] )
"""
_REDIRECTION = re.compile(rf"\s* {_TARGET}", re.VERBOSE)
_TOKEN = re.compile(
    rf"""
      \^ (?P<escaped> .)
    | (?P<quoted> " [^"]* "? )
    | (?P<operator> && | \|\| | & | \| )
    | {_TARGET}
    | (?P<end> \) )
    | (?P<other> [^^"&|<>()0-2]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = r'(?:"[^"]*"?|[^\s"&|<>()=])+'
_CONDITION = re.compile(
    rf"""
    if (?=[\s/]) (?P<no_case> \s+ /i )? (?P<negated> \s+ not (?=\s) )? \s+
    (?: errorlevel \s+ (?P<errorlevel> -?\d+ )
      | exist \s+ (?P<exist> {_WORD} )
      | defined \s+ (?P<defined> {_WORD} )
      | (?P<left> {_WORD} ) \s* == \s* (?P<right> {_WORD} )
    ) \s*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ELSE = re.compile(r"\s*else(?=[\s(])\s*", re.IGNORECASE)
#: From the one that binds least.
_OPERATORS = ("&", "||", "&&", "|")


class LineError(Exception):
    """cmd.exe would refuse the line; the text is what is unexpected."""


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
class Block:
    """What stands in parentheses."""

    body: Line
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True)
class Condition:
    """What an if asks: the kind (errorlevel, exist, defined, equal) and its words, without regard to case or not."""

    kind: str
    words: tuple[str, ...]
    negated: bool = False
    ignore_case: bool = False


@dataclass(frozen=True)
class If:
    """A condition with what it decides on: all that follows in the line, unless parentheses end it."""

    condition: Condition
    then: Line
    otherwise: Line | None = None


@dataclass(frozen=True)
class Pair:
    """Two parts of a line and the operator between them."""

    operator: str
    left: Line
    right: Line


Line = Command | Block | If | Pair


def parse(line: str) -> Line | None:
    """Return what a line means, None if it is empty; raises LineError."""
    return _Parser(line).parse()


class _Parser:
    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0
        self._depth = 0

    def parse(self) -> Line | None:
        result = self._operations()
        if self._at < len(self._line):
            raise LineError(self._line[self._at])
        return result

    def _operations(self, level: int = 0) -> Line | None:
        """Read what an operator of this level or a stronger one joins. Only & may stand at the end of a line."""
        if level == len(_OPERATORS):
            return self._primary()
        left = self._operations(level + 1)
        while self._take_operator(_OPERATORS[level]):
            right = self._operations(level + 1)
            if left is None or right is None and level:
                raise LineError(_OPERATORS[level])
            left = Pair(_OPERATORS[level], left, right) if right else left
        return left

    def _take_operator(self, operator: str) -> bool:
        match = _TOKEN.match(self._line, self._at)
        if match is None or match["operator"] != operator:
            return False
        self._at = match.end()
        return True

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._line, self._at)
        if match:
            self._at = match.end()
        return match

    def _primary(self) -> Line | None:
        self._skip(_BLANK)
        if self._line.startswith("(", self._at):
            return self._block()
        if match := self._skip(_CONDITION):
            return self._if(match)
        text, redirections = self._words()
        return Command(text, redirections) if text.strip() or redirections else None

    def _block(self) -> Block:
        self._at += 1
        self._depth += 1
        body = self._operations()
        if body is None or not self._line.startswith(")", self._at):
            raise LineError(self._line[self._at : self._at + 1] or "(")
        self._at += 1
        self._depth -= 1
        redirections = []
        while match := self._skip(_REDIRECTION):
            redirections.append(_redirection(match))
        self._skip(_BLANK)
        return Block(body, tuple(redirections))

    def _if(self, match: re.Match[str]) -> If:
        kind = next(kind for kind in ("errorlevel", "exist", "defined", "left") if match[kind] is not None)
        words = (match["left"], match["right"]) if kind == "left" else (match[kind],)
        condition = Condition(
            "equal" if kind == "left" else kind, words, bool(match["negated"]), bool(match["no_case"])
        )
        then = self._operations()
        if then is None:
            raise LineError(self._line[self._at : self._at + 1] or match[0].strip())
        otherwise = self._operations() if isinstance(then, Block) and self._skip(_ELSE) else None
        return If(condition, then, otherwise)

    def _words(self) -> tuple[str, tuple[Redirection, ...]]:
        """Read a command up to an operator, or to the parenthesis that ends the block around it."""
        text, redirections = "", []
        while match := _TOKEN.match(self._line, self._at):
            kind = match.lastgroup or ""
            if kind == "operator" or kind == "end" and self._depth:
                break
            self._at = match.end()
            if kind == "target":
                redirections.append(_redirection(match))
            else:
                text += match[kind]
        return text.lstrip(), tuple(redirections)


def _redirection(match: re.Match[str]) -> Redirection:
    sign = match["redirection"]
    stream = int(sign[0]) if sign[0].isdigit() else 0 if sign == "<" else 1
    return Redirection(stream, match["target"].replace('"', ""), sign.endswith(">>"))


def unwrap(arguments: str, is_program: Callable[[str], bool]) -> str | None:
    """Return the command in the arguments of cmd.exe, None without /c.

    The first and the last quotation mark go, but around the name of a program that has blanks in it, without /s.
    """
    match = re.match(r"((?:\s*/[a-bd-z](?::\w+)?)*)\s*/c(.*)", arguments, re.IGNORECASE | re.DOTALL)
    if match is None:
        return None
    command = match[2].lstrip()
    if not command.startswith('"'):
        return command
    name = re.fullmatch(r'"([^"&<>()@^|]*\s[^"&<>()@^|]*)"\s*', command)
    if name and "/s" not in match[1].lower() and is_program(name[1]):
        return command
    start, dummy, end = command[1:].rpartition('"')
    return start + end
