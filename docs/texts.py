"""Keeps the translations in step with the program: every text that a person may read, and what each language lacks.

`make texts` writes the catalogues under wifiguard/locale anew: new texts come in without a translation, those that are gone go
out. `--missing` only lists what is to be translated. docs/translating.md tells translators the rest.

Texts are found in four ways:
- what a marking call holds: `N_("…")`, `told("…")`, `counted("…", "…", n)`;
- in the rooms that speak English to the others (PROSE): every literal that reads like a sentence, f-strings as templates,
  since those reach people filled, through the control socket, and are recognised there (wifiguard/daemon/language.py);
- rules: the docstring's sections, the evidence's names and what they mean;
- commands: their docstrings, examples and options' help.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from msgspec import Struct, structs

from wifiguard.cli.group import Commands
from wifiguard.cli.helptext import EXAMPLE, paragraphs
from wifiguard.core.wording import label_text
from wifiguard.daemon import privacy
from wifiguard.daemon.language import CATALOGUES, DOMAIN, NAMES
from wifiguard.rules import rule_files

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "wifiguard"
MARKS = {"N_": 1, "translate": 1, "told": 1, "gettext": 1, "counted": 2, "ngettext": 2, "translate_many": 2}
# The rooms and files whose sentences are told by others.
PROSE = (
    "sources",
    "actions",
    "daemon",
    "store",
    "rules",
    "names/answer.py",
    "names/difference.py",
    "names/lists.py",
    "core",
)
# Calls whose words are all read by people, single ones too.
SPEAKERS = {"NotChecked", "Diagnosis"}
# Files of the rooms above that hold other languages (packet filters, SQL, rule sets, settings of other programs) or speak to
# programmers.
OTHER_LANGUAGES = {
    "__init__.py",
    "bpf.py",
    "link.py",
    "nftables.py",
    "program.py",
    "proxy.py",
    "reading.py",
    "rows.py",
    "schema.py",
    "writing.py",
}
# Reads like a sentence: two words with a space between.
_PROSE = re.compile(r"[A-Za-z’']{2,}[,;:.!?)}]* [({“`A-Za-z]")
# In every language the same: commands to type, patterns, SQL, what other programs say.
_FOREIGN = re.compile(
    r"\s*(?:(?:sudo|wifiguard|systemctl|nmcli)\b[^,]*$|\^|(?:SELECT|DELETE|UPDATE|INSERT|PRAGMA|VACUUM|BEGIN|WHERE)\b"
    r"|[\w ]+\||Permission denied|Traceback|NetworkManager is online|# )"
)
# Lines of a catalogue's head that change without a change of the texts, or that nobody fills.
_CHANGING = re.compile(rb'"(?:Report-Msgid|POT-C|PO-R|Last-T|Language-T|Generated)[^\n]*\n')
_PLACE = re.compile(r"\{\w*\}")
# What only a programmer sees.
_DEFECTS = {"AssertionError", "TypeError"}


class Text(Struct, frozen=True):
    """A text to translate: `id`, or (one, more); `places`: the files that hold it."""

    id: str | tuple[str, str]
    places: tuple[str, ...]


@cache
def texts() -> list[Text]:
    """Every text, in the order of the files that hold it."""
    found: dict[str | tuple[str, str], dict[str, None]] = {}
    for place, id in (*_sources(), *_rules(), *_commands()):
        found.setdefault(id, {})[place] = None
    plural = {one for id in found if isinstance(id, tuple) for one in id[:1]}
    return [Text(id, tuple(places)) for id, places in found.items() if id not in plural]


# -- where they are


def _sources() -> Iterator[tuple[str, str | tuple[str, str]]]:
    for path in sorted(PROGRAM.rglob("*.py")):
        place = str(path.relative_to(ROOT))
        prose = path.name not in OTHER_LANGUAGES and any(path.is_relative_to(PROGRAM / room) for room in PROSE)
        for id in Reader(prose).read(ast.parse(path.read_text())):
            yield place, id


class Reader:
    """Reads one file. `prose`: it is in a room whose every sentence is a text."""

    def __init__(self, prose: bool) -> None:
        self._prose = prose

    def read(self, node: ast.AST) -> Iterator[str | tuple[str, str]]:
        """Every text below `node`."""
        match node:
            case ast.Expr(value=ast.Constant()):
                return  # a docstring
            case ast.FunctionDef(name="examples") | ast.keyword(arg="references"):
                return
            case ast.Call() if (name := _called(node)) in MARKS:
                said = [_template(each) for each in node.args[: MARKS[name]]]
                if all(isinstance(each, str) for each in said) and said:
                    yield said[0] if len(said) == 1 else (said[0], said[1])  # type: ignore[misc]
                    for filling in (*node.args[len(said) :], *node.keywords):
                        yield from self.read(filling)
                    return
            case ast.Call() if name in SPEAKERS and self._prose:
                for argument in (*node.args, *(word.value for word in node.keywords)):
                    yield from filter(_word, _literals(argument))
                return
            case ast.Call(func=ast.Name(id="Service"), args=[_, ast.Constant(value=str(title)), *_]):
                # A table whose other columns are names of programs and settings.
                if _PROSE.search(title):
                    yield title
                return
            case ast.Assign(targets=[ast.Name(id="NAME")], value=ast.Constant(value=str(name))) if self._prose:
                if " " not in name and "." not in name and name != DOMAIN:
                    yield name  # a source's, by which it is told
            case ast.Raise(exc=ast.Call() as call) if _called(call) in _DEFECTS:
                return
            case ast.Constant() | ast.JoinedStr():
                if self._prose:
                    first, *chosen = [*_literals(node), ""]
                    if _PROSE.search(_PLACE.sub("x", first)):
                        yield from filter(_word, (first, *chosen))
                for part in getattr(node, "values", ()):
                    if isinstance(part, ast.FormattedValue):
                        yield from self.read(part.value)
                return
        for child in ast.iter_child_nodes(node):
            yield from self.read(child)


def _word(text: str) -> bool:
    # What ends with a space goes on somewhere else: no text, and none that could be translated.
    whole = not text.endswith(" ") and re.search("[A-Za-z]{2}", _PLACE.sub("", text))
    return bool(whole) and not _FOREIGN.match(text)


def _literals(node: ast.AST) -> Iterator[str]:
    """The texts in an expression: an f-string as a template, then the words that are chosen inside it."""
    text = _template(node)
    if text is not None:
        yield text
    match node:
        case ast.IfExp():
            parts: list[ast.AST] = [node.body, node.orelse]
        case ast.JoinedStr():
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            parts = [part for part in parts if isinstance(part, ast.IfExp)]
        case ast.BoolOp():
            parts = list(node.values)
        case _:
            parts = []
    for part in parts:
        yield from _literals(part)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _template(node: ast.AST) -> str | None:
    """The text of a literal; of an f-string with its places named by what fills them."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Call) and _called(node) == "N_" and len(node.args) == 1:
        return _template(node.args[0])
    if not isinstance(node, ast.JoinedStr):
        return None
    names: dict[str, str] = {}
    out = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            source = ast.unparse(part.value)
            if source not in names:
                name = _name(part.value)
                names[source] = name if name not in names.values() else f"{name}{len(names) + 1}"
            out.append(f"{{{names[source]}}}")
        else:
            assert isinstance(part, ast.Constant)
            out.append(part.value)
    return "".join(out)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(func=ast.Attribute(attr="join"), args=[_]):
            return NAMES
        case ast.Call(func=ast.Name(id="len")):
            return "count"
        case ast.Call(args=[first, *_]):
            return _name(first)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(value=value)) | ast.Subscript(value=value):
            return _name(value)
        case ast.BoolOp(values=[first, *_]) | ast.BinOp(left=first):
            return _name(first)
    return "value"


