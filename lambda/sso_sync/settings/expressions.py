"""JMESPath expressions in settings."""

from collections.abc import Mapping

import jmespath
from jmespath.exceptions import JMESPathError, UnknownFunctionError


def check_expressions(expressions: Mapping[str, str], path: str, mistakes: list[str]) -> None:
    """Add a mistake for every expression, by setting, that cannot be evaluated."""
    for name, expression in expressions.items():
        if problem := _why_not_jmespath(expression):
            mistakes.append(f"{path}.{name}: '{expression}' is not JMESPath ({problem})")


def _why_not_jmespath(expression: str) -> str:
    """Say what is wrong with an expression, or nothing; the parser lets some of Python's own errors out."""
    try:
        compiled = jmespath.compile(expression)
    except RecursionError:
        return "it is nested too deeply"
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as exc:
        return (str(exc) or type(exc).__name__).splitlines()[0]
    try:
        compiled.search({})  # because unknown functions compile
    except UnknownFunctionError as exc:
        return str(exc).splitlines()[0]
    except RecursionError:
        return "it is nested too deeply"
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        pass  # a function that does not like an empty record may like real ones
    return ""
