"""The file of settings."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from taskscope.config.file import SettingsFile, find_file, read_file
from taskscope.config.options import options_of
from taskscope.config.setting import setting
from taskscope.errors import UsageError


@dataclass(frozen=True)
class _Server:
    xray_port: int = setting(2000, help="Port.")
    retention: str = setting("", help="How long.", parse=str)


@dataclass(frozen=True)
class _Otlp:
    max_body_bytes: int = setting(16, help="Largest body.")


OPTIONS = (*options_of(_Server), *options_of(_Otlp, "otlp"), *options_of(_Otlp, "sink.otlp"))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty working directory, beside empty folders for the user's and the machine's settings."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_nearest_file_is_read(folders: Path) -> None:
    """Working directory, then the user's folder, then the machine's; without any there are no values."""
    environ = {"XDG_CONFIG_HOME": str(folders / "user"), "HOME": str(folders)}

    assert find_file(None, environ, system=folders / "etc") == SettingsFile()
    places = [folders / "etc/taskscope", folders / "user/taskscope", folders / "work"]
    for port, folder in enumerate(places):
        _write(folder / "taskscope.toml", f"xray_port = {port}")
        assert find_file(None, environ, system=folders / "etc").content == {"xray_port": port}


def test_user_folder_is_that_of_the_home_without_xdg(folders: Path) -> None:
    """As the XDG specification says."""
    _write(folders / ".config/taskscope/taskscope.toml", "xray_port = 1")

    assert find_file(None, {"HOME": str(folders)}, system=folders).content == {"xray_port": 1}


def test_file_that_is_named_wins_and_must_be_there(folders: Path) -> None:
    """The flag over the variable over what is found; the error says who named it."""
    _write(folders / "work/taskscope.toml", "xray_port = 1")
    by_flag, by_variable = _write(folders / "f.toml", "xray_port = 2"), _write(folders / "v.toml", "xray_port = 3")
    environ = {"TASKSCOPE_CONFIG": str(by_variable)}

    assert find_file(str(by_flag), environ).content == {"xray_port": 2}
    assert find_file(None, environ).content == {"xray_port": 3}
    with pytest.raises(UsageError, match=r"^--config gone\.toml: No such file"):
        find_file("gone.toml", environ)
    with pytest.raises(UsageError, match=r"^TASKSCOPE_CONFIG gone\.toml: No such file"):
        find_file(None, {"TASKSCOPE_CONFIG": "gone.toml"})


@pytest.mark.parametrize("content", [b"xray_port = ", b"\xff = 1", b"a = 1\na = 2"])
def test_what_is_no_toml_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    """Tomllib's own words say where."""
    path = tmp_path / "bad.toml"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=r"bad\.toml is no TOML: "):
        read_file(path)


def test_folder_is_no_file(tmp_path: Path) -> None:
    """An error of the system is told in its words."""
    with pytest.raises(UsageError, match="Is a directory"):
        read_file(tmp_path)


def test_line_of_each_key_is_known(tmp_path: Path) -> None:
    """Whatever the spelling; a line inside a text that looks like a key is none."""
    path = _write(
        tmp_path / "taskscope.toml",
        '# a comment\n\nxray_port = 1\nnote = """\notlp_port = 2\n"""\n"quoted" = 3\ndotted.key = [\n  1,\n]\n'
        "[otlp]\n\nmax_body_bytes = 4 # [sink]\ninline = { a = 1 }\n[ sink . otlp ]\nmax_body_bytes = 5\n"
        '[[rules]]\nname = "a"\n[[rules]]\nname = "b"\n',
    )
    file = read_file(path)

    assert file.lines == {
        "xray_port": 1 + 2, "note": 4, "quoted": 7, "dotted": 8, "dotted.key": 8,
        "otlp": 11, "otlp.max_body_bytes": 13, "otlp.inline": 14, "otlp.inline.a": 14,
        "sink.otlp": 15, "sink.otlp.max_body_bytes": 16, "rules": 17, "rules.name": 20,
    }  # fmt: skip
    assert file.place("sink.otlp.max_body_bytes") == f"{path}:16"
    assert file.place("sink.otlp.other") == f"{path}:15"
    assert file.place("nowhere") == str(path)


def test_section_is_a_table(tmp_path: Path) -> None:
    """A table in a table too; one that is not there is empty, and a value in its place is refused."""
    file = read_file(_write(tmp_path / "f.toml", "otlp = 5\n[sink.otlp]\nmax_body_bytes = 1\n"))

    assert file.section("sink.otlp") == {"max_body_bytes": 1}
    assert file.section("statsd") == {}
    assert set(file.section("")) == {"otlp", "sink"}
    with pytest.raises(UsageError, match=r"f\.toml:1: otlp is a table: write \[otlp\]"):
        file.section("otlp")


def test_known_keys_pass(tmp_path: Path) -> None:
    """A setting may be a table itself, and other parts may have tables of their own."""
    text = 'xray_port = 1\nretention = { traces = "7d" }\n[otlp]\nmax_body_bytes = 1\n[[sampling.rules]]\nname = "a"\n'
    file = read_file(_write(tmp_path / "f.toml", text))

    file.check_keys(OPTIONS, tables={"sampling.rules"})


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("\nxray_prot = 1", "f.toml:2: there is no setting 'xray_prot'", "did you mean xray_port?"),
        (
            "[otlp]\nmax_body_byte = 1",
            "f.toml:2: there is no setting 'otlp.max_body_byte'",
            "did you mean otlp.max_body_bytes or sink.otlp.max_body_bytes?",
        ),
        ("[oltp]\na = 1", "f.toml:1: there is no setting 'oltp'", "did you mean otlp?"),
        ("[sink]\nzzzz = 1", "f.toml:2: there is no setting 'sink.zzzz'", "`taskscope config show` lists all settings"),
    ],
)
def test_unknown_key_is_refused_with_its_place_and_what_was_meant(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    """A setting that is misspelt would be one that silently does nothing."""
    file = read_file(_write(tmp_path / "f.toml", text))

    with pytest.raises(UsageError) as caught:
        file.check_keys(OPTIONS)

    assert caught.value.message.endswith(message)
    assert caught.value.hint == hint
