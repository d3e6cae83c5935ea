# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes files so that a reader, or an interrupted run, finds the old content or the new, never a part.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# Tokens of JSON's ASCII form that hold a backslash: a surrogate pair, a lone surrogate, any other escape.
_ESCAPE = re.compile(r"\\ud[89ab]..\\ud[c-f]..|(\\ud[89a-f]..)|\\.", re.DOTALL)


def write_atomic(path: Path, chunks: Iterable[bytes]) -> None:
    """Replaces the file at ``path`` by the chunks; the directory is made if it is missing.

    The file's mode is what the process's umask leaves of 0666, as for any file that a program writes.

    Raises:
        OSError: the disk refused; the file that was there before is untouched.
    """
    write_together({path: chunks})


def write_together(files: Mapping[Path, Iterable[bytes]]) -> None:
    """Replaces files as ``write_atomic`` does, the first one only when the last one is on the disk whole.

    Raises:
        OSError: the disk refused; the files that were there before are untouched.
    """
    written: dict[Path, Path] = {}
    try:
        for path, chunks in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{secrets.token_hex(16)}.tmp")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            written[temporary] = path
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in written.items():
            os.replace(temporary, path)
    except BaseException:
        for temporary in written:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        raise


def json_chunks(document: Mapping[str, object]) -> Iterator[bytes]:
    """Yields what ``json_bytes`` returns in pieces, each item of the document's lists by itself.

    Raises:
        ValueError: the document holds NaN or an infinity.
    """
    opening = b"{"
    for key, value in document.items():
        yield opening + json_bytes(key) + b":"
        opening = b","
        if isinstance(value, list):
            yield b"["
            for number, item in enumerate(value):
                yield (b"," if number else b"") + json_bytes(item)
            yield b"]"
        else:
            yield json_bytes(value)
    yield b"}" if document else b"{}"


def json_bytes(value: object) -> bytes:
    """Returns compact JSON in ASCII.

    Lone surrogates, legal in Python and forbidden by strict parsers, become U+FFFD.

    Raises:
        ValueError: the value holds NaN or an infinity.
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    if "\\ud" in text:
        text = _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text)
    return text.encode("ascii")
