"""The documentation: what is published, what stands on it, and that no name is more than a name."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any, cast

import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sso_sync.aws.publishing import BucketPublisher
from sso_sync.core.changes import CreateUser
from sso_sync.core.errors import CredentialsError, LimitExceeded, StateError
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.docs_site import DocsSite, pages
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.history import History, PastRun
from tests.support.memory import directory, group, user
from tests.support.reports import ENDINGS, HOSTILE, failing, joins, leaves, made, planned, report
from tests.support.site import small_facts

ADMINS, DEVS = group("aws-admins", description="Everything"), group("Devs")
COMPANY = directory(
    [user("ann"), user("Bob", active=False), user("cem"), user("dot")], {DEVS: ["cem", "Bob", "ann"], ADMINS: ["ann"]}
)
ABOUT = About(title="sso-sync")
TAGS = """
html head meta title style body a header nav main section footer h1 h2 p dl div dt dd
table caption thead tbody tr th td time span bdi ul li
"""


class Shelf:
    """A publisher in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}

    def publish(self, key: str, body: bytes, content_type: str) -> None:
        self.files[key], self.types[key] = body, content_type


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, and the text of its body."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


def published(ended: RunReport, last: Snapshot | None = None) -> Shelf:
    shelf, history = Shelf(), History().with_run(PastRun.of(ended))
    DocsSite(shelf, lambda: history, lambda: last, ABOUT).report(ended)
    return shelf


def test_a_run_publishes_its_record_its_page_and_the_groups() -> None:
    ended = made(joins("ann", "devs"), identity_center=COMPANY, ledger=Ledger(store_id="d-1"))
    shelf = published(ended)
    run = f"runs/{ended.run_id}"
    site = ["facts.json", "group-monitoring.html", f"{run}-site.html", "index.html"]
    assert list(shelf.files) == [f"{run}.json", f"{run}.html", *site], "last is what speaks of the others"
    assert shelf.files[f"{run}-site.html"] == shelf.files["index.html"]
    assert shelf.files[f"{run}.json"] == encode_record(ended)
    assert msgspec.json.decode(shelf.files[f"{run}.json"])["verdict"] == "done"
    types = {".json": "application/json", ".html": "text/html; charset=utf-8"}
    assert shelf.types == {file: types[file[-5:]] for file in shelf.files}


def test_a_run_that_read_nothing_is_told_beside_what_was_known_last() -> None:
    ended = ENDINGS[Verdict.FAILED]
    known = Snapshot.of(planned(identity_center=COMPANY, ledger=Ledger(store_id="d-1")), ABOUT)
    shelf = published(ended, known)
    assert f"runs/{ended.run_id}-site.html" not in shelf.files
    page = Reader(shelf.files["index.html"])
    assert "AWS is away." in page.text
    assert "What you see here is as AWS was read" in page.text
    assert "Cem Doe" in page.text


def test_before_anything_was_ever_known_there_is_a_site_that_says_so() -> None:
    shelf = published(ENDINGS[Verdict.FAILED])
    assert "AWS has not been read yet" in Reader(shelf.files["index.html"]).text
    assert msgspec.json.decode(shelf.files["facts.json"])["read"] is None


def test_a_directory_that_was_not_believed_says_nothing_of_filters_and_ways() -> None:
    devs = next(group for group in COMPANY.groups.values() if group.display_name == "Devs")
    chosen = Provenance(groups={devs.external_id: Named("Devs")}, chosen_groups={devs.external_id: ChosenBy("d*")})
    good = planned(identity_center=COMPANY, ledger=Ledger(store_id="d-1"), desired=_from(chosen))
    empty = planned(
        leaves("ann", "devs"),
        error=LimitExceeded("The directory is empty."),
        identity_center=COMPANY,
        ledger=Ledger(store_id="d-1"),
        desired=_from(Provenance(groups={})),
    )
    shelf = published(empty, Snapshot.of(good, ABOUT))
    groups = {group["name"]: group for group in msgspec.json.decode(shelf.files["facts.json"])["groups"]}
    assert groups["Devs"]["filter"] == {"text": "d*", "description": ""}


def _from(provenance: Provenance) -> Directory:
    return Directory.of([], [], {}, provenance=provenance)


def test_a_run_that_is_told_after_a_newer_one_leaves_the_newer_site_alone() -> None:
    older = planned(identity_center=COMPANY, ledger=Ledger(store_id="d-1"))
    newer = msgspec.structs.replace(older, run_id="newer", started=older.started + timedelta(minutes=1))
    history = History().with_run(PastRun.of(newer)).with_run(PastRun.of(older))
    shelf = Shelf()
    DocsSite(shelf, lambda: history, lambda: None, ABOUT).report(older)
    assert list(shelf.files) == [f"runs/{older.run_id}.json", f"runs/{older.run_id}.html"]


