"""The images: the rules of their Dockerfile, their locks, and the script that pushes them."""

import re
import subprocess
from pathlib import Path

import pytest

from taskscope import ports
from taskscope.app.components import SINKS
from taskscope.cli.sidecar.definition import Sidecar, inject
from tests.deploy.dockerfile import Dockerfile

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "image"
FILE = Dockerfile(FOLDER / "Dockerfile")
COLLECTORS = {"collect": "requirements/collect.txt", "serve": "requirements/server.txt"}
TARGETS = {**COLLECTORS, "exporter": "requirements/exporter.txt"}
VOLUME = "/var/lib/taskscope"


def test_last_stage_is_the_sidecar() -> None:
    """What is built where no target is named."""
    assert list(FILE.stages)[-1] == "collect"
    assert TARGETS.keys() <= FILE.stages.keys()


def test_bases_are_stages_or_have_a_tag() -> None:
    """One that is not ``latest``."""
    bases = {each.base for each in FILE.stages.values()} - FILE.stages.keys()

    assert bases == {"python:3.12-slim"}


@pytest.mark.parametrize("target", TARGETS)
def test_image_runs_as_a_numbered_user(target: str) -> None:
    """So that ``runAsNonRoot`` rules can see it; nothing after that is root's."""
    users = [step.text for step in FILE.steps(target) if step.name == "USER"]

    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", users[0])
    assert not [step for step in FILE.stages[target].steps if step.name in {"RUN", "USER"}]


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_at_run_time_needs_a_shell(target: str) -> None:
    """Entry point and health check are in exec form, and call our program."""
    assert FILE.last(target, "ENTRYPOINT").command == ["taskscope", target]
    checks = [step.command for step in FILE.steps(target) if step.name == "HEALTHCHECK"]
    assert checks == ([["taskscope", "healthcheck"]] if target in COLLECTORS else [])
    assert not [step for step in FILE.steps(target) if step.name in {"SHELL", "CMD"}]


def test_nothing_is_fetched_but_locked_packages() -> None:
    """No ADD, no download, no address; every installation asks for hashes or takes no index at all."""
    steps = [step for stage in FILE.stages.values() for step in stage.steps]
    installations = [step.text for step in steps if " pip install " in step.text]

    assert not [step for step in steps if step.name == "ADD"]
    assert not [step for step in steps if re.search(r"https?://|curl|wget|apt-get|index-url", step.text)]
    assert len(installations) == 7
    assert all("--require-hashes" in each or "--no-index" in each for each in installations)
    assert all("--no-deps" in each for each in installations)


@pytest.mark.parametrize("target", COLLECTORS)
def test_what_is_written_goes_to_one_volume(target: str) -> None:
    """The one that task definitions mount."""
    environment = FILE.environment(target)
    definition = {"family": "f", "containerDefinitions": [{"name": "app", "image": "app"}]}
    [*_, sidecar] = inject(definition, Sidecar("taskscope:1")).document["containerDefinitions"]

    assert FILE.last(target, "VOLUME").words == [VOLUME]
    assert environment["TASKSCOPE_DATA_DIR"] == environment["HOME"] == VOLUME
    assert [each["containerPath"] for each in sidecar["mountPoints"]] == [VOLUME]


@pytest.mark.parametrize("target", TARGETS)
def test_bytecode_is_made_before(target: str) -> None:
    """The root file system may be read-only."""
    assert FILE.environment(target)["PYTHONDONTWRITEBYTECODE"] == "1"
    assert any("--compile-bytecode" in step.text for step in FILE.stages[f"build-{target}"].steps)


def test_the_exporter_keeps_nothing() -> None:
    """It has a port, and no volume."""
    assert not [step for step in FILE.steps("exporter") if step.name == "VOLUME"]
    assert FILE.last("exporter", "EXPOSE").words == [f"{ports.EXPORTER}/tcp"]


