# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workaround of advisory 954960 for WSUS 3.0: decline one update, approve it, decline it again.

PRIVATE to the collection: may change without notice.

Order of what is written, so that a run cut off anywhere can be run again: the journal before the first change, the
record after the last one, then the journal goes. Whoever finds a journal ends that reset first.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.journal import delete_value, write_value
from ansible_collections.unblock.updates.plugins.plugin_utils._host.session import clear_leftovers
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import judge, reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.approval_checks import (
    choose,
    manager,
    named,
    refusal,
    require_administrator,
    require_approvable,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Outcome, Remedy, Scalar, remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.wsus_api import (
    ApproveAs,
    Status,
    Step,
    Treatment,
    Update,
    WsusApi,
    describe_failure,
    find_api_dll,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.record import (
    JOURNAL,
    RECORD,
    Journal,
    ResetRecord,
    advisory_key,
    read_journal,
)

ADVISORY = "954960"
ACTION = "apply_rtm_workaround"

#: Of a list of approvals, so much is kept for the report.
_APPROVALS_CHARACTERS = 1000

display = Display()


@dataclasses.dataclass(frozen=True)
class Options:
    """What the operator wants.

    Attributes:
        title: the update's exact English title.
        update_id: its UpdateID, in the form that the API prints; counts instead of the title.
        approve_as: what it is approved as between the two times that it is declined.
        managed_wsus: whether a server may be altered that another product manages.
        run_id: name of the run.
        timeout: seconds that a command on the host may take.
        check_mode: whether nothing is to be altered.
        use_helper: whether the API may be asked in check mode, for which a program is compiled and removed again.
    """

    title: str
    update_id: str | None
    approve_as: ApproveAs
    managed_wsus: bool
    run_id: str | None
    timeout: float
    check_mode: bool
    use_helper: bool


@dataclasses.dataclass
class Result:
    """What is known of the host and of the change, also of one that failed half-way; None is: not known.

    Attributes:
        remedy: what became of it.
        before: the update before the change.
        after: the update as read back afterwards.
        replica_before: whether the server was a replica before the change, and before one that was interrupted.
        replica_during: whether it was one meanwhile.
        replica_after: whether it was one as read back afterwards.
        steps: every change that was tried on the host.
        begun: whether the host may have been altered.
    """

    remedy: Remedy
    before: Update | None = None
    after: Update | None = None
    replica_before: bool | None = None
    replica_during: bool | None = None
    replica_after: bool | None = None
    steps: list[Step] = dataclasses.field(default_factory=list)
    begun: bool = False


class ApprovalReset:
    """One reset on one host."""

    _shell: Shell

    def __init__(self, rules: RuleSet, inventory: Inventory, options: Options) -> None:
        """Does nothing yet.

        Args:
            rules: the rule of ``ADVISORY`` is taken from them.
            inventory: what the operator says about the host.
            options: what the operator wants.
        """
        self._rule = next(rule for rule in rules.rules if rule.id == ADVISORY)
        self._rules = dataclasses.replace(rules, rules=(self._rule,))
        self._inventory = inventory
        self._options = options
        self.result = Result(self._remedy("unchanged", "Nothing was done."))

    def run(self, shell: Shell) -> None:
        """Judges the host by the rule and does what it asks for; C(result) tells what came of it.

        Args:
            shell: an open shell on the host.

        Raises:
            HostError: if the host cannot be reached, read or treated. C(result) holds what was done until then.
        """
        self._shell = shell
        self.result.remedy = self._run()

    def fail(self, error: HostError) -> None:
        """Notes that the reset failed."""
        self.result.remedy = self._remedy("failed", f"{error.layer.value}: {error.observed}.", error.next_step)

    def _run(self) -> Remedy:
        options = self._options
        answer = probe.ask(self._shell, reads_for(self._rules), options.timeout)
        judged = judge(answer, self._rules, self._inventory)
        verdict = judged.assessments[0]
        readings = Readings(answer)
        if verdict["action"] != ACTION:
            if not options.check_mode:
                clear_leftovers(self._shell, readings.text("host.session"))
            return self._remedy("unchanged", verdict["reason"], verdict["next_step"])
        if not options.managed_wsus and (managed := manager(judged.wsus["used_by"])):
            return self._remedy(
                "skipped",
                f"{managed}, and managed_wsus is false.",
                "Agree on it with whoever runs that product and set managed_wsus (remediate_managed_wsus in the role).",
            )
        if options.check_mode and not options.use_helper:
            return self._remedy(
                "would_change",
                f"Would reset the approvals of {self._wanted()}; the catalogue was not asked. {verdict['reason']}",
                f"{self._run_for_real} Set use_helper (remediate_check_uses_helper) to ask the catalogue before.",
            )
        journal = self._read_journal(readings)
        api_dll = find_api_dll(self._shell, readings)
        with Workspace.open(self._shell, run_id=options.run_id, timeout=options.timeout) as workspace:
            api = WsusApi(workspace, api_dll, options.timeout)
            status = api.status(title=options.title, update_id=options.update_id)
            require_administrator(self._shell.host, status)
            self.result.replica_before = status.server.is_replica or bool(journal and journal["replica"])
            prefix = ""
            if journal:
                if not options.check_mode:
                    self._repair(api, journal)
                words = "Would end" if options.check_mode else "Ended"
                prefix = f"{words} the reset that was interrupted after {journal['time']}. "
                # Without the journal the rule may have nothing to ask for: the record can have been written already.
                answer["reads"][f"{ADVISORY}.journal"] = {"state": "absent"}
                verdict = judge(answer, self._rules, self._inventory).assessments[0]
                if verdict["action"] != ACTION:
                    return self._remedy(self._changed, prefix + verdict["reason"], verdict["next_step"])
            remedy = self._reset(api, status, judged_at=str(answer["probe"]["time"]))
            return {**remedy, "message": prefix + remedy["message"]}

    def _reset(self, api: WsusApi, status: Status, judged_at: str) -> Remedy:
        options = self._options
        update = choose(self._shell.host, status, self._wanted())
        if update is None:
            return self._remedy(
                "unchanged",
                f"The catalogue of this server does not hold {self._wanted()}: there are no approvals to reset.",
                "Run again after the server has synchronized it; upgrade WSUS to be rid of the fault for good.",
            )
        self.result.before = update
        require_approvable(self._shell.host, update, options.approve_as)
        before = _state(update, self.result.replica_before)
        if options.check_mode:
            words = f"Would decline {named(update)}, approve it as {options.approve_as} and decline it again."
            return self._remedy("would_change", words + _lost(update), self._run_for_real, before=before)
        replica = bool(self.result.replica_before)
        journal: Journal = {**self._record(update["id"], judged_at), "replica": replica}
        self.result.begun = True
        # A journal that came after the probe is that of another run: what it says of the replica counts, not this one.
        write_value(self._shell, advisory_key(ADVISORY), JOURNAL, journal, replace=False)
        try:
            treatment = api.reset(update["id"], options.approve_as, is_replica=replica, progress=self._progress)
        except HostError as exc:
            raise self._settled(api, journal, exc) from exc
        self._note(treatment)
        if treatment.failed or not _is_settled(treatment, replica):
            raise self._settled(api, journal, self._step_error(treatment), treatment)
        record: ResetRecord = self._record(update["id"], treatment.finished)
        write_value(self._shell, advisory_key(ADVISORY), RECORD, record)
        delete_value(self._shell, advisory_key(ADVISORY), JOURNAL)
        return self._remedy(
            "changed",
            f"{named(update)} was approved as {options.approve_as} and declined again.{_lost(update)}",
            f"Prove it by later logs: ansible-playbook unblock.updates.verify --limit {self._inventory.host}",
            started=judged_at,
            finished=treatment.finished,
            before=before,
            after=_state(treatment.update, treatment.is_replica),
        )

    def _repair(self, api: WsusApi, journal: Journal) -> Treatment:
        """Ends the reset that a journal tells of, and deletes the journal.

        Raises:
            HostError: if the host is not as it is to be then. The journal stays.
        """
        self.result.begun = True
        treatment = api.repair(journal["update_id"], is_replica=journal["replica"], progress=self._progress)
        self._note(treatment)
        if not _is_settled(treatment, journal["replica"]):
            raise self._step_error(treatment)
        delete_value(self._shell, advisory_key(ADVISORY), JOURNAL)
        return treatment

    def _settled(
        self, api: WsusApi, journal: Journal, error: HostError, treatment: Treatment | None = None
    ) -> HostError:
        """The error of a reset, after the host was put in order; it tells if that failed, too.

        Args:
            api: the API of the host.
            journal: of the reset.
            error: why it failed.
            treatment: what it did; None if that is not known.
        """
        try:
            if treatment is None or not _is_in_order(treatment, journal["replica"]):
                treatment = self._repair(api, journal)
            else:
                delete_value(self._shell, advisory_key(ADVISORY), JOURNAL)
        except HostError as exc:
            return HostError(
                error.layer,
                error.host,
                f"{error.observed}; the server could not be put in order: {exc.observed}",
                f"The next run does it by the journal in {advisory_key(ADVISORY)}. {error.next_step}",
            )
        kind = "a replica" if journal["replica"] else "autonomous"
        end = f"put in order again: the update is declined, the server {kind} as before"
        if treatment.update and not treatment.update["declined"]:
            self.result.begun = False
            end = "nothing was altered"
        return HostError(error.layer, error.host, f"{error.observed}; {end}", error.next_step)

    def _read_journal(self, readings: Readings) -> Journal | None:
        try:
            return read_journal(readings, self._rule)
        except ValueError as exc:
            key = advisory_key(ADVISORY)
            raise HostError(
                Layer.REGISTRY,
                self._shell.host,
                f"the journal of an interrupted reset cannot be used: {exc}",
                "See in the WSUS console that the update is declined and the server is the replica that it should be, "
                f'then run reg delete "{key}" /v {JOURNAL} /f',
            ) from exc

    def _step_error(self, treatment: Treatment) -> HostError:
        failed = treatment.failed
        if failed is None or failed["error"] is None:
            observed = "after the last step the update is not declined or the server is not what it was"
        else:
            done = ", ".join(step["step"] for step in treatment.steps if not step["error"]) or "nothing"
            observed = f"step {failed['step']} failed with {describe_failure(failed['error'])}; done: {done}"
        return refusal(
            self._shell.host,
            observed,
            "Look into the server's SoftwareDistribution.log and the event log, then run again.",
        )

    def _note(self, treatment: Treatment) -> None:
        result = self.result
        result.steps += treatment.steps
        result.after, result.replica_after = treatment.update, treatment.is_replica
        if treatment.replica_during is not None:
            result.replica_during = treatment.replica_during

    def _record(self, update_id: str, time: str) -> ResetRecord:
        return {
            "action": ACTION,
            "time": time,
            "rule_version": self._rule.version,
            "run_id": self._options.run_id,
            "update_id": update_id,
        }

    @property
    def _changed(self) -> Outcome:
        return "would_change" if self._options.check_mode else "changed"

    @property
    def _run_for_real(self) -> str:
        return f"Do it: ansible-playbook unblock.updates.remediate --limit {self._inventory.host}"

    def _wanted(self) -> str:
        return self._options.update_id or f'"{self._options.title}"'

    def _progress(self, seconds: float) -> None:
        display.display(f"{self._inventory.host}: the approval reset has been running for {seconds:.0f} s")

    def _remedy(self, outcome: Outcome, message: str, next_step: str = "Nothing.", **details: t.Any) -> Remedy:
        return remedy(ADVISORY, ACTION, self._rule.version, outcome, message, next_step, **details)


def _is_settled(treatment: Treatment, replica: bool) -> bool:
    """Whether the server was read back as it is to be in the end: the update declined, and a replica, if it was one."""
    is_kind = treatment.is_replica is not None and (treatment.is_replica or not replica)
    return is_kind and (treatment.update is None or treatment.update["declined"])


def _is_in_order(treatment: Treatment, replica: bool) -> bool:
    """Whether a reset that failed left nothing to put in order: it may have failed before anything was approved."""
    approved = any(step["step"] == "approve" for step in treatment.steps)
    update = treatment.update
    untouched = update is not None and not update["declined"] and not approved
    return _is_settled(treatment, replica) or (untouched and treatment.is_replica is replica)


def _lost(update: Update) -> str:
    """A sentence on what declining an update takes away for good; empty if that is nothing."""
    lost = [approval["group"] for approval in update["approvals"] if approval["action"] != "NotApproved"]
    return f" Its approvals for {', '.join(lost[:10])} do not come back." if lost else ""


def _state(update: Update | None, replica: bool | None) -> dict[str, Scalar]:
    state: dict[str, Scalar] = {"wsus.is_replica": replica}
    if update is not None:
        approvals = ", ".join(f"{approval['group']}: {approval['action']}" for approval in update["approvals"])
        state |= {
            "update.id": update["id"],
            "update.declined": update["declined"],
            "update.approvals": printable(approvals, _APPROVALS_CHARACTERS),
        }
    return state
