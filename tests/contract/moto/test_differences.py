"""Each row of the table: both sides answer as it says, so that a row goes when either is mended."""

import pytest

from tests.contract.moto.calls import INVALID, Call, call, crashed, new_user
from tests.contract.moto.comparison import DIFFERENCES, Comparison
from tests.contract.moto.differences import Difference, Example
from tests.contract.moto.generated import OPERATIONS
from tests.contract.moto.model import MODEL
from tests.contract.moto.pair import Pair

EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, row in DIFFERENCES.items()
    for number, example in enumerate(row.examples)
]
GENERATED = {name: row for name, row in DIFFERENCES.items() if row.ours or row.instead}
MISSING_IN_MOTO = sorted({*MODEL.operation_names} - {*OPERATIONS})


@pytest.mark.parametrize("example", EXAMPLES)
def test_moto_and_the_sandbox_differ_as_the_table_says(pair: Pair, example: Example) -> None:
    moto, ours = pair.fresh()
    for before in example.after:
        assert "Answer" in moto.ask(before)
        assert "Answer" in ours.ask(before)
    assert moto.ask(example.asked) == example.moto
    assert ours.ask(example.asked) == example.ours


@pytest.mark.parametrize(("name", "row"), GENERATED.items(), ids=GENERATED)
def test_the_comparison_of_generated_calls_knows_the_difference(pair: Pair, name: str, row: Difference) -> None:
    for example in row.examples:
        comparison = Comparison(*pair.fresh(), folds=True)
        for one in (*example.after, example.asked):
            comparison.compare(one)
        comparison.compare_all_that_is_there()
        assert comparison.met[name]


@pytest.mark.parametrize("operation", MISSING_IN_MOTO)
def test_moto_has_none_of_the_operations_that_are_not_generated(pair: Pair, operation: str) -> None:
    moto, _ = pair.fresh()
    asked = Call(operation) if operation == "ListIdentityStores" else call(operation)
    assert moto.ask(asked) == crashed("NotImplementedError")


def test_extensions_without_an_extension_are_refused(pair: Pair) -> None:
    # The model on Extensions: 1 to 10 entries. moto ignores them.
    _, ours = pair.fresh()
    assert ours.ask(new_user(Extensions={})) == INVALID
