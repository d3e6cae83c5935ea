# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fix on one host: judge, check, run the package, judge again.

PRIVATE to the collection: may change without notice.

The record is written before the package is run, and once more with the right time afterwards; after a failure it is
taken back. So a run that is cut off anywhere leaves what it did on record, and can be run again.
"""

from __future__ import annotations

import datetime
import json
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Progress
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import delete_value, write_value
from ansible_collections.unblock.updates.plugins.plugin_utils._host.session import clear_leftovers
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy import host_checks, installer
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.exit_codes import ExitCode, explain
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.host_state import HostState, Onlooker
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.installer import Job
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import (
    Outcome,
    Remedy,
    Scalar,
    remedy,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import (
    PackageError,
    PackageFile,
    PackageSpec,
    describe,
    misfits,
    read_packages,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.plan import Options, Plan, make_plan, title
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import render
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Fix
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.record import RECORD, advisory_key
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc

#: Seconds between two looks at a host on which another installation is running.
_BUSY_SECONDS = 15.0

#: Statuses of a host of which it cannot be told whether the change did anything.
_NOT_JUDGED = frozenset({"unknown", "error"})

#: Layers whose failure means that the package did nothing.
_NOT_INSTALLED = frozenset({Layer.TRANSFER, Layer.INSTALLER})

Report = t.Callable[[str], None]


class Hotfix:
    """One fix on one host."""

    def __init__(self, onlooker: Onlooker, fix: Fix, options: Options, report: Report) -> None:
        """Args:
        onlooker: judges the host by the rule that the fix belongs to.
        fix: what is to be done.
        options: how it is to be done.
        report: told of what takes long, one sentence at a time.
        """
        self._onlooker = onlooker
        self._shell = onlooker.shell
        self._rule = onlooker.rule
        self._fix = fix
        self._options = options
        self._report = report

    def run(self) -> Remedy:
        """Does it, if the rule asks for it on this host and nothing speaks against it.

        Raises:
            HostError: if the host cannot be reached or judged; nothing was changed then.
        """
        packages, wrong = self._packages()
        before = self._onlooker.look(host_checks.check_reads(packages.get(self._fix.package, {}).values()))
        if before.verdict["action"] != self._fix.action:
            if not self._options.check_mode:
                clear_leftovers(self._shell, before.readings.text("host.session"))
            return self._remedy("unchanged", before.verdict["reason"], before.verdict["next_step"], before)
        if wrong is not None:
            return self._refuse(before, wrong)
        plan = make_plan(self._shell, self._fix, packages, self._options, before)
        if plan.job is None or plan.problems:
            return self._refuse(before, plan)
        if self._options.check_mode:
            return self._predict(before, plan, plan.job)
        return self._carry_out(before, plan, plan.job)

    def _packages(self) -> tuple[dict[str, dict[str, PackageSpec]], Plan | None]:
        """The operator's packages; or none, and a plan that says what is wrong with them."""
        try:
            return read_packages(self._options.packages), None
        except PackageError as exc:
            return {}, Plan(None, PackageFile(), (exc.problem,))

    def _refuse(self, before: HostState, plan: Plan) -> Remedy:
        message = "; ".join(problem.message for problem in plan.problems)
        steps = " ".join(dict.fromkeys(problem.next_step for problem in plan.problems))
        return self._remedy("failed", f"{message[0].upper()}{message[1:]}.", steps, before, plan=plan)

    def _predict(self, before: HostState, plan: Plan, job: Job) -> Remedy:
        words = f"{title(self._fix)} would be installed by {_package(plan, job)}"
        words += f", with the arguments {job.installer.arguments}" if job.installer.arguments else ""
        words += ", as SYSTEM" if job.as_system else ""
        running = host_checks.running_installation(before.readings)
        words += f", once the installation that is running there has ended ({running})" if running else ""
        note = f" {self._fix.irreversible} Back up the server before." if self._fix.irreversible else ""
        return self._remedy("would_change", f"{words}.{note}", "Run the same without check mode.", before, plan=plan)

    def _carry_out(self, before: HostState, plan: Plan, job: Job) -> Remedy:
        """Changes the host. From here on a host that is lost is a failed remedy, and not one that was never reached."""
        name, judged = job.spec.source_name, time.monotonic()
        try:
            self._wait_until_idle(before)
            with Workspace.open(self._shell, run_id=self._options.run_id, timeout=self._options.timeout) as workspace:
                self._stage(workspace, job)
                self._report(f"running {_package(plan, job)}")
                self._write_record(before, time.monotonic() - judged)
                code = self._run(workspace, job, before)
                log_tail = installer.log_tail(workspace, job, before.judgement.os["code_page"])
                return self._conclude(name, code, log_tail, before, plan)
        except HostError as exc:
            return self._remedy("failed", f"{name}: {_failure(exc)}.", exc.next_step, before, plan=plan)
        except OSError as exc:
            words = f"{job.spec.label} cannot be read on the controller any more: {exc}."
            return self._remedy("failed", words, "Put the package back and run again.", before, plan=plan)

    def _wait_until_idle(self, before: HostState) -> None:
        """Waits for an installation that Windows Installer has not ended. Others make the package answer C(busy)."""
        running, deadline = host_checks.running_installation(before.readings), self._deadline()
        while running is not None:
            self._pause(f"another installation is running ({running})", deadline)
            answer = probe.ask(self._shell, host_checks.busy_reads(), self._options.timeout)
            running = host_checks.running_installation(Readings(answer))

    def _deadline(self) -> float:
        return time.monotonic() + self._options.wait_for_installer

    def _pause(self, words: str, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise HostError(
                Layer.INSTALLER,
                self._shell.host,
                f"{words} and had not ended after {self._options.wait_for_installer:g} s",
                "Wait until it has ended, or raise wait_for_installer. If none is running, restart the host: "
                "Windows Installer then forgets what it did not end.",
            )
        self._report(f"{words}, waiting for it to end")
        time.sleep(_BUSY_SECONDS)

    def _stage(self, workspace: Workspace, job: Job) -> None:
        """Brings the package to the host; what only the host could read is looked at there."""
        workspace.compile("transfer")
        staged = installer.stage(workspace, job, self._progress(f"{job.spec.source_name} is on its way"))
        problems = (*staged.problems, *misfits(job.spec, staged, self._fix, job.kernel))
        if problems:
            raise HostError(Layer.TRANSFER, self._shell.host, problems[0].message, problems[0].next_step)

    def _run(self, workspace: Workspace, job: Job, before: HostState) -> ExitCode | HostError:
        """Runs the package; the error is that it did not end in time, on a host that is still there."""
        name, deadline = job.spec.source_name, self._deadline()
        while True:
            try:
                number = installer.run(workspace, job, self._progress(f"{name} is running"))
                code = explain(number, job.spec.success_codes)
                if code.result != "busy" or time.monotonic() >= deadline:
                    return code
                self._pause(f"{name} ended with {code}", deadline)
            except HostError as exc:
                if exc.layer is Layer.SCRIPT:
                    return exc
                if exc.layer in _NOT_INSTALLED:
                    self._take_back_record(before)
                raise

    def _progress(self, words: str) -> Progress:
        return lambda seconds: self._report(f"{words} for {seconds:.0f} s")

    def _conclude(
        self, name: str, code: ExitCode | HostError, log_tail: str | None, before: HostState, plan: Plan
    ) -> Remedy:
        """Judges the host again: what an installer says of itself is not believed."""
        after: HostState | None = None
        try:
            after = self._onlooker.look(host_checks.after_reads())
            outcome, words, step = self._outcome(code, before, after)
            if outcome != "failed":
                self._write_record(after)
            elif after.verdict["action"] == self._fix.action:
                self._take_back_record(before)
        except HostError as exc:
            # Some installers restart the host at once.
            is_restarting = isinstance(code, ExitCode) and code.result == "reboot_required"
            outcome = "reboot_required" if is_restarting else "failed"
            words, step = f", and afterwards {_failure(exc)}.", exc.next_step
        return self._remedy(
            outcome,
            f"{name} ended with {code}{words}" if isinstance(code, ExitCode) else f"{name}: {_failure(code)}{words}",
            step,
            before,
            after=after,
            plan=plan,
            exit_code=code.code if isinstance(code, ExitCode) else None,
            log_tail=log_tail if outcome == "failed" else None,
        )

    def _outcome(self, code: ExitCode | HostError, before: HostState, after: HostState) -> tuple[Outcome, str, str]:
        """What became of it, the end of the sentence that begins with how it ended, and the next step."""
        verdict = after.verdict
        facts = _change(before.shows(self._fix.shows), after.shows(self._fix.shows))
        if isinstance(code, HostError):
            return "failed", f"; {facts}.", code.next_step
        if code.result in ("failed", "busy"):
            return "failed", f"; {facts}.", code.next_step or "Look at log_tail and at the installer's log."
        if code.result == "reboot_required" or verdict["status"] == "fixed_pending_reboot":
            return "reboot_required", f"; {facts}, and a restart is needed.", "Restart the host, then judge it again."
        if verdict["status"] in _NOT_JUDGED:
            return "failed", f", but the host cannot be judged any more: {verdict['reason']}", verdict["next_step"]
        if verdict["action"] == self._fix.action:
            hint = "Compare the folder in log_tail with that of the product: a 32-bit package on 64-bit Windows can "
            hint += "install beside it."
            if host_checks.is_restart_pending(after.readings):
                hint = "A restart is pending (PendingFileRenameOperations is set): restart the host and judge it again."
            return "failed", f", but {facts}: {verdict['reason']}", hint
        return "changed", f"; {facts}.", verdict["next_step"]

    def _write_record(self, state: HostState, elapsed: float = 0.0) -> None:
        """Records the action, so many seconds after the host was looked at."""
        now = state.readings.now
        record = {
            "action": self._fix.action,
            "time": format_utc(now + datetime.timedelta(milliseconds=int(elapsed * 1000))) if now else None,
            "rule_version": self._rule.version,
            "run_id": self._options.run_id,
        }
        write_value(self._shell, advisory_key(self._rule.id), RECORD, record)

    def _take_back_record(self, before: HostState) -> None:
        """Puts back the record that was there before; one that nobody can read is not kept."""
        key = advisory_key(self._rule.id)
        try:
            old = json.loads(before.readings.text(f"{self._rule.id}.record") or "")
            write_value(self._shell, key, RECORD, old)
        except (ValueError, RecursionError):
            delete_value(self._shell, key, RECORD)

    def _remedy(
        self,
        outcome: Outcome,
        message: str,
        next_step: str,
        before: HostState,
        *,
        after: HostState | None = None,
        plan: Plan | None = None,
        exit_code: int | None = None,
        log_tail: str | None = None,
    ) -> Remedy:
        return remedy(
            self._rule.id,
            self._fix.action,
            self._rule.version,
            outcome,
            message,
            next_step,
            started=before.time,
            finished=after.time if after else None,
            exit_code=exit_code,
            before=before.shows(self._fix.shows),
            after=after.shows(self._fix.shows) if after else None,
            log_tail=log_tail,
            package=describe(plan.job.spec, plan.file) if plan and plan.job else None,
            irreversible=bool(self._fix.irreversible),
        )


def _failure(exc: HostError) -> str:
    return f"{exc.layer.value} failed: {exc.observed}"


def _package(plan: Plan, job: Job) -> str:
    """The package, and who vouches for it."""
    file = plan.file
    provenance = str(file.signature) if file.signature else f"{file.unverified}; allow_unsigned is set"
    return f"{job.spec.source_name} ({provenance})"


def _change(before: t.Mapping[str, Scalar], after: t.Mapping[str, Scalar]) -> str:
    """What the facts were and are, in words; those that did not change only if none did."""
    changed = [
        f"{name} was {render(before[name])} and is {render(value)}"
        for name, value in after.items()
        if value != before[name]
    ]
    return " and ".join(changed or [f"{name} is still {render(value)}" for name, value in after.items()])
