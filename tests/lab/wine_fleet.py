# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the Wine hosts of a fleet up and down: template, layers, boot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.executors.wine_model import hold_resources, make_model_layer
from tests.lab.executors.wine_prefix import Clone, make_programs_layer, make_template
from tests.lab.executors.wine_tools import require_tools
from tests.lab.fleet import Member

BOOTS_AT_ONCE = 3  # more bring nothing on two cores


def host_directory(state: Path, name: str) -> Path:
    """Return where the host's clone lies."""
    return state / "hosts" / name


def clone_of(state: Path, cache: Path, name: str) -> Clone:
    """Return the clone of a host, running or not."""
    directory = host_directory(state, name)
    return Clone(directory, [make_template(cache), make_programs_layer(cache), directory / "model"])


def start_hosts(members: Iterable[Member], state: Path, cache: Path, progress: Callable[[str], None]) -> None:
    """Make and boot a pristine prefix for every member that has a model."""
    require_tools()
    progress("programs and template prefix")
    make_programs_layer(cache)
    template = make_template(cache)

    def start(member: Member) -> None:
        assert member.model is not None
        clone = clone_of(state, cache, member.name)
        make_model_layer(member.model, template, cache, clone.directory / "model")
        clone.create()
        clone.boot()
        hold_resources(member.model, clone.prefix)
        progress(f"{member.name} is up")

    with ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        list(pool.map(start, [member for member in members if member.model]))


def stop_hosts(state: Path) -> None:
    """Stop every prefix of a state directory and remove it with its mount."""
    if not (state / "hosts").exists():
        return
    with ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        list(pool.map(lambda directory: Clone(directory).destroy(), sorted((state / "hosts").iterdir())))
