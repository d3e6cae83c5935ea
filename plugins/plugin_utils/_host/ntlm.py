# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NTLM over HTTP without the request that is only sent to be refused.

PRIVATE to the collection: may change without notice.

pywinrm sends an empty request, so that requests_ntlm sees it refused and logs on. That every WinRM listener refuses it
is known before: one round trip less for each host. Source: RFC 4559, section 4.2: a client may begin with the token.
"""

from __future__ import annotations

import contextlib
import io
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.bounded import AnswerRefusedError, BoundedAdapter

with contextlib.suppress(ImportError):  # it comes with pywinrm, without which nothing here is used
    import urllib3
    from requests.utils import select_proxy
if t.TYPE_CHECKING:
    import requests
    from winrm.transport import Transport

_SCHEME = "Negotiate"


def adapter_for(transport: Transport, session: requests.Session) -> BoundedAdapter:
    """What carries the requests of a session that a transport built."""
    # Over TLS the log-on is bound to the certificate, which the refused request fetches; and a proxy may want a log-on
    # of its own, for which requests_ntlm has to see its refusal.
    over_tls = not transport.endpoint.lower().startswith("http://")
    if transport.auth_method != "ntlm" or over_tls or select_proxy(transport.endpoint, session.proxies):
        return BoundedAdapter()
    t.cast(t.Any, session.auth).send_cbt = False
    return _NtlmAdapter()


class _NtlmAdapter(BoundedAdapter):
    """Answers the first, empty request itself, and makes sure that the host answers the next one with a challenge."""

    _begun = False

    def send(self, request: requests.PreparedRequest, *arguments: t.Any, **keywords: t.Any) -> requests.Response:
        """Sends a request.

        Raises:
            AnswerRefusedError: for an answer that is out of bounds, or a host that does not take NTLM.
            requests.HTTPError: for a host that answers the beginning of the log-on with another error.
        """
        if self._begun:
            return super().send(request, *arguments, **keywords)
        if "Authorization" not in request.headers:
            refusal = urllib3.HTTPResponse(io.BytesIO(), {"WWW-Authenticate": _SCHEME}, 401, preload_content=False)
            return self.build_response(request, refusal)
        self._begun = True
        response = super().send(request, *arguments, **keywords)
        offered = response.headers.get("WWW-Authenticate", "")
        if f"{_SCHEME} " in offered:
            return response
        if response.status_code == 401:
            raise AnswerRefusedError(f"the host does not take {_SCHEME}, as NTLM needs, but {offered or 'nothing'}")
        response.raise_for_status()
        raise AnswerRefusedError(f"HTTP {response.status_code}: the host did not answer the log-on with a challenge")
