"""A company's network with 802.1X is told as such."""

from tests.wifi.guest.points import enterprise
from tests.wifi.guest.shell import SCRATCH
from tests.wifi.guest.shell import run as run_program
from tests.wifi.guest.world import World

LAPTOP = "bare"


def run(world: World) -> None:
    """hostapd's own server behind a certificate that the laptop does not check."""
    certificate = SCRATCH / "server.pem"
    # A key of an elliptic curve: one of RSA takes minutes to be found here.
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    files = ("-keyout", str(certificate), "-out", str(SCRATCH / "public.pem"))
    run_program("openssl", "req", "-x509", *curve, "-days", "30", "-subj", "/CN=radius.example", *files)
    with certificate.open("a") as file:
        file.write((SCRATCH / "public.pem").read_text())
    point = world.point(enterprise("E-work", str(certificate)))
    world.laptop.join(point)
    assert world.watcher.joined("E-work")["security"] == "wpa2-enterprise"
    world.silent("open-wifi", "weak-wifi-encryption")
