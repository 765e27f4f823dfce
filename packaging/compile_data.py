"""A build hook: compiles translations and the index of brands, for a wheel and for a checkout that is installed as it stands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileData(BuildHookInterface):  # type: ignore[type-arg]
    """Writes files that git ignores and a wheel must hold."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before anything is packed."""
        for compiled in (*self._texts(), *self._names()):
            build_data["artifacts"].append(f"/{compiled.relative_to(self.root)}")

    def _texts(self) -> Iterator[Path]:
        """A .mo file beside every .po file; gettext reads no other."""
        for path in Path(self.root, "wifiguard", "locale").glob("*/LC_MESSAGES/*.po"):
            compiled = path.with_suffix(".mo")
            with path.open("rb") as source, compiled.open("wb") as target:
                write_mo(target, read_po(source))
            yield compiled

    def _names(self) -> Iterator[Path]:
        """The catalogue and its index, without which each process that judges a name would make them."""
        sys.path.insert(0, self.root)
        from wifiguard.names import compiled
        from wifiguard.names.brands import BrandIndex
        from wifiguard.names.catalogue import Catalogue, Packaged

        compiled.write(compiled.CATALOGUE, Packaged().compiled())
        compiled.write(compiled.BRANDS, BrandIndex(Catalogue()).compiled())
        yield from (compiled.CATALOGUE, compiled.BRANDS)
