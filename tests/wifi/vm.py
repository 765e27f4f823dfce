"""A small virtual machine with simulated Wi-Fi radios: Debian's kernel on software emulation, this machine's own files read-only.

What the guest writes goes to memory and is gone with it, except for one shared folder. Nothing is installed on this machine: the
kernel's package is unpacked into the checkout's ignored folder, and only what boots is kept.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from msgspec import Struct

CHECKOUT = Path(__file__).parents[2]
CACHE = CHECKOUT / ".cache" / "wifi"
PROGRAMS = ("qemu-system-x86_64", "busybox", "cpio", "modprobe", "dpkg", "apt-get", "apt-cache")
# Before the root, then for the radios. Each is loaded with what it depends on.
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "af_packet", "ccm", "ctr", "cmac", "gcm", "michael_mic", "arc4", "ecb",
           "libarc4", "mac80211", "wireguard", "veth", "nf_tables", "tcp_diag", "udp_diag",
           # iwd leaves all arithmetic to the kernel.
           "algif_hash", "algif_skcipher", "md5", "sha1_generic", "sha256_generic", "sha512_generic", "des_generic", "cbc",
           "hmac", "aes_generic")  # fmt: skip
# Which channels may be used where (wireless-regdb): without it there is no 5 GHz.
FIRMWARE = (Path("/lib/firmware/regulatory.db-debian"), Path("/lib/firmware/regulatory.db.p7s-debian"))
RADIOS = 8
# A country with eighteen channels, all of which may be asked on: elsewhere a look around listens to sixty, one after another.
COUNTRY = "BZ"
OPTIONS = {"mac80211_hwsim": f"radios={RADIOS}", "cfg80211": f"ieee80211_regdom={COUNTRY}"}
MEMORY = 1536
# What an emulated processor pays dearly for and nothing here needs: strings copied byte by byte, wide registers saved at every
# change of process, checks of every access to memory.
PROCESSOR = "max,-erms,-fsrm,-xsave,-avx,-avx2,-la57,-smap,-smep,-pku,-umip"
# Left alone, the kernel distrusts the counter of cycles and asks a device what time it is; clears two megabytes for whoever wants
# four kilobytes; and puts a program elsewhere each time, so that its code is translated anew.
KERNEL = (
    "console=ttyS0 panic=-1 quiet mitigations=off tsc=reliable clocksource=tsc transparent_hugepage=never norandmaps"
)
# Seconds that a package may take to arrive.
PATIENCE = 180
# Seconds until a machine must be at work.
SOON = 200.0

INIT = f"""#!/bin/busybox sh
busybox mkdir -p /proc /sys /dev /host /memory /new
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
while read -r module; do busybox insmod /modules/$module; done </modules/order
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose host /host
busybox mount -t tmpfs tmpfs /memory
busybox mkdir /memory/upper /memory/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /new
# Fresh ones inside the new root: moved mounts lose /proc.
busybox mount -t proc proc /new/proc
busybox mount -t sysfs sysfs /new/sys
busybox mount -t devtmpfs dev /new/dev
busybox mkdir -p /new/dev/pts /new/dev/shm
busybox mount -t devpts devpts /new/dev/pts
for place in dev/shm run tmp var/lib; do busybox mount -t tmpfs tmpfs /new/$place; done
# A checkout in one of these, with its Python.
if [ ! -e '/new{CHECKOUT}' ]; then
  busybox mkdir -p '/new{CHECKOUT}' && busybox mount --bind '/host{CHECKOUT}' '/new{CHECKOUT}'
fi
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 shared /new/mnt
exec busybox switch_root /new /bin/bash /mnt/run
"""

RUN = """export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8
{command} >/mnt/output 2>&1
echo $? >/mnt/status
busybox sync
busybox poweroff -f
"""


class NoMachine(Exception):
    """The virtual machine cannot be had here; the text says what is missing."""


class Ended(Struct, frozen=True):
    """How a machine's run ended: the command's exit status (None: it did not come to its end) and all that it wrote."""

    status: int | None
    output: str
    console: str


def boot(command: str, shared: Path, *, seconds: float, sign: str, silence: float | None = None) -> Ended:
    """Run a shell command as the machine's only purpose, `seconds` at most. The guest sees `shared` as /mnt. Raises NoMachine.

    `sign`: the file there that holds something once the command is at work. An emulated machine hangs at its start now and then:
    one that gives no sign in time is started once more. One that has then written nothing for `silence` seconds is ended.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise NoMachine(f"needs {', '.join(missing)}")
    kernel, initramfs = _kernel()
    (shared / "run").write_text(RUN.format(command=command))
    arguments = [
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", PROCESSOR, "-smp", "2", "-m", str(MEMORY)),
        *("-nographic", "-nic", "none", "-no-reboot", "-kernel", str(kernel), "-initrd", str(initramfs)),
        *("-append", KERNEL),
        *_share("host", Path("/"), ",readonly=on"),
        *_share("shared", shared, ""),
    ]
    end = time.monotonic() + seconds
    if not _ran(arguments, shared, end, silence, sign=shared / sign):
        _ran(arguments, shared, end, silence)
    return Ended(_status(shared), _text(shared / "output"), _text(shared / "console"))


