# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain controller of a lab with Kerberos: MIT's, on loopback, with everything of it in one folder.

It serves two realms with the same accounts and the same servers: one with the keys of its time, and one that knows RC4
alone, as domains of Windows Server 2003 do. Needs the Debian packages krb5-kdc, krb5-admin-server and krb5-user.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ADDRESS = "127.0.0.1"
REALM = "LAB.EXAMPLE"
OLD_REALM = "LAB2003.EXAMPLE"
STRANGER = "stranger"  # an account of both realms that no server lets in
ENCRYPTION = {REALM: ("aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"), OLD_REALM: ("arcfour-hmac",)}
START_TIMEOUT = 120.0  # seconds until it must listen

_SBIN = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"  # not on everybody's path
# Nobody is asked for names or realms, and no file outside the folder is written. MIT's 1.21 and later hand out no RC4
# unless told to; earlier ones do not know the word.
_LIBRARY = """\
[libdefaults]
  allow_rc4 = true
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  default_rcache_name = none:
"""


class KdcError(Exception):
    """The domain controller could not be started; the text says why."""


class Kdc:
    """One domain controller, which lives in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: What clients and servers of its realms read (KRB5_CONFIG).
        self.config = folder / "krb5.conf"
        #: The keys of every server.
        self.keytab = folder / "keytab"
        #: Which tickets it was asked for, and which it gave.
        self.log = folder / "krb5kdc.log"
        #: The number of its process.
        self.pid_file = folder / "krb5kdc.pid"

    def start(self, accounts: Mapping[str, str], servers: Iterable[str]) -> None:
        """Make both realms anew and serve them.

        Args:
            accounts: password by name.
            servers: names for each of which the service HTTP gets a key.

        Raises:
            KdcError: without the programs, or if one of them fails.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        with socket.create_server((ADDRESS, 0)) as server:
            port = int(server.getsockname()[1])
        realms = [f"  {realm} = {{\n    kdc = {ADDRESS}:{port}\n  }}\n" for realm in ENCRYPTION]
        log = f"[logging]\n  kdc = FILE:{self.log}\n"
        self.config.write_text(_LIBRARY + log + "[realms]\n" + "".join(realms), encoding="utf-8")
        databases = [f"  {realm} = {{\n{self._database(realm)}  }}\n" for realm in ENCRYPTION]
        listen = f"[kdcdefaults]\n  kdc_listen = {ADDRESS}:{port}\n  kdc_tcp_listen = {ADDRESS}:{port}\n[realms]\n"
        (self._folder / "kdc.conf").write_text(listen + "".join(databases), encoding="utf-8")
        services = [f"HTTP/{name}" for name in servers]
        for realm in ENCRYPTION:
            self._run("kdb5_util", "-r", realm, "create", "-s", "-P", "of the lab's own database")
            self._fill(realm, accounts, services)
        self._serve(port)

    def _database(self, realm: str) -> str:
        settings = {
            "database_name": self._folder / realm,
            "key_stash_file": self._folder / f"{realm}.stash",
            "supported_enctypes": " ".join(f"{name}:normal" for name in ENCRYPTION[realm]),
            "default_principal_flags": "+preauth",  # as in every domain of Windows
        }
        return "".join(f"    {name} = {value}\n" for name, value in settings.items())

    def _fill(self, realm: str, accounts: Mapping[str, str], services: Sequence[str]) -> None:
        """By standard input: what is on a command line, everybody on the machine can read."""
        lines = [f"add_principal -pw {_quoted(password)} {_quoted(name)}" for name, password in accounts.items()]
        lines += [f"add_principal -randkey {service}" for service in services]
        lines += [f"ktadd -k {self.keytab} {service}" for service in services]
        # Else session keys were of AES, whatever the server has keys of.
        session_keys = " ".join(ENCRYPTION[realm])
        lines += [f'setstr {name} session_enctypes "{session_keys}"' for name in (f"krbtgt/{realm}", *services)]
        printed = self._run("kadmin.local", "-r", realm, stdin="".join(f"{line}\n" for line in lines))
        if printed.count(" created.") != len(accounts) + len(services):
            raise KdcError(f"kadmin.local: {printed}")

    def _serve(self, port: int) -> None:
        realms = [argument for realm in ENCRYPTION for argument in ("-r", realm)]
        process = subprocess.Popen(
            ["krb5kdc", "-n", "-P", str(self.pid_file), *realms],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            start_new_session=True,
        )
        self.pid_file.write_text(f"{process.pid}\n", encoding="ascii")
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection((ADDRESS, port)).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise KdcError(f"krb5kdc does not listen on {ADDRESS} port {port}; see {self.log}")

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        """Return what a program printed."""
        try:
            done = subprocess.run(
                [program, *arguments],
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=self._environment(),
                check=True,
            )
        except FileNotFoundError as error:
            raise KdcError(f"{program} is missing: install krb5-kdc, krb5-admin-server and krb5-user") from error
        except subprocess.CalledProcessError as error:
            raise KdcError(f"{program}: {error.stdout}") from error
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": _SBIN,
            "LC_ALL": "C",
            "KRB5_CONFIG": str(self.config),
            "KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"),
        }


def _quoted(text: str) -> str:
    """A word as kadmin reads it."""
    return '"' + text.replace('"', '""') + '"'
