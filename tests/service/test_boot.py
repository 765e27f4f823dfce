"""The installed service on a machine that systemd runs: two boots of a virtual machine, a step of its life a test."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.net.rig.command import run
from tests.net.rig.requirements import skip_unless_possible
from tests.service.guest import BOOTS
from tests.wifi.vm import CHECKOUT, NoMachine, boot

pytestmark = [
    pytest.mark.long,  # six minutes on two free cores, seventeen on busy ones, all of it work: the processor is emulated
    pytest.mark.root,
    pytest.mark.rig("dunst", "Xvfb", "curl", "dpkg-deb"),
    pytest.mark.xdist_group("wifi"),  # one virtual machine at a time
    # The first step waits for both boots.
    pytest.mark.timeout(3900),
]
SECONDS = 1800.0
# bash is the machine's first process: it makes way for systemd, which runs the steps and then ends the machine.
START = """
busybox umount /var/lib
# Nothing of this machine's own WiFiGuard; but root ran one here before it was installed.
rm -rf /var/lib/wifiguard /etc/wifiguard
if [ {number} = 1 ]; then mkdir -m 750 /var/lib/wifiguard; : >/var/lib/wifiguard/wifiguard.db.lock; fi
rm -f /var/lib/dpkg/triggers/man-db /usr/share/man/index.db
if [ -e /mnt/disk.tar ]; then tar -C / -xf /mnt/disk.tar; rm /mnt/disk.tar; fi
printf '127.0.0.1 localhost\\n' >/etc/hosts
cat >/etc/systemd/system/steps.service <<UNIT
[Unit]
Wants=dbus.service systemd-logind.service
After=basic.target dbus.service systemd-logind.service multi-user.target
[Service]
Type=oneshot
WorkingDirectory={checkout}
Environment=PYTHONDONTWRITEBYTECODE=1 HOME=/root
ExecStart={python} -m tests.service.guest {number}
StandardOutput=file:/mnt/steps-{number}
StandardError=file:/mnt/steps-{number}
ExecStopPost=/bin/sh -c 'journalctl --no-pager -o short-monotonic >/mnt/journal-{number}'
ExecStopPost=/bin/sh -c 'echo $EXIT_STATUS >/mnt/status; busybox sync; busybox poweroff -f'
UNIT
cat >/etc/systemd/system/steps.target <<UNIT
[Unit]
Requires=basic.target
Wants=steps.service wifiguard.service
After=basic.target
AllowIsolate=yes
UNIT
exec /lib/systemd/systemd --system --unit=steps.target --show-status=no
"""


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Step → its line of result. Skips where there can be no virtual machine."""
    skip_unless_possible(request.node)
    if not Path("/lib/systemd/systemd").exists() or shutil.which("dunstctl") is None:
        pytest.skip("needs systemd as Debian has it, and dunst")
    shared = tmp_path_factory.mktemp("service")
    make = CHECKOUT / "packaging" / "make-deb.sh"
    faster = {"DPKG_DEB_COMPRESSOR_TYPE": "none"}
    run(["sh", str(make), str(Path(sys.executable).with_name("wifiguard")), str(shared)], timeout=200, env=faster)
    (package,) = shared.glob("*.deb")
    package.rename(shared / "wifiguard.deb")
    said = ""
    for number in BOOTS:
        start = START.format(checkout=shlex.quote(str(CHECKOUT)), python=sys.executable, number=number)
        try:
            ended = boot(start, shared, seconds=SECONDS, sign=f"steps-{number}")
        except NoMachine as reason:
            pytest.skip(str(reason))
        steps = shared / f"steps-{number}"
        told = steps.read_text() if steps.exists() else ""
        said += f"boot {number}: exit status {ended.status}\n{told}\n{ended.console[-2000:]}"
    path = shared / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {**{line["name"]: line for line in lines}, "said": said}


@pytest.mark.parametrize("step", [step.__name__ for steps in BOOTS.values() for step in steps])
def test_step(results: dict[str, Any], step: str) -> None:
    result = results.get(step)
    assert result is not None, f"the machine ended before this step: {results['said']}"
    assert not result["error"], result["error"]
