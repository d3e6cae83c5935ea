# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions are four bounded integers."""

from __future__ import annotations

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart
from tests.unit.rules.support import RULES


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("3.1.6001.9", "3.1.6001.66"),
        ("3.1.6001.66", "3.1.6001.100"),
        ("3.1.6001.66", "3.1.7600.226"),
        ("3.1.7600.226", "10.0.14393.0"),
        ("4.00.5931.0000", "4.0.6221.0"),
    ],
)
def test_order_is_that_of_numbers(older: str, newer: str) -> None:
    left, right = FourPart.parse(older), FourPart.parse(newer)
    assert left is not None and right is not None and left < right


def test_leading_zeros_and_blanks_around_do_not_matter() -> None:
    assert FourPart.parse(" 4.00.06221.1000 ") == FourPart(4, 0, 6221, 1000)
    assert str(FourPart(3, 1, 6001, 66)) == "3.1.6001.66"


@pytest.mark.parametrize(
    "text",
    ["", "3.1.6001", "3.1.6001.66.1", "3.1.6001.x", "3,1,6001,66", "3.1.6001.65536", "3.1.-6001.66", "1e3.0.0.0",
     "3.1.6001.\u0666\u0666", "3.1.6001.66 (SP1)", "9" * 100000, None, 3, [3, 1, 6001, 66]],
)  # fmt: skip
def test_anything_else_is_no_version(text: object) -> None:
    assert FourPart.parse(text) is None


@pytest.mark.parametrize(
    ("product", "version", "release"),
    [
        ("wsus", "2.0.0.2472", "2.0"),
        ("wsus", "2.0.0.2620", "2.0 SP1"),
        ("wsus", "3.0.5999.65535", None),
        ("wsus", "3.0.6000.374", "3.0"),
        ("wsus", "3.0.6001.0", None),
        ("wsus", "3.1.6001.1", "3.0 SP1"),
        ("wsus", "3.1.6001.65", "3.0 SP1"),
        ("wsus", "3.1.7600.226", None),
        ("wsus", "3.2.7600.226", "3.0 SP2"),
        ("wsus", "3.2.7600.274", "3.0 SP2"),
        ("wsus", "6.2.9200.16384", "4.0+"),
        ("wsus", "10.0.17763.1", "4.0+"),
        ("configmgr", "2.50.4253.3000", None),
        ("configmgr", "4.00.5931.0000", "2007"),
        ("configmgr", "4.00.6221.1193", "2007 SP1"),
        ("configmgr", "4.00.6300.0", None),
        ("configmgr", "4.00.6487.2157", "2007 SP2"),
        ("configmgr", "5.00.7711.0000", "2012+"),
    ],
)
def test_release_of_a_product_version(product: str, version: str, release: str | None) -> None:
    assert RULES.products[product].release_of(FourPart.parse(version)) == release


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("2.0.0.2620", "2.0 SP1"),
        ("3.0.6000.374", "3.0"),
        ("3.1.6001.66", "3.0 SP1"),
        # Files of SP2 keep 3.1: read as a product version this would be nothing at all.
        ("3.1.7600.226", "3.0 SP2"),
        ("3.1.6002.1", None),
        ("6.3.9600.16384", "4.0+"),
    ],
)
def test_release_that_a_file_was_built_for(version: str, release: str | None) -> None:
    assert RULES.products["wsus"].release_of_file(FourPart.parse(version)) == release


def test_no_version_is_no_release() -> None:
    assert RULES.products["wsus"].release_of(None) is None
    assert RULES.products["wsus"].release_of_file(None) is None