def _ran(arguments: list[str], shared: Path, end: float, silence: float | None, sign: Path | None = None) -> bool:
    """Run the machine until it or the time is at its end; False: it gave no sign and was stopped."""
    soon = time.monotonic() + SOON
    with (shared / "console").open("wb") as log:
        machine = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            while machine.poll() is None and time.monotonic() < end:
                if silence is not None and time.time() - _written(shared) > silence:
                    break
                if sign is not None and time.monotonic() > soon:
                    if not _text(sign):
                        return False
                    sign = None
                time.sleep(0.2)
        finally:
            if machine.poll() is None:
                os.killpg(machine.pid, signal.SIGKILL)
                machine.wait()
    return True


def _written(shared: Path) -> float:
    """When something was last written there, in seconds since 1970."""
    return max(path.stat().st_mtime for path in shared.iterdir())


def _share(tag: str, path: Path, more: str) -> list[str]:
    device = f"local,id={tag},path={path},security_model=none,multidevs=remap{more}"
    return ["-fsdev", device, "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]


def _status(shared: Path) -> int | None:
    text = _text(shared / "status").strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _kernel() -> tuple[Path, Path]:
    """The kernel and its initramfs, made at the first use."""
    recipe = f"{MODULES}{FIRMWARE}{OPTIONS}{INIT}"
    kernel, initramfs, made = CACHE / "vmlinuz", CACHE / "initramfs", CACHE / "recipe"
    if not (made.exists() and made.read_text() == recipe and kernel.exists() and initramfs.exists()):
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _make(Path(folder), kernel, initramfs)
        made.write_text(recipe)
    return kernel, initramfs


def _make(folder: Path, kernel: Path, initramfs: Path) -> None:
    tree = folder / "tree"
    for package in _packages(folder):
        _run("dpkg", "-x", str(package), str(tree))
    (image,) = (tree / "boot").glob("vmlinuz-*")
    version = image.name.removeprefix("vmlinuz-")
    # A merged /usr has a link where the package has a folder.
    modules = tree / "lib" / "modules" / version
    _run("depmod", "-b", str(tree), version)
    root = folder / "root"
    (root / "bin").mkdir(parents=True)
    (root / "modules").mkdir()
    shutil.copy(_static_busybox(), root / "bin" / "busybox")
    order: list[str] = []
    for module in (*MODULES, "mac80211_hwsim"):
        shown = _run("modprobe", "-d", str(tree), "-S", version, "--show-depends", module, check=False)
        for insmod in shown.splitlines():
            if insmod.startswith("insmod "):
                path = Path(insmod.split()[1])
                line = f"{path.name} {OPTIONS.get(path.name.partition('.')[0], '')}".rstrip()
                if line not in order:
                    order.append(line)
                    shutil.copy(modules / path.relative_to(modules), root / "modules" / path.name)
    if not any(name.startswith("mac80211_hwsim") for name in order):
        raise NoMachine(f"the kernel {version} has no simulated radios")
    (root / "lib" / "firmware").mkdir(parents=True)
    for path in FIRMWARE:
        if path.exists():
            shutil.copy(path, root / "lib" / "firmware" / path.name.removesuffix("-debian"))
    (root / "modules" / "order").write_text("\n".join(order) + "\n")
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    archive = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), capture_output=True, check=True
    )
    initramfs.write_bytes(archive.stdout)
    shutil.copy(image, kernel)


def _packages(folder: Path) -> list[Path]:
    """The kernel that Debian's linux-image-amd64 stands for."""
    shown = _run("apt-cache", "depends", "--important", "linux-image-amd64", check=False)
    names = [line.split()[1] for line in shown.splitlines() if "Depends: linux-image-" in line]
    if not names:
        raise NoMachine("needs Debian's package linux-image-amd64 in reach of apt-get")
    _run("apt-get", "download", "-q", names[0], folder=folder)
    return list(folder.glob("*.deb"))


def _static_busybox() -> str:
    path = shutil.which("busybox")
    assert path is not None
    # ldd finds libraries only in what is not static; there is no library in the initramfs.
    if subprocess.run(["ldd", path], capture_output=True, check=False).returncode == 0:
        raise NoMachine("needs a busybox that is statically linked (Debian package: busybox-static)")
    return path


def _run(*command: str, folder: Path | None = None, check: bool = True) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoMachine(f"{command[0]} did not work: {error}") from error
    if check and done.returncode:
        raise NoMachine(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
