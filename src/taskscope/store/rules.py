"""What a span means, as SQL expressions over the columns of ``spans``: the twins of ``query.rules``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

_RULES: Final = files("taskscope.store") / "sql" / "rules"


class _Rules(dict[str, str]):
    """What stands for each name in a rule: ``s`` for the columns' prefix, any other for the rule of that name."""

    def __missing__(self, name: str) -> str:
        return render(name, self["s"])


@cache
def render(name: str, s: str = "") -> str:
    """
    Return a rule as an expression; ``s`` goes before the name of each column, such as ``p.`` for those of a join.

    The engine computes a part that several rules share once for each row, as long as they are in one SELECT.
    """
    text = (_RULES / f"{name}.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    names: Mapping[str, str] = _Rules(s=s)
    return Template("\n".join(lines)).substitute(names).strip()
