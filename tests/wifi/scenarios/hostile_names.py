"""Names made to harm a terminal, a desktop or a parser are joined, told and made harmless."""

from tests.wifi.guest.points import open_
from tests.wifi.guest.world import World

LAPTOP = "bare"


NAMES = {
    b"\x1b]0;owned\x07\x1b[2J": "\\x1b]0;owned\\x07\\x1b[2J",
    b"<b>&amp;\xe2\x80\xae</b>": "<b>&amp;\\u202e</b>",
    b"\xff\xfe\x80 not text \xc3": "\\xff\\xfe\\x80 not text \\xc3",
    b"zero\x00inside": "zero\\x00inside",
    b"x" * 32: "x" * 32,
}


def run(world: World) -> None:
    """One access point with five such names."""
    point = world.point(*(open_(name) for name in NAMES))
    for index, shown in enumerate(NAMES.values()):
        since = world.watcher.mark()
        world.laptop.join(point, index)
        world.watcher.joined(shown)
        found = world.watcher.expect("open-wifi", since=since, ssid=shown)
        assert not any(char < " " for line in (found["title"], found["why"]) for char in line)
