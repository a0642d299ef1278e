"""docs/settings.md is what the classes of settings say of themselves."""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from taskscope.config.options import clashes
from taskscope.config.setting import setting

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "generate_settings.py"
REMEDY = "docs/settings.md is not what the settings say: run `make reference` (it runs docs/generate_settings.py)"


@dataclass(frozen=True)
class _Server:
    """What listens where."""

    xray_port: int = setting(2000, help="Port of X-Ray.", env=("OLD_PORT",))
    age_seconds: float | None = setting(None, help="Oldest | newest.")
    write_token: str = setting("not for the page", help="Who may send.", secret=True)


@dataclass(frozen=True)
class _Otlp:
    """The OTLP receiver."""

    max_body_bytes: int = setting(16 << 20, help="Largest body.")


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """Load the script that writes the page."""
    spec = importlib.util.spec_from_file_location("generate_settings", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def components() -> Any:
    """Give the registry of all settings."""
    found = import_module("taskscope.app.components")
    if not hasattr(found, "SETTINGS"):
        pytest.skip("THE SETTINGS PAGE IS NOT CHECKED: taskscope.app.components has no SETTINGS yet")
    return found


def test_page_has_a_table_for_each_section(generator: ModuleType) -> None:
    """The server's settings with their flags; of a secret not even the default is shown."""
    page = generator.page([("", _Server), ("otlp", _Otlp)], [("xray", _Otlp)])

    assert page.startswith("# Settings\n")
    assert page.partition("## Server")[2].splitlines() == [
        "",
        "",
        "What listens where.",
        "",
        "| Key | Flag | Variable | Type | Default | Meaning |",
        "|---|---|---|---|---|---|",
        "| `xray_port` | `--xray-port` | `TASKSCOPE_XRAY_PORT`, `OLD_PORT` | whole number | `2000` | Port of X-Ray. |",
        "| `age_seconds` | `--age-seconds` | `TASKSCOPE_AGE_SECONDS` | duration |  | Oldest \\| newest. |",
        "| `write_token` |  | `TASKSCOPE_WRITE_TOKEN` | text |  | Who may send. |",
        "",
        "## `[otlp]`",
        "",
        "The OTLP receiver.",
        "",
        "| Key | Variable | Type | Default | Meaning |",
        "|---|---|---|---|---|",
        "| `max_body_bytes` | `TASKSCOPE_OTLP_MAX_BODY_BYTES` | size | `16MiB` | Largest body. |",
        "",
        "## `--to xray`",
        "",
        "The OTLP receiver.",
        "",
        "| Option | Type | Default | Meaning |",
        "|---|---|---|---|",
        "| `max-body-bytes` | size | `16MiB` | Largest body. |",
    ]


def test_class_may_be_named_as_text(generator: ModuleType) -> None:
    """As the registry does, which loads no component."""
    page = generator.page([("fluent", "taskscope.receivers.fluent.config:FluentConfig")], [])

    assert "| `shared_key` | `TASKSCOPE_FLUENT_SHARED_KEY` | text |  |" in page


def test_page_is_up_to_date(components: Any) -> None:
    """Every setting of every component; the failure says how to write the page again."""
    assert components.SETTINGS
    if subprocess.run([sys.executable, SCRIPT, "--check"], timeout=30, check=False).returncode:
        pytest.fail(REMEDY, pytrace=False)


def test_no_two_settings_share_a_name(generator: ModuleType, components: Any) -> None:
    """Neither a flag, nor a variable, nor a key; a class's section and its field are joined by a mere underscore."""
    assert clashes(generator.all_options(components.SETTINGS)) == []


def test_every_setting_says_what_it_does(generator: ModuleType, components: Any) -> None:
    """In a sentence."""
    silent = [each.name for each in generator.all_options(components.SETTINGS) if not each.help.endswith(".")]

    assert silent == []
