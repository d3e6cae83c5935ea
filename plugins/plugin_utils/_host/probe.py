# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchange with the probe: one command, one standard input, one answer.

PRIVATE to the collection: may change without notice.

The probe (``plugins/host_scripts/probe.js``) travels to the host over the command's standard input together with the request,
runs under Windows Script Host and is deleted. What it answers is not believed before the schema has been checked.
"""

from __future__ import annotations

import json
import pathlib
import re
import secrets
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

_PLUGINS = pathlib.Path(__file__).resolve().parents[2]

#: Bound on what a host may send back, bytes. Three logs of 64 KiB, escaped six-fold at worst, fit twice.
MAX_ANSWER_BYTES = 4 * 1024 * 1024

#: cmd.exe and findstr cut or drop longer lines (8,191 characters).
MAX_SCRIPT_LINE_BYTES = 8000

#: Seconds that removing the probe's files may take after the probe itself did not end.
_CLEANUP_TIMEOUT = 15.0

_BEGIN = re.compile(r"^UNBLOCK BEGIN ([0-9a-f]{32})\s*$", re.MULTILINE)
_DATA = re.compile(r"^UNBLOCK DATA (.*?)\r?$", re.MULTILINE)
_END = re.compile(r"^UNBLOCK END ([0-9a-f]{32}) ([0-9]{1,6})\s*$", re.MULTILINE)

_SCRIPT_HOST_SWITCH = r"Software\Microsoft\Windows Script Host\Settings"

Answer = dict[str, t.Any]


def _load_script() -> str:
    """The probe without its comments, which the host has no use for."""
    lines = (_PLUGINS / "host_scripts" / "probe.js").read_text(encoding="ascii").splitlines()
    return "\r\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("//"))


SCRIPT = _load_script()
_ANSWER_SCHEMA = Validator(_PLUGINS / "schemas" / "probe_answer.schema.json")


def ask(shell: Shell, reads: t.Sequence[t.Mapping[str, t.Any]], timeout: float) -> Answer:
    """Runs the probe on a host.

    Args:
        shell: an open shell on the host.
        reads: what to read, in the order in which later ones refer to earlier ones.
        timeout: seconds until the probe is terminated.

    Returns:
        ``{"probe": {...}, "reads": {id: {"state": ...}}}``, checked against ``probe_answer.schema.json``.

    Raises:
        HostError: with the layer at which the exchange failed. The probe's files are gone from the host then, too,
            unless the host itself could no longer be reached.
    """
    nonce = secrets.token_hex(16)
    # An unguessable name in the account's own folder: nobody else on the host can put a file or link in its place.
    name = f"%TEMP%\\unblock-{secrets.token_hex(16)}"
    remove = f'del /q "{name}.js" "{name}.tmp" 2>nul'
    command = f'findstr "^" > "{name}.js" & cscript //nologo //E:JScript "{name}.js" & {remove}'
    try:
        output = shell.run(command, _compose(reads, nonce), timeout, MAX_ANSWER_BYTES)
    except HostError as exc:
        if exc.layer is Layer.SCRIPT:
            shell.run(remove, b"", _CLEANUP_TIMEOUT, MAX_ANSWER_BYTES)
        raise
    return _parse(shell, output, nonce, [str(read["id"]) for read in reads])


def _compose(reads: t.Sequence[t.Mapping[str, t.Any]], nonce: str) -> bytes:
    entries = ",\r\n".join(json.dumps(read, ensure_ascii=True) for read in reads)
    script = f'var REQUEST = {{"nonce": "{nonce}", "reads": [\r\n{entries}\r\n]}};\r\n{SCRIPT}\r\n'.encode("ascii")
    longest = max(map(len, script.split(b"\r\n")))
    if longest > MAX_SCRIPT_LINE_BYTES:
        raise ValueError(f"a line of the request has {longest} bytes, the host takes {MAX_SCRIPT_LINE_BYTES}")
    return script


def _parse(shell: Shell, output: Output, nonce: str, ids: list[str]) -> Answer:
    text = output.stdout.decode("ascii", errors="replace")
    begin = _BEGIN.search(text)
    if begin is None:
        raise _no_script_host(shell, output)
    end = _END.search(text, begin.end())
    chunks = _DATA.findall(text, begin.end(), end.start()) if end else []
    if begin.group(1) != nonce or end is None or end.group(1) != nonce or int(end.group(2)) != len(chunks):
        raise _bad_answer(shell, f"the answer is incomplete: {len(text)} characters, the last ones {text[-80:]!r}")
    try:
        answer = json.loads("".join(chunks), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
        if isinstance(answer, dict) and "failed" in answer:
            raise _bad_answer(shell, f"the probe could not start: {answer['failed']}")
        _ANSWER_SCHEMA.check(answer, "answer")
    except (ValueError, RecursionError, SchemaError) as exc:
        raise _bad_answer(shell, f"the answer is not what the probe writes: {exc}") from exc
    missing = [read_id for read_id in ids if read_id not in answer["reads"]]
    if missing or len(answer["reads"]) != len(ids):
        raise _bad_answer(shell, f"the answer does not fit the request: missing {missing or 'nothing'}")
    return t.cast(Answer, answer)


def _unique_keys(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return document


def _refuse_constant(name: str) -> t.Any:
    raise ValueError(f"{name} is no JSON")


def _bad_answer(shell: Shell, observed: str) -> HostError:
    return HostError(Layer.SCRIPT, shell.host, observed, "Run the task again with -vvv; report it if it comes back.")


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
                "Set it to 1 for the time of the sweep, or judge this host by a probe that an administrator runs there.",
            )
    return HostError(
        Layer.SCRIPT_HOST,
        shell.host,
        f"cscript ended with code {output.code} and did not run the probe: {said or 'no output'}",
        "Check that cscript.exe runs JScript on the host (cscript //nologo //E:JScript FILE).",
    )
