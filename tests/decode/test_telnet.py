"""Terminals: commands taken out, prompts, and what is not echoed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifiguard.decode.dialogue import Said
from wifiguard.decode.telnet import Terminal, asks_password, plain

COMMANDS = b"a\xff\xfb\x01b\xff\xfa\x18\0xterm\xff\xf0c\xff\xffd\xff\xf1e\xff\xfc\x01"


def test_commands_are_taken_out() -> None:
    assert plain(COMMANDS) == (b"abc\xffde", False, b"")
    assert plain(b"x\xff\xfb\x01") == (b"x", True, b"")
    assert plain(b"x\xff\xfd\x01") == (b"x", None, b"")  # the client's echo is asked for, not promised
    assert plain(b"x\xff\xfa\x18" + bytes(2000)) == (b"x", None, b"")  # longer than any command


@given(st.lists(st.integers(0, len(COMMANDS)), max_size=6))
def test_a_cut_command_waits(cuts: list[int]) -> None:
    said = rest = b""
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(COMMANDS)], strict=True):
        text, _, rest = plain(rest + COMMANDS[start:end])
        said += text
    assert (said, rest) == (b"abc\xffde", b"")


@pytest.mark.parametrize(
    "prompt",
    [
        "Password: ", "password:", "me@host's password: ", "[sudo] password for me: ", "Enter PIN: ", "Passcode?", "PASSWORD",
        "Contraseña: ", "Mot de passe : ", "Kennwort:", "Пароль: ", "密码：", "パスワード:", "\x1b[1mPassword:\x1b[0m ",
        "Enter Password (8 characters): ", "Password: ***", "Hasło: ",
    ],
)  # fmt: skip
def test_prompts_that_ask_for_a_password(prompt: str) -> None:
    assert asks_password(prompt.encode())


@pytest.mark.parametrize(
    "prompt",
    [
        "login: ",
        "Username: ",
        "me@host:~/passwords$ ",
        "Choose 1) News 2) Passwords > ",
        "C:\\passwords> ",
        "$ ",
        "",
        "Spin: ",
    ],
)
def test_prompts_that_do_not(prompt: str) -> None:
    assert not asks_password(prompt.encode())


def test_what_is_typed_blindly_later_is_no_login() -> None:
    terminal = Terminal()
    terminal.server(b"\xff\xfb\x01$ ")
    for _ in range(4):
        assert terminal.client(b"command\r")[0] is Said.CONTENT
        assert terminal.server(b"command\r\nanswer\r\n$ ")[0] is Said.CONTENT
    # A full-screen program by now.
    assert terminal.client(b"jjjjj\r")[0] is Said.CONTENT
    assert terminal.server(b"\x1b[H\r\n")[0] is Said.CONTENT


def test_what_was_corrected_is_no_password() -> None:
    terminal = Terminal()
    terminal.server(b"\xff\xfb\x01Name: ")
    assert terminal.client(b"alcie\x7f\x7f\x7fice\r")[0] is Said.CONTENT
    assert terminal.server(b"alcie\b \b\b \b\b \bice\r\nHello. ")[0] is Said.CONTENT
    assert terminal.client(b"HELLO\r")[0] is Said.CONTENT
    assert terminal.server(b"hello\r\n")[0] is Said.CONTENT


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.one_of(st.binary(max_size=20), st.sampled_from(
    [b"\xff\xfb\x01", b"\xff\xfa", b"\xff\xf0", b"Password: ", b"me\r\n", b"\r\0", b"\xff"]
)))))  # fmt: skip
def test_any_bytes(turns: list[tuple[bool, bytes]]) -> None:
    terminal = Terminal()
    rests = {True: b"", False: b""}
    for of_client, data in turns:
        said, rest = (terminal.client if of_client else terminal.server)(rests[of_client] + data)
        assert said in Said
        assert len(rest) <= 1024
        rests[of_client] = rest
