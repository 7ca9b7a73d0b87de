"""make demo: from nothing to a deployed sync that follows the directory, on this machine alone."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from sandbox.cloud import Cloud, Deployment
from sandbox.demo.config import DIRECTORIES, secrets_of, write_config
from sandbox.demo.pictures import PLAN_WIDTH, take_pictures
from sandbox.demo.plot import NOBODY, a_day_passes, counts, expected, filters_of
from sandbox.demo.stage import Stage
from sandbox.demo.telling import Teller, WrongOutcome
from sandbox.process import ROOT

Json = dict[str, Any]
FOLDER = ROOT / ".demo"
PICTURES = ROOT / "docs" / "pictures"
SCHEDULE_TIMEOUT = 150.0  # seconds until a schedule of one minute must have been followed
EMPTY: Json = {"users": [], "groups": {}}


class Story:
    """The steps, in order; raises WrongOutcome if one does not lead to what it must."""

    def __init__(self, stage: Stage, teller: Teller, source: str) -> None:
        self._stage, self._teller, self._source = stage, teller, source
        self._config = FOLDER / "sso-sync.json"
        self._cloud = Cloud(stage.environment, FOLDER, self._config)
        self._directory: Json = stage.ask("GET", "/directory")
        self._first, self._second = filters_of(self._directory)
        self.bucket = ""
        self.plan = ""  # as a terminal shows it

    def tell(self) -> None:
        """Tell the whole story."""
        self._deploy_without_secrets()
        self._store_secrets_and_sync()
        self._add_a_filter()
        self._let_a_day_pass()
        self._break_the_filter()

    def _deploy_without_secrets(self) -> None:
        with self._teller.step("Deploy the stack. There are no credentials yet, so it waits.", EMPTY):
            self._teller.say("cdk bootstrap")
            self._cloud.bootstrap()
            deployment = self._deploy([self._first], schedule="off")
            self._must(deployment.succeeded, deployment.reason)
            self._must("Waiting for credentials" in deployment.outputs["Summary"], deployment.outputs["Summary"])
            self.bucket = json.loads(deployment.outputs["Deployment"])["bucket"]

    def _store_secrets_and_sync(self) -> None:
        with self._teller.step("Store the secrets; the first sync in the Lambda function.", self._expected()):
            for name, value in secrets_of(self._source, self._stage.environment).items():
                self._teller.say(f"sso-sync secrets put {name} --file …")
                self._run("secrets", "put", name, "--file", "-", given=value)
            self._teller.say("sso-sync invoke")
            self._teller.say(f"→ {self._run('invoke')}")

    def _add_a_filter(self) -> None:
        everything = expected(self._directory, [self._first, self._second])
        with self._teller.step(f"Add the filter '{self._second}' and a schedule, and deploy.", everything):
            deployment = self._deploy([self._first, self._second], schedule="1 minute")
            self._must(deployment.succeeded, deployment.reason)

    def _let_a_day_pass(self) -> None:
        filters = [self._first, self._second]
        changed, happened = a_day_passes(self._directory, filters)
        wanted = expected(changed, filters)
        with self._teller.step("A day passes, and the schedule follows by itself.", wanted):
            for event in happened:
                self._teller.say(event)
            self._stage.put_directory(changed)
            self._directory = changed
            self._teller.say("sso-sync plan")
            self.plan = self._cloud.sso_sync_on_terminal("plan", width=PLAN_WIDTH)
            summary = Text.from_ansi(self.plan).plain.rpartition("Plan: ")[2]
            self._teller.say(f"→ Plan: {' '.join(summary.split())}")
            deadline = time.monotonic() + SCHEDULE_TIMEOUT
            while self._stage.held() != wanted:
                self._must(time.monotonic() < deadline, "the schedule did not follow the directory")
                time.sleep(0.5)

    def _break_the_filter(self) -> None:
        filters = [self._first, self._second]
        with self._teller.step(
            "Break the filters: the deployment fails and is rolled back.", expected(self._directory, filters)
        ):
            deployment = self._deploy([NOBODY], schedule="1 minute")
            self._must(not deployment.succeeded, "a deployment without anybody was accepted")
        self._write_config(filters, schedule="1 minute")

    def _deploy(self, filters: list[str], *, schedule: str) -> Deployment:
        self._write_config(filters, schedule=schedule)
        self._teller.say(f"cdk deploy, with the filters {', '.join(filters)}")
        deployment = self._cloud.deploy()
        self._teller.say(f"→ {deployment.outputs['Summary'] if deployment.succeeded else deployment.reason}")
        return deployment

    def _write_config(self, filters: list[str], *, schedule: str) -> None:
        write_config(self._config, self._stage.environment, filters, schedule=schedule, directory=self._source)

    def _expected(self) -> Json:
        return expected(self._directory, [self._first])

    def _run(self, *arguments: str, given: str | None = None) -> str:
        done = self._cloud.sso_sync(*arguments, given=given)
        self._must(not done.returncode, done.stderr)
        return done.stdout.strip()

    @staticmethod
    def _must(held: bool, otherwise: str) -> None:
        if not held:
            raise WrongOutcome(otherwise)


def main() -> int:
    """Set the stage, tell the story, keep what it left in .demo, and stay until Ctrl-C unless ONCE is set."""
    console = Console(highlight=False, soft_wrap=True)
    source = os.environ.get("SOURCE") or "google"
    if source not in DIRECTORIES:
        console.print(f"SOURCE={source}: the demo knows {', '.join(DIRECTORIES)}.", style="red", markup=False)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Stage(FOLDER, os.environ.get("DIRECTORY", ""), source) as stage:
            teller = Teller(stage, console)
            story = Story(stage, teller, source)
            story.tell()
            addresses = _keep(stage, teller, story.bucket, console)
            if os.environ.get("PICTURES"):
                take_pictures(FOLDER / "index.html", addresses[1], story.plan, PICTURES)
            if not os.environ.get("ONCE"):
                _stay(console, addresses)
    except WrongOutcome as exc:
        console.print(
            f"\nThe demo failed: {exc}\n.demo/cdk.log and .demo/sandbox.log have more.", style="red", markup=False
        )
        return 1
    except OSError as exc:
        console.print(f"\n{exc}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped half-way; nothing is left running.")
        return 1
    return 0


def _stay(console: Console, addresses: Sequence[str]) -> None:
    for address in addresses if console.is_terminal else ():
        typer.launch(address)  # in a browser, where there is one
    console.print("\nThe schedule goes on every minute. Ctrl-C ends the demo.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("\nEnded.")


def _keep(stage: Stage, teller: Teller, bucket: str, console: Console) -> tuple[str, str]:
    """Save site, cards and summary as files, say where they are, and return the addresses of site and cards."""
    url, page = stage.page(bucket, "docs/index.html")
    (FOLDER / "index.html").write_bytes(page)
    cards = stage.ask("GET", "/teams/cards")
    paths = []
    for number, taken in enumerate(cards, 1):
        path = FOLDER / f"card-{number:02}.json"
        path.write_text(json.dumps(taken["card"], ensure_ascii=False, indent=1), encoding="utf-8")
        paths.append(str(path.relative_to(ROOT)))
    summary = {
        "steps": teller.summary(),
        "identity_center": counts(stage.ask("GET", "/identity-center")),
        "page": str((FOLDER / "index.html").relative_to(ROOT)),
        "cards": paths,
    }
    (FOLDER / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    inbox = f"{stage.environment['SANDBOX_URL']}/teams"
    console.print(f"\nWho is in what:  {url}\n                 .demo/index.html")
    console.print(f"Cards in Teams:  {inbox}  ({len(cards)} of them)")
    console.print("Counts and calls of every step:  .demo/summary.json")
    return url, inbox


if __name__ == "__main__":
    sys.exit(main())
