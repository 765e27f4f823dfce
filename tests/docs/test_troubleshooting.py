"""What the page quotes is what the program says: who searches it for the words on the screen must find them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
# Words of another program, or of a title that the page only speaks of.
SHORTEST = 8


def said_by_the_program() -> str:
    """Every text in the program's sources."""
    texts: list[str] = []
    for path in sorted((ROOT / "wifiguard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


def test_quotations() -> None:
    said = said_by_the_program()
    quoted = re.findall(r"“([^”]+)”", PAGE.read_text("utf-8"))
    assert len(quoted) > 20
    parts = [part.strip(" .:") for quotation in quoted for part in quotation.replace("\n", " ").split("…")]
    assert [part for part in parts if len(part) >= SHORTEST and part not in said] == []
