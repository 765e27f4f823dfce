"""What is told of a defect, and what is not."""

from __future__ import annotations

import pytest

from wifiguard.daemon.defects import ignored


def test_an_error_that_nobody_can_catch_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.unraisablehook", ignored)

    class Hollow:
        def __del__(self) -> None:
            raise ValueError("the password is 1234")

    Hollow()
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("ValueError in test_defects.py, line ")
    assert "1234" not in said.err
    assert "Traceback" not in said.err
