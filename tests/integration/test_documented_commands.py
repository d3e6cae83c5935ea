# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What README and guides tell people to type is typed here, word for word, against a simulated fleet.

It is typed in a folder that holds what the pages speak of: an inventory, packages, rules, collected logs. What cannot
be had here is excepted by name, with the reason; a command that is neither run nor excepted fails.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import REPOSITORY, ansible_playbook, type_command
from tests.integration.conftest import free_port
from tests.lab.lab import Lab, Options
from tests.lab.packages import operator_packages
from tests.unit.docs.commands import COLLECTION, PAGES, Command, blocks, commands

pytestmark = pytest.mark.one_core

SERVERS = ("wsus01", "wsus02")

#: What the pages leave open, what they call by more than one name, and what this folder cannot hold under its name.
WORDS = {
    "inventory": "inventory.yml",
    "wsus01.example.com": "wsus01",
    "{host.name}": "wsus01",
    "SERVER": "wsus01",
    "playbooks/compliance.yml": str(REPOSITORY / "playbooks" / "compliance.yml"),
    "unblock_logs=/srv/case-4711": "unblock_logs=case-4711",
}

#: A playbook among the words of a command.
PLAYBOOK = rf"{re.escape(COLLECTION)}\w+\Z|.*\bplaybooks/\w+\.yml\Z"

#: How commands begin that cannot be run here, and why.
EXCEPTED = {
    "make": "the door by which the tests themselves are run",
    "ansible-builder build": "it pulls images; test_execution_environment.py makes what it is given",
    "ansible-galaxy collection build": "test_execution_environment.py runs it where it may leave a file",
    "ansible-galaxy collection install": "Galaxy is not reached from here; test_artifact.py installs the artifact",
    "ansible-playbook unblock.updates.controller": "it wants AWX; test_controller.py has a stand-in",
    "ansible-runner": "test_awx_jobs.py runs transmit, worker and process in a row",
    "pip install": "it alters the environment of the tests, which is made of the same requirements",
    "pytest extensions/acceptance": "Molecule runs it against the hosts that it made",
    "cscript": "it is for Windows; test_collected.py runs the exported probe on hosts",
    "kinit": "it asks a domain; test_kerberos.py logs on by one",
    "kvno": "it asks a domain; test_kerberos.py logs on by one",
    "export": "it is the shell's, and says where AWX is",
    "podman push": "it wants a registry",
    "receptorctl": "it wants a mesh of execution nodes",
    "ssh": "it carries what test_awx_jobs.py pipes",
}

#: Programs of Windows that a page has an administrator run on a host, which nothing here can alter as they do.
WINDOWS = {"netsh", "reg", "winrm"}

#: What a module answers if it did its work.
ANSWERS = {
    "export_probe": '"fingerprint": ',
    "log_signature_info": '"advisory": "954960"',
    "winrm_info": "Every layer works.",
    "wsus_forget_computer": "is not in the list.",
}

