"""The page of the exporter's metrics names each of them, as the exporter describes it, and no other."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_every_metric_is_on_the_page() -> None:
    """With the text that Prometheus gets; the recorded platforms together have all of them."""
    page = (_ROOT / "docs" / "exporter-metrics.md").read_text()
    golden = "".join(each.read_text() for each in (_ROOT / "tests" / "snapshots" / "exporter").glob("*.txt"))

    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)) == dict(
        re.findall(r"^# HELP (\S+) (.+)$", golden, re.MULTILINE)
    )
