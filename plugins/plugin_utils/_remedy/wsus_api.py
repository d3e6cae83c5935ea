# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WSUS administration API of a host, driven by the program C(approvals) in a workspace there.

PRIVATE to the collection: may change without notice.

Replica and upstream server live in the database of WSUS and not in the registry: only this API tells them. Sources: the
reference of C(Microsoft.UpdateServices.Administration) on MSDN, and the assembly's own metadata.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Progress, Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

_SCHEMA = Validator(pathlib.Path(__file__).resolve().parents[2] / "schemas" / "approvals_answer.schema.json")

_ASSEMBLY = "Microsoft.UpdateServices.Administration"
_CACHE = rf"%windir%\assembly\GAC_MSIL\{_ASSEMBLY}"
_LOOK_TIMEOUT = 60.0
_LOOK_BYTES = 65536

#: Types of exceptions that mean that the account has no right.
_DENIED = frozenset({"System.UnauthorizedAccessException", "System.Security.SecurityException"})

_NEXT_STEP = "Check that the WSUS console opens on the host with this account: service, database and IIS must run."
_NEXT_STEP_DENIED = "Put the account into the group WSUS Administrators or Administrators of the host."

#: Seconds for which saving the server's settings is tried. For up to three minutes after some settings were saved, WSUS
#: refuses to save any, and while it synchronizes (MSDN: IUpdateServerConfiguration.Save).
_SAVE_WAIT = 200

ApproveAs = t.Literal["not_approved", "install"]

#: Names of the API's approval actions.
_ACTIONS: dict[ApproveAs, str] = {"not_approved": "NotApproved", "install": "Install"}


class Approval(t.TypedDict):
    """What is approved for a group of computers: C(Install), C(Uninstall) or C(NotApproved)."""

    group: str
    action: str


class Update(t.TypedDict):
    """An update in the catalogue of a server; C(id) is its UpdateID, the title is the English one."""

    id: str
    title: str
    declined: bool
    expired: bool
    license_required: bool
    approvals: list[Approval]


class Failure(t.TypedDict):
    """An exception on the host: C(type) is its .NET type, C(code) its HRESULT."""

    type: str
    message: str
    code: int


class Step(t.TypedDict):
    """One change, when it was made by the host's clock (UTC), and the error if it failed."""

    step: str
    at: str
    error: Failure | None


@dataclasses.dataclass(frozen=True)
class ServerStatus:
    """A WSUS server as its own API describes it.

    Attributes:
        version: of the product.
        user_role: of the account: C(Administrator), C(Reporter) or C(Unauthorized).
        is_replica: whether it takes approvals over from its upstream server.
        sync_from_microsoft_update: whether it has no upstream server.
        upstream_server: name of the upstream server; None for none.
        upstream_port: its TCP port; None for none.
        upstream_ssl: whether TLS is spoken to it; None for none.
        downstream: full domain names of the servers below it, as far as they have reported.
    """

    version: str
    user_role: str
    is_replica: bool
    sync_from_microsoft_update: bool
    upstream_server: str | None
    upstream_port: int | None
    upstream_ssl: bool | None
    downstream: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Status:
    """The server, and the updates that were asked for (20 at most)."""

    server: ServerStatus
    updates: tuple[Update, ...]


@dataclasses.dataclass(frozen=True)
class Treatment:
    """What a reset or a repair did.

    Attributes:
        steps: in their order; a step that had nothing to do is not among them.
        replica_during: whether the server was a replica meanwhile; None if that was not altered.
        is_replica: as read back at the end; None if that failed.
        update: as read back at the end; None if that failed, or if the catalogue does not hold it.
        finished: host's clock, UTC.
    """

    steps: tuple[Step, ...]
    replica_during: bool | None
    is_replica: bool | None
    update: Update | None
    finished: str

    @property
    def failed(self) -> Step | None:
        """The step that failed first, which ended the treatment; None if all went well."""
        return next((step for step in self.steps if step["error"]), None)


@dataclasses.dataclass(frozen=True)
class Forgotten:
    """What became of a computer in the server's list.

    Attributes:
        found: the name of the computer with the id; None if there was none.
        removed: whether it was removed, which only one of the expected name is.
    """

    found: str | None
    removed: bool


