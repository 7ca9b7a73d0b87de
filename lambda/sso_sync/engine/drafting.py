"""From two sides and a ledger to a draft: what would be done, what waits for approval, and what is refused."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from msgspec import Struct

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.breaches import breaches
from sso_sync.core.changes import Adopt, DeleteGroup
from sso_sync.core.errors import LimitExceeded, SsoSyncError
from sso_sync.core.joining import Unread
from sso_sync.core.ledger import Ledger
from sso_sync.core.limits import Breach, Limits, check_sides
from sso_sync.core.model import Assignment, Directory
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.policy import Policy
from sso_sync.core.ports import State
from sso_sync.core.rules import Rules
from sso_sync.core.scope import Scope, narrow
from sso_sync.core.wording import counted, one_line
from sso_sync.engine.accounts import Accounts, Found
from sso_sync.engine.consent import Agreed, Consent

MOST_REASONS, LONGEST_REASON = 3, 160  # in the sentence of a refusal; the record and the page have all


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
    that the plan rests on, `how_to_approve` the command for what waits, `held` the reasons for which things
    were left out of the plan. `assignments` are the AWS accounts, by AWS id, of the groups that are adopted
    or deleted: None where they could not be read. `unread` are the sources that could not be. `expiring` are
    those warnings of the plan that are of credentials which expire, all of them if `expiry_known`.
    """

    plan: Plan
    desired: Directory
    actual: Directory
    ledger: Ledger
    refusal: SsoSyncError | None = None
    waiting: Refusal | None = None
    how_to_approve: str = ""
    held: tuple[str, ...] = ()
    approved: tuple[Approval, ...] = ()
    assignments: Mapping[str, tuple[Assignment, ...] | None] = {}
    unread: tuple[Unread, ...] = ()
    expiring: tuple[str, ...] = ()
    expiry_known: bool = True

    def with_expiring(self, sentences: tuple[str, ...]) -> "Draft":
        """Add warnings of credentials that expire, before all others."""
        plan = msgspec.structs.replace(self.plan, warnings=(*sentences, *self.plan.warnings))
        return msgspec.structs.replace(self, plan=plan, expiring=sentences)


class _Held(Struct, frozen=True):
    """What is held back so far: the rules that say so, why by AWS id, and the assignments that were read."""

    rules: Rules
    breaches: Mapping[str, Breach]
    found: Found


class Drafter:
    """Drafts under one policy."""

    def __init__(self, policy: Policy, scope: Scope, state: State, consent: Consent, accounts: Accounts) -> None:
        self._policy, self._scope, self._state = policy, scope, state
        self._consent, self._accounts = consent, accounts

    def draft(self, sides: Sides, run_id: str) -> Draft:
        """Plan, hold back what waits for approval, check the limits; raises StateError or CredentialsError.

        What is not adopted yet breaks no limit; what is to be deleted counts, whether it waits or not.
        """
        plan, sources = self._plan(sides), (sides.desired, sides.actual, sides.ledger)
        limits = self._policy.limits
        if limits is None:
            return Draft(plan, *sources, assignments=self._accounts.of(plan, DeleteGroup))
        try:
            check_sides(*sources)
        except LimitExceeded as exc:
            return Draft(plan, *sources, exc)
        agreed = self._consent.agreed(self._state, sides.ledger, self._policy.config, sides.rules.now)
        held = _Held(sides.rules, {}, {})
        held, plan = self._hold_back(Adopt, held, plan, sides, agreed)
        broken = self._broken(plan, sides, limits)
        if stopped := [breach for breach in broken if not agreed.covers(breach)]:
            waiting = self._waiting([*broken, *held.breaches.values()], sides, run_id)
            command = self._consent.command(waiting)
            return Draft(plan, *sources, self._refusal(stopped, waiting), waiting, command)
        held, plan = self._hold_back(DeleteGroup, held, plan, sides, agreed)
        waiting = self._waiting(held.breaches.values(), sides, run_id)
        warnings = [self._to_approve(waiting)] if waiting else list(held.rules.held.values())
        plan = msgspec.structs.replace(plan, warnings=(*warnings, *plan.warnings))
        return Draft(
            plan,
            *sources,
            waiting=waiting,
            how_to_approve=self._consent.command(waiting),
            held=tuple(held.rules.held.values()),
            approved=tuple(dict.fromkeys(agreed.needed)),
            assignments=held.found,
        )

    def _hold_back(
        self, what: type[Adopt | DeleteGroup], held: "_Held", plan: Plan, sides: Sides, agreed: Agreed
    ) -> tuple["_Held", Plan]:
        """Leave out of the plan what gives access to accounts, until somebody agrees; the rest goes ahead."""
        found = self._accounts.of(plan, what)
        waits = "is not done (approval: never)" if self._policy.approval == "never" else "waits for approval"
        delicate = dict(self._accounts.held(plan, found, waits))
        uncovered = {aws_id: breach for aws_id, breach in delicate.items() if not agreed.covers(breach)}
        reasons = {aws_id: breach.sentence for aws_id, breach in uncovered.items()}
        rules = msgspec.structs.replace(held.rules, held={**held.rules.held, **reasons})
        if reasons:
            plan = self._plan(msgspec.structs.replace(sides, rules=rules))
        return _Held(rules, {**held.breaches, **uncovered}, {**held.found, **found}), plan

    def _plan(self, sides: Sides) -> Plan:
        plan = make_plan(sides.desired, sides.actual, sides.ledger, sides.rules)
        return narrow(plan, self._scope, sides.desired, sides.actual, sides.ledger)

    def _broken(self, plan: Plan, sides: Sides, limits: Limits) -> list[Breach]:
        """List everything that needs somebody's word before any of the plan may be applied."""
        if plan.changes and self._policy.approval == "always":
            return [Breach.of("every change waits for approval (approval: always)", plan.changes)]
        if plan.changes and self._policy.approval == "first" and sides.ledger.is_first:
            return [Breach.of("the first load waits for approval (approval: first)", plan.changes)]
        return breaches(plan, sides.actual, sides.ledger, limits)

    def _waiting(self, asked: Collection[Breach], sides: Sides, run_id: str) -> Refusal | None:
        if not asked or self._policy.approval == "never":
            return None
        lines = {key: line for breach in asked for key, line in breach.lines.items()}
        sentences = [breach.sentence for breach in asked]
        store_id, now = sides.ledger.store_id, sides.rules.now
        return Refusal.of(store_id, self._policy.config, lines, sentences, run_id, now)

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
