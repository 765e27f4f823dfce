"""Where proxies are set: files of the system, the desktop and the browser, as they are and as anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.sources import proxy


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('http_proxy="http://ann:secret@proxy.example:3128/"\n', [("proxy.example", 3128)]),
        ("export HTTPS_PROXY=proxy.example:8080\nexport https_proxy=$HTTPS_PROXY\n", [("proxy.example", 8080)]),
        ("all_proxy='socks5h://[2001:db8::1]:1080'\n", [("2001:db8::1", 1080)]),
        ("# http_proxy=http://old.example:1/\nno_proxy=localhost\nhttp_proxy=\n", []),
    ],
)
def test_the_environment(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    path = written(tmp_path, text)
    told = list(proxy._variables(path))
    assert [proxy._split(address) for _, _, address in told] == expected
    assert {where for where, _, _ in told} <= {str(path)}
    assert "secret" not in str([proxy._split(address) for _, _, address in told])


def test_the_desktop(tmp_path: Path) -> None:
    manual = "[system/proxy]\nmode='manual'\n[system/proxy/http]\nhost='proxy.example'\nport=3128\n"
    manual += "[system/proxy/socks]\nhost=''"
    keys = proxy._keyfile(manual)
    assert list(proxy._desktop_settings("GNOME", keys)) == [("GNOME", False, "proxy.example:3128")]
    off = proxy._keyfile(manual.replace("manual", "none"))
    assert list(proxy._desktop_settings("GNOME", off)) == []
    script = proxy._keyfile("[system/proxy]\nmode='auto'\nautoconfig-url='http://wpad.example/proxy.pac'\n")
    assert list(proxy._desktop_settings("GNOME", script)) == [("GNOME", True, "http://wpad.example/proxy.pac")]
    kde = written(tmp_path, "[Proxy Settings]\nProxyType=1\nhttpProxy=http://proxy.example 3128\n")
    assert [proxy._split(address) for _, _, address in proxy._kde(kde)] == [("proxy.example", 3128)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('user_pref("network.proxy.type", 1);\nuser_pref("network.proxy.ssl", "p.example");\n'
         'user_pref("network.proxy.ssl_port", 3128);\n',
         [(False, "p.example:3128")]),
        ('user_pref("network.proxy.type", 2);\nuser_pref("network.proxy.autoconfig_url", "file:///home/ann/p.pac");\n',
         [(True, "file:///home/ann/p.pac")]),
        ('user_pref("network.proxy.type", 5);\nuser_pref("network.proxy.http", "p.example");\n', []),
    ],
)  # fmt: skip
def test_the_browser(tmp_path: Path, text: str, expected: list[tuple[bool, str]]) -> None:
    assert [(script, address) for _, script, address in proxy._firefox(written(tmp_path, text))] == expected


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text(text: str) -> None:
    host, port = proxy._split(text)
    assert isinstance(host, str)
    assert port is None or 0 <= port <= 65_535
    list(proxy._desktop_settings("x", proxy._keyfile("[system/proxy]\nmode='manual'\n" + text)))


def test_what_cannot_be_read_claims_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "none", tmp_path / "folder"):
        assert list(proxy._variables(path)) == []
    (tmp_path / "binary").write_bytes(b"\xff\x00http_proxy=\xfe\n" * 1000)
    list(proxy._variables(tmp_path / "binary"))