class WsusApi:
    """The API of a host, through the program that was compiled against it."""

    def __init__(self, workspace: Workspace, api_dll: str, timeout: float) -> None:
        """Compiles the program.

        Args:
            workspace: an open one.
            api_dll: full Windows path of the assembly, as C(find_api_dll) gives it.
            timeout: seconds for each call.

        Raises:
            HostError: layer .NET Framework 2.0, if it cannot be compiled.
        """
        self._workspace = workspace
        self._api_dll = api_dll
        self._timeout = timeout
        workspace.compile("approvals", [api_dll])

    def status(self, *, title: str | None = None, update_id: str | None = None) -> Status:
        """Asks for the server, and for updates by id or else by exact English title. Changes nothing.

        Raises:
            HostError: layer WSUS administration API, if the API cannot be used.
            ValueError: for a title of more than one line.
        """
        answer = self._call("status", {"update_id": update_id, "title": title})
        server = answer["server"]
        name = server["upstream_name"] or None
        has_upstream = name is not None and not server["sync_from_microsoft_update"]
        return Status(
            ServerStatus(
                version=server["version"],
                user_role=server["user_role"],
                is_replica=server["is_replica"],
                sync_from_microsoft_update=server["sync_from_microsoft_update"],
                upstream_server=name if has_upstream else None,
                upstream_port=server["upstream_port"] if has_upstream else None,
                upstream_ssl=server["upstream_ssl"] if has_upstream else None,
                downstream=tuple(server["downstream"]),
            ),
            tuple(answer["updates"]),
        )

    def reset(
        self, update_id: str, approve_as: ApproveAs, *, is_replica: bool, progress: Progress | None = None
    ) -> Treatment:
        """Declines an update, approves it and declines it again; a replica is made autonomous for that time.

        Args:
            update_id: UpdateID.
            approve_as: C(not_approved), or C(install), which accepts the licence.
            is_replica: whether the server is one; it is again in the end.
            progress: called from time to time.

        Raises:
            HostError: if nothing is known of what was done; layer WSUS administration API, if nothing was done.
        """
        request = {"update_id": update_id, "approve_as": _ACTIONS[approve_as]}
        return self._treat("reset", request, is_replica, progress)

    def repair(self, update_id: str, *, is_replica: bool, progress: Progress | None = None) -> Treatment:
        """Ends what a reset began that was cut off: declines the update if it is not, and makes a replica one again.

        Args:
            update_id: UpdateID.
            is_replica: whether the server was one before that reset.
            progress: called from time to time.

        Raises:
            HostError: as ``reset`` does.
        """
        request = {"update_id": update_id, "replica": "true" if is_replica else "false"}
        return self._treat("repair", request, is_replica, progress)

    def forget(self, computer_id: str, computer_name: str) -> Forgotten:
        """Removes a computer from the server's list; its next request would enter it again.

        Args:
            computer_id: the id that the computer calls itself by.
            computer_name: its full name; a computer with the id and another name is left alone.

        Raises:
            HostError: layer WSUS administration API, if the API cannot be used or refuses.
            ValueError: for an id or a name of more than one line.
        """
        answer = self._call("forget", {"computer_id": computer_id, "computer_name": computer_name})
        return Forgotten(answer["found"], answer["removed"])

    def _treat(self, verb: str, request: t.Mapping[str, str], is_replica: bool, progress: Progress | None) -> Treatment:
        # A replica's settings are saved twice.
        timeout = self._timeout + (2 * _SAVE_WAIT if is_replica else 0)
        answer = self._call(verb, {**request, "save_wait": str(_SAVE_WAIT)}, timeout, progress)
        after = answer["after"] or {}
        return Treatment(
            steps=tuple(answer["steps"]),
            replica_during=answer["replica_during"],
            is_replica=after.get("is_replica"),
            update=after.get("update"),
            finished=answer["finished"],
        )

    def _call(
        self,
        verb: str,
        request: t.Mapping[str, str | None],
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> dict[str, t.Any]:
        lines = [f"{name}={_one_line(value)}\n" for name, value in request.items() if value is not None]
        answer = self._workspace.call(
            "approvals",
            verb,
            self._api_dll,
            stdin="".join(lines or ["\n"]).encode(),
            timeout=self._timeout if timeout is None else timeout,
            progress=progress,
        )
        try:
            _SCHEMA.check(answer, "answer")
        except SchemaError as exc:
            raise self._error(f"approvals.exe answered something else: {exc}", "Report it.") from exc
        if "failed" in answer:
            failure = answer["failed"]
            step = _NEXT_STEP_DENIED if failure["type"] in _DENIED else _NEXT_STEP
            raise self._error(describe_failure(failure), step)
        return answer

    def _error(self, observed: str, next_step: str) -> HostError:
        return HostError(Layer.WSUS_API, self._workspace.shell.host, observed, next_step)


def server_status(workspace: Workspace, api_dll: str, timeout: float) -> ServerStatus:
    """Asks a WSUS server whether it is a replica and what it synchronizes from. Changes nothing; costs two commands.

    Args:
        workspace: an open one.
        api_dll: full Windows path of the assembly, as C(find_api_dll) gives it.
        timeout: seconds for the compiler, and for the question.

    Raises:
        HostError: layer .NET Framework 2.0 or WSUS administration API, with the next step.
    """
    return WsusApi(workspace, api_dll, timeout).status().server


def find_api_dll(shell: Shell, readings: Readings) -> str:
    """The assembly of the administration API: in the folder of WSUS, else in the global assembly cache.

    Args:
        shell: asked only if the probe did not find the file.
        readings: what the probe answered to the reads of product C(wsus).

    Raises:
        HostError: layer WSUS administration API, if it is in neither place, or in one that no command line can name.
    """
    found = readings.read("wsus.api_dll")
    if found.get("state") == "ok" and isinstance(found.get("path"), str):
        if set(found["path"]) & set('%"'):
            raise HostError(
                Layer.WSUS_API,
                shell.host,
                f"WSUS lies in a folder that no command line can name: {printable(found['path'], 200)}",
                "Make the change in the WSUS console.",
            )
        return str(found["path"])
    output = shell.run(f'dir /b /s "{_CACHE}" 2>nul', b"", _LOOK_TIMEOUT, _LOOK_BYTES).stdout
    lines = [line.strip() for line in output.decode("utf-8", errors="replace").splitlines()]
    cached = [line for line in lines if line.lower().endswith(rf"\{_ASSEMBLY}.dll".lower())]
    if not cached:
        raise HostError(
            Layer.WSUS_API,
            shell.host,
            f"{_ASSEMBLY}.dll is neither in the folder Api of WSUS nor in {_CACHE}",
            "Repair the installation of WSUS, or make the change in the WSUS console.",
        )
    return cached[-1]


def describe_failure(failure: Failure) -> str:
    """An exception on the host in words: what tells it in every language first."""
    return f"{failure['type']} (0x{failure['code']:08X}): {printable(failure['message'], 200)}"


def _one_line(value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise ValueError(f"not one line: {value!r}")
    return value
