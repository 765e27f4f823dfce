"""Every technique applied to the catalogue is seen through; `python -m tests.names.techniques` tries all entries."""

from tests.names.techniques import tried
from wifiguard.names.catalogue import Catalogue, packaged
from wifiguard.names.judge import judge

EVERY = 100


def test_imitations_name_the_entry_and_the_technique() -> None:
    tries, hits, excuses, left = tried(list(packaged())[::EVERY], Catalogue())
    assert hits.total() >= 0.97 * (hits.total() + len(left)), left
    assert hits.total() + excuses.total() + len(left) == tries.total()
    assert hits.total() >= 0.85 * tries.total(), excuses


def test_no_entry_imitates_another() -> None:
    catalogue = Catalogue()
    domains = [domain.replace("*", "www") for entry in packaged() for domain in entry.domains]
    assert [domain for domain in domains if judge(domain, catalogue).word != "known"] == []
