# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's packages: what the variable C(unblock_packages) says, and what its files are.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import ntpath
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._files import open_regular
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.authenticode import (
    MICROSOFT,
    VOUCH,
    Signature,
    Trust,
    UnverifiedError,
    verify,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Package, Problem
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.portable_executable import HEAD_BYTES, read_header
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Fix, Installer
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

try:
    import olefile
except ImportError:
    _HAS_OLEFILE = False
else:
    _HAS_OLEFILE = True

_SCHEMA = Validator(pathlib.Path(__file__).resolve().parents[2] / "schemas" / "packages.schema.json")

_OLE_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
#: How the summary information of an MSI names processors (property Template of the Windows Installer).
_TEMPLATE = 7
_PLATFORMS = {"": "x86", "intel": "x86", "x64": "x64", "amd64": "x64", "intel64": "ia64"}
_PIECE_BYTES = 1024 * 1024

_ONLY_REMOTE = UnverifiedError(
    "the controller cannot read it: only remote_path is given", f"Give the same file as path, too, or {VOUCH}"
)

_IGNORE_HEADER = "or set ignore_header: true for it if that is the header of the program that unpacks it only."

Kind = t.Literal["exe", "msi"]


class PackageError(Exception):
    """There is no usable entry for a package.

    Attributes:
        problem: what is wrong, and what to do.
    """

    def __init__(self, message: str, next_step: str) -> None:
        self.problem = Problem(message, next_step)
        super().__init__(message)


@dataclasses.dataclass(frozen=True)
class PackageSpec:
    """One entry of C(unblock_packages).

    Attributes:
        name: such as C(kb954960).
        architecture: such as C(x64).
        sha256: lower-case hexadecimal digits.
        path: file on the controller.
        remote_path: the file as the host reads it.
        allow_unsigned: the operator vouches for it.
        ignore_header: the operator knows that its header is not that of what it installs.
        arguments: instead of the rule's.
        success_codes: instead of those that are known.
        log: instead of the rule's.
    """

    name: str
    architecture: str
    sha256: str
    path: pathlib.Path | None = None
    remote_path: str | None = None
    allow_unsigned: bool = False
    ignore_header: bool = False
    arguments: str | None = None
    success_codes: tuple[int, ...] | None = None
    log: str | None = None

    @property
    def label(self) -> str:
        """What the operator calls it."""
        return f"unblock_packages.{self.name}.{self.architecture}"

    @property
    def source_name(self) -> str:
        """The name of the file itself."""
        return self.path.name if self.path is not None else ntpath.basename(self.remote_path or "")

    @property
    def kind(self) -> Kind:
        """What the file is, by its name."""
        return "msi" if self.source_name.lower().endswith(".msi") else "exe"

    @property
    def staged_name(self) -> str:
        """What it is called on the host: nothing that anybody has to quote."""
        return f"{self.name}-{self.architecture}.{self.kind}"

    def installer(self, fix: Fix) -> Installer:
        """How it is run: as the rule says, unless the operator says otherwise."""
        rule = fix.msi if self.kind == "msi" else fix.exe
        return Installer(
            rule.arguments if self.arguments is None else self.arguments, rule.log if self.log is None else self.log
        )


@dataclasses.dataclass(frozen=True)
class PackageFile:
    """What is known of a package's file; what is not is None.

    Attributes:
        size: bytes.
        architecture: C(x86), C(x64), C(ia64), or another processor's number.
        built: when it was linked, UTC, by its own word.
        signature: Microsoft's, if it was verified.
        unverified: why it was not; None if it was.
        problems: why it must not be run, on whatever host.
    """

    size: int | None = None
    architecture: str | None = None
    built: datetime.datetime | None = None
    signature: Signature | None = None
    unverified: str | None = None
    problems: tuple[Problem, ...] = ()


def read_packages(value: t.Any, name: str = "unblock_packages") -> dict[str, dict[str, PackageSpec]]:
    """The entries by name and architecture.

    Args:
        value: what stands in the variable.
        name: what the variable is called.

    Raises:
        PackageError: for what is wrong first.
    """
    packages = {} if value is None else value
    try:
        _SCHEMA.check(packages, name)
    except SchemaError as exc:
        raise PackageError(str(exc).rstrip("."), f"Correct the variable {name}.") from exc
    return {
        package: {architecture: _spec(package, architecture, entry) for architecture, entry in entries.items()}
        for package, entries in packages.items()
    }


def choose(packages: t.Mapping[str, t.Mapping[str, PackageSpec]], fix: Fix, architecture: str | None) -> PackageSpec:
    """The entry that a host takes.

    Args:
        packages: all entries.
        fix: what is to be done.
        architecture: of the host's operating system.

    Raises:
        PackageError: if there is none.
    """
    wanted = architecture if fix.architecture == "os" else fix.architecture
    entries = packages.get(fix.package, {})
    if wanted is None:
        raise PackageError(
            "the architecture of the host could not be read (os.arch is unknown)",
            "Start WinRM's shell as a 64-bit program, or look at the variable PROCESSOR_ARCHITECTURE there.",
        )
    if wanted not in entries:
        others = f", only {' and '.join(sorted(entries))}" if entries else ""
        raise PackageError(
            f"unblock_packages has no {fix.package} for {wanted}{others}",
            f"Download the package and set unblock_packages.{fix.package}.{wanted} to its path and sha256.",
        )
    return entries[wanted]


def inspect(spec: PackageSpec, trust: Trust = MICROSOFT) -> PackageFile:
    """Looks at a package on the controller: its digest, what it was made for, who signed it.

    Args:
        spec: the entry. Without C(path), only its name can be looked at.
        trust: whose signatures count.
    """
    if not spec.source_name.lower().endswith((".exe", ".msi")):
        return PackageFile(problems=(_problem(spec, "is neither an .exe nor an .msi", "Give the package itself."),))
    if spec.path is None:
        return _unverified(spec, PackageFile(), _ONLY_REMOTE)
    try:
        with open_regular(spec.path) as stream:
            return _inspect(spec, stream, trust)
    except OSError as exc:
        words = f"cannot be read on the controller: {exc.strerror}: {spec.path.absolute()}"
        return PackageFile(problems=(_problem(spec, words, "Put the package there, or correct path."),))


def read_head(spec: PackageSpec, head: bytes) -> PackageFile:
    """Looks at the beginning of a package: C(architecture) and C(built) of an .exe; C(problems) if it is none.

    Args:
        spec: the entry.
        head: its first C(HEAD_BYTES).
    """
    if spec.kind == "msi":
        is_msi = head.startswith(_OLE_SIGNATURE)
        return PackageFile(problems=() if is_msi else (_no_package(spec, "it does not begin as an .msi does"),))
    try:
        header = read_header(head)
    except ValueError as exc:
        return PackageFile(problems=(_no_package(spec, str(exc)),))
    return PackageFile(architecture=header.architecture, built=header.built)


def misfits(spec: PackageSpec, file: PackageFile, fix: Fix, kernel: tuple[int, int]) -> tuple[Problem, ...]:
    """Why a package must not be run on a host.

    Args:
        spec: the entry for the host's architecture.
        file: what is known of it.
        fix: what is to be done.
        kernel: the host's version of Windows, such as C((6, 0)).
    """
    if spec.ignore_header:
        return ()
    problems = []
    if file.architecture not in (None, spec.architecture):
        words = f"was made for {file.architecture}, and not for {spec.architecture}"
        step = f"Set path and sha256 to those of the package for that processor, {_IGNORE_HEADER}"
        problems.append(_problem(spec, words, step))
    limit = fix.not_before
    if limit and file.built and kernel >= limit.kernel and file.built.date() < limit.date:
        words = f"was built on {file.built.date()}, before {limit.date}: {limit.reason.rstrip('.')}"
        problems.append(_problem(spec, words, f"Download the package again, as it is offered now, {_IGNORE_HEADER}"))
    return tuple(problems)


def describe(spec: PackageSpec, file: PackageFile) -> Package:
    """The package as a remedy shows it."""
    signature = file.signature
    return {
        "name": spec.source_name,
        "sha256": spec.sha256,
        "size": file.size,
        "signer": signature.signer if signature else None,
        "signed_at": format_utc(signature.signed_at) if signature and signature.signed_at else None,
        "architecture": file.architecture,
    }


def _spec(package: str, architecture: str, entry: t.Mapping[str, t.Any]) -> PackageSpec:
    return PackageSpec(
        name=package,
        architecture=architecture,
        sha256=entry["sha256"].lower(),
        path=pathlib.Path(entry["path"]).expanduser() if "path" in entry else None,
        remote_path=entry.get("remote_path"),
        allow_unsigned=entry.get("allow_unsigned", False),
        ignore_header=entry.get("ignore_header", False),
        arguments=entry.get("arguments"),
        success_codes=tuple(entry["success_codes"]) if "success_codes" in entry else None,
        log=entry.get("log"),
    )


def _inspect(spec: PackageSpec, stream: t.BinaryIO, trust: Trust) -> PackageFile:
    digest, size = hashlib.sha256(), 0
    for piece in iter(lambda: stream.read(_PIECE_BYTES), b""):
        digest.update(piece)
        size += len(piece)
    if digest.hexdigest() != spec.sha256:
        words = f"has SHA-256 {digest.hexdigest()} on the controller, not {spec.sha256}"
        return PackageFile(size, problems=(_problem(spec, words, "Download it again, or correct sha256."),))
    stream.seek(0)
    file = dataclasses.replace(read_head(spec, stream.read(HEAD_BYTES)), size=size)
    if file.problems:
        return file
    if spec.kind == "msi":
        file = dataclasses.replace(file, architecture=_platform(stream))
    stream.seek(0)
    try:
        return dataclasses.replace(file, signature=verify(stream, trust))
    except UnverifiedError as exc:
        return _unverified(spec, file, exc)


def _platform(stream: t.BinaryIO) -> str | None:
    """The processor that an .msi was made for; None without olefile, or if it does not say."""
    if not _HAS_OLEFILE:
        return None
    stream.seek(0)
    try:
        with olefile.OleFileIO(stream) as document:
            template = document.getproperties("\x05SummaryInformation").get(_TEMPLATE, b"")
    except Exception:  # a forged file makes the library fail in any way; the signature and the digest are what counts
        return None
    words = template.decode("ascii", errors="replace") if isinstance(template, bytes) else str(template)
    return _PLATFORMS.get(words.partition(";")[0].strip().lower()) if words else None


def _unverified(spec: PackageSpec, file: PackageFile, why: UnverifiedError) -> PackageFile:
    problem = _problem(spec, f"has no signature that counts: {why}", why.next_step)
    return dataclasses.replace(file, unverified=str(why), problems=() if spec.allow_unsigned else (problem,))


def _no_package(spec: PackageSpec, why: str) -> Problem:
    return _problem(spec, f"is no installation package: {why}", "Download it again, or correct path.")


def _problem(spec: PackageSpec, words: str, next_step: str) -> Problem:
    return Problem(f"{spec.label} ({spec.source_name}) {words}", next_step)
