"""systemd accepts the units, and says how exposed the service is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.net.rig.command import run
from tests.net.rig.requirements import skip_unless_possible

UNITS = Path(__file__).parents[2] / "systemd"
# Of 10, the lower the better (systemd-analyze(1)); a line that is relaxed in the unit moves it.
EXPOSURE = {"wifiguard.service": 1.5, "wifiguard-look@.service": 2.1, "wifiguard-agent.service": 0.9}
# Where there are no namespaces, most of the rest cannot be had.
PLAIN = {"wifiguard-agent-plain.service": 5.9}
# Programs of the distribution's Python need the system's files; the clock is a device that ProtectClock= lets be read.
USUAL = {"RootDirectory", "DeviceAllow"}

# What a unit names must be there.
WITH = {
    "wifiguard-look.socket": ("wifiguard-look@.service",),
    "wifiguard-agent.service": ("wifiguard-agent-plain.service",),
    "wifiguard.service": ("wifiguard-look.socket",),
}

pytestmark = pytest.mark.rig("systemd-analyze")


@pytest.fixture(autouse=True)
def _possible(request: pytest.FixtureRequest) -> None:
    skip_unless_possible(request.node)


def unit(name: str, folder: Path) -> Path:
    """A copy whose program exists on this machine."""
    text, changed = re.subn(r"(?m)^ExecStart=/usr/\S+", "ExecStart=/bin/true", (UNITS / name).read_text())
    assert changed == (not name.endswith(".socket"))
    copy = folder / name
    copy.write_text(text)
    for other in WITH.get(name, ()):
        unit(other, folder)
    return copy


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("wifiguard.service", "--system"),
        ("wifiguard-look@.service", "--system"),
        ("wifiguard-look.socket", "--system"),
        ("wifiguard-agent.service", "--user"),
        ("wifiguard-agent-plain.service", "--user"),
    ],
)
def test_systemd_accepts_the_unit(name: str, whose: str, tmp_path: Path) -> None:
    # --user asks for the session's runtime folder, which nobody has in a test run.
    done = run(
        ["systemd-analyze", "verify", "--man=no", whose, str(unit(name, tmp_path))],
        env={"XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(tmp_path))},
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_a_wrong_unit_is_not_accepted(tmp_path: Path) -> None:
    copy = unit("wifiguard.service", tmp_path)
    copy.write_text(copy.read_text().replace("NoNewPrivileges=yes", "NoNewPrivileges=perhaps\nNoSuchKey=1"))
    done = run(["systemd-analyze", "verify", "--man=no", "--system", str(copy)], check=False)
    assert "NoSuchKey" in done.stderr


def security(name: str, folder: Path) -> str:
    return run(["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit(name, folder))]).stdout


@pytest.mark.parametrize(("name", "most"), [*EXPOSURE.items(), *PLAIN.items()])
def test_the_service_is_little_exposed(tmp_path: Path, name: str, most: float) -> None:
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", security(name, tmp_path))
    assert found is not None
    assert float(found[1]) <= most


@pytest.mark.parametrize("name", EXPOSURE)
def test_what_is_not_shut_is_told_with_its_reason(tmp_path: Path, name: str) -> None:
    paragraphs = (UNITS / name).read_text().split("\n\n")
    explained = "\n".join(paragraph for paragraph in paragraphs if "#" in paragraph)
    missed = set(re.findall(r"(?m)^✗ (\w+)=", security(name, tmp_path))) - USUAL
    assert {setting for setting in missed if f"{setting}=" not in explained} == set()


@pytest.mark.rig("systemd-sysusers", "systemd-tmpfiles")
def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give folders an owner")
    (tmp_path / "etc").mkdir()
    run(["systemd-sysusers", f"--root={tmp_path}", str(UNITS / "wifiguard.sysusers")])
    name, _, uid, gid, _, home, shell = (tmp_path / "etc/passwd").read_text().strip().splitlines()[-1].split(":")
    assert (name, home, Path(shell).name) == ("wifiguard", "/var/lib/wifiguard", "nologin")
    run(["systemd-tmpfiles", f"--root={tmp_path}", "--create", str(UNITS / "wifiguard.tmpfiles")])
    assert int(uid) > 0
    assert int(gid) > 0
    assert (tmp_path / "etc/wifiguard").stat().st_mode & 0o7777 == 0o755
