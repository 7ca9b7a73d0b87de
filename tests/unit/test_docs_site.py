"""The documentation: what is published, what stands on it, and that no name is more than a name."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any, cast

import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sso_sync.aws.publishing import BucketPublisher
from sso_sync.core.changes import CreateUser
from sso_sync.core.errors import CredentialsError, LimitExceeded, StateError
from sso_sync.core.model import Directory, SetAside
from sso_sync.core.plan import Plan
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.docs_site import DocsSite
from sso_sync.reporters.docs_site.pages import Pages
from tests.support.memory import directory, group, user
from tests.support.reports import ENDINGS, HOSTILE, failing, joins, leaves, made, planned, report

ADMINS, DEVS = group("aws-admins", description="Everything"), group("Devs")
COMPANY = directory(
    [user("ann"), user("Bob", active=False), user("cem"), user("dot")], {DEVS: ["cem", "Bob", "ann"], ADMINS: ["ann"]}
)
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


def published(ended: RunReport) -> Shelf:
    shelf = Shelf()
    DocsSite(shelf).report(ended)
    return shelf


def index(company: Directory = COMPANY, **changed: Any) -> Reader:
    return Reader(Pages().index(planned(**changed), company))


def test_a_run_publishes_its_record_its_page_and_the_groups() -> None:
    ended = made(joins("ann", "devs"), identity_center=COMPANY)
    shelf = published(ended)
    run = f"runs/{ended.run_id}"
    assert list(shelf.files) == [f"{run}.json", f"{run}.html", "index.html"]
    assert shelf.files[f"{run}.json"] == encode_record(ended)
    assert msgspec.json.decode(shelf.files[f"{run}.json"])["verdict"] == "done"
    assert shelf.types == {
        f"{run}.json": "application/json",
        f"{run}.html": "text/html; charset=utf-8",
        "index.html": "text/html; charset=utf-8",
    }


def test_a_run_that_did_not_read_the_store_leaves_the_groups_as_they_stand() -> None:
    assert "index.html" not in published(ENDINGS[Verdict.FAILED]).files


def test_groups_and_people_are_sorted_without_regard_to_case() -> None:
    text = index().text
    for before, after in (("aws-adminsEverything1", "Devs3"), ("Ann Doeann@", "Bob Doe"), ("Bob Doe", "Cem Doecem@")):
        assert text.index(before) < text.rindex(after)


def test_the_groups_say_who_is_in_them_and_how_they_are_reached() -> None:
    page = index()
    assert {
        "aws-adminsEverything1",
        "Devs3",
        "3 members",
        "Ann Doeann@example.comann@example.com",
        "Bob Doe switched offBob@example.comBob@example.com",
        "1 user without a group",
        "Dot Doedot@example.comdot@example.com",
    } <= set(page.lines)
    assert ("a", {"href": "#group-id-Devs"}) in page.elements
    assert any(keys.get("id") == "group-id-Devs" for _, keys in page.elements)


def test_the_groups_say_when_they_were_read_from_where_and_what_the_last_run_came_to() -> None:
    page = index(error=LimitExceeded("Too many would leave."))
    assert "DirectoryGoogle Workspace" in page.lines
    assert ("time", {"datetime": "2026-11-22T03:21:21+00:00"}) in page.elements
    assert ("a", {"href": "runs/20261122T032007Z-abcdef.html"}) in page.elements
    assert "Refused for safety" in page.text
    assert "The last run did not make everything as the directory wants it: Too many would leave." in page.lines


def test_records_set_aside_and_warnings_are_listed_with_their_reasons() -> None:
    aside = [SetAside("user", "1", "dot@example.com", "it has no family name")]
    ended = report(Plan.of("d-1", [], set_aside=aside, warnings=["a filter matches nothing"]), identity_center=COMPANY)
    shelf = published(ended)
    for key in ("index.html", f"runs/{ended.run_id}.html"):
        assert "dot@example.comuserit has no family name" in Reader(shelf.files[key]).text
    assert "a filter matches nothing" in Reader(shelf.files[f"runs/{ended.run_id}.html"]).lines


def test_the_page_of_a_run_tells_each_change_its_reason_and_what_became_of_it() -> None:
    page = Reader(Pages().run(failing([joins("ann", "devs")], leaves("bob", "devs"), CreateUser(user("cem"), "new"))))
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
    page = Reader(Pages().run(ended))
    assert page.open == []
    assert {"Triggerschedule", "Duration1 min 14 s"} <= set(page.lines)
    assert not ended.problem or ended.problem in page.lines


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_a_name(name: str) -> None:
    sly = user("sly", display_name=name, user_name=name, email=name)
    crew = group("crew", display_name=name, description=name)
    plan = Plan.of(
        "d-1",
        [joins(name, name), leaves(name, name), CreateUser(sly, name)],
        set_aside=[SetAside("user", name, name, name)],
        warnings=[name],
    )
    ended = report(plan, error=LimitExceeded(name), source=name, trigger=name)
    for html in (Pages().run(ended), Pages().index(ended, directory([sly], {crew: ["sly"]}))):
        page = Reader(html)
        assert page.open == []
        assert {tag for tag, _ in page.elements} <= set(TAGS.split())
        assert not any(key.startswith("on") or key in {"src", "style"} for _, keys in page.elements for key in keys)
        assert page.text.count(one_line(name)) >= 6
        assert not re.search(r"[\u202e\u2028\ud800]", page.text)


@pytest.mark.parametrize("page", [Pages().run(ENDINGS[Verdict.REFUSED]), Pages().index(planned(), COMPANY)])
def test_a_page_needs_nothing_else_and_runs_nothing(page: bytes) -> None:
    policies = [keys["content"] for tag, keys in Reader(page).elements if tag == "meta" and "http-equiv" in keys]
    ((style),) = re.findall(rb"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert not re.search(rb"https?://|url\(|@import", page)


@pytest.mark.parametrize("page", [Pages().run(ENDINGS[Verdict.REFUSED]), Pages().index(planned(), COMPANY)])
def test_a_page_can_be_read_by_everybody(page: bytes) -> None:
    elements = Reader(page).elements
    tags = [tag for tag, _ in elements]
    assert ("html", {"lang": "en"}) in elements
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert tags.count("caption") == tags.count("table") > 0
    assert ("a", {"class": "skip", "href": "#content"}) in elements
    ids = [keys["id"] for _, keys in elements if "id" in keys]
    assert len(ids) == len(set(ids))
    assert {keys["aria-labelledby"] for _, keys in elements if "aria-labelledby" in keys} <= set(ids)


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
