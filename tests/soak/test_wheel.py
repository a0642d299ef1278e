"""The wheel as users install it: light alone, and honest about what an extra would bring."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
LIGHT = {
    "boto3",
    "botocore",
    "click",
    "jmespath",
    "markdown-it-py",
    "mdurl",
    "pygments",
    "python-dateutil",
    "rich",
    "s3transfer",
    "six",
    "taskscope",
    "urllib3",
}


def run(*command: str | Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout; it must end well, unless ``ok`` is False."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not ok, done.stderr
    return done


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the programs of a fresh virtual environment with the wheel, and nothing else, in it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder)
    [wheel] = folder.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    run(UV, "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python", wheel)
    return folder / "venv" / "bin"


def test_it_brings_a_dozen_light_packages(programs: Path) -> None:
    """The core needs the AWS SDK, click and rich, and what these need."""
    listed = run(UV, "pip", "list", "--python", programs / "python", "--format", "freeze").stdout

    assert {line.partition("==")[0].partition(" @")[0] for line in listed.splitlines()} <= LIGHT


def test_its_commands_work(programs: Path) -> None:
    """Both console scripts start, and the Lambda archive can be built from an installation."""
    assert "Show the timeline of an ECS task" in run(programs / "taskscope", "--help").stdout
    assert run(programs / "tracer", "-version").stdout.startswith("tracer ")
    assert "CodeSha256" in run(programs / "taskscope", "lambda", "package", "-o", programs / "function.zip").stdout


def test_a_missing_extra_answers_in_one_line(programs: Path) -> None:
    """`taskscope lab` without its packages says which command installs them."""
    done = run(programs / "taskscope", "lab", "up", ok=False)

    assert done.returncode == 2
    assert "uv tool install 'taskscope[lab]'" in done.stderr
    assert "Traceback" not in done.stderr
