"""Settings: one strict TOML loader. No file is needed; an unknown key is an error that names the nearest known one.

Beside a file NAME.toml, every *.toml in the folder NAME.toml.d is read, in the order of their names: of a key that several files
set, the last one counts.
"""

from __future__ import annotations

import difflib
import json
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints

from msgspec import Struct, ValidationError, convert, field, structs

from wifiguard.core.text import visible
from wifiguard.rules import rule_files
from wifiguard.rules.wifi import vpn_on_untrusted_wifi

SIZE = 1 << 20
_LONGEST_NAME = 400


class ConfigError(Exception):
    """A settings file that cannot be used; the text names file, line and key, and says what would be right."""


class Watch(Struct, frozen=True):
    """`interfaces`: only these (empty: every active one). `traffic`: always, untrusted (networks only), never."""

    interfaces: tuple[str, ...] = ()
    traffic: Literal["always", "untrusted", "never"] = "always"


class CatalogueOptions(Struct, frozen=True):
    """`extra`: your own banks, shops or company hosts. `lists`: files of names (plain, hosts format, comments)."""

    extra: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


class LogOptions(Struct, frozen=True):
    """`keep_days`: how long findings are kept."""

    keep_days: int = 90

    def __post_init__(self) -> None:
        if not 1 <= self.keep_days <= 3650:
            raise ValueError("keep_days is from 1 to 3650")


class NotifyOptions(Struct, frozen=True):
    """`minimum`: the least severity that becomes a desktop notification."""

    minimum: Literal["info", "low", "medium", "high", "critical"] = "medium"


class OnUntrusted(Struct, frozen=True):
    """What is done on joining a Wi-Fi that you have not trusted. `vpn`: the VPN of NetworkManager that is switched on."""

    vpn: str = ""


class Settings(Struct, frozen=True):
    """All settings. `rules`: rule id → its options object; `off`: rules that are switched off."""

    watch: Watch = Watch()
    catalogue: CatalogueOptions = CatalogueOptions()
    log: LogOptions = LogOptions()
    notify: NotifyOptions = NotifyOptions()
    on_untrusted: OnUntrusted = OnUntrusted()
    rules: Mapping[str, object] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    # Dotted key → the file that set it; a key that is not here has its default.
    origin: Mapping[str, Path] = field(default_factory=dict)


DEFAULTS = Settings()

_SECTIONS: dict[str, type[Any]] = {
    "watch": Watch,
    "catalogue": CatalogueOptions,
    "log": LogOptions,
    "notify": NotifyOptions,
    "on_untrusted": OnUntrusted,
}


def load(*paths: Path) -> Settings:
    """The settings of `paths` and their drop-in files; defaults where there is no such file. Raises ConfigError."""
    settings = Settings()
    for path in paths:
        for file in (path, *drop_ins(path)):
            if (text := _text(file)) is not None:
                settings = parse(text, file, settings)
    return settings


def drop_ins(path: Path) -> list[Path]:
    """The files that are read after `path`. Raises ConfigError."""
    try:
        return sorted(each for each in Path(f"{path}.d").iterdir() if each.suffix == ".toml")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ConfigError(f"{path}.d cannot be read: {error.strerror}") from error


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > SIZE:
        raise ConfigError(f"{path} is larger than {SIZE // 1024} KiB: is it a settings file?")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: this is not UTF-8 text") from error


