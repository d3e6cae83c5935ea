# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that the endpoint sends, in one table.

Numbers: wsmerror.h of the Windows SDK; which SOAP fault belongs to which case: [MS-WSMV]. `seen` means that clients or
public traces of real Windows show this number for this case; `specified` means that it was taken from the documents
only, so a client should not rely on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Basis(Enum):
    """How well a fault is known."""

    SEEN = "seen"
    SPECIFIED = "specified"


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    code: int  # WSManFault/@Code; 0: the fault has no WSManFault
    subcode: str  # of the SOAP fault
    sender: bool  # the client's fault, else the service's
    basis: Basis
    reason: str


OPERATION_TIMED_OUT = Fault(
    2150858793,
    "w:TimedOut",
    False,
    Basis.SEEN,
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
)
SHELL_NOT_FOUND = Fault(
    2150858843,
    "w:InvalidSelectors",
    True,
    Basis.SEEN,
    "The request for the Windows Remote Shell with ShellId {detail} failed because the shell was not found on the "
    "server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server.",
)
TOO_MANY_SHELLS = Fault(
    2150859173,
    "w:QuotaLimit",
    True,
    Basis.SEEN,
    "The WS-Management service cannot process the request. This user is allowed a maximum number of {detail} "
    "concurrent shells, which has been exceeded.",
)
TOO_MANY_OPERATIONS = Fault(
    2150859174,
    "w:QuotaLimit",
    True,
    Basis.SEEN,
    "The WS-Management service cannot process the request. The maximum number of concurrent operations for this user "
    "has been exceeded.",
)
ACCESS_DENIED = Fault(5, "w:AccessDenied", True, Basis.SEEN, "Access is denied.")
INVALID_ACTION = Fault(
    2150858753,
    "a:ActionNotSupported",
    True,
    Basis.SPECIFIED,
    "The WS-Management service cannot process the request because the WS-Addressing action URI in the request is not "
    "recognized: {detail}",
)
INVALID_RESOURCE_URI = Fault(
    2150858752,
    "a:DestinationUnreachable",
    True,
    Basis.SPECIFIED,
    "The WS-Management service cannot process the request. The resource URI is not valid: {detail}",
)
INVALID_XML = Fault(
    2150858817,
    "w:SchemaValidationError",
    True,
    Basis.SPECIFIED,
    "The WS-Management service cannot process the request. The SOAP XML in the message does not match the "
    "corresponding XML schema definition: {detail}",
)
ENVELOPE_TOO_LARGE = Fault(
    2150858825,
    "w:EncodingLimit",
    True,
    Basis.SPECIFIED,
    "The WS-Management service cannot process the request because the request is larger than the service's limit of "
    "{detail} bytes.",
)
COMMAND_NOT_FOUND = Fault(
    2150858843,
    "w:InvalidSelectors",
    True,
    Basis.SPECIFIED,
    "The command with CommandId {detail} was not found in the shell.",
)
COMMAND_NOT_STARTED = Fault(
    2,
    "w:InternalError",
    False,
    Basis.SPECIFIED,
    "The WS-Management service cannot start the command: {detail}",
)
INVALID_ENUMERATION_CONTEXT = Fault(
    2150858788,
    "n:InvalidEnumerationContext",
    True,
    Basis.SPECIFIED,
    "The WS-Management service cannot process the request. The enumeration context is not valid: {detail}",
)
# The numbers of WMI (WBEM_E_*, wbemcli.h) travel in WSManFault unchanged.
WMI_ACCESS_DENIED = Fault(0x80041003, "w:AccessDenied", True, Basis.SPECIFIED, "Access denied")
WMI_INVALID_NAMESPACE = Fault(0x8004100E, "a:DestinationUnreachable", True, Basis.SPECIFIED, "Invalid namespace")
WMI_INVALID_CLASS = Fault(0x80041010, "a:DestinationUnreachable", True, Basis.SPECIFIED, "Invalid class")

# DSP0226 (Web Services for Management), 14: those that the endpoint has no use for. The documents give them no number.
ENDPOINT_UNAVAILABLE = Fault(0, "a:EndpointUnavailable", False, Basis.SPECIFIED, "The endpoint is unavailable.")
CONCURRENCY = Fault(0, "w:Concurrency", True, Basis.SPECIFIED, "Another client holds the resource.")
DELIVERY_REFUSED = Fault(0, "w:DeliveryRefused", False, Basis.SPECIFIED, "The service refuses to deliver.")
INVALID_OPTIONS = Fault(0, "w:InvalidOptions", True, Basis.SPECIFIED, "An option is not supported.")
INVALID_PARAMETER = Fault(0, "w:InvalidParameter", True, Basis.SPECIFIED, "A parameter is not valid.")
UNSUPPORTED_FEATURE = Fault(0, "w:UnsupportedFeature", True, Basis.SPECIFIED, "The feature is not supported.")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Fault))


class FaultError(Exception):
    """Raised while a request is served; becomes the SOAP fault of the answer."""

    def __init__(self, fault: Fault, detail: object = "", wmi: bool = False) -> None:
        super().__init__(fault.reason.format(detail=detail))
        self.fault = fault
        self.wmi = wmi  # carried by an MSFT_WmiError, as later WinRM does for quotas
