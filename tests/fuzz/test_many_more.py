"""The same with many more inputs, drawn anew each time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(file.name for file in HERE.glob("test_*.py") if file != Path(__file__))


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_many_more_inputs_find_nothing(file: str) -> None:
    environment = {"FUZZ": "10"} | dict(os.environ)
    command = [sys.executable, "-m", "pytest", "-n", "0", "-rA", "--show-capture=stdout", str(HERE / file)]
    ended = subprocess.run(command, cwd=HERE.parents[1], env=environment, capture_output=True, text=True, check=False)
    tried = [line for line in ended.stdout.splitlines() if line.endswith("inputs")]
    print("\n".join(tried))  # noqa: T201 # shown with -rP
    assert ended.returncode == 0, ended.stdout[-5000:]