def parse(text: str, path: Path, base: Settings = DEFAULTS) -> Settings:
    """`base` with what `text` sets; `path` is for messages. Raises ConfigError."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error or 'nested too deeply'}") from error
    reader = _Reader(text, path)
    parts: dict[str, Any] = {}
    origin = dict(base.origin)
    for name, value in tables.items():
        if name == "rules":
            continue
        reader.known(name, (*_SECTIONS, "rules"), name)
        parts[name] = reader.section(name, value, getattr(base, name))
        origin.update({f"{name}.{key}": path for key in value})
    rules, off = reader.rules(tables.get("rules", {}), base)
    for rule, options in tables.get("rules", {}).items():
        origin.update({f"rules.{rule}.{key}": path for key in options})
    vpn = vpn_on_untrusted_wifi.RULE.id
    if "on_untrusted" in parts and f"rules.{vpn}.vpn" not in origin:
        rules[vpn] = vpn_on_untrusted_wifi.Config(parts["on_untrusted"].vpn)
    return structs.replace(base, **parts, rules=rules, off=off, origin=origin)


def listing(settings: Settings) -> Iterator[tuple[str, object, str]]:
    """Every key with its value and where that comes from ("default" or a file), in the order of the file format."""
    for name in _SECTIONS:
        part = getattr(settings, name)
        for option in structs.fields(part):
            key = f"{name}.{option.name}"
            yield key, getattr(part, option.name), str(settings.origin.get(key, "default"))
    for id, file in rule_files().items():
        key = f"rules.{id}.enabled"
        yield key, id not in settings.off, str(settings.origin.get(key, "default"))
        if file.config is not None:
            options = settings.rules.get(id) or file.config()
            for option in structs.fields(options):  # type: ignore[arg-type]
                key = f"rules.{id}.{option.name}"
                yield key, getattr(options, option.name), str(settings.origin.get(key, "default"))


def template() -> str:
    """A settings file that changes nothing: every key with its default, as comments."""
    out = [
        "# WiFiGuard's settings. Every line below is the default: remove the # of one to change it.",
        "# After a change:  wifiguard config check, then  sudo systemctl reload wifiguard",
    ]
    for name, kind in _SECTIONS.items():
        out += [
            "",
            *textwrap.wrap((kind.__doc__ or "").replace("`", ""), 100, initial_indent="# ", subsequent_indent="# "),
        ]
        out.append(f"# [{name}]")
        out += [f"# {option.name} = {toml(option.default)}" for option in structs.fields(kind)]
    for id, file in rule_files().items():
        out += ["", f"# [rules.{id}]", "# enabled = true"]
        if file.config is not None:
            options = file.config()
            out += [f"# {option.name} = {toml(getattr(options, option.name))}" for option in structs.fields(options)]
    return "\n".join(out) + "\n"


def catalogue_lines(settings: Settings) -> list[list[str]]:
    """The lines of the user's own list files. Raises ConfigError for one that cannot be read."""
    out: list[list[str]] = []
    for name in settings.catalogue.lists:
        try:
            out.append(Path(name).expanduser().read_text("utf-8", "replace").splitlines())
        # Beside what the system says: a home folder that nobody has, and a name that no file can have.
        except (OSError, RuntimeError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ConfigError(f"catalogue.lists: {visible(name, _LONGEST_NAME)} cannot be read: {reason}") from error
    return out


class _Reader:
    """Turns tables into options, and knows in which line a key stands."""

    def __init__(self, text: str, path: Path) -> None:
        # TOML knows one kind of line's end; a value may hold what other languages take for one.
        self._lines = text.split("\n")
        self._path = path

    def known(self, key: str, names: tuple[str, ...], dotted: str) -> None:
        """Raise ConfigError unless `key` is one of `names`."""
        if key in names:
            return
        near = difflib.get_close_matches(key, names, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(names))}"
        raise self._error(dotted, f"unknown key {dotted!r}; {hint}")

    def section(self, dotted: str, value: object, base: Any, also: tuple[str, ...] = ()) -> Any:
        """The options object `base` with what `value` sets; keys in `also` belong to the caller."""
        if not isinstance(value, dict):
            raise self._error(dotted, f"{dotted!r} is a table: write it as [{dotted}]")
        hints = get_type_hints(type(base))
        given: dict[str, Any] = {}
        for key, item in value.items():
            self.known(key, (*hints, *also), f"{dotted}.{key}")
            if key in also:
                continue
            try:
                given[key] = convert(item, hints[key])
            except ValidationError as error:
                raise self._error(f"{dotted}.{key}", f"{dotted}.{key}: {_lower(str(error))}") from error
        try:
            return structs.replace(base, **given)
        except ValueError as error:
            raise self._error(f"{dotted}.{next(iter(given))}", f"{dotted}: {error}") from error

    def rules(self, tables: object, base: Settings) -> tuple[dict[str, object], frozenset[str]]:
        """The [rules.ID] tables on top of `base`: options objects, and the rules that are off."""
        if not isinstance(tables, dict):
            raise self._error("rules", "'rules' is a table: write [rules.ID]")
        files = rule_files()
        options = dict(base.rules)
        off = set(base.off)
        for id, value in tables.items():
            self.known(id, tuple(files), f"rules.{id}")
            dotted = f"rules.{id}"
            config = files[id].config
            before = options.get(id) or (config or _NoOptions)()
            made = self.section(dotted, value, before, also=("enabled",))
            if config is not None:
                options[id] = made
            enabled = value.get("enabled", id not in off)
            if not isinstance(enabled, bool):
                raise self._error(f"{dotted}.enabled", f"{dotted}.enabled is true or false")
            (off.discard if enabled else off.add)(id)
        return options, frozenset(off)

    def _error(self, dotted: str, what: str) -> ConfigError:
        line = self._line(dotted)
        where = f"{self._path}, line {line}" if line else str(self._path)
        return ConfigError(f"{where}: {what}")

    def _line(self, dotted: str) -> int | None:
        # tomllib keeps no positions: look for the header and then for the key, which is right for how people write TOML.
        table = ""
        for number, raw in enumerate(self._lines, 1):
            line = raw.strip()
            if line.startswith("["):
                table = line.strip("[] \t").replace('"', "").replace(" ", "")
                if table == dotted:
                    return number
            elif "=" in line:
                key = line.partition("=")[0].strip().replace('"', "")
                if f"{table}.{key}".lstrip(".") == dotted:
                    return number
        return None


class _NoOptions(Struct, frozen=True):
    pass


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def toml(value: object) -> str:
    """An option's value as the settings file writes it."""
    # JSON's strings, numbers, booleans and lists of these are TOML's as well.
    return json.dumps(list(value) if isinstance(value, tuple | frozenset) else value, ensure_ascii=False)
