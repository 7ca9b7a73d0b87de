"""make demo: the main job on a made-up company, from nothing to a followed leaver, on this machine alone."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT = 60.0  # seconds


def main() -> int:
    """Start the sandbox, tell the story, end the sandbox."""
    with tempfile.TemporaryDirectory(prefix="sso-sync-demo-") as folder:
        env_file = Path(folder) / "sandbox.env"
        options = ["--env-file", str(env_file), "--quota-scale", "10"]
        if os.environ.get("DIRECTORY"):
            options += ["--directory", os.environ["DIRECTORY"]]
        command = [sys.executable, "-m", "sandbox", *options]
        sandbox = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 # this project's own module
        try:
            return _tell(_wait_for(env_file, sandbox))
        except KeyboardInterrupt:
            return 1
        finally:
            sandbox.terminate()
            sandbox.wait(15)


def _wait_for(env_file: Path, sandbox: "subprocess.Popen[bytes]") -> dict[str, str]:
    deadline = time.monotonic() + READY_TIMEOUT
    while not env_file.exists():
        if sandbox.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("demo: the sandbox did not start")
        time.sleep(0.05)
    lines = env_file.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line.removeprefix("export "))[0] for line in lines if line.startswith("export ")]
    return dict(word.split("=", 1) for word in words)


def _tell(environment: dict[str, str]) -> int:
    _say("A company and an empty IAM Identity Center. What would a sync do? (sso-sync plan)")
    _sso_sync(environment, "plan", shown=12)
    _say("Do it. (sso-sync apply)")
    _sso_sync(environment, "apply", "--yes", shown=2)
    _say("A person joins, one leaves, one marries, and a group gets another name.")
    _call(environment, "PUT", "/directory", _changed(_call(environment, "GET", "/directory")))
    _sso_sync(environment, "apply", "--yes")
    _say("The directory answers with nobody in it, as on a bad day.")
    _call(environment, "PUT", "/directory", {"domain": "example.com", "users": [], "groups": []})
    refused = _sso_sync(environment, "apply", "--yes")
    _say("Every call that this took, by system and operation:")
    print(json.dumps(_call(environment, "GET", "/calls"), indent=1))  # noqa: T201 # this is a command
    return 0 if refused == 3 else 1


def _changed(directory: dict[str, Any]) -> dict[str, Any]:
    users, groups = directory["users"], directory["groups"]
    leaver = users.pop(0)
    for group in groups:
        group["members"] = [member for member in group["members"] if member["id"] != leaver["id"]]
    group = next(group for group in groups if any(member["type"] == "USER" for member in group["members"]))
    group["name"] += "-renamed"
    group["members"].append({"type": "USER", "id": "new1"})
    users.append({"id": "new1", "email": "newcomer@example.com", "givenName": "Noor", "familyName": "Newcomer"})
    married = next(user for user in users if any(member["id"] == user["id"] for member in group["members"]))
    married |= {"familyName": "Married", "email": "married@example.com"}
    return directory


def _sso_sync(environment: dict[str, str], *arguments: str, shown: int | None = None) -> int:
    """Run the command; of long output show the beginning and the last line."""
    program = str(Path(sys.executable).parent / "sso-sync")
    done = subprocess.run(  # noqa: S603 # this environment's own program
        [program, *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = done.stdout.rstrip().splitlines()
    if shown is not None and len(lines) > shown + 2:
        lines = [*lines[:shown], f"  … {len(lines) - shown - 1} more lines …", lines[-1]]
    print("\n".join(lines), flush=True)  # noqa: T201
    return done.returncode


def _call(environment: dict[str, str], method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(environment["SANDBOX_URL"] + path, data, method=method)  # noqa: S310 # loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
        text = answer.read()
    return json.loads(text) if text else None


def _say(text: str) -> None:
    print(f"\n── {text}\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
