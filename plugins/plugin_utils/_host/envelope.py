# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads XML that a host sent.

PRIVATE to the collection: may change without notice.

Source: SOAP 1.2 part 1, section 5: a message has no document type, and so no entities of its own.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_DOCUMENT_TYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)
_ENVELOPE = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<([\w.-]+:)?Envelope[\s>]")


def holds_document_type(document: bytes) -> bool:
    """Whether a document has a document type, or could hide one in another encoding."""
    return b"\0" in document or _DOCUMENT_TYPE.search(document) is not None


def is_envelope(document: bytes) -> bool:
    """Whether a document begins as a SOAP envelope does."""
    return _ENVELOPE.match(document) is not None


def parse(document: bytes) -> ET.Element:
    """The root of a document in UTF-8.

    Raises:
        xml.etree.ElementTree.ParseError: for what is no XML, has a document type, or could hide one.
    """
    if holds_document_type(document):
        raise ET.ParseError("it holds a document type or is not UTF-8, and was not read")
    try:
        # Without a document type there are no entities to expand or to fetch.
        return ET.fromstring(document)  # nosec B314
    except (ValueError, LookupError) as exc:  # for an encoding that Python does not know, or Expat cannot use
        raise ET.ParseError(str(exc)) from exc
