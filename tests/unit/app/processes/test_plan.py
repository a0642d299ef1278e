"""Plans: what one process tells another as a line of JSON."""

from taskscope.app.processes.plan import Plan, rebuild
from taskscope.app.settings.config import ServerConfig
from taskscope.receivers.otlp.config import OtlpConfig


def test_a_plan_arrives_as_it_was_sent() -> None:
    """Whatever JSON makes of tuples, and on one line."""
    plan = Plan(
        name="otlp-1",
        roles=("otlp",),
        folder="/data",
        sockets={"otlp-http": [3]},
        address={"otlp-grpc": ("127.0.0.1", 4317)},
        settings={"server": {"to": ("xray", "otlp=http://host\n"), "allow": ("10.0.0.0/8",)}},
        sampling_rules=({"rule_name": "a"},),
        write_token="secret",
    )
    text = plan.dump()
    arrived = Plan.load(text)

    assert "\n" not in text
    assert arrived.component(ServerConfig, "server") == ServerConfig(
        to=("xray", "otlp=http://host\n"), allow=("10.0.0.0/8",)
    )
    assert arrived.component(OtlpConfig, "otlp") == OtlpConfig()
    assert (arrived.write_token, arrived.sockets, arrived.index) == ("secret", {"otlp-http": [3]}, 1)
    assert tuple(arrived.address["otlp-grpc"]) == ("127.0.0.1", 4317)


def test_tokens_are_in_no_text() -> None:
    """Tracebacks and logs show objects."""
    assert "secret" not in repr(Plan("a", (), "/", write_token="secret", read_token="secret"))


def test_the_number_of_a_process_ends_its_name() -> None:
    """It names lanes, so that alike processes do not write one."""
    assert [Plan(name, (), "/").index for name in ("otlp-0", "otlp-12", "udp")] == [0, 12, 0]


def test_a_process_of_udp_without_a_socket_has_no_work() -> None:
    """Others have, also without one: a queue is polled."""
    assert not Plan("udp", ("datagrams",), "/").has_work
    assert Plan("udp", ("datagrams",), "/", sockets={"xray-udp": [3]}).has_work
    assert Plan("streams", ("event-queue",), "/").has_work
    assert not Plan("streams", (), "/").has_work


def test_settings_of_another_version_are_left_out() -> None:
    """A key that the class does not know is none of its own."""
    assert rebuild(OtlpConfig, {"unknown": 1}) == OtlpConfig()
