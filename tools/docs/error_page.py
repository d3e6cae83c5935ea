# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on troubleshooting: every error text of the product, with what it means and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._host import boot
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import FAULTS
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import NEXT_STEPS, UNREACHABLE_LAYERS, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.log_on import EXPLANATIONS
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.exit_codes import known_codes
from tools.docs.error_texts import ErrorText, Source
from tools.docs.rst import head, lines, literal, plain, section, table

NAME = "guide_errors"

_ROOT = Path(__file__).parents[2]
_WORDS = Path(__file__).with_name("error_page.yml")
_INTRODUCTION = """\
Every error of the collection is listed here, by the layer that it names or by what it is about. An error on the way to
a host or on it reads

.. code-block:: text

    LAYER failed for HOST: what was seen there. What to do next.

and the result of the task holds the parts under ``error``. In the texts below, ``<name>`` stands for a value. Search
this page for the words between two values.

Two commands say more. The first asks every layer from the host's name to its .NET Framework, and changes nothing; the
second judges one host with all that Ansible and the collection have to say, without passwords:

.. code-block:: shell

    ansible -i inventory.yml wsus01.example.com -m unblock.updates.winrm_info
    ansible-playbook -i inventory.yml unblock.updates.compliance --limit wsus01.example.com -vvv

A verdict is no error: what leads to ``unknown`` and ``non_compliant`` is in
:ref:`ansible_collections.unblock.updates.docsite.guide_decisions`. What a reset of approvals is refused for stands in
:ref:`ansible_collections.unblock.updates.docsite.guide_workaround`.

"""

_Group = Mapping[str, object]


class UnlistedError(Exception):
    """The words of the page do not fit the errors of the product; the text names what is missing or left over."""


def page() -> str:
    """The page, as it stands in the documentation.

    Raises:
        UnlistedError: for an error that no group takes, or an explanation of an error that is no more.
    """
    groups = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["groups"]
    sorted_errors = sort(Source(_ROOT / "plugins").errors(), groups)
    parts = [head(NAME, "Troubleshooting by error message", "tools/docs/error_page.yml"), _INTRODUCTION]
    parts += [part for group, errors in zip(groups, sorted_errors, strict=True) for part in _section(group, errors)]
    parts += [_log_ons(), _faults(), _refusals(), _exit_codes()]
    return "".join(parts).rstrip() + "\n"


def sort(errors: Iterable[ErrorText], groups: Sequence[_Group]) -> list[list[ErrorText]]:
    """The errors of each group.

    Raises:
        UnlistedError: as C(page).
    """
    found: list[list[ErrorText]] = [[] for dummy in groups]
    for error in errors:
        fitting = [number for number, group in enumerate(groups) if _fits(error, group)]
        if not fitting:
            raise UnlistedError(f"no group of {_WORDS.name} takes {error.text!r} ({error.kind}, {error.module})")
        found[fitting[0]].append(error)
    for group, taken in zip(groups, found, strict=True):
        stale = _mapping(group.get("texts")).keys() - {error.text for error in taken}
        if stale:
            raise UnlistedError(f"{_WORDS.name} explains errors that are no more: {sorted(stale)}")
    return found


def _fits(error: ErrorText, group: _Group) -> bool:
    in_module = bool(re.search(str(group.get("modules", "")), error.module))
    if "layers" in group:
        layers = _list(group["layers"])
        return error.layer in layers or (
            error.kind == "HostError" and not error.layer and "modules" in group and in_module
        )
    return error.kind in _list(group["kinds"]) and in_module


def _section(group: _Group, errors: Sequence[ErrorText]) -> Iterator[str]:
    layers = [Layer[str(name)] for name in _list(group.get("layers", []))]
    yield section(f"Layer {layers[0].value}" if layers else str(group["title"]))
    general = str(group.get("next_step") or " ".join(NEXT_STEPS[layer] for layer in layers if layer in NEXT_STEPS))
    counts = "In Ansible's results the host is unreachable." if UNREACHABLE_LAYERS.intersection(layers) else ""
    yield plain(" ".join(filter(None, [str(group["means"]), counts, general]))) + "\n\n"
    meanings = _mapping(group.get("texts"))
    steps: dict[str, dict[str, None]] = {}
    for error in errors:
        steps.setdefault(error.text, {})[error.next_step] = None
    told = {
        text: plain(" ".join(filter(None, [str(meanings.get(text, "")), *(step for step in found if step != general)])))
        for text, found in steps.items()
    }
    yield "".join(f"* {literal(text)}\n" for text, words in told.items() if not words) + "\n"
    rows = [[literal(text), words] for text, words in told.items() if words]
    if rows:
        yield table(("Text", "What it means, and what to do next"), (45, 55), rows)


def _log_ons() -> str:
    rows = ([literal(each.text), each.layer.value, plain(each.next_step)] for each in EXPLANATIONS)
    words = "What an error at one of these layers tells of Kerberos or of a certificate to log on with.\n\n"
    return section("Failures of Kerberos and of certificates") + words + table(
        ("Text", "Layer", "What to do next"), (35, 15, 50), rows
    )  # fmt: skip


def _faults() -> str:
    rows = (
        [literal(f"0x{code:08X}"), layer.value, plain(meaning)] for code, (layer, meaning) in sorted(FAULTS.items())
    )
    return section("Faults of WS-Management") + table(("Fault", "Layer", "Meaning"), (20, 20, 60), rows)


def _refusals() -> str:
    rows = ([str(code), plain(meaning), plain(step)] for code, (meaning, step) in sorted(boot._REFUSALS.items()))
    return section("Refusals of a restart") + table(("Code", "Meaning", "What to do next"), (10, 35, 55), rows)


def _exit_codes() -> str:
    rows = [
        [str(entry.code), literal(entry.result), lines(map(plain, filter(None, (entry.meaning, entry.next_step))))]
        for entry in known_codes().values()
    ]
    words = "What an installer ends with. ``success_codes`` of a package's entry says otherwise for that package.\n\n"
    return section("Exit codes of installers") + words + table(("Code", "Counts as", "Meaning"), (15, 25, 60), rows)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
