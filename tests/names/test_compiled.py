"""The index of brands that is read from a file is the one that would be built."""

from pathlib import Path

import pytest

from wifiguard.names import compiled
from wifiguard.names.brands import BrandIndex, index_of
from wifiguard.names.catalogue import Catalogue
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
    monkeypatch.setattr(compiled, "FILE", path)
    return path


@pytest.fixture(scope="module")
def built() -> BrandIndex:
    return BrandIndex(Catalogue())


def said(name: str, catalogue: Catalogue) -> tuple[object, ...]:
    verdict = judge(name, catalogue)
    return verdict.word, verdict.imitates, verdict.techniques, verdict.own


def test_what_is_written_is_read(file: Path, built: BrandIndex) -> None:
    assert compiled.read() is None
    compiled.write(built.compiled())
    assert compiled.read() == built.compiled()
    index_of.cache_clear()
    catalogue = Catalogue()
    read = [said(name, catalogue) for name in NAMES]
    file.unlink()
    index_of.cache_clear()
    assert [said(name, catalogue) for name in NAMES] == read
    assert {word for word, *_ in read} >= {"look-alike", "no-finding"}


def test_names_of_the_user_are_in_no_file(file: Path, built: BrandIndex) -> None:
    compiled.write(built.compiled())
    assert judge("my-ownbank1.example", Catalogue(["my-ownbankl.example"])).imitates == "my-ownbankl.example"


@pytest.mark.parametrize("damage", [b"", b"brands", b"brands 4 little 00000000\n"])
def test_a_file_of_another_version_is_none(file: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    assert compiled.read() is None


def test_a_file_that_is_cut_off_is_none(file: Path, built: BrandIndex) -> None:
    compiled.write(built.compiled())
    file.write_bytes(file.read_bytes()[:-1000])
    assert compiled.read() is None


def test_another_word_makes_another_version(file: Path, built: BrandIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.write(built.compiled())
    sources = list(compiled._sources())
    monkeypatch.setattr(compiled, "_sources", lambda: sources[1:])
    assert compiled.read() is None
