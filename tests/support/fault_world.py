"""The world of the story: the stand-ins, a folder with state, and the way back to how they were."""

import copy
import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import msgspec

from sandbox.calls import Reply
from sso_sync.bootstrap import LOCAL_NAME, LOCAL_STATE, Builder
from sso_sync.bootstrap.ground import Ground
from sso_sync.core.changes import Change
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.outcomes import Outcome
from sso_sync.engine.run import Review, Run
from sso_sync.http.boto import Aws
from sso_sync.http.patience import Patience
from sso_sync.settings import load_settings
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import FolderStorage
from tests.support import fault_story as story
from tests.support.fault_points import CountedFaults, CountedStorage, Disturbance
from tests.support.live import LiveSandbox

log = logging.getLogger(__name__)
Json = dict[str, Any]
Links = set[tuple[str, str]]
WRITES = ("Create", "Update", "Delete", "Patch", "Put")
HEALTHY = Disturbance("nothing", "slow", patient=True)
NOT_CONTENT = ("switches", "clock", "store_id")  # of the store
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class World:
    """Plays the story up to the run that is to be disturbed, and goes back there as often as it is asked to."""

    def __init__(self, live: LiveSandbox, *, scim: bool) -> None:
        self.live, self.scim, self.store = live, scim, live.sandbox.store
        self.settings, folder = load_settings(None)
        self._folder, self.state, self._kept = folder, folder / LOCAL_STATE, folder / "kept"
        self._aws = {patient: Aws(attempts=3 if patient else 1) for patient in (True, False)}
        self.faults = live.sandbox.switchboard.faults = CountedFaults(live.sandbox.clock.now)
        self.storage = CountedStorage(self.state)
        self._known: set[str] = set()
        self._allowed: Links | None = None
        self.too_much: Links = set()
        live.sandbox.switchboard.witnesses.append(self._watch)
        self._begin()
        self.plan, self.calls, self.state_calls = self._go_through()
        self.ledger_after = self.plain_ledger()

    def _begin(self) -> None:
        """Sync twice, change everything, and keep what there is then."""
        for directory in (story.beginning(), story.before()):
            self.live.replace(directory)
            self.sync()
        story.meddle(self.store)
        self.live.replace(story.after())
        self._age()
        shutil.copytree(self.state, self._kept)
        self._content = copy.deepcopy(self._of_store())
        self._known = self._ids()
        self.had = {key: entry.aws_id for key, entry in self.entries()}
        self._links_before = self.links()

    def _go_through(self) -> tuple[list[Change], list[str], list[str]]:
        """Make the run of the story undisturbed; return its changes and calls, and those of the state."""
        self.restore()
        changes = [outcome.change for outcome in self.sync()]
        self._allowed = self._links_before | self.links()
        return changes, list(self.faults.calls), list(self.storage.calls)

    def _age(self) -> None:
        """Let it be long ago that people left."""
        keeper = self._keeper()
        ledger = keeper.load_ledger(self.store.store_id)
        for source_id, entry in ledger.users.items():
            ledger.users[source_id] = msgspec.structs.replace(entry, left=entry.left and LONG_AGO)
        keeper.save_ledger(ledger)

    def restore(self) -> None:
        """Go back to the moment before the disturbed run."""
        self.faults.clear()
        vars(self.store).update(copy.deepcopy(self._content))
        shutil.rmtree(self.state)
        shutil.copytree(self._kept, self.state)
        self.too_much.clear()

    def _of_store(self) -> Json:
        return {name: value for name, value in vars(self.store).items() if name not in NOT_CONTENT}

    def run(self, disturbance: Disturbance = HEALTHY, storage: CountedStorage | None = None) -> Run:
        """Build a run as the program does; who is not patient tries nothing twice."""
        patience = Patience(600.0 if disturbance.patient else 0.0)
        if not disturbance.patient:
            patience.grant(1.0)
        self.storage = storage or CountedStorage(self.state)
        return _Builder(self, self._aws[disturbance.patient], patience).run()

    def sync(self) -> list[Outcome]:
        """Make a whole run in which nothing goes wrong."""
        return self.run().execute("test", Review())

    def cut_off(self) -> None:
        """Let no call get through any more."""
        self.faults.add({"kind": "drop", "times": 0})

    def sync_twice(self) -> tuple[list[Outcome], list[str]]:
        """Make a whole run, and another one; return the outcomes of the one, and what the other one writes."""
        run = self.run()
        outcomes = run.execute("test", Review())
        self.faults.clear()
        run.execute("test", Review())
        return outcomes, [call for call in self.faults.calls if call.partition(" ")[2].startswith(WRITES)]

    def is_untouched(self) -> bool:
        """Tell whether store and state are as they were before, but for run records, notes and locks."""
        return self._of_store() == self._content and self._files(self.state) == self._files(self._kept)

    @staticmethod
    def _files(folder: Path) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in folder.rglob("*.json") if not {"runs", "notes"} & set(p.parts)}

    def try_to_sync(self, disturbance: Disturbance, storage: CountedStorage, stop: Event) -> None:
        """Make a run that may fail, but only with an error of the program's own."""
        try:
            run = self.run(disturbance, storage)
            run.stop = stop  # it may be set already
            run.execute("test", Review())
        except SsoSyncError as exc:
            log.debug("the disturbed run failed", extra={"error": str(exc)})

    def builder_parts(self) -> tuple[Any, Path]:
        """Return settings and folder."""
        return self.settings, self._folder

    def _keeper(self) -> StateKeeper:
        return StateKeeper(FolderStorage(self.state), "the folder", LOCAL_NAME)

    def ledger(self) -> Ledger:
        """Return what the ledger holds."""
        return self._keeper().load_ledger(self.store.store_id)

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield the entries of the ledger whose objects are there, as "u1" or "g-devs"."""
        yield from ((key, entry) for key, entry in self._all_entries() if entry.aws_id in self._ids())

    def ghosts(self) -> list[str]:
        """List the entries whose objects are not there."""
        entries = self._all_entries()
        return [key for key, entry in entries if entry.aws_id not in self._ids()]

    def _all_entries(self) -> list[tuple[str, Entry]]:
        ledger = self.ledger()
        return sorted((ledger.users | ledger.groups).items())

    def _ids(self) -> set[str]:
        return {*self.store.users, *self.store.groups}

    def plain_ledger(self) -> Json:
        """Show the ledger without ids that AWS makes and without times."""
        entries = {
            key: (entry.origin, entry.off, entry.left is not None, entry.synced) for key, entry in self.entries()
        }
        ledger = self.ledger()
        pending = dict.fromkeys([*ledger.pending_users, *ledger.pending_groups], "pending")
        return {"entries": entries, "pending": pending}

    def shown(self) -> Json:
        """Show what the store holds."""
        return story.shown(self.store, self.had["u7"])

    def links(self) -> Links:
        """Show who is in what: by AWS id what was there before, by name what is new."""
        return {
            (self._label(m["GroupId"]), self._label(m["MemberId"]["UserId"])) for m in self.store.memberships.values()
        }

    def _label(self, aws_id: str) -> str:
        if aws_id in self._known:
            return aws_id
        user = self.store.users.get(aws_id)
        return str(user["UserName"] if user else self.store.groups[aws_id]["DisplayName"])

    def _watch(self, _system: str, operation: str, _reply: Reply) -> None:
        """Look after every write whether anybody is where neither the old nor the new directory has them."""
        if self._allowed is not None and operation.startswith(WRITES):
            self.too_much |= self.links() - self._allowed


class _Ground(Ground):
    """The program's own, with a storage that can fail."""

    def __init__(self, world: World, aws: Aws, patience: Patience) -> None:
        super().__init__(*world.builder_parts(), None, aws, patience)
        self._world = world

    def state(self) -> StateKeeper:
        return StateKeeper(self._world.storage, "the folder", LOCAL_NAME)


class _Builder(Builder):
    """The program's own, on that ground."""

    def __init__(self, world: World, aws: Aws, patience: Patience) -> None:
        super().__init__(*world.builder_parts(), aws=aws, patience=patience)
        self._ground = _Ground(world, aws, patience)