def test_a_run_whose_history_could_not_be_written_is_on_the_site_all_the_same() -> None:
    shelf = Shelf()
    DocsSite(shelf, History, lambda: None, ABOUT).report(ENDINGS[Verdict.FAILED])
    assert "AWS is away." in Reader(shelf.files["index.html"]).text


def test_records_set_aside_and_warnings_are_listed_with_their_reasons() -> None:
    aside = [SetAside("user", "1", "dot@example.com", "it has no family name")]
    plan = Plan.of("d-1", [], set_aside=aside, warnings=["a filter matches nothing"])
    ended = report(plan, identity_center=COMPANY, ledger=Ledger(store_id="d-1"))
    shelf = published(ended)
    for key in ("index.html", f"runs/{ended.run_id}.html"):
        page = Reader(shelf.files[key])
        assert "dot@example.comuserit has no family name" in page.text
        assert "a filter matches nothing" in page.lines


def test_the_page_of_a_run_tells_each_change_its_reason_and_what_became_of_it() -> None:
    page = Reader(pages.run(failing([joins("ann", "devs")], leaves("bob", "devs"), CreateUser(user("cem"), "new"))))
    assert {
        "bob left devssuspendedmade",
        "ann was to join devsmember in the directoryfailed AWS said no.",
        "User cem@example.com (Cem Doe) was creatednewmade",
    } <= set(page.lines)
    assert page.text.index("bob left") < page.text.index("ann was to join")
    assert ("a", {"href": "20261122T032007Z-abcdef.json"}) in page.elements


@pytest.mark.parametrize("verdict", Verdict)
def test_every_ending_has_a_page(verdict: Verdict) -> None:
    ended = ENDINGS[verdict]
    page = Reader(pages.run(ended))
    assert page.open == []
    assert {"Triggerschedule", "Duration1 min 14 s"} <= set(page.lines)
    assert not ended.problem or ended.problem in page.lines


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_a_name(name: str) -> None:
    sly = user("sly", display_name=name, user_name=name, email=name)
    plan = Plan.of(
        "d-1",
        [joins(name, name), leaves(name, name), CreateUser(sly, name)],
        set_aside=[SetAside("user", name, name, name)],
        warnings=[name],
    )
    ended = report(plan, error=LimitExceeded(name), source=name, trigger=name)
    page = Reader(pages.run(ended))
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= set(TAGS.split())
    assert not any(key.startswith("on") or key in {"src", "style"} for _, keys in page.elements for key in keys)
    assert page.text.count(one_line(name)) >= 6
    assert not re.search(r"[\u202e\u2028\ud800]", page.text)


@pytest.mark.parametrize("page", [pages.run(ENDINGS[Verdict.REFUSED]), pages.site(small_facts())])
def test_a_page_can_be_read_by_everybody(page: bytes) -> None:
    elements = Reader(page).elements
    tags = [tag for tag, _ in elements]
    assert ("html", {"lang": "en"}) in elements
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert tags.count("caption") == tags.count("table") > 0
    assert ("a", {"class": "skip", "href": "#content"}) in elements
    ids = [keys["id"] for _, keys in elements if "id" in keys]
    assert len(ids) == len(set(ids))
    assert {label for _, keys in elements for label in (keys.get("aria-labelledby") or "").split()} <= set(ids)


class Bucket:
    """The one call of an S3 client that publishing makes."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.puts: list[dict[str, object]] = []

    def put_object(self, **arguments: object) -> None:
        if self.error:
            raise self.error
        self.puts.append(arguments)


def test_a_page_in_a_bucket_has_its_type_and_is_always_asked_for_anew() -> None:
    bucket = Bucket()
    for folder in ("docs/", ""):
        BucketPublisher(cast("Any", bucket), "b", folder).publish("index.html", b"x", "text/html")
    page = {"Bucket": "b", "Body": b"x", "ContentType": "text/html", "CacheControl": "no-cache"}
    assert bucket.puts == [page | {"Key": "docs/index.html"}, page | {"Key": "index.html"}]


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (ClientError({"Error": {"Code": "NoSuchBucket", "Message": "gone"}}, "PutObject"), StateError),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"), CredentialsError),
        (EndpointConnectionError(endpoint_url="https://s3"), StateError),
    ],
)
def test_a_bucket_that_refuses_is_one_sentence(error: Exception, meant: type[Exception]) -> None:
    with pytest.raises(meant, match=r"Cannot publish index\.html in s3://b: "):
        BucketPublisher(cast("Any", Bucket(error)), "b", "").publish("index.html", b"x", "text/html")
