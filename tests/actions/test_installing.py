"""The service is put into a system as a whole, runs from there as a user without rights, and is gone again."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.net.rig.command import run
from tests.net.rig.requirements import skip_unless_possible
from wifiguard.actions import installing, program
from wifiguard.actions.installing import AGENT, SERVICE, Layout, agent_enabled, installed, remove, settle
from wifiguard.actions.program import NotInstallable, distributions, system_python
from wifiguard.cli.group import Commands
from wifiguard.daemon.config import Settings, parse, template

ROOT = Path(__file__).parents[2]
# One copy of the program is made for all of these.
pytestmark = pytest.mark.xdist_group("installing")


@pytest.fixture(autouse=True)
def _possible(request: pytest.FixtureRequest) -> None:
    skip_unless_possible(request.node)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installation brings."""
    try:
        system_python()
    except NotInstallable as error:
        pytest.skip(str(error))
    root = tmp_path_factory.mktemp("system")
    root.chmod(0o755)
    done = CliRunner().invoke(
        Commands(name="wifiguard"), ["service", "install", "--root", str(root)], catch_exceptions=False
    )
    assert (done.exit_code, done.output) == (0, f"WiFiGuard is in {root}/usr/local/lib/wifiguard.\n")
    return root


def files(root: Path) -> set[str]:
    libraries = root / "usr/local/lib/wifiguard"
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and libraries not in p.parents}


EVERYTHING = {
    "etc/systemd/system/wifiguard-look.socket",
    "etc/systemd/system/wifiguard-look@.service",
    "etc/systemd/system/wifiguard.service",
    "etc/systemd/user/wifiguard-agent-plain.service",
    "etc/systemd/user/wifiguard-agent.service",
    "etc/sysusers.d/wifiguard.conf",
    "etc/tmpfiles.d/wifiguard.conf",
    "etc/wifiguard/wifiguard.toml",
    "usr/local/bin/wifiguard",
    "usr/local/share/bash-completion/completions/wifiguard",
    "usr/local/share/fish/vendor_completions.d/wifiguard.fish",
    "usr/local/share/man/man1/wifiguard.1",
    "usr/local/share/zsh/site-functions/_wifiguard",
}


def test_everything_is_there_and_others_can_read_it_and_not_change_it(system: Path) -> None:
    assert files(system) == EVERYTHING
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (system / "usr/local/lib/wifiguard").rglob("*")}
    assert modes == {0o755, 0o644}
    programs = {}
    for name in EVERYTHING:
        if name.endswith(".service"):
            (programs[Path(name).name],) = re.findall(r"(?m)^ExecStart=(\S+)", (system / name).read_text())
    assert programs == {
        "wifiguard.service": "/usr/local/bin/wifiguard",
        "wifiguard-agent.service": "/usr/local/bin/wifiguard",
        "wifiguard-agent-plain.service": "/usr/local/bin/wifiguard",
        "wifiguard-look@.service": "/usr/local/lib/wifiguard/look",
    }
    assert all(os.access(system / program.lstrip("/"), os.X_OK) for program in programs.values())


@pytest.mark.root
@pytest.mark.rig("unshare", "setpriv")
def test_it_runs_there_as_nobody_with_nothing_of_the_checkout(system: Path) -> None:
    script = (
        f"mount --bind {system}/usr/local /usr/local && mount -t tmpfs none {ROOT} && cd / && exec setpriv --reuid 65534"
        " --regid 65534 --clear-groups env -i HOME=/nowhere PATH=/usr/bin:/bin /usr/local/bin/wifiguard selftest --no-notify"
    )
    done = run(["unshare", "-m", "sh", "-c", script])
    assert re.fullmatch(
        r"ok +the log keeps what it is given\n\d+ cases of the rules tried, 0 checks failed, 0 could not be tried.\n",
        done.stdout,
    )


