# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same exchanges against the `wine` and the `simulated` executor of the same host model give equal answers.

The differences that remain are listed here, each with its reason; everything else must be equal, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads
from tests.integration.conftest import FLEETS, free_port
from tests.lab.direct_shell import ask
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.lab import Lab, LabHost, Options
from tests.lab.model import HostModel

pytestmark = pytest.mark.one_core

CASES = yaml.safe_load((Path(__file__).parents[1] / "fixtures/lab/every_read.yml").read_text(encoding="utf-8"))

#: Reads that Wine 8 answers otherwise: what it answers, and why the simulated host does not.
WINE_ANSWERS = {
    # RegRead of several strings or of bytes is not implemented (E_NOTIMPL).
    "value.strings": {"state": "error", "error": {"number": -2147467263}},
    "value.bytes": {"state": "error", "error": {"number": -2147467263}},
    # OpenTextFile fails on a file that anybody writes to; Windows lets it be read.
    "log.written": {"head": None},  # and so for every log that is being written
    # reg query /s leaves closed sub keys out and still ends with 0.
    "tree.denied_below": {"state": "ok"},
}

#: One host for each kind of answer to what the rules ask for; each exchange takes Wine seconds.
HOSTS = [
    "awkward-key-denied",
    "awkward-log-huge",
    "cm-and-wsus",
    "cm-sp1-hotfix-denied",
    "sbs2003-wsus3",
    "wsus-absent",
    "wsus-dll-missing",
    "wsus-german",
    "wsus-sp1-contradicted",
    "wsus-sp1-unpatched",
]


def rows(text: str) -> list[tuple[str, ...]]:
    """The keys and values of reg's output: order, separators and header are the generation's, not the host's."""
    found, key = [], ""
    for line in text.splitlines():
        if line.startswith("HKEY_"):
            key = line.rstrip()
            found.append((key,))
        elif match := re.fullmatch(r"    (.*?)(?:\t|    )(REG_\w+)(?:\t|    )(.*)", line):
            name = "(Default)" if match[1] == "<NO NAME>" else match[1]
            data = match[3].removesuffix(r"\0\0") if match[2] == "REG_MULTI_SZ" else match[3]
            found.append((key, name, match[2], data))
    return sorted(found)


