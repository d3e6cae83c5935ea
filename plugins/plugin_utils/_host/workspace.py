# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder on a host in which the collection's programs are compiled and packages are staged, gone afterwards.

PRIVATE to the collection: may change without notice.

The folder is noted in the registry before it is made, so that a run after one that was killed finds and removes it.
The programs are the C# files of ``plugins/host_scripts``, compiled on the host by the .NET Framework 2.0 that WSUS 3.0
itself requires.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import pathlib
import re
import secrets
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.compiler import COMPILERS
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Output, Progress, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import AnswerError, NoAnswerError, unframe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.session import (
    keep,
    look,
    make,
    remove,
    said,
    take_over,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

Program = t.Literal["approvals", "transfer"]

#: Bound on what a program may print, bytes.
MAX_OUTPUT_BYTES = 1024 * 1024

_PLUGINS = pathlib.Path(__file__).resolve().parents[2]
_TRANSFER_SCHEMA = Validator(_PLUGINS / "schemas" / "transfer_answer.schema.json")

#: What SHA256Managed of the .NET Framework 2.0 throws where a policy allows only algorithms validated for FIPS;
#: that Framework has no other SHA-256 (MSDN: SHA256Managed; KB811833).
_POLICY_ERROR = "System.InvalidOperationException"
_REFUSED_BY_POLICY = (
    "A policy of the host allows only algorithms that are validated for FIPS, and the .NET Framework 2.0 has none for "
    r"SHA-256. Set FIPSAlgorithmPolicy (2003) or FipsAlgorithmPolicy\Enabled (2008) in "
    r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa to 0 for the time of the change, or install the package by hand."
)
_NOT_WRITTEN = "Check free space and rights in %TEMP% on the host, then run again."

_RUN_AGAIN = "Run the task again with -vvv; report it if it comes back."

_ARGUMENT = re.compile(r"[^\"%\r\n\0]*[^\"%\r\n\0\\]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: Bytes read at once from a file that is sent.
_PIECE_BYTES = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Sent:
    """A file as it lies on the host.

    Attributes:
        size: bytes.
        sha256: 64 lower-case hexadecimal digits, computed on the host.
    """

    size: int
    sha256: str


class Workspace:
    """A folder of this run on a host.

    Attributes:
        folder: full Windows path, C(%TEMP%\\unblock-) and 32 hexadecimal digits.
        shell: the shell that it was opened by.
    """

    def __init__(self, shell: Shell, folder: str, compiler: str | None, timeout: float) -> None:
        """Notes what ``open`` found and made."""
        self.shell = shell
        self.folder = folder
        self._compiler = compiler
        self._timeout = timeout

    @classmethod
    @contextlib.contextmanager
    def open(cls, shell: Shell, *, run_id: str | None, timeout: float) -> t.Iterator[Workspace]:
        """Makes the folder, keeps other runs off, and removes it with all that is in it.

        What a killed run left is removed first.

        Args:
            shell: an open shell on the host.
            run_id: name of the run; it tells an operator who works on the host.
            timeout: seconds that a command in the folder may take where nothing else is said.

        Raises:
            HostError: layer working folder, if another run works on the host (the text names it), or the account may
                not write to C(%TEMP%) or the registry; any layer, if the host is gone.
        """
        found = look(shell)
        if found.session is not None:
            take_over(shell, found.session)
        folder, session = make(shell, found.temp, run_id, found.session)
        try:
            keep(shell, folder)
            yield cls(shell, folder, found.compiler, timeout)
        finally:
            shell.release()
            remove(shell, folder, session)

    def compile(self, program: Program, references: t.Sequence[str] = ()) -> None:
        """Compiles a program to C(PROGRAM.exe) in the folder; costs one command.

        Args:
            program: C(transfer) (needs nothing but the Framework) or C(approvals) (the WSUS administration API).
            references: full Windows paths of assemblies.

        Raises:
            HostError: layer .NET Framework 2.0, if its compiler is not on the host or does not take the program.
        """
        if self._compiler is None:
            raise HostError(
                Layer.DOT_NET,
                self.shell.host,
                f"there is no compiler {COMPILERS[-1]}",
                "Install the .NET Framework 2.0 on the host; WSUS 3.0 itself requires it.",
            )
        options = "".join(f" {_quoted(f'/r:{reference}')}" for reference in references)
        compiler = f'"{self._compiler}" /nologo /target:exe /out:{program}.exe{options} {program}.cs'
        output = self.run(f'findstr "^" > {program}.cs & {compiler}', stdin=_source(program))
        if output.code != 0:
            raise HostError(
                Layer.DOT_NET,
                self.shell.host,
                f"{self._compiler} ended with code {output.code}: {said(output)}",
                "Check that the .NET Framework 2.0 on the host is whole, and report it if it is.",
            )

    def call(
        self,
        program: Program,
        *arguments: str,
        stdin: bytes | t.Iterable[bytes] = b"",
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> dict[str, t.Any]:
        """Runs a compiled program.

        Args:
            program: what ``compile`` was given.
            arguments: neither quotation marks nor percent signs, no backslash at the end.
            stdin: for its standard input.
            timeout: seconds until it is terminated; by default those of ``open``.
            progress: called from time to time while it runs.

        Returns:
            The JSON object that it answered, at most 1 MiB of it, not yet checked. C(failed) in it is an error
            (C(type), C(message), C(code)) that kept the program from doing anything.

        Raises:
            HostError: layer .NET Framework 2.0, if it did not answer; script, if it took too long.
        """
        nonce = secrets.token_hex(16)
        output = self.run(
            " ".join([f'"{self.folder}\\{program}.exe"', nonce, *map(_quoted, arguments)]),
            stdin=stdin,
            timeout=timeout,
            progress=progress,
        )
        return self._answer(program, output, nonce)

    def run(
        self,
        line: str,
        *,
        stdin: bytes | t.Iterable[bytes] = b"",
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> Output:
        """Runs a command line of cmd.exe in the folder.

        Args:
            line: for cmd.exe; what it prints may be 1 MiB.
            stdin: for its standard input.
            timeout: seconds until it is terminated; by default those of ``open``.
            progress: called from time to time while it runs.

        Raises:
            HostError: of the shell.
        """
        seconds = self._timeout if timeout is None else timeout
        return self.shell.run(f'cd /d "{self.folder}" & {line}', stdin, seconds, MAX_OUTPUT_BYTES, progress)

    def send(
        self,
        path: pathlib.Path,
        name: str,
        sha256: str,
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> Sent:
        """Copies a file of the controller into the folder; needs the program C(transfer).

        Args:
            path: the file; it is read in pieces.
            name: what it is called in the folder: letters, digits, point, hyphen, underscore.
            sha256: 64 hexadecimal digits that it must have on the host.
            timeout: seconds; by default those of ``open``.
            progress: called from time to time.

        Raises:
            HostError: layer transfer, if it did not arrive as it is; the host keeps nothing of it then.
            OSError: if it cannot be read on the controller.
        """
        size = path.stat().st_size
        with open(path, "rb") as file:
            pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
            arguments = ("receive", _name(name), str(size), sha256.lower())
            answer = self.call("transfer", *arguments, stdin=pieces, timeout=timeout, progress=progress)
        return self._sent(answer, name, sha256, size)

    def check(self, name: str, sha256: str) -> Sent:
        """Compares a file in the folder with a digest; needs the program C(transfer).

        Raises:
            HostError: layer transfer, if it is not there or differs.
        """
        return self._sent(self.call("transfer", "check", _name(name), sha256.lower()), name, sha256)

    def run_checked(
        self, name: str, sha256: str, line: str, *, timeout: float | None = None, progress: Progress | None = None
    ) -> Output:
        """Runs a command line only if a file in the folder has a digest, in one command: nothing can come between.

        Needs the program C(transfer).

        Args:
            name: of the file.
            sha256: 64 hexadecimal digits.
            line: one command of cmd.exe; its exit code is that of the output.
            timeout: seconds until it is terminated; by default those of ``open``.
            progress: called from time to time while it runs.

        Raises:
            HostError: layer transfer, if the file is not there or differs; nothing was run then. Else of the shell.
        """
        nonce = secrets.token_hex(16)
        check = self.check_command(nonce, name, sha256, self.folder)
        # A program that crashes ends with a code below 0, which "if not errorlevel 1" alone would take for success.
        output = self.run(f"{check} & if errorlevel 0 if not errorlevel 1 {line}", timeout=timeout, progress=progress)
        self.require_checked(output, nonce, name, sha256)
        return output

    def check_command(self, nonce: str, name: str, sha256: str, folder: str) -> str:
        """The command that compares a file with a digest, and ends with 0 only if it has it.

        Args:
            nonce: 32 hexadecimal digits.
            name: of the file.
            sha256: 64 hexadecimal digits.
            folder: what the folder is called there, such as C(%CD%) in a batch file.
        """
        return f'"{folder}\\transfer.exe" {nonce} check {_name(name)} {sha256.lower()}'

    def require_checked(self, output: Output, nonce: str, name: str, sha256: str) -> None:
        """Reads what C(check_command) printed.

        Raises:
            HostError: layer transfer, if the file was not there or differed.
        """
        self._sent(self._answer("transfer", output, nonce), name, sha256)

    def read(self, name: str, offset: int, count: int) -> bytes:
        """Reads a part of a file in the folder, also of one that its writer holds open; needs the program C(transfer).

        Args:
            name: of the file.
            offset: bytes from its beginning; below 0, from its end.
            count: bytes at most, up to 512 KiB.

        Raises:
            HostError: layer transfer, if it cannot be read.
        """
        answer = self.call("transfer", "read", _name(name), str(offset), str(count))
        try:
            return base64.b64decode(str(answer["data"]), validate=True)
        except (KeyError, ValueError) as exc:
            said = answer.get("failed", answer)
            raise self._transfer_error(f"{name} cannot be read: {printable(str(said), 200)}", _RUN_AGAIN) from exc

    def _answer(self, program: Program, output: Output, nonce: str) -> dict[str, t.Any]:
        try:
            answer = unframe(output.stdout.decode("ascii", errors="replace"), nonce)
            if not isinstance(answer, dict):
                raise AnswerError("the answer is not what the program writes: no object")
            return answer
        except NoAnswerError as exc:
            raise HostError(
                Layer.DOT_NET,
                self.shell.host,
                f"{program}.exe ended with code {output.code} and answered nothing: {said(output)}",
                f"Check that programs of the .NET Framework 2.0 may run in {self.folder} (software restriction "
                "policies, virus scanners).",
            ) from exc
        except AnswerError as exc:
            raise HostError(
                Layer.DOT_NET,
                self.shell.host,
                f"{program}.exe: {exc}",
                _RUN_AGAIN,
            ) from exc

    def _sent(self, answer: t.Mapping[str, t.Any], name: str, sha256: str, size: int | None = None) -> Sent:
        try:
            _TRANSFER_SCHEMA.check(answer, "answer")
        except SchemaError as exc:
            raise self._transfer_error(f"transfer.exe answered something else: {exc}", "Report it.") from exc
        if "failed" in answer:
            failed = answer["failed"]
            raise self._transfer_error(
                f"{name} could not be written or read: {failed['type']} (0x{failed['code']:08X}): {failed['message']}",
                _REFUSED_BY_POLICY if failed["type"] == _POLICY_ERROR else _NOT_WRITTEN,
            )
        if answer["sha256"] != sha256.lower() or size not in (None, answer["size"]):
            raise self._transfer_error(
                f"{name} has {answer['size']} bytes and SHA-256 {answer['sha256']} on the host, not {sha256.lower()}",
                "Run again; if it comes back, something on the host or on the way alters the file.",
            )
        return Sent(answer["size"], answer["sha256"])

    def _transfer_error(self, observed: str, next_step: str) -> HostError:
        return HostError(Layer.TRANSFER, self.shell.host, observed, next_step)


def _source(program: Program) -> bytes:
    """The C# of a program with CRLF line ends: what all have in common, then its own."""
    files = (_PLUGINS / "host_scripts" / f"{name}.cs" for name in ("answer", program))
    text = "".join(file.read_text(encoding="ascii") for file in files)
    return text.replace("\n", "\r\n").encode("ascii")


def _quoted(argument: str) -> str:
    if not _ARGUMENT.fullmatch(argument):
        raise ValueError(f"not usable in a command line: {argument!r}")
    return f'"{argument}"'


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not usable as a file's name on a host: {name!r}")
    return name
