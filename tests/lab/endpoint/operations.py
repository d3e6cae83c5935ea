# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the remote shell: an envelope in, an envelope out. [MS-WSMV] 3.1.4."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from xml.sax.saxutils import escape

from tests.lab.endpoint.envelope import (
    ANONYMOUS,
    IDENTIFY_ACTION,
    NAMESPACES,
    Request,
    answer,
    identify_answer,
    seconds,
)
from tests.lab.endpoint.faults import INVALID_ACTION, INVALID_RESOURCE_URI, INVALID_XML, OPERATION_TIMED_OUT, FaultError
from tests.lab.endpoint.shells import Shell, ShellHost
from tests.lab.endpoint.wmi import ENUMERATION, RESOURCE
from tests.lab.executors.base import Output

SHELL = NAMESPACES["rsp"]
TRANSFER = NAMESPACES["x"]
CMD = SHELL + "/cmd"
STATE = SHELL + "/CommandState/"
EAGER_BYTES = 1024  # of an eager answer at most: nobody knows how much is ready by then
PRODUCT_VERSION = "OS: 0.0.0 SP: 0.0 Stack: 2.0"  # what Windows tells a client that is not authenticated


def serve(host: ShellHost, owner: str, request: Request, product_version: str = PRODUCT_VERSION) -> bytes:
    """Carry out a request; raises FaultError."""
    if request.action == IDENTIFY_ACTION:
        return identify_answer(product_version)
    if request.action.startswith(ENUMERATION) and request.resource_uri.startswith(RESOURCE):
        return answer(request, host.wmi.serve(request, host.settings.wmi_denied))
    operation = OPERATIONS.get(request.action)
    if operation is None:
        raise FaultError(INVALID_ACTION, request.action)
    if request.resource_uri.rstrip("/") != CMD:
        raise FaultError(INVALID_RESOURCE_URI, request.resource_uri)
    return answer(request, operation(host, owner, request))


def _create(host: ShellHost, owner: str, request: Request) -> str:
    wanted = request.body.find("rsp:Shell", NAMESPACES)
    if wanted is None:
        raise FaultError(INVALID_XML, "rsp:Shell is missing")
    environment = {
        variable.get("Name", ""): variable.text or ""
        for variable in wanted.iterfind("rsp:Environment/rsp:Variable", NAMESPACES)
    }
    idle = wanted.findtext("rsp:IdleTimeOut", None, NAMESPACES)
    directory = wanted.findtext("rsp:WorkingDirectory", None, NAMESPACES)
    shell = host.create(owner, directory, environment, seconds(idle) if idle else None)
    return (
        f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f'<w:ResourceURI>{CMD}</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell.id}</w:Selector>'
        "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId><rsp:ResourceUri>{CMD}</rsp:ResourceUri>"
        f"<rsp:Owner>{escape(owner)}</rsp:Owner><rsp:IdleTimeOut>PT{shell.idle_timeout:.3f}S</rsp:IdleTimeOut>"
        "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )


def _shell(host: ShellHost, owner: str, request: Request) -> Shell:
    return host.find(owner, request.selectors.get("ShellId", ""))


def _delete(host: ShellHost, owner: str, request: Request) -> str:
    host.delete(_shell(host, owner, request))
    return ""


def _command(host: ShellHost, owner: str, request: Request) -> str:
    shell = _shell(host, owner, request)
    line = request.body.find("rsp:CommandLine", NAMESPACES)
    if line is None:
        raise FaultError(INVALID_XML, "rsp:CommandLine is missing")
    words = [line.findtext("rsp:Command", "", NAMESPACES)]
    words += [argument.text or "" for argument in line.iterfind("rsp:Arguments", NAMESPACES)]
    use_cmd = request.options.get("WINRS_SKIP_CMD_SHELL", "FALSE").upper() != "TRUE"
    command_id = host.start(shell, " ".join(words), use_cmd)
    return f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"


def _send(host: ShellHost, owner: str, request: Request) -> str:
    shell = _shell(host, owner, request)
    for stream in request.body.iterfind("rsp:Send/rsp:Stream", NAMESPACES):
        command = shell.command(stream.get("CommandId", ""))
        try:
            data = base64.b64decode(stream.text or "", validate=False)
        except binascii.Error as error:
            raise FaultError(INVALID_XML, error) from error
        if data:
            command.write(data)
        if stream.get("End", "false").lower() in ("true", "1"):
            command.end_input()
    return "<rsp:SendResponse/>"


def _receive(host: ShellHost, owner: str, request: Request) -> str:
    shell = _shell(host, owner, request)
    wanted = request.body.find("rsp:Receive/rsp:DesiredStream", NAMESPACES)
    if wanted is None:
        raise FaultError(INVALID_XML, "rsp:DesiredStream is missing")
    command_id = wanted.get("CommandId", "")
    envelope = min(host.settings.max_envelope_size, request.max_envelope_size or host.settings.max_envelope_size)
    eager = host.settings.eager
    # Base64 makes four bytes of three; half the envelope is left to headers and to the encryption's own frame.
    limit = EAGER_BYTES if eager else envelope // 2 * 3 // 4
    output = shell.command(command_id).take(limit, request.timeout, eager)
    if output is None:
        raise FaultError(OPERATION_TIMED_OUT)
    return _receive_response(command_id, output)


def _receive_response(command_id: str, output: Output) -> str:
    done = output.exit_code is not None
    parts = ["<rsp:ReceiveResponse>"]
    for name, data in (("stdout", output.stdout), ("stderr", output.stderr)):
        if data:
            text = base64.b64encode(data).decode()
            parts.append(f'<rsp:Stream Name="{name}" CommandId="{escape(command_id)}">{text}</rsp:Stream>')
        if done:
            parts.append(f'<rsp:Stream Name="{name}" CommandId="{escape(command_id)}" End="true"></rsp:Stream>')
    parts.append(f'<rsp:CommandState CommandId="{escape(command_id)}" State="{STATE}{"Done" if done else "Running"}">')
    if done:
        parts.append(f"<rsp:ExitCode>{output.exit_code}</rsp:ExitCode>")
    parts.append("</rsp:CommandState></rsp:ReceiveResponse>")
    return "".join(parts)


def _signal(host: ShellHost, owner: str, request: Request) -> str:
    shell = _shell(host, owner, request)
    signal = request.body.find("rsp:Signal", NAMESPACES)
    if signal is None:
        raise FaultError(INVALID_XML, "rsp:Signal is missing")
    command = shell.command(signal.get("CommandId", ""))
    code = (
        signal.findtext("rsp:Code", "", NAMESPACES).rpartition("/")[2].lower()
    )  # [MS-WSMV] writes both terminate and Terminate
    if code not in ("terminate", "ctrl_c", "ctrl_break"):
        raise FaultError(INVALID_XML, f"signal {code}")
    if command.running:
        command.terminate()
    if code == "terminate":
        del shell.commands[signal.get("CommandId", "").upper()]
    return "<rsp:SignalResponse/>"


OPERATIONS: dict[str, Callable[[ShellHost, str, Request], str]] = {
    TRANSFER + "/Create": _create,
    TRANSFER + "/Delete": _delete,
    SHELL + "/Command": _command,
    SHELL + "/Send": _send,
    SHELL + "/Receive": _receive,
    SHELL + "/Signal": _signal,
}
