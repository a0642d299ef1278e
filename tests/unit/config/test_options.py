"""What a class of settings offers."""

from dataclasses import dataclass, field

from taskscope.config.options import clashes, options_of, unknown_variables
from taskscope.config.setting import setting


@dataclass(frozen=True)
class _Server:
    xray_port: int = setting(2000, help="Port of X-Ray.")
    daemon: str = setting("", help="Address of the daemon.", env=("AWS_XRAY_DAEMON_ADDRESS",))
    sinks: tuple[str, ...] = setting((), help="Where to.", flag="--to")
    write_token: str = setting("", help="Who may send.", secret=True)
    own: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Otlp:
    max_body_bytes: int = setting(16, help="Largest body.")


def test_setting_of_the_server_has_no_prefix() -> None:
    """Fields that are no settings are left out."""
    names = {each.name: (each.flag, each.env) for each in options_of(_Server)}

    assert names == {
        "xray_port": ("--xray-port", ("TASKSCOPE_XRAY_PORT",)),
        "daemon": ("--daemon", ("TASKSCOPE_DAEMON", "AWS_XRAY_DAEMON_ADDRESS")),
        "sinks": ("--to", ("TASKSCOPE_SINKS",)),
        "write_token": ("", ("TASKSCOPE_WRITE_TOKEN",)),
    }


def test_setting_of_a_component_has_its_section_before_it() -> None:
    """In the flag, the variable and the file; a dot makes a table in a table."""
    [otlp] = options_of(_Otlp, "otlp")
    [sink] = options_of(_Otlp, "sink.x-ray")

    assert (otlp.name, otlp.flag, otlp.env) == (
        "otlp.max_body_bytes",
        "--otlp-max-body-bytes",
        ("TASKSCOPE_OTLP_MAX_BODY_BYTES",),
    )
    assert (sink.name, sink.flag, sink.env) == (
        "sink.x-ray.max_body_bytes",
        "--sink-x-ray-max-body-bytes",
        ("TASKSCOPE_SINK_X_RAY_MAX_BODY_BYTES",),
    )


def test_secret_is_no_flag() -> None:
    """Every user of a machine can read its command lines."""
    [secret] = [each for each in options_of(_Server) if each.secret]

    assert secret.flag == ""


def test_names_that_two_settings_claim_are_found() -> None:
    """Such as a port of the server named like the port of a component; two commands may share a setting."""

    @dataclass(frozen=True)
    class _Ports:
        otlp_max_body_bytes: int = setting(1, help="Another.")

    assert clashes([*options_of(_Server), *options_of(_Server), *options_of(_Otlp, "otlp")]) == []
    assert clashes([*options_of(_Ports), *options_of(_Otlp, "otlp")]) == [
        "--otlp-max-body-bytes",
        "TASKSCOPE_OTLP_MAX_BODY_BYTES",
    ]


def test_variable_that_nothing_reads_is_named() -> None:
    """With what was meant, where that is near; variables of others are none of our business."""
    known = {name for each in options_of(_Server) for name in each.env}
    environ = {"TASKSCOPE_XRAY_PROT": "1", "TASKSCOPE_XRAY_PORT": "2", "TASKSCOPE_COLOUR": "3", "PATH": "4"}

    assert unknown_variables(environ, known) == [
        "TASKSCOPE_COLOUR is no setting",
        "TASKSCOPE_XRAY_PROT is no setting (did you mean TASKSCOPE_XRAY_PORT?)",
    ]
