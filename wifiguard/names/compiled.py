"""The index of brands as a file that is made when the program is installed: to make it anew takes a quarter of a second.

The file is for this version of everything that it is made of. Where it is missing or is another's, nothing is lost but that time.
"""

import marshal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

_HERE = Path(__file__).parent
FILE = _HERE / "brands.bin"
# What the index is made of, beside the catalogue: whoever changes one of these gets another index.
_MADE_BY = ("brands", "catalogue", "compiled", "looks", "postings", "registrable", "spelling", "words/__init__")
_WORDS = ("vocabulary", "lures", "letters")

# The keys' halves, and the index: see names/brands.py.
CompiledHalves: TypeAlias = tuple[str, bytes, bytes, bytes]
Compiled: TypeAlias = tuple[bytes, CompiledHalves, dict[str, tuple[int, ...]], set[str]]


def read() -> Compiled | None:
    """The index of the packaged catalogue; None where the file is missing, cut off or of another version."""
    try:
        text = FILE.read_bytes()
    except OSError:
        return None
    head = _head()
    if not text.startswith(head):
        return None
    try:
        compiled: Compiled = marshal.loads(memoryview(text)[len(head) :])
    except (EOFError, ValueError, TypeError):
        return None
    return compiled


def write(index: Compiled) -> None:
    """Keep the index for the processes to come."""
    FILE.write_bytes(_head() + marshal.dumps(index))


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
