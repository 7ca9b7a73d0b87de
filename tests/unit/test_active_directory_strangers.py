"""Members of whom no listing knows, and members that came in part, as no Samba shows them."""

from collections.abc import Iterator, Sequence

import pytest

from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls
from sso_sync.sources.active_directory.controller import BindAccount, Controller, Timing
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.members import Found
from sso_sync.sources.active_directory.names import ObjectName
from sso_sync.sources.active_directory.strangers import Strangers

DOMAIN = "DC=corp,DC=test"
ANN = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Told(Controller):
    """A controller that answers with what a test says, and lists nothing."""

    def __init__(self, *entries: Entry) -> None:
        super().__init__("ldaps://127.0.0.1:9", "", BindAccount("svc", "unused"), Timing(), Calls())
        self._entries = iter(entries)

    def entry(self, what: str, base: str, attributes: Sequence[str]) -> Entry | None:  # noqa: ARG002
        return next(self._entries)

    def listing(self, what: str, base: str, condition: str, attributes: Sequence[str]) -> Iterator[Entry]:  # noqa: ARG002
        return iter(())


def explain(dn: str) -> set[str]:
    found = Found(strangers={"g": [ObjectName(dn, ANN, "S-1-5-21-1-2-3-1105")]})
    return set(Strangers(Told(), DOMAIN, DOMAIN, DOMAIN).explain(found).outside)


def test_a_member_from_a_domain_below_this_one_is_from_outside() -> None:
    assert explain(f"CN=Ann,OU=People,DC=child,{DOMAIN}") == {ANN}


def test_a_member_of_this_domain_that_no_listing_has_means_that_it_is_not_complete() -> None:
    with pytest.raises(SourceError, match="did not list it where it is"):
        explain(f"CN=Ann,OU=People,{DOMAIN}")


def test_a_range_that_begins_later_than_asked_for_is_a_gap() -> None:
    name, ann = ObjectName(f"CN=g,{DOMAIN}", ANN), f"<GUID={ANN}>;CN=Ann,{DOMAIN}".encode()
    whole = Entry(name, {"member": [ann]}, more={"member": 1500})
    for first, complete in ((1500, True), (3000, False)):
        controller = Told(Entry(name, {"member": [ann]}, first={"member": first}))
        if complete:
            assert [one.guid for one in controller.rest_of(whole, "member", "list more members")] == [ANN]
        else:
            with pytest.raises(SourceError, match=r"did not send the values of .* from 1500 on"):
                list(controller.rest_of(whole, "member", "list more members"))
