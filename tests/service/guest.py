"""Runs inside the virtual machine, started by its systemd: `python -m tests.service.guest BOOT`. Writes a line of JSON a step.

Boot 1 installs the package and lives with it; boot 2 finds it again after a restart of the machine, updates it and removes it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wifiguard.daemon.client import ClientError, ask

SHARED, CHECKOUT = Path("/mnt"), Path(__file__).parents[2]
# Without what other packages do after every change, which takes minutes here.
DPKG = ("dpkg", "--no-triggers", "--force-unsafe-io")
INSTALL = (*DPKG, "--install", str(SHARED / "wifiguard.deb"))
COMMAND, SOCKET = "/usr/bin/wifiguard", Path("/run/wifiguard/control.sock")
USER = "somebody"
BANK, ADDRESS = "www.commerzbank.de", "192.0.2.10"
# What the machine keeps over a restart, beside the log and the settings.
KEPT = ("/etc", "/home", "/var/lib/wifiguard", "/var/lib/systemd/linger", "/var/lib/dpkg/status")


def run(*argv: str, check: bool = True, text: str = "") -> str:
    """What a command says."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, cwd=CHECKOUT, timeout=900, check=False)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(argv)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def wait(probe: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """The first truthy answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := probe():
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:g} s for {what}")


def as_user(*argv: str, check: bool = True) -> str:
    """The same in the user's own session."""
    uid = run("id", "-u", USER).strip()
    session = [
        f"XDG_RUNTIME_DIR=/run/user/{uid}",
        f"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{uid}/bus",
        "DISPLAY=:7",
    ]
    return run("runuser", "-u", USER, "--", "env", *session, *argv, check=check)


def active(unit: str = "wifiguard.service") -> bool:
    return run("systemctl", "is-active", unit, check=False).strip() == "active"


def process() -> str:
    return run("systemctl", "show", "-P", "MainPID", "wifiguard.service").strip()


def status() -> dict[str, Any]:
    """The monitor's state; empty while it does not answer."""
    try:
        return ask(SOCKET, "status", timeout=60)[0]
    except ClientError:
        return {}


def log(rule: str) -> list[dict[str, Any]]:
    """Asked here, as all that is asked again and again: starting the command takes seconds on such a processor."""
    return ask(SOCKET, "log", timeout=60, rule=rule)


def findings() -> set[str]:
    return {line["id"] for line in log("plaintext-banking")}


# The first boot


def a_user_with_a_desktop() -> None:
    # The group that the service makes: made beforehand, because groups are read when a session begins.
    run("groupadd", "--system", "wifiguard")
    run("useradd", "--create-home", "--groups", "wifiguard", USER)
    run("loginctl", "enable-linger", USER)
    uid = run("id", "-u", USER).strip()
    wait(Path(f"/run/user/{uid}/bus").exists, "the user's bus")
    for name, command in {"screen": "Xvfb :7 -screen 0 800x600x24", "notices": "dunst"}.items():
        as_user(
            "systemd-run",
            "--user",
            f"--unit={name}",
            "--setenv=DISPLAY=:7",
            "--property=Restart=always",
            *command.split(),
        )
    wait(
        lambda: "org.freedesktop.Notifications" in as_user("busctl", "--user", "list", "--acquired"),
        "a notification service",
    )


