"""What fuzzing found stays mended: every kept input is fed to its target, which asserts that nothing raises or takes long."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

INPUTS = sorted((Path(__file__).parent / "inputs").glob("*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=[f"{path.parent.name}-{path.name}" for path in INPUTS])
def test_a_finding_stays_mended(path: Path) -> None:
    gc.collect()
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_noise_harms_no_target(target: str) -> None:
    chance = random.Random(target)
    for size in range(200):
        TARGETS[target](chance.randbytes(size))
