# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""findstr: the part that the collection uses, with the limits of the wine executor's own (tests/lab/wine/findstr.c).

    findstr [/I] [/N] [/L] [/C:"text"]... ["words" | "^"] [FILE]...

Exit codes: 0 a line was found, 1 none, also when a file cannot be opened, 2 wrong syntax. What Windows would treat as a
regular expression is refused with 2, but for "^", which is every line: a wrong match must not look like a right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.process import Process, Reader, split_arguments

FOUND, NOT_FOUND, WRONG_SYNTAX = 0, 1, 2
MAX_STDIN_LINE = 8191  # bytes; Windows' findstr does not pass a longer one on whole
BLOCK = 1 << 20  # bytes; a longer line is searched in pieces
SWITCHES = "inlm"


class _SyntaxError(Exception):
    pass


class _Search:
    """What to look for, and how lines are shown."""

    def __init__(self, process: Process) -> None:
        self.strings: list[bytes] = []
        self.switches: set[str] = set()
        self.every_line = False
        words = split_arguments(process.arguments)
        while words and words[0].startswith("/"):
            self._read_switch(words.pop(0), process)
        if not self.strings and words:
            self._read_words(words.pop(0), process)
        if not self.strings and not self.every_line:
            raise _SyntaxError("Bad command line")
        self.ignore_case = "i" in self.switches
        if self.ignore_case:
            self.strings = [text.lower() for text in self.strings]
        self.files = words

    def _read_switch(self, switch: str, process: Process) -> None:
        if switch[:3].lower() == "/c:":
            self.strings.append(process.machine.code_page.encode(switch[3:]))
        elif set(switch[1:].lower()) <= set(SWITCHES):
            self.switches |= set(switch[1:].lower())
        else:
            raise _SyntaxError("switch not supported here")

    def _read_words(self, words: str, process: Process) -> None:
        literal = "l" in self.switches
        if words == "^" and not literal:
            self.every_line = True
        elif not literal and re.search(r"[.*^$\[\]\\]", words):
            raise _SyntaxError("regular expressions are not supported here: use /C: or /L")
        else:
            self.strings += [process.machine.code_page.encode(word) for word in words.split()]

    def hits(self, block: bytes) -> list[tuple[int, int]]:
        """Return start and end of the lines of a block that match, in order."""
        text = block.lower() if self.ignore_case else block
        lines: set[tuple[int, int]] = set()
        for wanted in [b""] if self.every_line else self.strings:
            at = text.find(wanted)
            while 0 <= at < len(text):
                end = text.find(b"\n", at) + 1 or len(text)
                lines.add((text.rfind(b"\n", 0, at) + 1, end))
                at = text.find(wanted, end)
        return sorted(lines)


def _blocks(source: Reader) -> Iterator[bytes]:
    """Yield a stream in blocks that end with a line."""
    rest = b""
    while data := source.read(BLOCK):
        rest += data
        end = rest.rfind(b"\n") + 1 or (len(rest) if len(rest) >= BLOCK else 0)
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _search(process: Process, search: _Search, source: Reader, name: str | None) -> bool:
    found, number = False, 1
    prefix = process.machine.code_page.encode(f"{name}:") if name and len(search.files) > 1 else b""
    for block in _blocks(source):
        process.sleep(0)
        if name and "m" in search.switches and search.hits(block):
            process.stdout.write(process.machine.code_page.encode(f"{name}\r\n"))
            return True
        if name is None and max(map(len, block.split(b"\n"))) > MAX_STDIN_LINE + 1:  # the carriage return
            raise _SyntaxError("line of standard input is too long")
        lines, counted = [], 0
        for start, end in search.hits(block):
            number += block.count(b"\n", counted, start)
            counted = start
            line = block[start:end] if block[end - 1 : end] == b"\n" else block[start:end] + b"\r\n"
            lines.append(prefix + (b"%d:" % number if "n" in search.switches else b"") + line)
        number += block.count(b"\n", counted)
        if lines:
            found = True
            process.stdout.write(b"".join(lines))
    return found


def findstr(process: Process) -> int:
    """Run findstr."""
    found = False
    try:
        search = _Search(process)
        if not search.files:
            found = _search(process, search, process.stdin, None)
        for name in search.files:
            try:
                stream = process.machine.disks.open(process.full_path(name))
            except WindowsError:
                process.complain(f"FINDSTR: Cannot open {name}\n")
                continue
            with stream:
                found |= _search(process, search, stream, name)
    except _SyntaxError as error:
        process.complain(f"FINDSTR: {error}\n")
        return WRONG_SYNTAX
    return FOUND if found else NOT_FOUND
