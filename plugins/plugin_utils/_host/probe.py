# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe, run on a host: one command, one standard input, one answer.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import Answer, Read, compose, parse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import AnswerError, NoAnswerError

#: Bound on what a host may send back, bytes. Three logs of 64 KiB, escaped six-fold at worst, fit twice.
MAX_ANSWER_BYTES = 4 * 1024 * 1024

#: Share of the probe's time that searches of logs may take; the rest is for sending what they found.
_SEARCH_SHARE = 0.75

#: Seconds that removing the probe's files may take after the probe itself did not end.
_CLEANUP_TIMEOUT = 15.0

_SCRIPT_HOST_SWITCH = r"Software\Microsoft\Windows Script Host\Settings"


def ask(shell: Shell, reads: t.Sequence[Read], timeout: float) -> Answer:
    """Runs the probe on a host.

    Args:
        shell: an open shell on the host.
        reads: what to read, in the order in which later ones refer to earlier ones.
        timeout: seconds until the probe is terminated; searches of logs end before, with what they have found.

    Returns:
        The answer, checked against its schema.

    Raises:
        HostError: with the layer at which the exchange failed. The probe's files are gone from the host then, too,
            unless the host itself could no longer be reached; then a later probe removes them.
    """
    nonce = secrets.token_hex(16)
    # An unguessable name in the account's own folder: nobody else on the host can put a file or link in its place.
    name = f"%TEMP%\\unblock-{nonce}"
    remove = f'del /q "{name}*" 2>nul'
    command = f'findstr "^" > "{name}.js" & cscript //nologo //E:JScript "{name}.js" & {remove}'
    try:
        output = shell.run(command, compose(reads, nonce, timeout * _SEARCH_SHARE), timeout, MAX_ANSWER_BYTES)
    except HostError:
        # A host that is lost now keeps them until the first probe after an hour.
        with contextlib.suppress(HostError):
            shell.run(remove, b"", _CLEANUP_TIMEOUT, MAX_ANSWER_BYTES)
        raise
    try:
        return parse(output.stdout.decode("ascii", errors="replace"), reads, nonce)
    except NoAnswerError as exc:
        raise _no_script_host(shell, output) from exc
    except AnswerError as exc:
        raise HostError(
            Layer.SCRIPT, shell.host, str(exc), "Run the task again with -vvv; report it if it comes back."
        ) from exc


def _no_script_host(shell: Shell, output: Output) -> HostError:
    """Why nothing ran: a policy is the usual reason, and the registry names it in every language."""
    said = printable((output.stdout + b" " + output.stderr).decode("utf-8", errors="replace"), 200)
    for hive in ("HKLM", "HKCU"):
        answer = shell.run(f'reg query "{hive}\\{_SCRIPT_HOST_SWITCH}" /v Enabled', b"", _CLEANUP_TIMEOUT, 65536)
        if re.search(rb"Enabled\s+REG_(SZ|DWORD)\s+(0x)?0+\s*$", answer.stdout, re.MULTILINE):
            return HostError(
                Layer.SCRIPT_HOST,
                shell.host,
                rf"Windows Script Host is switched off: Enabled is 0 in {hive}\{_SCRIPT_HOST_SWITCH}",
                "Set it to 1 for the time of the sweep, or judge this host by an exported probe that is run by hand.",
            )
    return HostError(
        Layer.SCRIPT_HOST,
        shell.host,
        f"cscript ended with code {output.code} and did not run the probe: {said or 'no output'}",
        "Check that cscript.exe runs JScript on the host (cscript //nologo //E:JScript FILE).",
    )
