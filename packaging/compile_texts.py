"""A build hook: compiles the translations, for a wheel and for a checkout that is installed as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTexts(BuildHookInterface):  # type: ignore[type-arg]
    """Writes a .mo file beside every .po file; gettext reads no other."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before anything is packed."""
        for path in Path(self.root, "wifiguard", "locale").glob("*/LC_MESSAGES/*.po"):
            compiled = path.with_suffix(".mo")
            with path.open("rb") as source, compiled.open("wb") as target:
                write_mo(target, read_po(source))
            # git ignores it, the wheel must not.
            build_data["artifacts"].append(f"/{compiled.relative_to(self.root)}")
