# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that README and documentation tell people to type, and what can be said of each without running it."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
import textwrap
import typing as t
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from ansible.cli import CLI
from ansible.cli.adhoc import AdHocCLI
from ansible.cli.doc import DocCLI
from ansible.cli.galaxy import GalaxyCLI
from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.yaml.loader import AnsibleLoader

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/docsite/rst/*.rst"), *ROOT.glob("roles/*/README.md")]
)
COLLECTION = "unblock.updates."

_SHELLS = ("sh", "shell", "bash", "console")
_INLINE = re.compile(
    r"(?<!`)(`{1,2})((?:ansible|ansible-doc|ansible-galaxy|ansible-playbook|make|pytest)\s[^`]+)\1(?!`)"
)


@dataclass(frozen=True)
class Command:
    """A command, and the page that it stands on."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def commands() -> list[Command]:
    """Every command of the pages, in blocks and within sentences."""
    return [command for path in PAGES for command in commands_of(path.name, path.read_text(encoding="utf-8"))]


def commands_of(page: str, text: str) -> Iterator[Command]:
    """Every command of a page. What stands on one line with pipes between is several commands."""
    for block in blocks(text, *_SHELLS):
        joined = re.sub(r"(\\|\|)\n\s*", lambda end: "| " if end[1] == "|" else " ", block)
        for line in joined.splitlines():
            yield from (Command(page, words) for words in _split(line))
    for match in _INLINE.finditer(text):
        yield from (Command(page, words) for words in _split(" ".join(match[2].split())))


def blocks(text: str, *languages: str) -> list[str]:
    """The blocks of code in Markdown or reStructuredText that are in one of the languages."""
    language = "|".join(languages)
    fences = re.findall(rf"(?ms)^( *)```(?:{language})\n(.*?)^\1```", text)
    directives = re.findall(rf"(?m)^( *)\.\. code-block:: (?:{language})\n((?:\1 +\S.*\n|\n)+)", text)
    return [textwrap.dedent(block) for dummy, block in [*fences, *directives]]


def _split(line: str) -> Iterator[tuple[str, ...]]:
    words: list[str] = []
    for word in [*shlex.split(line, comments=True), "|"]:
        if word != "|":
            words.append(word)
        elif words:
            redirected = words.index(">") if ">" in words else len(words)
            yield tuple(words[:redirected])
            words = []


class UntestedError(Exception):
    """Nothing is known of a command, or what is known of it does not fit."""


def check(command: Command) -> None:
    """Look at a command as far as that can be done without running it.

    Raises:
        UntestedError: for a program that no check knows, and for arguments that cannot be right.
    """
    program, *arguments = command.words
    if program not in _CHECKS:
        raise UntestedError(f"{command}: no test knows the program {program}: add a check to {Path(__file__).name}")
    try:
        _CHECKS[program](arguments)
    except (SystemExit, ValueError, KeyError) as exc:
        raise UntestedError(f"{command}: {exc!r}") from exc


def _playbook(arguments: list[str]) -> None:
    parsed = _parse(PlaybookCLI, "ansible-playbook", arguments)
    for name in parsed.args:
        path = name if name.endswith(".yml") else f"playbooks/{name.removeprefix(COLLECTION)}.yml"
        _require(path in _tracked_playbooks(), f"there is no playbook {name}")
    for given in parsed.extra_vars:
        _variables(given)


def _module(arguments: list[str]) -> None:
    parsed = _parse(AdHocCLI, "ansible", arguments)
    name = parsed.module_name.removeprefix(COLLECTION)
    _require(parsed.module_name.startswith(COLLECTION), f"{parsed.module_name} is no module of the collection")
    given = dict(pair.split("=", 1) for pair in shlex.split(parsed.module_args or ""))
    unknown = given.keys() - options_of(name)
    _require(not unknown, f"{name} has no options {sorted(unknown)}")


def _documentation(arguments: list[str]) -> None:
    parsed = _parse(DocCLI, "ansible-doc", arguments)
    folder, suffix = ("roles", "") if parsed.type == "role" else (f"plugins/{parsed.type}s", ".py")
    for name in parsed.args:
        _require(
            (ROOT / folder / (name.removeprefix(COLLECTION) + suffix)).exists(), f"there is no {parsed.type} {name}"
        )


def _galaxy(arguments: list[str]) -> None:
    _parse(GalaxyCLI, "ansible-galaxy", arguments)


def _make(arguments: list[str]) -> None:
    for argument in arguments:
        name, is_variable, dummy = argument.partition("=")
        known = rf"(?m)^{name} \?=|\$\({name}\)" if is_variable else rf"(?m)^{re.escape(name)}:"
        _require(bool(re.search(known, make_database())), f"the Makefile has no {name}")


def _pip(arguments: list[str]) -> None:
    verb, *rest = arguments
    _require(verb == "install", f"pip {verb}")
    if rest[0] == "-r":
        _require((ROOT / rest[1].partition("/unblock/updates/")[2]).is_file(), f"there is no {rest[1]}")
    else:
        names = _texts("meta", "*.txt") + _texts("requirements", "*.txt")
        _require(all(requirement.partition("[")[0] in names for requirement in rest), f"{rest} is required nowhere")


def _pytest(arguments: list[str]) -> None:
    for argument in arguments:
        if "/" in argument and not argument.startswith("-") and "://" not in argument:
            _require((ROOT / argument).exists(), f"there is no {argument}")


def _run_in(*tests: str) -> Callable[[list[str]], None]:
    """The check of a program that tests run as the pages have it; it must be there by its first words."""

    def run(arguments: list[str]) -> None:
        verb = next((word for word in arguments if not word.startswith("-")), "")
        _require(all(verb in (ROOT / test).read_text(encoding="utf-8") for test in tests), f"no test runs {verb}")

    return run


def _foreign(arguments: list[str]) -> None:
    """A program that is neither ours nor run with anything of ours, of which a page names the usual call."""


_CHECKS: dict[str, Callable[[list[str]], None]] = {
    "ansible": _module,
    "ansible-builder": _run_in("tests/integration/test_execution_environment.py"),
    "ansible-doc": _documentation,
    "ansible-galaxy": _galaxy,
    "ansible-playbook": _playbook,
    "ansible-runner": _run_in("tests/integration/runner_run.py"),
    "make": _make,
    "pip": _pip,
    "pytest": _pytest,
    # `ssh node1 ansible-runner worker` and the like: the transport between two commands that are run by a test.
    **dict.fromkeys(("ssh", "receptorctl", "podman", "export"), _foreign),
    # Kerberos' own, and the script host of Windows: tests/integration/test_collected.py runs the exported probe by it.
    **dict.fromkeys(("kinit", "kvno", "cscript"), _foreign),
}


def _variables(given: str) -> None:
    if given.startswith("@"):
        return
    values = json.loads(given) if given.startswith("{") else dict(pair.split("=", 1) for pair in shlex.split(given))
    unknown = values.keys() - documented_variables()
    _require(not unknown, f"no page documents {sorted(unknown)}")


@cache
def documented_variables() -> frozenset[str]:
    """The variables that stand in the tables of the guides, those of the role, and those that set AWX up."""
    rows = re.findall(r"(?m)^ +\* - ``.*``$", _texts("docs/docsite/rst", "*.rst"))
    named = re.findall(r"``((?:unblock|remediate)_[a-z0-9_]+)``", "\n".join(rows))
    role = yaml.safe_load((ROOT / "roles/remediate/meta/argument_specs.yml").read_text(encoding="utf-8"))
    awx = yaml.load((ROOT / "playbooks/vars/controller.yml").read_text(encoding="utf-8"), AnsibleLoader)
    return frozenset([*named, *role["argument_specs"]["main"]["options"], *awx])


@cache
def options_of(module: str) -> frozenset[str]:
    """The options of a module, those of its doc fragments included."""
    plugins = "ansible_collections.unblock.updates.plugins"
    own = yaml.safe_load(importlib.import_module(f"{plugins}.modules.{module}").DOCUMENTATION)
    fragments = [name.removeprefix(COLLECTION) for name in own.get("extends_documentation_fragment", [])]
    documents = [own]
    for name in fragments:
        if name.startswith("_"):
            fragment = importlib.import_module(f"{plugins}.doc_fragments.{name}").ModuleDocFragment.DOCUMENTATION
            documents.append(yaml.safe_load(fragment))
    return frozenset(option for document in documents for option in document.get("options", {}))


@cache
def make_database() -> str:
    """What make knows of the Makefile, and the file itself, in which the variables for a command line stand."""
    done = subprocess.run(
        ["make", "--print-data-base", "--question", "--no-builtin-rules", "help"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
    )  # fmt: skip
    return done.stdout + (ROOT / "Makefile").read_text(encoding="utf-8")


def _parse(cli: type[CLI], program: str, arguments: list[str]) -> t.Any:
    """The arguments as Ansible's own command reads them."""
    made = cli([program, *arguments])
    made.init_parser()
    return made.parser.parse_args(arguments)


@cache
def _tracked_playbooks() -> frozenset[str]:
    return frozenset(path.relative_to(ROOT).as_posix() for path in (ROOT / "playbooks").glob("*.yml"))


@cache
def _texts(folder: str, pattern: str = "*.py") -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).glob(pattern)))


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise ValueError(words)