#: The verdicts on 954960 that a playbook leaves; a remedy finds done what another one did.
STATUSES = {
    "compliance": {"non_compliant"},
    "verify": {"non_compliant"},
    "remediate --check": {"would_fix"},
    "remediate": {"fixed", "compliant"},
    "report": {"non_compliant"},
    "logs": {"unknown"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder as the pages assume it, and a fleet that answers to their names."""
    folder = tmp_path_factory.mktemp("desk")
    fleet = tmp_path_factory.mktemp("fleet") / "pages.yml"
    hosts = [{"host": "wsus-sp1-unpatched", "name": name, "group": "update_servers"} for name in SERVERS]
    fleet.write_text(yaml.safe_dump({"description": "the hosts of the pages", "hosts": hosts}), encoding="utf-8")
    options = Options(executor="simulated", port=free_port())
    with Lab(fleet, tmp_path_factory.mktemp("lab"), options) as lab:
        log = (REPOSITORY / "tests/lab/logs/client-refused.log").read_bytes()
        lab.host("wsus01").put(r"C:\WINDOWS\WindowsUpdate.log", log)
        _lay_out(folder, lab)
        yield folder


def _lay_out(folder: Path, lab: Lab) -> None:
    shutil.copy(lab.inventory, folder / "inventory.yml")
    packages = {"unblock_packages": operator_packages(lab.options.cache), "remediate_accept_irreversible": True}
    (folder / "packages.yml").write_text(json.dumps(packages), encoding="utf-8")
    # The pages on verdicts take for granted that the inventory has them.
    (folder / "group_vars").mkdir()
    shutil.copy(folder / "packages.yml", folder / "group_vars" / "all.yml")
    (folder / "rules").mkdir()
    shutil.copy(REPOSITORY / "tests/fixtures/rules/own.yml", folder / "rules")
    (folder / "case-4711" / "wsus01").mkdir(parents=True)
    log = REPOSITORY / "tests/lab/logs/server-symptom.log"
    shutil.copy(log, folder / "case-4711" / "wsus01" / "SoftwareDistribution.log")
    (folder / "mail").mkdir()
    shutil.copy(log, folder / "mail" / "attachment.txt")
    # What report.yml brings together.
    first = folder / "north"
    run = ansible_playbook(f"{COLLECTION}compliance", lab.inventory, "-e", f"unblock_report_dir={first}")
    assert run.code == 0, run.output
    for path in ("south", "archive/2026-11-20", *(f"slice{n}-back/artifacts/{n}/unblock-report" for n in (1, 2))):
        shutil.copytree(first, folder / path)


def is_excepted(command: Command) -> bool:
    return any(f"{' '.join(command.words)} ".startswith(f"{words} ") for words in EXCEPTED)


def typed() -> list[tuple[str, ...]]:
    """The commands that are run, each once, and those that treat hosts last."""
    found = [tuple(WORDS.get(word, word) for word in each.words) for each in commands() if not is_excepted(each)]
    # Without -i they get the same inventory.
    distinct = {frozenset(words) - {"-i", "inventory.yml"}: words for words in found}
    return sorted(distinct.values(), key=lambda words: playbook(words) == "remediate")


def playbook(words: Sequence[str]) -> str:
    """The playbook of a command by its name here, with C(--check) if it only predicts."""
    name = next((Path(word.removeprefix(COLLECTION)).stem for word in words if re.match(PLAYBOOK, word)), "")
    return f"{name} --check" if "--check" in words else name


@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_a_command_does_what_the_pages_say(desk: Path, words: tuple[str, ...]) -> None:
    shutil.rmtree(desk / "unblock-report", ignore_errors=True)
    run = type_command(desk, *words, HOME=str(desk), ANSIBLE_INVENTORY=str(desk / "inventory.yml"))
    assert run.code == 0, run.output
    check = {"ansible": check_module, "ansible-doc": check_documentation, "ansible-playbook": check_report}
    check[words[0]](desk, words, run.output)


def check_module(desk: Path, words: Sequence[str], output: str) -> None:
    module = words[words.index("-m") + 1].removeprefix(COLLECTION)
    hosts = re.findall(r"(?m)^(\S+) \| (?:SUCCESS|CHANGED) => ", output)
    assert len(hosts) == 1 and hosts[0] in words, output
    assert ANSWERS[module] in output, output


def check_documentation(desk: Path, words: Sequence[str], output: str) -> None:
    assert "remediate_accept_irreversible" in output, output


def check_report(desk: Path, words: Sequence[str], output: str) -> None:
    name = playbook(words)
    folder = next(
        (word.partition("=")[2] for word in words if word.startswith("unblock_report_dir=")), "unblock-report"
    )
    report = json.loads((desk / folder / "report.json").read_text(encoding="utf-8"))
    statuses = {
        host["name"]: verdict["status"]
        for host in report["hosts"]
        for verdict in host["assessments"]
        if verdict["advisory"] == "954960"
    }
    limited = words[words.index("--limit") + 1 :][:1] if "--limit" in words else SERVERS
    assert sorted(statuses) == sorted(["wsus01"] if name == "logs" else limited)
    assert set(statuses.values()) <= STATUSES[name], statuses
    assert report["check_mode"] is ("--check" in words)


def test_exceptions_are_commands_of_the_pages_and_name_tests_that_there_are() -> None:
    named = {" ".join(command.words) for command in commands()}
    assert [words for words in EXCEPTED if not any(f"{one} ".startswith(f"{words} ") for one in named)] == []
    tests = {name for reason in EXCEPTED.values() for name in re.findall(r"test_\w+\.py", reason)}
    assert tests <= {path.name for path in Path(__file__).parent.glob("test_*.py")}


def test_what_is_for_windows_is_only_what_sets_a_host_up() -> None:
    found = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"), "bat")]
    lines = [line for line in "\n".join(found).splitlines() if line.strip()]
    assert {line.split()[0] for line in lines} - {"rem"} == WINDOWS
