"""Why somebody or something is in AWS or not: the question that people ask."""

from sso_sync.core.explained_group import explain_group
from sso_sync.core.explained_person import explain_person
from sso_sync.core.explanations import Explanation
from sso_sync.core.lookup import find
from sso_sync.core.situation import Links, Situation


def explain(name: str, situation: Situation) -> tuple[Explanation, ...]:
    """Explain everybody and everything that is called `name`; raises UnknownName."""
    users, groups = Links.of("user", situation), Links.of("group", situation)
    return tuple(
        explain_person(named, situation, groups) if named.kind == "user" else explain_group(named, situation)
        for named in find(name, situation, users, groups)
    )
