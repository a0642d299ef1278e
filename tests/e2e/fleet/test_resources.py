"""`taskscope resources` lists what there is, with averages."""

import json

from tests.e2e.fleet.conftest import JOBS, Ask


def test_every_level_is_listed(ask: Ask) -> None:
    """Clusters, services and tasks; percents are of the limit."""
    rows = [line.split("\t") for line in ask("resources").stdout.splitlines()]

    assert rows[0] == ["NAME", "TYPE", "CLUSTER", "STATUS", "TASKS", "CPU", "MEMORY", "ALARMS"]
    assert ["shop", "cluster", "shop", "-", "2", "45%", "50%", "-"] in rows
    assert ["web", "service", "shop", "-", "1", "80%", "50%", "-"] in rows
    assert [f"jobs/{JOBS.id}", "task", "shop", "-", "-", "10%", "50%", "-"] in rows


def test_one_type_is_sorted_filtered_and_cut(ask: Ask) -> None:
    """What is left out is said."""
    done = ask("resources", "--type", "service", "--sort", "cpu", "--limit", "1")
    found = json.loads(ask("resources", "--type", "container", "--filter", "nginx", "--output", "json").stdout)

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["NAME", "web"]
    assert "1 more" in done.stderr
    assert [each["key"]["container"] for each in found] == ["nginx"]
    nothing = ask("resources", "--cluster", "nowhere").stderr
    assert "nothing ran or was measured in this time: is --since early enough, and --cluster right?" in nothing