def comparable(model: HostModel, read: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what the executors cannot have in common."""
    answer = dict(answer)
    if "error" in answer:  # Wine's errors come without text
        answer["error"] = {"number": answer["error"]["number"]}
    for name in {"path", "paths"} & answer.keys():
        paths = [answer[name]] if name == "path" else answer[name]
        # Wine writes C:\windows, and its prefixes are 64-bit ones even for an x86 model.
        answer[name] = [path.lower().replace("%programfiles(x86)%", r"c:\program files (x86)") for path in paths]
    if "text" in answer and not answer["truncated"]:
        answer["text"] = rows(answer["text"])
    if read["op"] in ("file", "log") and answer["state"] in ("ok", "too_large"):
        file = next(file for file in model.full_files if file.path.lower() in answer["path"])
        if file.version is not None:  # Wine's library is a real one
            answer["size"] = "of a library"
        if file.created != file.modified:  # Wine has one time for both
            answer["modified"] = "one or the other"
        if file.created is None:
            answer.pop("created", None)
        if file.created is file.modified is None:  # Wine has the time at which the host was made
            answer.pop("modified", None)
    return answer


@pytest.fixture(scope="module")
def every_read(lab_states: Path) -> Iterator[LabHost]:
    with Lab(FLEETS / "parity.yml", lab_states / "parity", Options(port=free_port())) as lab:
        yield lab.host("every-read")


def test_every_operation_answers_alike(every_read: LabHost) -> None:
    model = every_read.model
    assert model is not None
    reads = [case["read"] for case in CASES]
    wine, simulated = ask(every_read, reads), ask(SimulatedHost(model), reads)
    for name in ("version", "arch", "wow64", "ansi_code_page", "utc_offset_minutes"):
        assert wine["probe"][name] == simulated["probe"][name]
    for read in reads:
        ours = comparable(model, read, simulated["reads"][read["id"]])
        theirs = comparable(model, read, wine["reads"][read["id"]])
        if read["id"] in WINE_ANSWERS:
            wanted = WINE_ANSWERS[read["id"]]
            assert {name: theirs[name] for name in wanted} == wanted, "Wine has changed: shorten the list"
            assert ours != theirs, "the executors agree: shorten the list"
        else:
            assert ours == theirs, read["id"]


def test_every_difference_belongs_to_a_read() -> None:
    assert WINE_ANSWERS.keys() <= {case["read"]["id"] for case in CASES}


@pytest.mark.parametrize("name", HOSTS)
def test_what_the_rules_ask_for_is_answered_alike(lab: Lab, name: str) -> None:
    model = lab.host(name).model
    assert model is not None
    rules = load_rules()
    reads = build_reads(rules.products.values(), rules.rules)
    wine = ask(lab.host(name), reads)["reads"]
    simulated = ask(SimulatedHost(model), reads)["reads"]
    differences = {}
    for read in reads:
        ours, theirs = (comparable(model, read, answer[read["id"]]) for answer in (simulated, wine))
        if any(file.in_use == "shared" and [file.path.lower()] == ours.get("path") for file in model.full_files):
            ours |= WINE_ANSWERS["log.written"]
        if ours != theirs:
            differences[read["id"]] = (ours, theirs)
    assert differences == {}


COMMANDS = [
    ("hostname", 0),
    ("exit 3010", 3010),
    ("cmd /c exit 77", 77),
    ('cmd /d /s /c "echo one two & echo "three" "', 0),
    ("echo one& echo two>nul& echo three", 0),
    (r"echo kept > C:\Logs\new.txt & type C:\Logs\new.txt & del /q C:\Logs\new*", 0),
    (r'findstr /i /n /c:"error" /c:"first line" C:\Logs\short.log', 0),
    (r'findstr /c:"never there" C:\Logs\short.log', 1),
    (r"findstr a.b C:\Logs\short.log", 2),
    (r"findstr x C:\Logs\missing.log", 1),
    ("echo some words| findstr words", 0),
    ('reg query "HKLM\\SOFTWARE\\Unblock Lab\\Tree\\One\\Deep" /v Leaf', 0),
    ('reg query "HKLM\\SOFTWARE\\Unblock Lab\\Tree"', 0),
    (r"type C:\Logs\plain.txt", 0),
    (r"md C:\Logs\a\b & dir /b C:\Logs\a & rd /s /q C:\Logs\a & if not exist C:\Logs\a echo gone", 0),
    (r'md "C:\Logs\two words" & if exist "C:\Logs\two words\" echo there & rmdir "C:\Logs\two words"', 0),
    (r"echo x> C:\Logs\r1 & ren C:\Logs\r1 r2 & type C:\Logs\r2 & move C:\Logs\r2 C:\Logs\r3 >nul & del C:\Logs\r3", 0),
    (r"echo x> C:\Logs\c1 & copy /y /b C:\Logs\c1 C:\Logs\c2 >nul & type C:\Logs\c2 & del C:\Logs\c?", 0),
    (r'cd /d "D:\Other drive" & type there.log & cd', 0),
    (r"cd C:\Absent", 1),
    (r"md C:\Logs\w & cmd /c cd /d C:\Logs\w ^& move C:\Logs\w C:\Logs\v 2>nul & dir /b C:\Logs\w* & rd C:\Logs\w", 0),
    (r"dir /b C:\Logs\*.log", 0),
    (r"dir /b /s C:\Logs\plain.txt", 0),
    (r"dir /b C:\Absent*", 1),
    (r"if exist C:\Logs\plain.txt (echo file) else (echo none)", 0),
    (r"if exist C:\Logs\absent.txt (echo file) else (echo none)", 0),
    ('if "a"=="A" (echo same) else if /i "a"=="A" echo alike', 0),
    ("if 1==2 echo a & echo b", 0),
    ('set "X=a b" & if defined X echo yes', 0),
    ('start "" /wait cmd /c exit 3010', 3010),
    ('cmd /d /c "exit 9"', 9),
]
#: Where a cmd /c that ends with a built-in command answers Wine's ERRORLEVEL, on Windows the command's own code.
PRINTED = [
    "cmd /c exit 7 & if errorlevel 7 echo seven",
    "cmd /c exit 7 & if errorlevel 8 echo eight",
    "cmd /c exit 7 & if not errorlevel 1 echo well",
    "cmd /c exit -1073741819 & if errorlevel 0 if not errorlevel 1 echo well",
    'start "" /wait cmd /c exit 3010 & if errorlevel 3010 echo restart',
    r"md C:\Logs & echo after",
    r'reg add HKCU\Q /v X /d "{\"a\":\"b c\"}" /f >nul & reg query HKCU\Q & reg delete HKCU\Q /f >nul',
    r"reg add HKCU\Q /v X /t REG_DWORD /d 5 /f >nul & reg query HKCU\Q /v X & reg delete HKCU\Q /f >nul",
]


@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=[command for command, _code in COMMANDS])
def test_commands_print_alike(every_read: LabHost, command: str, code: int) -> None:
    assert every_read.model is not None
    theirs = every_read.run(command)
    ours = SimulatedHost(every_read.model).run(command)
    assert theirs[:2] == ours[:2]
    assert ours[0] == code


@pytest.mark.parametrize("command", PRINTED)
def test_commands_print_alike_whatever_they_end_with(every_read: LabHost, command: str) -> None:
    assert every_read.model is not None
    assert every_read.run(command)[1] == SimulatedHost(every_read.model).run(command)[1]


#: The words are Wine's own; codes and the stream they go to are compared.
FAILURES = [r"type C:\Logs\missing.txt", r"del C:\Logs\missing.txt"]


@pytest.mark.parametrize("command", FAILURES)
def test_commands_fail_alike(every_read: LabHost, command: str) -> None:
    assert every_read.model is not None
    theirs = every_read.run(command)
    ours = SimulatedHost(every_read.model).run(command)
    assert ours[:2] == theirs[:2]
    assert ours[2] and theirs[2]
