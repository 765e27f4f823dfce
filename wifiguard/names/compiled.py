"""The catalogue and the index of its brands as files that are made when the program is installed.

To make them anew takes every process 0.02 and 0.25 seconds. The files are for this version of everything that they are made of.
Where one is missing or is another's, nothing is lost but that time.
"""

import marshal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

from wifiguard.names.postings import Packed

_HERE = Path(__file__).parent
CATALOGUE, BRANDS = _HERE / "catalogue.bin", _HERE / "brands.bin"
# What they are made of, beside the catalogue: whoever changes one of these gets another index.
_MADE_BY = (
    "brands",
    "catalogue",
    "compiled",
    "edits",
    "looks",
    "postings",
    "registrable",
    "spelling",
    "words/__init__",
)
_WORDS = ("vocabulary", "lures", "letters")

# The keys by what a slip leaves of them, and the index: see names/brands.py.
CompiledNeighbours: TypeAlias = tuple[str, bytes, Packed]
CompiledBrands: TypeAlias = tuple[Packed, CompiledNeighbours, dict[str, tuple[int, ...]], set[str]]
# See names/catalogue.py.
CompiledCatalogue: TypeAlias = tuple[bytes, bytes, list[str], bytes, set[str], Packed]


def read(file: Path) -> Any:
    """What was written to one of the two; None where it is missing, cut off or of another version."""
    try:
        text = file.read_bytes()
    except OSError:
        return None
    head = _head()
    if not text.startswith(head):
        return None
    try:
        return marshal.loads(memoryview(text)[len(head) :])
    except (EOFError, ValueError, TypeError):
        return None


def write(file: Path, made: CompiledCatalogue | CompiledBrands) -> None:
    """Keep one for the processes to come."""
    file.write_bytes(_head() + marshal.dumps(made))


@cache
def _head() -> bytes:
    """Tells one version from another: of Python's format, of this machine's numbers, of all sources."""
    digest = 0
    for path in _sources():
        digest = crc32(path.read_bytes(), digest)
    return f"brands {marshal.version} {sys.byteorder} {digest:08x}\n".encode()


def _sources() -> Iterator[Path]:
    yield from sorted(_HERE.glob("catalogue/*.txt"))
    yield from (_HERE / "words" / f"{name}.txt" for name in _WORDS)
    yield from (_HERE / f"{name}.py" for name in _MADE_BY)
