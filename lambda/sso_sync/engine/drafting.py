"""From two sides and a ledger to a draft: what would be done, what waits for approval, and what is refused."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.changes import Adopt, Change, DeleteGroup, DeleteUser, key_of, subject
from sso_sync.core.errors import LimitExceeded, SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Breach, breaches, check_sides
from sso_sync.core.model import Assignment, Directory, Kind
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.policy import Policy
from sso_sync.core.ports import AccountAssignments, State
from sso_sync.core.rules import Rules
from sso_sync.core.scope import Scope, narrow
from sso_sync.core.wording import counted, one_line
from sso_sync.engine.consent import Agreed, Consent

log = logging.getLogger(__name__)
MOST_REASONS, LONGEST_REASON = 3, 160  # in the sentence of a refusal; the record and the page have all
Found = Mapping[str, tuple[Assignment, ...] | None]  # None: could not be read


class Sides(Struct, frozen=True):
    """What a plan is made from."""

    desired: Directory
    actual: Directory
    ledger: Ledger
    rules: Rules


class Draft(Struct, frozen=True):
    """A plan with what it was made from.

    `refusal` is set if the plan may not be applied. `waiting` is what somebody can approve: of a refused
    plan everything that breaks a limit, else what was held back from the plan. `approved` are the approvals
    that the plan rests on, `assignments` the AWS accounts of what is adopted or deleted, by AWS id.
    """

    plan: Plan
    desired: Directory
    actual: Directory
    ledger: Ledger
    refusal: SsoSyncError | None = None
    waiting: Refusal | None = None
    approved: tuple[Approval, ...] = ()
    assignments: Mapping[str, tuple[Assignment, ...]] = {}


class Drafter:
    """Drafts under one policy."""

    def __init__(
        self,
        policy: Policy,
        scope: Scope,
        state: State,
        consent: Consent,
        assignments: AccountAssignments | None,
    ) -> None:
        self._policy, self._scope, self._state = policy, scope, state
        self._consent, self._assignments = consent, assignments

    def draft(self, sides: Sides, run_id: str) -> Draft:
        """Plan, hold back what waits for approval, and check the limits; raises StateError or CredentialsError."""
        plan = self._plan(sides)
        found = self._read_assignments(plan)
        recorded = {aws_id: of_object or () for aws_id, of_object in found.items()}
        sources = (sides.desired, sides.actual, sides.ledger)
        if self._policy.limits is None:
            return Draft(plan, *sources, assignments=recorded)
        try:
            check_sides(*sources)
        except LimitExceeded as exc:
            return Draft(plan, *sources, exc)
        delicate = dict(_delicate(plan, found))
        agreed = self._agreed(sides, delicate or self._broken(plan, sides))
        held = {aws_id: breach for aws_id, breach in delicate.items() if not agreed.covers(breach)}
        if held:
            reasons = {aws_id: breach.sentence for aws_id, breach in held.items()}
            sides = msgspec.structs.replace(sides, rules=msgspec.structs.replace(sides.rules, held=reasons))
            plan = self._plan(sides)
        broken = self._broken(plan, sides)
        stopped = [breach for breach in broken if not agreed.covers(breach)]
        waiting = self._waiting([*held.values(), *(broken if stopped else ())], sides, run_id)
        refusal = self._refusal(stopped, waiting) if stopped else None
        if waiting and not refusal:
            plan = msgspec.structs.replace(plan, warnings=(self._to_approve(waiting), *plan.warnings))
        return Draft(plan, *sources, refusal, waiting, tuple(dict.fromkeys(agreed.needed)), recorded)

    def _plan(self, sides: Sides) -> Plan:
        plan = make_plan(sides.desired, sides.actual, sides.ledger, sides.rules)
        return narrow(plan, self._scope, sides.desired, sides.actual, sides.ledger)

    def _agreed(self, sides: Sides, needed: Collection[object]) -> Agreed:
        """Read what was agreed to, if anything has to be."""
        if not needed:
            return Agreed(frozenset(), {})
        return self._consent.read(self._state, sides.ledger, self._policy.config, sides.rules.now)

    def _broken(self, plan: Plan, sides: Sides) -> list[Breach]:
        """List everything that needs somebody's word before the plan may be applied."""
        assert self._policy.limits is not None
        if plan.changes and self._policy.approval == "always":
            return [Breach("every change waits for approval (approval: always)", frozenset(map(key_of, plan.changes)))]
        if plan.changes and self._policy.approval == "first" and sides.ledger.is_first:
            return [Breach("the first load waits for approval (approval: first)", frozenset(map(key_of, plan.changes)))]
        return breaches(plan, sides.actual, sides.ledger, self._policy.limits)

    def _waiting(self, asked: Collection[Breach], sides: Sides, run_id: str) -> Refusal | None:
        if not asked or self._policy.approval == "never":
            return None
        keys = frozenset[str]().union(*(breach.changes for breach in asked))
        sentences = [breach.sentence for breach in asked]
        store_id, now = sides.ledger.store_id, sides.rules.now
        return Refusal.of(store_id, self._policy.config, keys, sentences, run_id, now)

    def _to_approve(self, waiting: Refusal) -> str:
        how = self._consent.how.format(waiting.id)
        return f"waiting for approval, so {how} if that is right: {'; '.join(waiting.reasons)}"

    def _refusal(self, stopped: Sequence[Breach], waiting: Refusal | None) -> LimitExceeded:
        reasons = "; ".join(one_line(breach.sentence, LONGEST_REASON) for breach in stopped[:MOST_REASONS])
        if len(stopped) > MOST_REASONS:
            reasons += f"; and {counted(len(stopped) - MOST_REASONS, 'more reason')}"
        how = self._consent.how.format(waiting.id) if waiting else "raise the limit in the config and run again"
        return LimitExceeded(
            f"The plan was refused, so nothing was written: {reasons}. If that is right, {how}; if not, correct the "
            "directory or the filters."
        )

    def _read_assignments(self, plan: Plan) -> Found:
        """Read the account assignments of everything that is adopted or deleted; None where they cannot be read."""
        found: dict[str, tuple[Assignment, ...] | None] = {}
        for kind, aws_ids in _to_be_read(plan.changes).items():
            try:
                found |= self._assignments.of(kind, aws_ids) if self._assignments else dict.fromkeys(aws_ids, ())
            except SsoSyncError as exc:
                log.warning("account assignments could not be read", extra={"error": str(exc)})
                found |= dict.fromkeys(aws_ids)
        return found


