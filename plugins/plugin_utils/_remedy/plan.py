# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be run on a host, and everything that speaks against it, found without changing the host.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import host_checks
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.authenticode import MICROSOFT, Trust
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.host_state import HostState
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.installer import Job
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Problem
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import (
    PackageError,
    PackageFile,
    PackageSpec,
    choose,
    inspect,
    misfits,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Fix


@dataclasses.dataclass(frozen=True)
class Options:
    """How the operator wants a fix done.

    Attributes:
        packages: the value of C(unblock_packages), not checked yet.
        run_id: name of the run, for the record on the host.
        timeout: seconds for what is no installer.
        install_timeout: seconds for the package to arrive, and again to run.
        wait_for_installer: seconds that another installation is waited for.
        as_system: run it as SYSTEM.
        accept_irreversible: the operator knows that it cannot be undone.
        check_mode: only check.
        trust: whose signatures count.
    """

    packages: t.Any
    run_id: str | None
    timeout: float
    install_timeout: float
    wait_for_installer: float
    as_system: bool
    accept_irreversible: bool
    check_mode: bool
    trust: Trust = MICROSOFT


@dataclasses.dataclass(frozen=True)
class Plan:
    """One package for one host.

    Attributes:
        job: how it is to be run; None if there is no package for the host.
        file: what is known of the package.
        problems: what keeps it from being run.
    """

    job: Job | None
    file: PackageFile
    problems: tuple[Problem, ...]


def title(fix: Fix) -> str:
    """What a fix is called in a sentence."""
    return fix.package.upper() if fix.package.startswith("kb") else "The upgrade of WSUS"


def make_plan(
    shell: Shell, fix: Fix, packages: t.Mapping[str, t.Mapping[str, PackageSpec]], options: Options, state: HostState
) -> Plan:
    """Looks at package and host.

    Args:
        shell: an open shell on the host.
        fix: what is to be done.
        packages: the operator's.
        options: how it is to be done.
        state: the host, with the answers to C(host_checks.check_reads).

    Raises:
        HostError: if the host cannot be asked.
    """
    try:
        spec = choose(packages, fix, state.judgement.os["arch"])
    except PackageError as exc:
        return Plan(None, PackageFile(), (exc.problem,))
    file = inspect(spec, options.trust)
    problems = [*file.problems, *_not_accepted(fix, options)]
    if spec.remote_path is not None:
        size = host_checks.remote_size(state.readings, spec)
        if isinstance(size, Problem):
            problems.append(size)
        else:
            file = dataclasses.replace(file, size=file.size or size)
    problems += host_checks.missing_framework(state.readings)
    problems += host_checks.missing_room(state.readings, file.size or 0)
    kernel = state.kernel
    if kernel is None:
        words = f"the version of Windows could not be read (os.version is {state.judgement.os['version']})"
        problems.append(Problem(words, r"Let the account read HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion."))
    else:
        problems += misfits(spec, file, fix, kernel)
        problems += host_checks.missing_rights(shell, kernel)
    job = Job(spec, spec.installer(fix), kernel or (0, 0), options.as_system, options.install_timeout)
    if job.as_system and not job.installer.arguments.isascii():
        words = f"{spec.label}: the arguments {job.installer.arguments} cannot stand in the batch file of a task"
        problems.append(Problem(words, "Write them in ASCII, or run the package without as_system."))
    return Plan(job, file, tuple(problems))


def _not_accepted(fix: Fix, options: Options) -> tuple[Problem, ...]:
    if not fix.irreversible or options.accept_irreversible:
        return ()
    return (
        Problem(
            f"{title(fix)} was not accepted as irreversible: {fix.irreversible.rstrip('.')}",
            "Back up the server and its database, then set accept_irreversible (remediate_accept_irreversible): true.",
        ),
    )
