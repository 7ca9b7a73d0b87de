"""Any sequence of calls: the sandbox answers as moto does, but for what the table knows."""

from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.moto.calls import Call
from tests.contract.moto.comparison import Comparison
from tests.contract.moto.generated import OPERATIONS, sequences
from tests.contract.moto.pair import Pair

SEQUENCES = 20


def test_any_sequence_of_calls_is_answered_as_moto_answers_it(pair: Pair) -> None:
    met: Counter[str] = Counter()
    agreed: Counter[str] = Counter()

    @settings(
        max_examples=SEQUENCES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # the assertion names the call; to shrink so many calls would take minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(sequence=sequences(), folds=st.booleans())
    def compare(sequence: list[Call], folds: bool) -> None:
        comparison = Comparison(*pair.fresh(folds=folds), folds=folds)
        for one in sequence:
            comparison.compare(one)
        comparison.compare_all_that_is_there()
        met.update(comparison.met)
        agreed.update(comparison.agreed)

    compare()
    assert {operation for operation, times in agreed.items() if times} == {*OPERATIONS}, "some were never accepted"
    assert agreed.total() > met.total(), "moto was asked too seldom"
