# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the HTML of `make docs`; tools/docs/build.sh calls it. Nothing is fetched."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

project = "unblock.updates"
project_copyright = "2026, unblock.updates contributors"
html_title = project

extensions = ["sphinx_antsibull_ext", "myst_parser"]
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_use_index = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True
# The options of commands have two hyphens, in sentences as well.
smartquotes = False
myst_heading_anchors = 3

REPOSITORY = "https://github.com/unblock-updates/unblock.updates/blob/main/"
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
#: Labels of Ansible's own documentation that the pages refer to. Its inventory would have to be fetched.
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_collections.ansible.builtin.set_stats_module": "collections/ansible/builtin/set_stats_module.html",
    "ansible_collections.ansible.builtin.winrm_connection": "collections/ansible/builtin/winrm_connection.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def link_to_ansible(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, content: nodes.Element
) -> nodes.reference | None:
    """Resolve a label of Ansible's documentation; None, and so a warning, for any other that is missing."""
    page = ANSIBLE_LABELS.get(node["reftarget"])
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page) if page else None


def link_to_repository(app: Sphinx, page: str, source: list[str]) -> None:
    """Lead the relative links of a Markdown page, which leave the documentation, to the repository."""
    source[0] = re.sub(r"\]\(\.\./", f"]({REPOSITORY}", source[0])


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", link_to_ansible)
    app.connect("source-read", link_to_repository)