@pytest.mark.parametrize("target", COLLECTORS)
def test_ports_are_ours(target: str) -> None:
    """All that the command listens on."""
    common = {ports.XRAY, ports.OTLP_GRPC, ports.OTLP_HTTP, ports.STATSD, ports.FLUENT, ports.HEALTH}
    exposed = {int(each.partition("/")[0]) for each in FILE.last(target, "EXPOSE").words}

    assert exposed == common | ({ports.API} if target == "serve" else set())


def test_context_holds_what_is_copied() -> None:
    """Each source is there, and the rest is not sent to the engine."""
    sources = {
        source.rstrip("/")
        for stage in FILE.stages.values()
        for step in stage.all("COPY")
        if not step.text.startswith("--from")
        for source in step.words[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line[1:].rstrip("/") for line in ignored if line.startswith("!")}

    assert all((ROOT / source).exists() for source in sources)
    assert "*" in ignored
    assert sources - {"requirements/uv.txt"} == sent


def _locked(name: str) -> dict[str, str]:
    """Return the versions of a lock file, by package and marker; all of them have hashes."""
    found = {}
    for entry in re.split(r"\n(?=[a-z])", (ROOT / name).read_text(encoding="utf-8")):
        if match := re.match(r"([a-z0-9-]+(?:\[[^]]*\])?)==(\S+)([^\\]*)", entry):
            assert "--hash=sha256:" in entry
            found[match[1] + match[3].rstrip()] = match[2]
    return found


@pytest.mark.parametrize("lock", TARGETS.values())
def test_images_have_the_versions_that_tests_run_with(lock: str) -> None:
    """Renewed together by ``make lock``; no lock names a host."""
    tested = _locked("requirements/dev.txt")

    assert _locked(lock).items() <= tested.items()
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def _push(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FOLDER / "push.sh", *arguments], capture_output=True, text=True, timeout=10, check=False, cwd="/"
    )


def test_push_shows_what_it_would_do() -> None:
    """``--dry-run`` prints every command, and the name of the image on stdout."""
    repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/tools/taskscope"

    shown = _push("--dry-run", "--target", "serve", "--platform", "linux/arm64", "--tag", "7", repository)

    assert shown.stdout == f"{repository}:7\n"
    login, build = shown.stderr.splitlines()
    assert login.startswith("+ aws ecr get-login-password --region eu-west-1 | docker login --username AWS ")
    assert login.endswith(" --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com")
    assert build.startswith("+ docker buildx build --file deploy/image/Dockerfile --target serve ")
    assert build.endswith(f" --tag {repository}:7 --push --platform linux/arm64 .")


@pytest.mark.parametrize(
    "arguments",
    [[], ["taskscope"], ["--target", "lab", "1" * 12 + ".dkr.ecr.x.amazonaws.com/a"], ["--tag"], ["--fast"]],
)
def test_push_refuses_what_is_wrong(arguments: list[str]) -> None:
    """Before anything is built."""
    refused = _push("--dry-run", *arguments)

    assert refused.returncode == 2
    assert "+" not in refused.stderr


def test_readme_tells_of_each_file_and_target() -> None:
    """And of the user, whose number a host folder needs."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert all(f"`{name}`" in text for name in (*TARGETS, "push.sh", "Dockerfile", "10001", "/healthcheck", VOLUME))


def test_every_sink_can_be_named_in_an_image() -> None:
    """The light image lacks the store's packages only: what its sinks import is in its lock."""
    packages = {name.partition(" ")[0] for name in _locked("requirements/collect.txt")}

    assert SINKS.keys() == {"xray", "cloudwatch-logs", "emf", "container-insights", "otlp"}
    assert {"boto3", "grpcio", "msgspec", "opentelemetry-proto", "pyyaml", "zstandard"} <= packages
    assert not {"chdb", "clickhouse-connect", "pyarrow", "numpy", "moto"} & packages
