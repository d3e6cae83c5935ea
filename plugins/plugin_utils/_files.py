# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that somebody else wrote.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import typing as t
from pathlib import Path


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Returns the content of a regular file of at most ``max_bytes``.

    Raises:
        OSError: it cannot be read, is no regular file or is larger; ``strerror`` says which.
    """
    with open_regular(path) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {max_bytes} bytes", str(path))
    return content


@contextlib.contextmanager
def open_regular(path: Path) -> t.Iterator[t.BinaryIO]:
    """Opens a regular file for reading.

    Raises:
        OSError: it cannot be read or is no regular file; ``strerror`` says which.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb", opener=_open_at_once))
        except ValueError as exc:  # a NUL in it, or half a pair of surrogates
            raise OSError(errno.EINVAL, "no file can have this name", str(path)) from exc
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        yield file


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # opening a named pipe would wait for its writer
