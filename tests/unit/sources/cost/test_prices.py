"""The table of prices."""

from pathlib import Path

import pytest

from taskscope.errors import UsageError
from taskscope.sources.cost.prices import load_prices, shipped_text


def test_ours_says_where_it_is_from() -> None:
    """A price without region, year and source could not be checked."""
    prices = load_prices()

    assert (prices.region, prices.currency) == ("us-east-1", "USD")
    assert prices.as_of >= "2025"
    assert prices.source.startswith("https://aws.amazon.com/")


@pytest.mark.parametrize(
    ("count", "price"), [(0, 0), (1, 0.3), (10_000, 3000), (10_001, 3000.1), (250_000, 27_000), (2_000_000, 84_500)]
)
def test_each_step_has_its_price(count: int, price: float) -> None:
    """The first ten thousand metrics are the dearest, and stay so."""
    assert load_prices().metrics(count) == pytest.approx(price)


def test_a_changed_copy_is_taken(tmp_path: Path) -> None:
    """What we ship is the file to begin with."""
    path = tmp_path / "prices.toml"
    path.write_text(shipped_text().replace("us-east-1", "eu-west-1").replace("0.50", "0.57"))
    prices = load_prices(path)

    assert (prices.region, prices.log_gigabyte) == ("eu-west-1", 0.57)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("log_gigabyte = 0.50", ""),
        ("log_gigabyte = 0.50", "log_gigabyte = -1"),
        ("log_gigabyte = 0.50", 'log_gigabyte = "1"'),
        ("log_gigabyte = 0.50", "log_gigabyte = nan"),
        ("[0, 0.02]", "[5, 0.02]"),
        (", [0, 0.02]]", "]"),
        ("[[10_000, 0.30], [250_000, 0.10], [1_000_000, 0.05], [0, 0.02]]", "[]"),
        ("metric = [[", "metric = [[["),
        ('region = "us-east-1"', ""),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """By its path; a missing price is no nought."""
    path = tmp_path / "prices.toml"
    path.write_text(shipped_text().replace(old, new, 1))

    with pytest.raises(UsageError, match=r"prices\.toml"):
        load_prices(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """With what the system says."""
    with pytest.raises(UsageError, match="No such file"):
        load_prices(tmp_path / "none.toml")
