"""Restart policies."""

from taskscope.lab.runner.restart import restart_policy


def test_without_a_policy_nothing_is_restarted() -> None:
    """Also where it is switched off."""
    assert restart_policy({}, time_scale=1) is None
    assert restart_policy({"restartPolicy": {"enabled": False}}, time_scale=1) is None


def test_a_policy_asks_for_exit_code_and_time() -> None:
    """Five minutes by default; ignored exit codes never restart."""
    policy = restart_policy({"restartPolicy": {"enabled": True, "ignoredExitCodes": [0]}}, time_scale=1)

    assert policy
    assert policy.allows(1, ran_seconds=300)
    assert not policy.allows(1, ran_seconds=299)
    assert not policy.allows(0, ran_seconds=999)
