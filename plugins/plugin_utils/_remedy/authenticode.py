# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signed a package, verified on the controller with signify.

PRIVATE to the collection: may change without notice.

The library is optional: it is needed for packages whose signature is to be verified, which is all but those that the
operator says otherwise of. Only Microsoft's own signature counts, because every package that the rules know is
Microsoft's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import logging
import re
import typing as t


@contextlib.contextmanager
def _two_digit_versions() -> t.Iterator[None]:
    """Lets oscrypto 1.3.0, which signify rests on and which is its last release, read OpenSSL's version.

    Where OpenSSL is 3.0.10 or later its pattern takes one digit for two and the import fails (wbond/oscrypto#75, mended
    there and never released).
    """
    plain = re.search

    def search(pattern: t.Any, string: t.Any, flags: t.Any = 0) -> t.Any:
        return plain(r"\b(\d\.\d\.\d+[a-z]*)\b" if pattern == r"\b(\d\.\d\.\d[a-z]*)\b" else pattern, string, flags)

    re.search = search
    try:
        yield
    finally:
        re.search = plain


_MISSING: str | None = None
try:
    with _two_digit_versions():
        from signify.authenticode import AuthenticodeFile
        from signify.authenticode.cert_store import TRUSTED_CERTIFICATE_STORE
        from signify.exceptions import AuthenticodeNotSignedError, ParseError, SignifyError
except Exception as exc:  # oscrypto raises errors of its own if it does not like the system's libcrypto
    _MISSING = f"{type(exc).__name__}: {exc}"
else:
    # It tells of what it cannot read, and that is returned here.
    logging.getLogger("signify").addHandler(logging.NullHandler())

_MICROSOFT = "Microsoft Corporation"

#: How the next step ends where nobody but the operator can vouch for a file.
VOUCH = "set allow_unsigned: true for it if you vouch for it yourself."

_OTHER_FILE = f"Take the package from Microsoft, or {VOUCH}"
_INSTALL = f"Run pip install 'signify[msi]' on the controller (in its execution environment, if any), or {VOUCH}"

#: SHA-256 of the roots that Microsoft's own code is signed under: Microsoft Root Authority (1997), Microsoft Root
#: Certificate Authority (2001), the same of 2010 and of 2011. Other roots of that name sign what others made.
_MICROSOFT_ROOTS = frozenset(
    {
        "847df6a78497943f27fc72eb93f9a637320a02b561d0a91b09e87a7807ed7c61",
        "885de64c340e3ea70658f01e1145f957fcda27aabeea1ab9faa9fdb0102d4077",
        "df545bf919a2439c36983b54cdfc903dfa4f37d3996d8d84b4c31eec6f3c163e",
        "f38406e540d7a9d90cb4a9479299640ffb6df9e224ecc7a01c0d9558d8dad77d",
    }
)


class UnverifiedError(Exception):
    """A file has no signature that is known for certain to be Microsoft's; the text says why, without a full stop.

    Attributes:
        next_step: what the operator can do about it.
    """

    def __init__(self, message: str, next_step: str = _OTHER_FILE) -> None:
        super().__init__(message)
        self.next_step = next_step


@dataclasses.dataclass(frozen=True)
class Signature:
    """A signature that was verified up to a root that is trusted.

    Attributes:
        signer: common name of the signer's certificate.
        organization: organization in it, empty if it names none.
        root: SHA-256 fingerprint of the root.
        signed_at: when it was signed, UTC, by a time stamp that was verified too; None without one.
    """

    signer: str
    organization: str
    root: str
    signed_at: datetime.datetime | None

    def __str__(self) -> str:
        stamp = f"on {self.signed_at.date()}" if self.signed_at else "without a time stamp"
        return f"signed by {self.signer} ({self.organization or 'no organization'}) {stamp}"


@dataclasses.dataclass(frozen=True)
class Trust:
    """Whose signatures count.

    Attributes:
        store: signify's certificate store of roots; None is its own, those of Windows.
        roots: SHA-256 fingerprints of the roots that the vendor's own signatures end in.
    """

    store: t.Any = None
    roots: frozenset[str] = _MICROSOFT_ROOTS


MICROSOFT = Trust()


def verify(stream: t.BinaryIO, trust: Trust = MICROSOFT) -> Signature:
    """Verifies the signature of a program or of an installation package.

    Args:
        stream: the file, from its beginning.
        trust: whose signatures count.

    Raises:
        UnverifiedError: if it has no signature, or one that does not fit the file, ends in no trusted root, or is not
            Microsoft's; if signify is not installed.
    """
    if _MISSING is not None:
        words = f"the Python package signify, which reads it, cannot be imported on the controller ({_MISSING})"
        raise UnverifiedError(words, _INSTALL)
    signature = _signature(stream, TRUSTED_CERTIFICATE_STORE if trust.store is None else trust.store)
    if signature.organization != _MICROSOFT:
        raise UnverifiedError(f"it is {signature} and not by Microsoft")
    if signature.root not in trust.roots:
        raise UnverifiedError(f"it is {signature}, under a root that is not Microsoft's own (SHA-256 {signature.root})")
    return signature


def _signature(stream: t.BinaryIO, store: t.Any) -> Signature:
    try:
        file = AuthenticodeFile.from_stream(stream)
        signed, dummy, chains = file.verify(trusted_certificate_store=store)[0]
        chain = next(iter(chains))
        stamp = signed.signer_info.countersigner
        return Signature(
            signer=_component(chain[-1], "CN"),
            organization=_component(chain[-1], "O"),
            root=chain[0].sha256_fingerprint,
            signed_at=stamp.signing_time if stamp is not None else None,
        )
    except AuthenticodeNotSignedError as exc:
        raise UnverifiedError("it is not signed") from exc
    except ParseError as exc:
        raise UnverifiedError(f"its signature cannot be read: {exc}") from exc
    except SignifyError as exc:
        raise UnverifiedError(f"its signature does not hold: {str(exc).rstrip('.')}") from exc
    except Exception as exc:  # what somebody forged makes the libraries below fail in any way
        raise UnverifiedError(f"its signature cannot be read: {type(exc).__name__}: {exc}") from exc


def _component(certificate: t.Any, kind: str) -> str:
    return next(certificate.subject.get_components(kind), "")
