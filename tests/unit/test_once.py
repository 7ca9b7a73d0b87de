"""What is asked once: kept for each object, and never waiting for another."""

import threading

import pytest

from sso_sync.core.once import once


class Asked:
    """Asks, and counts; one may have to wait for its answer."""

    def __init__(self, answer: str, gate: threading.Event | None = None) -> None:
        self._answer, self._gate, self.times = answer, gate, 0
        self.began = threading.Event()

    @once
    def answer(self) -> str:
        self.times += 1
        self.began.set()
        if self._gate:
            self._gate.wait(10)
        if not self._answer:
            raise ValueError("nothing")
        return self._answer


def test_an_answer_is_kept_for_its_object() -> None:
    first, second = Asked("a"), Asked("b")
    assert [first.answer, first.answer, second.answer] == ["a", "a", "b"]
    assert (first.times, second.times) == (1, 1)


def test_a_failure_is_not_kept() -> None:
    asked = Asked("")
    for _ in range(2):
        with pytest.raises(ValueError, match="nothing"):
            _ = asked.answer
    assert asked.times == 2


def test_one_that_waits_keeps_no_other_waiting() -> None:
    gate = threading.Event()
    slow, quick = Asked("a", gate), Asked("b")
    waiting = threading.Thread(target=lambda: slow.answer)
    waiting.start()
    assert slow.began.wait(10)
    heard: list[str] = []
    other = threading.Thread(target=lambda: heard.append(quick.answer))
    other.start()
    other.join(5)
    assert heard == ["b"]
    gate.set()
    waiting.join(10)
    assert slow.answer == "a"