def test_a_user_cannot_slip_other_code_in(system: Path, tmp_path: Path) -> None:
    (tmp_path / "wifiguard").mkdir()
    (tmp_path / "wifiguard/__init__.py").write_text("raise SystemExit('mine')")
    launcher = (system / "usr/local/bin/wifiguard").read_text()
    here = tmp_path / "launcher"
    here.write_text(launcher.replace("/usr/local/lib", f"{system}/usr/local/lib"))
    here.chmod(0o755)
    done = run([str(here), "--version"], env={"PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": str(tmp_path / "x")})
    assert done.stdout.startswith("wifiguard ")


def test_an_update_replaces_the_program_and_keeps_the_settings(system: Path) -> None:
    settings, stale = system / "etc/wifiguard/wifiguard.toml", system / "usr/local/lib/wifiguard/stale.py"
    settings.write_text("[log]\nkeep_days = 7\n")
    stale.write_text("")
    done = CliRunner().invoke(
        Commands(name="wifiguard"), ["service", "install", "--root", str(system)], catch_exceptions=False
    )
    assert "brought up to date" in done.output
    assert settings.read_text() == "[log]\nkeep_days = 7\n"
    assert not stale.exists()
    assert [path.name for path in (system / "usr/local/lib").iterdir()] == ["wifiguard"]