def a_bank_on_the_network() -> None:
    run("ip", "netns", "add", "internet")
    run("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "far", "netns", "internet")
    run("ip", "address", "add", "192.0.2.1/24", "dev", "lan0")
    run("ip", "link", "set", "lan0", "up")
    for argv in (
        ["address", "add", f"{ADDRESS}/24", "dev", "far"],
        ["link", "set", "far", "up"],
        ["link", "set", "lo", "up"],
    ):
        run("ip", "-n", "internet", *argv)
    run("ip", "route", "add", "default", "via", ADDRESS)
    Path("/tmp/web").mkdir()
    Path("/tmp/web/index.html").write_text("a bank")
    server = ["python3", "-m", "http.server", "80", "--directory", "/tmp/web"]
    run("systemd-run", "--unit=bank", "ip", "netns", "exec", "internet", *server)
    wait(lambda: visit() == "a bank", "the bank's page")


def visit() -> str:
    return run("curl", "-s", "--resolve", f"{BANK}:80:{ADDRESS}", f"http://{BANK}/", check=False)


def installed_by_one_command() -> None:
    run(*INSTALL)
    wait(active, "the service")
    assert run("systemctl", "show", "-P", "User", "wifiguard.service").strip() == "wifiguard"
    assert run("ps", "-o", "user=", "-p", process()).strip() == "wifiguard"
    assert run("systemctl", "--failed", "--plain", "--no-legend").strip() == ""
    wait(lambda: "lan0" in status().get("traffic", {}), "packets to be read")
    as_user("systemctl", "--user", "daemon-reload")
    as_user("systemctl", "--user", "start", "wifiguard-agent.service")


def it_may_read_packets_and_nothing_else() -> None:
    capabilities = Path("/proc", process(), "status").read_text()
    assert "CapEff:\t0000000000002000" in capabilities, capabilities  # CAP_NET_RAW and nothing else
    assert "Seccomp:\t2" in capabilities


def what_root_alone_may_read_is_told() -> None:
    run("systemd-run", "--unit=mine", "python3", "-m", "http.server", "8080")
    wait(lambda: answers(8080), "the server")
    # With the settings that are read again a look begins, the second time in the middle of the first one.
    run("systemctl", "reload", "wifiguard")
    wait(looking, "a look")
    run("systemctl", "reload", "wifiguard")
    wait(lambda: source("firewall").get("ok"), "the firewall to be read", 300)
    # The program is root's, and the monitor may not look into its processes.
    wait(
        lambda: any("python3" in str(line["evidence"].get("program")) for line in log("exposed-service")),
        "its name",
        300,
    )
    asking = "import socket; socket.socket(socket.AF_UNIX).connect('/run/wifiguard-look.sock')"
    assert "PermissionError" in run("runuser", "-u", USER, "--", "python3", "-c", asking, check=False)


def looking() -> str:
    return run("systemctl", "list-units", "--plain", "--no-legend", "--state=running", "wifiguard-look@*")


def answers(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def source(name: str) -> dict[str, Any]:
    return next((each for each in status().get("sources", []) if each["name"] == name), {})


def a_finding_is_logged() -> None:
    visit()
    wait(findings, "the finding in the log")
    assert '"plaintext-banking"' in run(COMMAND, "log", "--json")
    journal = run("journalctl", "-u", "wifiguard", "-o", "json", "--no-pager")
    entries = [json.loads(line) for line in journal.splitlines()]
    assert any("plaintext-banking" in entry.values() for entry in entries), journal[-2000:]


def the_user_is_told() -> None:
    wait(lambda: active_for_user("wifiguard-agent.service"), "the agent")
    assert not active_for_user("wifiguard-agent-plain.service"), "it could not be shut in"
    wait(lambda: any(agent["ok"] for agent in status().get("agents", {}).values()), "the agent to report")
    wait(lambda: "bank" in as_user("dunstctl", "history", check=False).lower() or shown(), "the notification")


def active_for_user(unit: str) -> bool:
    return as_user("systemctl", "--user", "is-active", unit, check=False).strip() == "active"


def shown() -> bool:
    return int(as_user("dunstctl", "count", "displayed", check=False).strip() or 0) > 0


def the_clock_is_set() -> None:
    """A day ahead, two back, and right again: what happens is told as before, by the same process."""
    before = process()
    for step in ("+1 day", "-2 days", "+1 day"):
        seen = visits()
        run("date", "--set", step)
        visit()
        wait(lambda seen=seen: visits() > seen, f"a visit after {step}")
    assert process() == before


def visits() -> int:
    return sum(int(line["count"]) for line in log("plaintext-banking"))


def it_takes_little_memory() -> None:
    status = Path("/proc", process(), "status").read_text()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
    print(f"resident: {resident:.1f} MB", flush=True)
    # Eight of them are the ring of an interface of 10 Gbit/s, and a reload leaves one or two.
    assert resident < 50


def others_are_refused() -> None:
    run("useradd", "stranger")
    said = run("runuser", "-u", "stranger", "--", COMMAND, "trust", check=False)
    assert "You may not ask this monitor." in said, said
    said = as_user(COMMAND, "trust", check=False)
    assert "Only root and who sits at this computer may change this." in said, said
    assert "Safe to bank here?" in as_user(COMMAND, "status")


def killed_it_is_back() -> None:
    before, old = findings(), process()
    run("kill", "-9", old)
    wait(lambda: active() and process() not in (old, "0") and status(), "the service to be back", 30)
    assert findings() >= before


def hanging_it_is_restarted() -> None:
    drop = Path("/etc/systemd/system/wifiguard.service.d")
    drop.mkdir()
    (drop / "soon.conf").write_text("[Service]\nWatchdogSec=8\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "wifiguard")
    wait(status, "the service")
    old = process()
    time.sleep(12)
    assert process() == old, "a healthy service was restarted"
    run("kill", "-STOP", old)
    wait(lambda: process() not in (old, "0") and status(), "the watchdog to act", 60)
    (drop / "soon.conf").unlink()
    drop.rmdir()
    run("systemctl", "daemon-reload")


def the_machine_restarts() -> None:
    run("systemctl", "stop", "wifiguard")
    assert not list(Path("/var/lib/wifiguard").glob("*.db-*")), "the log is not whole"
    mine = [path for path in run("dpkg", "--listfiles", "wifiguard").splitlines() if Path(path).is_file()]
    mine += map(str, Path("/var/lib/dpkg/info").glob("wifiguard.*"))
    kept = [place.lstrip("/") for place in (*KEPT, *mine) if Path(place).exists()]
    run("tar", "-C", "/", "-cf", str(SHARED / "disk.tar"), "-T", "-", text="\n".join(kept))


# The second boot


def it_runs_after_a_restart() -> None:
    wait(active, "the service, by itself", 120)
    wait(status, "its answer")
    assert findings(), "the log was lost"


def an_update_keeps_the_log() -> None:
    before, old = findings(), process()
    run(*INSTALL)
    wait(lambda: process() not in (old, "0") and status(), "the service")
    assert findings() >= before


def an_update_leaves_off_what_was_switched_off() -> None:
    run("systemctl", "disable", "--now", "wifiguard")
    run("systemctl", "--global", "disable", "wifiguard-agent")
    run("systemctl", "mask", "wifiguard")
    run(*INSTALL)
    assert run("dpkg-query", "-W", "-f", "${Status}", "wifiguard") == "install ok installed"
    assert run("systemctl", "is-enabled", "wifiguard", check=False).strip() == "masked"
    run("systemctl", "unmask", "wifiguard")
    assert not active()
    for unit in (["wifiguard"], ["--global", "wifiguard-agent"]):
        assert run("systemctl", "is-enabled", *unit, check=False).strip() == "disabled"


def doctor_is_content() -> None:
    lines = [json.loads(line) for line in run(COMMAND, "doctor", "--json", check=False).splitlines()]
    missing = [line for line in lines if line["state"] == "missing"]
    assert missing == [], missing


def removed_and_the_log_kept() -> None:
    said = run(COMMAND, "service", "uninstall", "--keep-log", check=False)
    assert "remove it with `sudo apt remove wifiguard`" in said, said
    assert Path("/usr/bin") in folders()
    run(*DPKG, "--remove", "wifiguard")
    assert not active()
    found = leftovers()
    kept = {
        "/etc/wifiguard",
        "/etc/wifiguard/wifiguard.toml",
        "/var/lib/wifiguard",
        "/var/lib/wifiguard/wifiguard.db",
        "/var/lib/wifiguard/wifiguard.db.lock",
        # How the rest is removed, when they ask for that.
        "/var/lib/dpkg/info/wifiguard.list",
        "/var/lib/dpkg/info/wifiguard.postrm",
    }
    assert found == kept, found ^ kept


def removed_and_erased() -> None:
    run(*DPKG, "--purge", "wifiguard")
    found = leftovers()
    assert found == set(), found
    assert "wifiguard" not in run("getent", "passwd") + run("getent", "group")


def leftovers() -> set[str]:
    """Every path that bears our name, outside the checkout."""
    places = ["/etc", "/var/lib", "/run", *(str(Path.home() / name) for name in (".local", ".config"))]
    found = run("find", *places, "-xdev", "-name", "*wifiguard*", check=False).splitlines()
    found += [str(path) for folder in folders() for path in folder.glob("*wifiguard*")]
    inside = str(CHECKOUT)
    return {
        path for path in found if path.startswith("/") and not path.startswith((inside, "/run/systemd", "/run/user"))
    }


@cache
def folders() -> set[Path]:
    """Where the package, while it is there, has files among others'. The whole of /usr takes minutes to search here."""
    paths = map(Path, run("dpkg", "--listfiles", "wifiguard").splitlines())
    return {path.parent for path in paths if "wifiguard" not in str(path.parent)}


BOOTS: dict[str, tuple[Callable[[], None], ...]] = {
    "1": (
        a_user_with_a_desktop,
        a_bank_on_the_network,
        installed_by_one_command,
        it_may_read_packets_and_nothing_else,
        what_root_alone_may_read_is_told,
        a_finding_is_logged,
        the_user_is_told,
        the_clock_is_set,
        it_takes_little_memory,
        others_are_refused,
        killed_it_is_back,
        hanging_it_is_restarted,
        the_machine_restarts,
    ),
    "2": (
        it_runs_after_a_restart,
        doctor_is_content,
        an_update_keeps_the_log,
        an_update_leaves_off_what_was_switched_off,
        removed_and_the_log_kept,
        removed_and_erased,
    ),
}


def main(boot: str) -> None:
    print(f"boot {boot}", flush=True)
    for step in BOOTS[boot]:
        began = time.monotonic()
        error = ""
        try:
            step()
        except Exception:  # noqa: BLE001 - whatever it is, it is this step's result
            error = traceback.format_exc(limit=-6)
            error += run("journalctl", "-u", "wifiguard", "-n", "40", "--no-pager", check=False)
        with (SHARED / "results.jsonl").open("a") as file:
            line = {"name": step.__name__, "seconds": round(time.monotonic() - began, 1), "error": error}
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
