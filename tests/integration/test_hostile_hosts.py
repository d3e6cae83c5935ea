# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that were taken over, beside one that was not, in one run of the playbook: each fails for itself alone."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.integration.ansible_run import ansible_playbook
from tests.integration.conftest import free_port
from tests.lab.enemy import ANSWERS, OUTPUTS, TEXTS, Enemies
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import HOSTS, load_host

pytestmark = pytest.mark.one_core

#: One of each kind that the unit tests know; "drip" would take minutes.
ENEMIES = (
    "endless-body",
    "elsewhere",
    "entity-bomb",
    "external-entity",
    "gigabyte",
    "deep-json",
    "twice",
    "wrong-types",
)
LIARS = tuple(f"liar-{number}" for number in range(len(TEXTS)))

#: What a playbook of the operator's own does with results.
OWN_PLAY = """
- hosts: update_servers
  gather_facts: false
  tasks:
    - unblock.updates.assess:
      register: judged
      ignore_errors: true
    - ansible.builtin.set_fact:
        again: "{{ judged }}"
    - ansible.builtin.copy:
        content: "{{ {'result': judged, 'again': again, 'wsus': ansible_facts.wsus} | to_json }}"
        dest: "{{ folder }}/{{ inventory_hostname }}.json"
        mode: "0600"
      delegate_to: localhost
      vars: {ansible_connection: local}
"""


@dataclass(frozen=True)
class Swept:
    """What compliance.yml left."""

    output: str
    folder: Path
    hosts: dict[str, dict[str, t.Any]]


@pytest.fixture(scope="module")
def enemies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enemies]:
    honest = SimulatedHost(load_host(HOSTS / "wsus-sp1-fixed.yml"))
    names = ("honest", *ENEMIES, *LIARS)
    with Enemies(tmp_path_factory.mktemp("enemies"), honest, free_port(), names) as running:
        yield running


@pytest.fixture(scope="module")
def inventory(enemies: Enemies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inventory") / "hosts.yml"
    path.write_text(yaml.safe_dump({"update_servers": {"hosts": enemies.inventory}}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def swept(inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    folder = tmp_path_factory.mktemp("report")
    variables = json.dumps({"unblock_report_dir": str(folder), "unblock_allow_unreachable": True})
    run = ansible_playbook("playbooks/compliance.yml", inventory, "-e", variables, "-vvv")
    assert run.code == 0, run.output[-5000:]
    report = json.loads((folder / "report.json").read_bytes())
    return Swept(run.output, folder, {host["name"]: host for host in report["hosts"]})


def test_the_honest_host_is_judged_as_if_it_were_alone(swept: Swept) -> None:
    honest = swept.hosts["honest"]
    verdicts = {verdict["advisory"]: verdict["status"] for verdict in honest["assessments"]}
    assert (honest["error"], honest["status"]) == (None, "compliant")
    assert verdicts == {"954474": "not_applicable", "954960": "compliant"}
    assert honest["wsus"]["client_dll"]["version"] == "3.1.6001.66"


@pytest.mark.parametrize("name", ENEMIES)
def test_an_enemy_has_an_error_of_its_own(swept: Swept, name: str) -> None:
    enemy = swept.hosts[name]
    assert enemy["status"] == "error" and enemy["assessments"] == []
    assert enemy["error"]["layer"] == ("WS-Man" if name in ANSWERS else "script")
    assert enemy["error"]["next_step"]
    assert name in ANSWERS or name in OUTPUTS


@pytest.mark.parametrize("name", LIARS)
def test_a_liar_is_never_compliant(swept: Swept, name: str) -> None:
    assert swept.hosts[name]["status"] in ("unknown", "error"), swept.hosts[name]


def test_no_text_of_a_host_does_anything(swept: Swept) -> None:
    assert not list(swept.folder.rglob("*TRAP*")) and not Path("TRAP").exists() and not Path("/tmp/TRAP").exists()
    assert "Traceback" not in swept.output
    assert not [character for character in swept.output if not (character.isprintable() or character in "\n\r\t")]
    html = (swept.folder / "report.html").read_text(encoding="utf-8")
    table = (swept.folder / "report.csv").read_text(encoding="utf-8")
    assert "<script>document" not in html and "<img src=x" not in html
    assert ",=HYPERLINK" not in table and ',"=HYPERLINK' not in table
    assert "0 1 2" not in html and "012345678" not in html
    assert {path.name for path in (swept.folder / "hosts").iterdir()} == {f"{name}.json" for name in swept.hosts}


def test_a_playbook_of_the_operator_gets_texts_that_stay_texts(inventory: Path, tmp_path: Path) -> None:
    playbook = tmp_path / "own.yml"
    playbook.write_text(OWN_PLAY, encoding="utf-8")
    variables = json.dumps({"folder": str(tmp_path), "unblock_wavers": []})
    run = ansible_playbook(playbook, inventory, "-e", variables, "--limit", "honest,liar-0,liar-1")
    assert run.code == 0, run.output
    # Of three hosts, once.
    assert " ".join(run.output.split()).count("unblock_wavers; did you mean unblock_waivers?") == 1
    for number in (0, 1):
        kept = (tmp_path / f"liar-{number}.json").read_text(encoding="utf-8")
        assert json.dumps(TEXTS[number])[1:-1] in kept
        assert json.loads(kept)["again"] == json.loads(kept)["result"]
    assert not list(tmp_path.rglob("TRAP")) and not Path("TRAP").exists()