def test_removing_leaves_what_the_user_chose(system: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    run(["cp", "-a", str(system), str(root)])
    log = root / "var/lib/wifiguard/wifiguard.db"
    log.parent.mkdir(parents=True)
    log.write_text("")
    layout = Layout.local(root)
    remove(layout, erase=False)
    assert files(root) == {"etc/wifiguard/wifiguard.toml", "var/lib/wifiguard/wifiguard.db"}
    assert not installed(layout)
    remove(layout, erase=True)
    assert files(root) == set()


def test_the_settings_that_come_with_it_change_nothing() -> None:
    text = template()
    assert parse(text, Path("wifiguard.toml")) == Settings()
    plain = "\n".join(line.removeprefix("# ") for line in text.splitlines() if re.match(r"# (\[|\w+ = )", line))
    assert parse(plain, Path("wifiguard.toml")).log == Settings().log


class Systemd:
    """A systemd that keeps the units of a tree and runs none: what it is told to start is noted, and refused where masked."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self._calls = folder / "calls"
        self._tool = folder / "systemctl"
        folder.mkdir()
        (root / "run/systemd/system").mkdir(parents=True)
        for name in ("systemd-sysusers", "systemd-tmpfiles"):
            self._script(folder / name, "exit 0")
        real = shutil.which("systemctl")
        self._script(
            self._tool,
            f"""case "$*" in
                *able*|*mask*) exec {real} --root={root} "$@";;
            esac
            echo "$*" >>{self._calls}
            [ "${{1%start}}" = "$1" ] || ! {real} --root={root} is-enabled wifiguard.service | grep -q masked""",
        )
        self.path = f"{folder}:{os.environ['PATH']}"

    @staticmethod
    def _script(path: Path, text: str) -> None:
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def do(self, *argv: str) -> str:
        return subprocess.run([self._tool, *argv], capture_output=True, text=True, check=False).stdout.strip()

    def enabled(self) -> tuple[str, str]:
        """Service and agent."""
        return self.do("is-enabled", SERVICE), self.do("--global", "is-enabled", AGENT)

    def off(self) -> None:
        self.do("disable", SERVICE)
        self.do("--global", "disable", AGENT)

    def told(self) -> list[str]:
        """What it was to do since the last time."""
        told = self._calls.read_text().splitlines() if self._calls.exists() else []
        self._calls.unlink(missing_ok=True)
        return told


ON, OFF = ("enabled", "enabled"), ("disabled", "disabled")
ENABLED = [
    "wifiguard.service runs, and will after every start of this laptop.",
    "Notifications come with everybody's next login.",
]
DISABLED = [
    "wifiguard.service is disabled, and stays so. Enable it: sudo systemctl enable --now wifiguard.service",
    "wifiguard-agent.service is disabled, and stays so. Enable it: sudo systemctl --global enable wifiguard-agent.service",
]


@pytest.mark.rig("systemctl")
def test_what_was_switched_off_stays_off_when_brought_up_to_date(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["cp", "-a", str(system / "etc"), str(tmp_path / "etc")])
    systemd = Systemd(tmp_path, tmp_path / "bin")
    monkeypatch.setenv("PATH", systemd.path)
    monkeypatch.setattr(installing, "_BOOTED", tmp_path / "run/systemd/system")
    assert (list(settle(Layout.local(), fresh=True)), systemd.enabled()) == (ENABLED, ON)
    assert systemd.told() == ["daemon-reload", "restart wifiguard.service"]
    assert (list(settle(Layout.local(), fresh=False)), systemd.enabled()) == (ENABLED, ON)
    assert systemd.told() == ["daemon-reload", "restart wifiguard.service"]
    systemd.off()
    assert (list(settle(Layout.local(), fresh=False)), systemd.enabled()) == (DISABLED, OFF)
    assert systemd.told() == ["daemon-reload", "try-restart wifiguard.service"]
    assert not agent_enabled()


def test_a_masked_unit_is_not_written_through(tmp_path: Path) -> None:
    masked = tmp_path / "etc/systemd/user/wifiguard-agent.service"
    masked.parent.mkdir(parents=True)
    masked.symlink_to("/dev/null")
    done = CliRunner().invoke(Commands(name="wifiguard"), ["service", "install", "--root", str(tmp_path)])
    assert (done.exit_code, done.stderr) == (
        2,
        f"Error: wifiguard-agent.service is masked. Unmask it: sudo rm {masked}\n",
    )
    assert files(tmp_path) == set()


@pytest.mark.rig("man")
def test_the_manual_page_is_sound_and_names_every_command(system: Path) -> None:
    page = system / "usr/local/share/man/man1/wifiguard.1"
    done = run(["man", "--warnings", "-l", str(page)], env={"MANWIDTH": "80", "MANROFFSEQ": "", "PAGER": "cat"})
    assert done.stderr == ""
    for name in Commands(name="wifiguard").list_commands(None):  # type: ignore[arg-type]
        assert re.search(rf"(?m)^ +{name}\b", done.stdout), name


@pytest.mark.rig("bash")
def test_bash_completes_commands(system: Path) -> None:
    completion = system / "usr/local/share/bash-completion/completions/wifiguard"
    script = f". {completion}; COMP_WORDS=(wifiguard di); COMP_CWORD=1; _wifiguard_completion wifiguard; echo ${{COMPREPLY[@]}}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    assert run(["bash", "-c", script], env={"PATH": path}).stdout == "distrust\n"


@pytest.mark.rig("zsh")
def test_zsh_accepts_its_completion(system: Path) -> None:
    run(["zsh", "-n", str(system / "usr/local/share/zsh/site-functions/_wifiguard")])


@pytest.mark.rig("fish")
def test_fish_accepts_its_completion(system: Path) -> None:
    run(["fish", "-n", str(system / "usr/local/share/fish/vendor_completions.d/wifiguard.fish")])


def test_nothing_of_the_tests_is_installed() -> None:
    names = {distribution.metadata["Name"].lower() for distribution in distributions()}
    assert {"wifiguard", "scapy", "psutil", "notify_py"} <= names
    assert not names & {"pytest", "hypothesis", "mypy", "ruff"}


def test_a_python_that_others_can_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (tmp_path / "bin").mkdir(mode=0o777)
    (tmp_path / "bin" / name).write_text("")
    (tmp_path / "bin").chmod(0o777)
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setattr(program, "SYSTEM", tmp_path / "none")
    with pytest.raises(NotInstallable, match=r"can be .* root.*distribution's python3"):
        system_python()


def test_without_root_it_says_to_use_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for command in ("install", "uninstall", "restart"):
        done = CliRunner().invoke(Commands(name="wifiguard"), ["service", command])
        assert (done.exit_code, done.stderr) == (2, "Error: This changes the system: call it with sudo.\n")


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("deb")
    run(
        ["sh", str(ROOT / "packaging/make-deb.sh"), f"{Path(sys.executable).parent}/wifiguard", str(out)],
        timeout=100,
        env={"DPKG_DEB_COMPRESSOR_TYPE": "none"},
    )
    return next(out.glob("*.deb"))


@pytest.mark.rig("dpkg-deb")
def test_the_package_holds_the_same_and_belongs_to_root(deb: Path, tmp_path: Path) -> None:
    listing = run(["dpkg-deb", "--contents", str(deb)]).stdout
    assert set(re.findall(r"(?m)^\S+ (\S+)", listing)) == {"root/root"}
    run(["dpkg-deb", "--raw-extract", str(deb), str(tmp_path / "x")])
    assert (tmp_path / "x/usr/lib/systemd/system/wifiguard.service").read_text() == (
        ROOT / "systemd/wifiguard.service"
    ).read_text()
    assert b".TH WIFIGUARD 1" in gzip.decompress((tmp_path / "x/usr/share/man/man1/wifiguard.1.gz").read_bytes())
    for script in ("preinst", "postinst", "prerm", "postrm"):
        assert subprocess.run(["sh", "-n", str(tmp_path / "x/DEBIAN" / script)], check=False).returncode == 0


@pytest.mark.root
@pytest.mark.rig("dpkg", "dpkg-deb", "systemctl")
def test_an_upgrade_of_the_package_switches_nothing_on_and_a_masked_unit_stops_none(deb: Path, tmp_path: Path) -> None:
    # Without the program, which takes dpkg seconds each time.
    small = tmp_path / "small"
    run(["dpkg-deb", "--raw-extract", str(deb), str(small)])
    shutil.rmtree(small / "usr/lib/wifiguard")
    run(["dpkg-deb", "--root-owner-group", "--build", str(small), str(tmp_path / "small.deb")])
    root = tmp_path / "root"
    for folder in ("updates", "info", "triggers"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    systemd = Systemd(root, tmp_path / "bin")

    def dpkg(*argv: str) -> tuple[tuple[str, str], list[str]]:
        """What is enabled after it, and what was started."""
        options = [
            f"--root={root}",
            "--force-script-chrootless",
            "--force-depends",
            "--force-unsafe-io",
            "--no-triggers",
        ]
        run(["dpkg", *options, *argv], env={"PATH": systemd.path}, timeout=100)
        said = run(["dpkg-query", f"--root={root}", "-W", "-f", "${Status}", "wifiguard"]).stdout
        assert said in ("install ok installed", "deinstall ok config-files")
        assert not (root / "run/wifiguard.new").exists()
        return systemd.enabled(), systemd.told()

    install = ("--install", str(tmp_path / "small.deb"))
    assert dpkg(*install) == (ON, ["daemon-reload", "restart wifiguard.service"])
    assert dpkg(*install) == (ON, ["daemon-reload", "try-restart wifiguard.service"])
    systemd.off()
    assert dpkg(*install) == (OFF, ["daemon-reload", "try-restart wifiguard.service"])
    systemd.do("mask", SERVICE)
    systemd.do("--global", "mask", AGENT)
    assert dpkg(*install) == (("masked", "masked"), ["daemon-reload", "try-restart wifiguard.service"])
    assert dpkg("--remove", "wifiguard")[1] == ["stop wifiguard.service", "daemon-reload"]
    # After a removal it is new again, though dpkg names the version that was.
    assert dpkg(*install) == (("masked", "masked"), ["daemon-reload", "restart wifiguard.service"])
    systemd.do("unmask", SERVICE)
    systemd.do("--global", "unmask", AGENT)
    assert systemd.enabled() == OFF
    dpkg("--remove", "wifiguard")
    assert dpkg(*install) == (ON, ["daemon-reload", "restart wifiguard.service"])
