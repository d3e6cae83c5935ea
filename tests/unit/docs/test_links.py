# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one page says of another: every guide is in the table of contents, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.unit.docs.commands import PAGES, ROOT

LABEL = ".. _ansible_collections.unblock.updates.docsite."


def test_every_guide_is_in_the_table_of_contents_once() -> None:
    contents = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))
    listed = [name for section in contents["sections"] for name in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "docs/docsite/rst").glob("*.rst"))


@pytest.mark.parametrize("page", [path for path in PAGES if path.suffix == ".rst"], ids=lambda path: path.stem)
def test_a_guide_can_be_referred_to_by_its_name(page: Path) -> None:
    assert f"{LABEL}{page.stem}:\n" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [path for path in PAGES if path.suffix == ".md"], ids=lambda path: path.name)
def test_a_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_the_readme_leads_to_every_guide() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.stem for page in PAGES if page.suffix == ".rst" and page.name not in readme] == []
