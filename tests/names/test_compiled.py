"""The catalogue and the index of brands that are read from files are those that would be built."""

from pathlib import Path

import pytest

from wifiguard.names import compiled
from wifiguard.names.brands import BrandIndex, index_of
from wifiguard.names.catalogue import Catalogue, Packaged, packaged
from wifiguard.names.judge import judge

NAMES = (
    "paypa1.com",
    "www.hsbc-login.example",
    "example.com",
    "sparkasse-kiel.de",
    "nationwied.co.uk",
    "xn--pypal-4ve.com",
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "brands.bin"
    monkeypatch.setattr(compiled, "BRANDS", path)
    return path


@pytest.fixture(scope="module")
def built() -> BrandIndex:
    return BrandIndex(Catalogue())


def said(name: str, catalogue: Catalogue) -> tuple[object, ...]:
    verdict = judge(name, catalogue)
    return verdict.word, verdict.imitates, verdict.techniques, verdict.own


def test_what_is_written_is_read(file: Path, built: BrandIndex) -> None:
    assert compiled.read(file) is None
    compiled.write(file, built.compiled())
    assert compiled.read(file) == built.compiled()
    index_of.cache_clear()
    catalogue = Catalogue()
    read = [said(name, catalogue) for name in NAMES]
    file.unlink()
    index_of.cache_clear()
    assert [said(name, catalogue) for name in NAMES] == read
    assert {word for word, *_ in read} >= {"look-alike", "no-finding"}


def test_names_of_the_user_are_in_no_file(file: Path, built: BrandIndex) -> None:
    compiled.write(file, built.compiled())
    assert judge("my-ownbank1.example", Catalogue(["my-ownbankl.example"])).imitates == "my-ownbankl.example"


@pytest.mark.parametrize("damage", [b"", b"brands", b"brands 4 little 00000000\n"])
def test_a_file_of_another_version_is_none(file: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    assert compiled.read(file) is None


def test_a_file_that_is_cut_off_is_none(file: Path, built: BrandIndex) -> None:
    compiled.write(file, built.compiled())
    file.write_bytes(file.read_bytes()[:-1000])
    assert compiled.read(file) is None


def test_another_word_makes_another_version(file: Path, built: BrandIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.write(file, built.compiled())
    sources = list(compiled._sources())
    monkeypatch.setattr(compiled, "_sources", lambda: sources[1:])
    compiled._head.cache_clear()
    assert compiled.read(file) is None
    monkeypatch.undo()
    compiled._head.cache_clear()
    assert compiled.read(file) == built.compiled()


def test_the_catalogue_that_is_read_is_the_one_that_is_built(tmp_path: Path) -> None:
    made, file = Packaged(), tmp_path / "catalogue.bin"
    compiled.write(file, made.compiled())
    read = Packaged(compiled.read(file))
    assert read.compiled() == made.compiled()
    assert [read.entry(number) for number in range(len(made))] == list(packaged())
    assert read.owner("paypal.com") == made.owner("paypal.com") is not None
    assert read.owner("example.com") is None