def _to_be_read(changes: Iterable[Change]) -> dict[Kind, list[str]]:
    ids: dict[Kind, list[str]] = {}
    for change in changes:
        kind, ref = subject(change)
        if isinstance(change, DeleteUser | DeleteGroup) or _adopts_group(change):
            ids.setdefault(kind, []).append(ref.id)
    return ids


def _adopts_group(change: Change) -> bool:
    return isinstance(change, Adopt) and change.kind == "group" and not change.created


def _delicate(plan: Plan, found: Found) -> Iterator[tuple[str, Breach]]:
    """Find the groups that give access to accounts, and that the plan is to adopt or to delete."""
    for change in plan.changes:
        if isinstance(change, DeleteGroup) or _adopts_group(change):
            ref = subject(change)[1]
            assignments = found.get(ref.id)
            if assignments is None or assignments:
                doing = "deleting" if isinstance(change, DeleteGroup) else "adopting"
                sentence = f"the group '{ref.name}' {_has(assignments)}, so {doing} it waits for approval"
                yield ref.id, Breach(sentence, frozenset({key_of(change)}))


def _has(assignments: tuple[Assignment, ...] | None) -> str:
    if assignments is None:
        return "may have account assignments, which could not be read"
    accounts = {assignment.account for assignment in assignments}
    return f"has {counted(len(assignments), 'assignment')} in {counted(len(accounts), 'AWS account')}"
