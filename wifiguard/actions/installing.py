"""Puts the service into a system, and takes it out again: program, units, user, settings, completion, manual page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

import wifiguard
from wifiguard.actions.program import NotInstallable, copy_program

SERVICE, AGENT = "wifiguard.service", "wifiguard-agent.service"
PLAIN_AGENT = "wifiguard-agent-plain.service"
LOOK = ("wifiguard-look.socket", "wifiguard-look@.service")
USER = "wifiguard"
STATE, CONFIG = Path("/var/lib/wifiguard"), Path("/etc/wifiguard")
_BOOTED = Path("/run/systemd/system")


class Layout(Struct, frozen=True):
    """Where things go. `root`: another system's root folder, as a package is made of; "/" installs here."""

    root: Path
    libraries: Path
    launcher: Path
    units: Path
    sysusers: Path
    tmpfiles: Path
    share: Path

    @classmethod
    def local(cls, root: Path = Path("/")) -> Layout:
        """What an administrator installs by hand: /usr/local and /etc, which no package touches."""
        usr, etc = Path("/usr/local"), Path("/etc")
        return cls(
            root,
            usr / "lib/wifiguard",
            usr / "bin/wifiguard",
            etc / "systemd",
            etc / "sysusers.d",
            etc / "tmpfiles.d",
            usr / "share",
        )

    @classmethod
    def package(cls, root: Path) -> Layout:
        """What a distribution's package holds."""
        usr = Path("/usr")
        lib = usr / "lib"
        return cls(
            root,
            lib / "wifiguard",
            usr / "bin/wifiguard",
            lib / "systemd",
            lib / "sysusers.d",
            lib / "tmpfiles.d",
            usr / "share",
        )

    def at(self, path: Path) -> Path:
        """`path` of the target system, as this one sees it."""
        return self.root / path.relative_to("/")

    def unit_files(self) -> dict[Path, str]:
        """Target → name of the file beside the package."""
        return {
            self.units / "system" / SERVICE: SERVICE,
            **{self.units / "system" / name: name for name in LOOK},
            **{self.units / "user" / name: name for name in (AGENT, PLAIN_AGENT)},
            self.sysusers / "wifiguard.conf": "wifiguard.sysusers",
            self.tmpfiles / "wifiguard.conf": "wifiguard.tmpfiles",
        }

    def completions(self) -> dict[str, Path]:
        """Shell → target of its completion file."""
        zsh = "zsh/vendor-completions" if self.share == Path("/usr/share") else "zsh/site-functions"
        return {
            "bash": self.share / "bash-completion/completions/wifiguard",
            "zsh": self.share / zsh / "_wifiguard",
            "fish": self.share / "fish/vendor_completions.d/wifiguard.fish",
        }

    @property
    def manual(self) -> Path:
        return self.share / "man/man1/wifiguard.1"


def write(layout: Layout, texts: Mapping[Path, str]) -> None:
    """Write the program, the units and `texts` (target → content). Raises NotInstallable, OSError."""
    for target in layout.unit_files():
        if layout.at(target).resolve() == Path(os.devnull):  # which is what would be written, and closed to others
            raise NotInstallable(f"{target.name} is masked. Unmask it: sudo rm {layout.at(target)}")
    copy_program(layout.libraries, layout.launcher, root=layout.root)
    for target, name in layout.unit_files().items():
        text = (_units() / name).read_text()
        for usual, here in (("/usr/bin/wifiguard", layout.launcher), ("/usr/lib/wifiguard", layout.libraries)):
            text = text.replace(usual, str(here))
        _put(layout.at(target), text)
    for target, text in texts.items():
        _put(layout.at(target), text)


def settle(layout: Layout, *, fresh: bool) -> Iterator[str]:
    """On this very system: make the user and folders, start the service; yields what was done, a sentence each.

    Only a fresh installation switches on: what is off in an older one stays off. Raises NotInstallable.
    """
    _run("systemd-sysusers", str(layout.sysusers / "wifiguard.conf"))
    _run("systemd-tmpfiles", "--create", str(layout.tmpfiles / "wifiguard.conf"))
    if not _BOOTED.exists():
        yield "systemd does not run this machine: nothing was started. `wifiguard run` watches in the foreground."
        return
    _run("systemctl", "daemon-reload")
    if fresh:
        _run("systemctl", "enable", SERVICE)
        _run("systemctl", "--global", "enable", AGENT)
    if _succeeds("systemctl", "is-enabled", SERVICE):
        _run("systemctl", "restart", SERVICE)
        yield f"{SERVICE} runs, and will after every start of this laptop."
    else:
        _run("systemctl", "try-restart", SERVICE)
        yield f"{SERVICE} is disabled, and stays so. Enable it: sudo systemctl enable --now {SERVICE}"
    if agent_enabled():
        yield "Notifications come with everybody's next login."
    else:
        yield f"{AGENT} is disabled, and stays so. Enable it: sudo systemctl --global enable {AGENT}"


def agent_enabled() -> bool:
    """Whether the agent starts with everybody's login."""
    return _BOOTED.exists() and _succeeds("systemctl", "--global", "is-enabled", AGENT)


def start_agent(user: str) -> str | None:
    """Start the agent in the session that `user` has; returns why that was not possible."""
    try:
        _run("systemctl", "--user", f"--machine={user}@.host", "daemon-reload")
        _run("systemctl", "--user", f"--machine={user}@.host", "restart", AGENT)
    except NotInstallable as error:
        return str(error)
    return None


def restart() -> None:
    """Start the service anew. Raises NotInstallable."""
    _run("systemctl", "restart", SERVICE)


def installed(layout: Layout) -> bool:
    """Whether the service is there."""
    return layout.at(layout.units / "system" / SERVICE).exists()


def remove(layout: Layout, *, erase: bool) -> None:
    """Stop the service and remove everything; with `erase` the log, the settings and the user as well. Raises NotInstallable."""
    here = layout.root == Path("/")
    if here and _BOOTED.exists() and installed(layout):
        _run("systemctl", "disable", "--now", SERVICE)
        _run("systemctl", "--global", "disable", AGENT)
    for target in (*layout.unit_files(), *layout.completions().values(), layout.manual, layout.launcher):
        layout.at(target).unlink(missing_ok=True)
    shutil.rmtree(layout.at(layout.libraries), ignore_errors=True)
    if here and _BOOTED.exists():
        _run("systemctl", "daemon-reload")
    if erase:
        for folder in (STATE, CONFIG):
            shutil.rmtree(layout.at(folder), ignore_errors=True)
        if here and _known("passwd"):
            _run("userdel", USER)
        # It stays where people were added to it.
        if here and _known("group"):
            _run("groupdel", USER)


def _units() -> Path:
    packaged = Path(wifiguard.__file__).parent / "systemd"
    return packaged if packaged.exists() else packaged.parent.parent / "systemd"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)


def _known(kind: str) -> bool:
    return re.search(rf"(?m)^{USER}:", Path("/etc", kind).read_text()) is not None


def _run(*argv: str) -> None:
    done = _ended(*argv)
    if done.returncode:
        raise NotInstallable(f"`{' '.join(argv)}` failed: {(done.stderr or done.stdout).strip()[:500]}")


def _succeeds(*argv: str) -> bool:
    return _ended(*argv).returncode == 0


def _ended(*argv: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    except FileNotFoundError as error:
        raise NotInstallable(f"{argv[0]} is missing: this needs a system with systemd.") from error
    except subprocess.TimeoutExpired as error:
        raise NotInstallable(f"`{' '.join(argv)}` did not end within a minute.") from error
