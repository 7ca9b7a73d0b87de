"""The bench measures what it says, whatever the figures."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_sandbox_is_measured_beside_a_server_that_does_nothing() -> None:
    command = [sys.executable, "-m", "bench", "--calls", "64"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.rsplit(None, 2) for line in done.stdout.replace("   fewer than 1500", "").splitlines()[1:]]
    assert [name for name, _, _ in rows] == [
        "a server that does nothing",
        "Identity Store API, ListUsers",
        "SCIM, ListUsers",
        "Google, domains.list",
    ]
    assert all(float(rate) > 0 and float(ratio) > 0 for _, rate, ratio in rows)
