# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the Wine hosts of a fleet up and down: template, layers, boot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.cache import locked
from tests.lab.executors.wine_model import hold_resources, make_model_layer
from tests.lab.executors.wine_prefix import Clone, make_programs_layer, make_template
from tests.lab.executors.wine_tools import require_tools
from tests.lab.fleet import Member
from tests.lab.model import ModelError

BOOTS_AT_ONCE = 3  # more bring nothing on two cores


def host_directory(state: Path, name: str) -> Path:
    """Return where the host's clone lies."""
    return state / "hosts" / name


def clone_of(state: Path, cache: Path, name: str) -> Clone:
    """Return the clone of a host, running or not."""
    directory = host_directory(state, name)
    return Clone(directory, [make_template(cache), make_programs_layer(cache), directory / "model"])


def start_hosts(members: Sequence[Member], state: Path, cache: Path, progress: Callable[[str], None]) -> None:
    """Make and boot a pristine prefix for every member that has a model."""
    require_tools()
    for member in members:
        if member.model and member.model.windows.wow64:
            # Wine's 64-bit programs take PROCESSOR_ARCHITEW6432 out of their environment.
            raise ModelError(f"{member.name}: wow64 needs an executor with 32-bit programs; wine has none")
    models = {member.name: member.model for member in members if member.model}
    progress("programs, template prefix, host models")
    with locked(cache):
        make_programs_layer(cache)
        template = make_template(cache)
        for name, model in models.items():
            make_model_layer(model, template, cache, host_directory(state, name) / "model")

    def start(name: str) -> None:
        clone = clone_of(state, cache, name)
        clone.create()
        clone.boot()
        hold_resources(models[name], clone.prefix)
        progress(f"{name} is up")

    with ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        list(pool.map(start, models))


def stop_hosts(state: Path) -> None:
    """Stop every prefix of a state directory and remove it with its mount."""
    if not (state / "hosts").exists():
        return
    with ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        list(pool.map(lambda directory: Clone(directory).destroy(), sorted((state / "hosts").iterdir())))
