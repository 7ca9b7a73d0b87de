"""Notes: two runs that write one at the same time lose nothing."""

from pathlib import Path

import pytest

from sso_sync.core.errors import StateError
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.notes import ATTEMPTS
from sso_sync.state.storage import FolderStorage


def keeper(folder: Path, name: str = "one") -> StateKeeper:
    return StateKeeper(FolderStorage(folder), str(folder), name)


def test_a_note_is_what_was_made_of_the_last(tmp_path: Path) -> None:
    notes = keeper(tmp_path).notes
    assert notes.read("history") is None
    notes.amend("history", lambda before: (before or b"") + b"a")
    notes.amend("history", lambda before: (before or b"") + b"b")
    assert notes.read("history") == b"ab"


def test_deployments_in_one_place_have_notes_of_their_own(tmp_path: Path) -> None:
    keeper(tmp_path, "one").notes.amend("history", lambda _: b"1")
    assert keeper(tmp_path, "two").notes.read("history") is None


def test_whoever_was_slower_amends_what_the_quicker_one_wrote(tmp_path: Path) -> None:
    slow, quick = keeper(tmp_path).notes, keeper(tmp_path).notes
    seen: list[bytes | None] = []

    def how(before: bytes | None) -> bytes:
        if not seen:
            quick.amend("history", lambda _: b"quick")
        seen.append(before)
        return (before or b"") + b" slow"

    slow.amend("history", how)
    assert seen == [None, b"quick"]
    assert slow.read("history") == b"quick slow"


def test_a_note_that_is_written_all_the_time_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    slow, quick = keeper(tmp_path).notes, keeper(tmp_path).notes
    tries = 0

    def how(_: bytes | None) -> bytes:
        nonlocal tries
        tries += 1
        quick.amend("history", lambda _: f"quick {tries}".encode())
        return b"slow"

    with pytest.raises(StateError, match="is written by others all the time"):
        slow.amend("history", how)
    assert tries == ATTEMPTS
    assert slow.read("history") == f"quick {ATTEMPTS}".encode()
