"""Relative links of every page lead to a file, and to a heading where they name one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def _pages() -> list[Path]:
    """Find the checkout's pages: not those of installed packages, nor of hidden folders."""
    found = [*ROOT.glob("*.md")]
    for folder in ("docs", "deploy", "benchmarks", "src", "tests"):
        found.extend((ROOT / folder).rglob("*.md"))
    return sorted(found)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?)\s*$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_there_are_pages() -> None:
    """The search below looks in the right place."""
    assert ROOT / "README.md" in _pages()


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_page_lead_somewhere(page: Path) -> None:
    """Relative ones; what is in code is no link."""
    broken = []
    for found in _LINK.finditer(_CODE.sub("", page.read_text(encoding="utf-8"))):
        link = found[1] or found[2]
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)

    assert broken == []
