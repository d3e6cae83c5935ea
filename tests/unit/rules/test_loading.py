# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loader takes the collection's rules and refuses a bad file with file, line and reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules import schema
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.unit.missing_library import run_without
from tests.unit.rules.support import FIXTURES, RULES

OWN = (FIXTURES / "own.yml").read_text(encoding="utf-8")
PLUGINS = Path(schema.__file__).resolve().parents[2]


def test_the_collections_rules() -> None:
    assert [rule.id for rule in RULES.rules] == ["954474", "954960"]
    assert sorted(RULES.products) == ["client", "configmgr", "host", "wsus"]
    for rule in RULES.rules:
        assert rule.sha256 == hashlib.sha256(Path(rule.file).read_bytes()).hexdigest()
        assert rule.decision[-1].when == ()


def test_the_second_call_reads_nothing() -> None:
    assert load_rules([]) is load_rules(()) is RULES


def test_a_rule_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(OWN, encoding="utf-8")
    (tmp_path / "README.md").write_text("no rule", encoding="utf-8")
    rules = load_rules([str(tmp_path)])
    own = next(rule for rule in rules.rules if rule.id == "own-1")
    assert [rule.id for rule in rules.rules] == ["954474", "954960", "own-1"]
    assert [read["key"] for read in own.reads] == [r"HKLM\SOFTWARE\unblock\updates\own-1"] * 2
    assert own.logs == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        # What the schema says.
        ("id: own-1", "id: 'own 1'", 7, "'id': 'own 1' does not match"),
        ("version: 1.0.0", "version: 1.0", 8, "'version': 1.0 is not of type 'string'"),
        ("title: Old consoles", "tilte: Old consoles", 9, "unknown key 'tilte'; did you mean 'title'?"),
        ("status: experimental", "status: draft", 10, "'draft' is not one of"),
        ("product: wsus\n", "", 7, "'product' is a required property"),
        ("[https://wiki.example.com/wsus]", "[ftp://wiki.example.com/wsus]", 12, "does not match"),
        ("op: version_lt", "op: below", 25, "'op': 'below' is not one of"),
        ("op: version_lt, value: 3.2.7600.226", "op: version_lt", 25, "'value' is a required property"),
        ("op: version_lt, value: 3.2.7600.226", "op: known, value: 1", 25, "should not be valid"),
        ("status: non_compliant", "status: fixed", 26, "'fixed' is not one of"),
        ("action: investigate\n    reason: The", "action: reboot\n    reason: The", 27, "'reboot' is not one of"),
        ("    next_step: Remove it", "    nextstep: Remove it", 29, "did you mean 'next_step'?"),
        # What only names can say.
        ("product: wsus", "product: wsuss", 14, "unknown product 'wsuss'; did you mean 'wsus'?"),
        ("product: wsus", "product: host", 14, "unknown product 'host'"),
        ("product: wsus", "product: client", 14, "unknown product 'client'"),
        ("fact: record.time", "fact: record.tme", 16, "unknown fact 'record.tme'; did you mean 'record.time'?"),
        ("fact: wsus.release, op: eq", "fact: wsus.realease, op: eq", 18, "did you mean 'wsus.release'?"),
        ("value: 3.0 SP1", "value: 3.0 SP 1", 18, "wsus.release is never '3.0 SP 1'; did you mean '3.0 SP1'?"),
        ("fact: wsus.release, op: eq", "fact: wsus.release, op: in", 18, "'in' takes a list of values"),
        ("fact: wsus.release, op: eq", "fact: wsus.release, op: version_lt", 18, "takes only: eq, ne, in"),
        ("fact: wsus.console_only, op: eq, value: false", "fact: configmgr.installed, op: eq, value: false", 20,
         "unknown fact 'configmgr.installed'"),
        ("op: eq, value: true", "op: eq, value: 'true'", 24, "'true' is no value of wsus.console_only, a boolean"),
        ("value: 3.2.7600.226", "value: 3.2.7600", 25, "'3.2.7600' is no value of wsus.version, a version"),
        ("old (wsus.version is {wsus.version})", "old ({wsus.verison})", 28, "did you mean 'wsus.version'?"),
        ("Remove it from {host.name}", "Remove it from {hostname}", 29, "unknown fact 'hostname'"),
        ("  - id: other", "  - id: console", 30, "id 'console' stands here a second time"),
        ("    when: []", "    when: [{fact: wsus.version, op: unknown}]", 30, "the last row must have 'when: []'"),
        ("status: unknown", "status: compliant", 30, "the last row must have 'when: []' and 'status: unknown'"),
        ("    when:\n      - {fact: wsus.console_only, op: eq, value: true}\n      "
         "- {fact: wsus.version, op: version_lt, value: 3.2.7600.226}\n", "    when: []\n", 23,
         "only the last row may be without conditions"),
        ("id: own-1", "id: '954960'", 7, "rule '954960' is already defined in"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    assert OWN.count(old) >= 1
    file = tmp_path / "own.yml"
    file.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([str(tmp_path)])
    assert reason in caught.value.reason
    assert (caught.value.file, caught.value.line) == (str(file), line)


def test_the_first_of_several_faults_is_named(tmp_path: Path) -> None:
    text = (
        OWN.replace("status: unknown", "status: good").replace("title: Old", "tilte: Old").replace("op: eq", "op: is")
    )
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match="own.yml:9: unknown key 'tilte'"):
        load_rules([str(tmp_path)])


LOGS = r"""
logs:
  server:
    names: ['x.log']
    content: xxxx
    paths:
      - '{wsus.target_dir}\x.log'
    anchors: [xxxx]
    stamp: {side: before, zone: utc}
    marks: {head: {pattern: xxxx, needle: xxxx}}
    sought: [head]
    certain: [[head]]
    possible: [[head]]
    refuted: []
    reach: {characters: 10, seconds: 10}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("wsus.target_dir", "wsus.target_dri", 20, "no earlier read is called 'wsus.target_dri'; did you mean"),
        ("wsus.target_dir", "configmgr.install_dir", 20, "no earlier read is called 'configmgr.install_dir'"),
        ("paths:", "path:", 19, "unknown key 'path'; did you mean 'paths'?"),
        ("server:", "servers:", 15, "'servers' is not one of"),
        ("pattern: xxxx", "pattern: 'xxxx('", 15, "own-1"),
        ("[[head]]", "[[tail]]", 15, "tail"),
    ],
)
def test_logs_that_cannot_work(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    logs = LOGS.replace(old, new, 1)
    (tmp_path / "own.yml").write_text(OWN.replace("\nfixed_at:", f"{logs}fixed_at:"), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([str(tmp_path)])
    assert reason in caught.value.reason
    assert caught.value.line == line


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is not a folder"):
        load_rules([str(tmp_path / "nowhere")])


@pytest.mark.parametrize("file", sorted((PLUGINS / "rules" / "schemas").glob("*.json")), ids=lambda file: file.name)
def test_the_schemas_are_schemas(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(document)


def test_without_jsonschema_the_error_says_so(tmp_path: Path) -> None:
    """The library is imported where Ansible also imports what it never runs: that must not fail."""
    script = (
        "from ansible_collections.unblock.updates.plugins.plugin_utils._rules import errors, loading\n"
        "try:\n    loading.load_rules()\nexcept errors.RuleError as exc:\n    print(exc.reason)\n"
    )
    printed = run_without("jsonschema", script, tmp_path)
    assert printed.startswith("jsonschema 4.18 or later is missing on the controller")
    assert printed.endswith(": no such library\n")
