# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that are made from the code are up to date, and no error of the product is missing on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs import error_page
from tools.docs.__main__ import FOLDER, PAGES
from tools.docs.error_texts import ErrorText, Source


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_makes_of_it(name: str) -> None:
    written = FOLDER.joinpath(f"{name}.rst").read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: make docs-pages"


def errors_of(tmp_path: Path, **modules: str) -> list[ErrorText]:
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return Source(tmp_path).errors()


def test_an_error_is_found_with_its_layer_and_its_next_step(tmp_path: Path) -> None:
    source = """
_LIMIT = "64 KiB"
_AGAIN = "Run it again."
def ask(self):
    if self.big:
        raise HostError(Layer.SCRIPT, self.host, f"{self.name} printed {len(out)}, not {_LIMIT}", _AGAIN)
"""
    text = "<name> printed <out>, not 64 KiB"
    assert errors_of(tmp_path, one=source) == [ErrorText("HostError", "SCRIPT", text, "Run it again.", "one.py")]


def test_an_error_is_found_through_the_functions_that_make_it(tmp_path: Path) -> None:
    made = "def refusal(host, observed, next_step):\n    return HostError(Layer.WSUS_API, host, observed, next_step)\n"
    used = """
def check(host, update):
    words = "nobody wants it" if update.lonely else f"{update.title} is expired"
    raise refusal(host, words, "Upgrade.")
"""
    assert errors_of(tmp_path, made=made, used=used) == [
        ErrorText("HostError", "WSUS_API", "nobody wants it", "Upgrade.", "used.py"),
        ErrorText("HostError", "WSUS_API", "<title> is expired", "Upgrade.", "used.py"),
    ]


def test_of_two_texts_by_one_name_each_has_its_own_next_step(tmp_path: Path) -> None:
    source = """
def misfits(file):
    if file.old:
        words = "it is too old"
        step = "Take a newer one."
        problems.append(Problem(words, step))
    if file.large:
        words = "it is too large"
        problems.append(Problem(words, "Make room."))
"""
    found = [(error.text, error.next_step) for error in errors_of(tmp_path, one=source)]
    assert found == [("it is too old", "Take a newer one."), ("it is too large", "Make room.")]


GROUPS = [{"layers": ["TCP"], "means": "No way."}, {"title": "Values", "kinds": ["ValueError"], "means": "Wrong."}]


def test_an_error_that_no_group_takes_is_named() -> None:
    error = ErrorText("OddError", "", "it is odd", "", "odd.py")
    with pytest.raises(error_page.UnlistedError, match="'it is odd' .OddError, odd.py"):
        error_page.sort([error], GROUPS)


def test_an_explanation_of_an_error_that_is_no_more_is_named() -> None:
    error = ErrorText("ValueError", "", "it is odd", "", "odd.py")
    groups = [*GROUPS[:1], {**GROUPS[1], "texts": {"it was odd": "No."}}]
    with pytest.raises(error_page.UnlistedError, match="it was odd"):
        error_page.sort([error], groups)