def _rules() -> Iterator[tuple[str, str]]:
    for file in rule_files().values():
        place = str(Path(str(file.module.__file__)).relative_to(ROOT))
        for section in file.sections():
            yield place, file.paragraph(section)
        for field in structs.fields(file.evidence):
            yield place, label_text(field.name)
    for kept in privacy.evidence():
        yield "wifiguard/daemon/privacy.py", kept.meaning
        for _, kind in kept.fields:
            yield "wifiguard/daemon/privacy.py", kind


def _commands() -> Iterator[tuple[str, str]]:
    group = Commands(name="wifiguard")
    context = click.Context(group, info_name="wifiguard")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        for id in _helps(command):
            yield f"wifiguard/cli/{name}.py", id


def _helps(command: click.Command) -> Iterator[str]:
    yield from paragraphs(command.help or "")
    if command.epilog and not command.epilog.startswith(EXAMPLE.partition("{")[0]):
        yield command.epilog
    yield from (param.help for param in command.params if isinstance(param, click.Option) and param.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _helps(inner)


# -- the catalogues


def catalogues() -> list[Path]:
    """The .po file of every language."""
    return sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(path: Path) -> Catalog:
    """A catalogue as it lies there."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain=DOMAIN)


def updated(old: Catalog) -> Catalog:
    """The catalogue with exactly the texts of today; what was translated stays translated."""
    new = Catalog(locale=old.locale, domain=DOMAIN, project="WiFiGuard", fuzzy=False)
    new.header_comment = old.header_comment
    new.mime_headers = old.mime_headers
    for text in texts():
        known = old.get(text.id)
        string = known.string if known is not None and isinstance(known.id, type(text.id)) else ""
        new.add(text.id, string, locations=[(place, 0) for place in text.places])
    return new


def written(catalog: Catalog) -> bytes:
    """The .po file, without dates and line numbers."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    return _CHANGING.sub(b"", out.getvalue())


def main() -> int:
    """Write the catalogues, or list what they lack."""
    for path in catalogues():
        catalog = updated(read(path))
        missing = [message for message in catalog if message.id and not message.string]
        if "--missing" in sys.argv:
            for message in missing:
                print(f"{message.id!r}  ({', '.join(place for place, _ in message.locations)})")
            continue
        path.write_bytes(written(catalog))
        where = path.relative_to(ROOT)
        print(f"{where}: {len(catalog)} texts, {len(missing)} to be translated (empty msgstr)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
