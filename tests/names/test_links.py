"""What a browser would open of what a person pastes."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.links import MOST_TARGETS, Link, parse_link
from wifiguard.names.messages import MOST_LINKS, parse_links

LOOPBACK = IPv4Address("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("example.com", Link(None, "example.com")),
        ("  <https://example.com/a?b=c>.  ", Link("https", "example.com")),
        ("“http://Example.com”", Link("http", "Example.com")),
        ("(see https://example.com/x)", Link("https", "example.com")),
        ("[example.com]", Link(None, "example.com")),
        ("hxxps://example[.]com/x", Link("https", "example.com")),
        ("hXXp://example(.)com", Link("http", "example.com")),
        ("example[dot]com", Link(None, "example.com")),
        ("//example.com/x", Link(None, "example.com")),
        ("https:/\\example.com\\x", Link("https", "example.com")),
        ("https://example.com.", Link("https", "example.com")),
        ("https://ex%61mple.com/", Link("https", "example.com")),
        ("https://ｅｘａｍｐｌｅ。com", Link("https", "example.com")),
        ("https://a:b@example.com:8443/", Link("https", "example.com", user="a:b", port=8443)),
        ("https://example.com:443", Link("https", "example.com")),
        ("example.com:8080/x", Link(None, "example.com", port=8080)),
        ("https://paypal.com@evil.example/", Link("https", "evil.example", user="paypal.com")),
        ("https://paypal.com%2f@evil.example", Link("https", "evil.example", user="paypal.com/")),
        ("me@example.com", Link(None, "example.com", mail="me")),
        ("mailto:me@example.com?subject=x", Link("mailto", "example.com", mail="me")),
        ("javascript:alert(1)", Link("javascript", None)),
        ("data:text/html,<b>", Link("data", None)),
        ("view-source:https://example.com", Link("https", "example.com")),
        ("https://127.0.0.1/", Link("https", "127.0.0.1", LOOPBACK)),
        ("http://0x7f.1", Link("http", "0x7f.1", LOOPBACK, odd=True)),
        ("http://0177.0.0.1", Link("http", "0177.0.0.1", LOOPBACK, odd=True)),
        ("http://2130706433/", Link("http", "2130706433", LOOPBACK, odd=True)),
        ("http://１２７.0.0.1/", Link("http", "127.0.0.1", LOOPBACK)),
        ("http://[::1]:80/", Link("http", "[::1]", IPv6Address("::1"))),
        ("http://256.256.256.256", Link("http", "256.256.256.256")),
        (
            "https://a.example/?u=https%3A%2F%2Fb.example%2F&v=//c.example",
            Link("https", "a.example", targets=("//c.example", "https://b.example/")),
        ),
        ("https://pay\u200bpal.com", Link("https", "paypal.com", hidden=True)),
        ("\u202ehttps://example.com", Link("https", "example.com", hidden=True, turned=True)),
        ("\ufeffexample.com", Link(None, "example.com")),
        ("[Click here](https://example.com/login)", Link("https", "example.com")),
        ("https%3A%2F%2Fexample.com%2Fx", Link("https", "example.com")),
        ("https%253A%252F%252Fexample.com", Link("https", "example.com")),
        ("请访问https://www.example.com。谢谢", Link("https", "www.example.com")),
        ("https://example.com，请点击", Link("https", "example.com")),
        ("https://支付宝。中国", Link("https", "支付宝.中国")),
        ("about:blank", Link(None, None)),
        ("tel:+491234", Link(None, None)),
        (
            "https://a.example/?u=https://b.example/?u=https%3A%2F%2Fc.example",
            Link(
                "https",
                "a.example",
                targets=(
                    "https://b.example/?u=https%3A%2F%2Fc.example",
                    "https://b.example/?u=https://c.example",
                    "https://c.example",
                ),
            ),
        ),
        ("word", Link(None, None)),
        ("", Link(None, None)),
        ("...", Link(None, None)),
        ("https://", Link("https", None)),
    ],
)
def test_links_are_taken_apart_as_a_browser_would(text: str, link: Link) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("Dear customer, e.g. you: http://example.com/verify. Thanks!", ["example.com"]),
        ("www.example.com www.example.org", ["www.example.com", "www.example.org"]),
        ("https://example.com/\nhttps://example.org/", ["example.com", "example.org"]),
        ("example dot com", ["example.com"]),
        ("Confirm at example.org/login today. Our site: https://www.example.com", ["www.example.com", "example.org"]),
        ("https://example.com,https://example.org", ["example.com", "example.org"]),
        ("https://example.com " * 20 + "https://example.org", ["example.com", "example.org"]),
        ("【银行】您的账户异常，请点击example.com核实", ["example.com"]),
        ("点击example.com.cn登录", ["example.com.cn"]),
        ("确认example.com", ["确认example.com", "example.com"]),
        ("Konto prüfen:example.com.", ["example.com"]),
        ("retenido.Pague en example.com/a", ["example.com"]),
        ("Ihre Rechnung vom 12.03.2026 finden Sie auf example.com", ["example.com"]),
        ("müller-example.com", ["müller-example.com"]),
        ("https://github.com/x/example.com", ["github.com"]),
        ("ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｃｏｍ／", ["example.com"]),
        ("Ihr Termin am 12.03.2026 um 10:30 Uhr", [None]),
        ("12.50", [None]),
        ("hello there", [None]),
        ("", [None]),
    ],
)
def test_every_link_of_a_text_is_read(text: str, hosts: list[str | None]) -> None:
    assert [link.host for link in parse_links(text)] == hosts


@pytest.mark.parametrize(
    "text",
    [
        "[https://www.example.org/](https://example.com/login)",
        '[www.example.org]( <https://example.com> "title" )',
        '<a class="x" href="https://example.com/login">https://www.example.org</a>',
        "<A HREF=https://example.com>www.example.org",
    ],
)
def test_what_a_text_calls_a_link_is_told_beside_where_it_leads(text: str) -> None:
    assert parse_links(text) == [Link("https", "example.com", shown="www.example.org")]


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    links = parse_links(text)
    assert 1 <= len(links) <= MOST_LINKS
    assert all(len(link.targets) <= MOST_TARGETS for link in links)


@given(
    st.lists(
        st.sampled_from(
            ["http", "https", ":", "//", "@", "[", "]", "%2f", ".", "a", "1", "0x", "?", "=", "\\", "\u202e"]
        )
    )
)
def test_any_pieces_of_links_have_an_answer(pieces: list[str]) -> None:
    parse_link("".join(pieces))


@given(st.integers(0, 2**32 - 1))
def test_every_notation_of_an_address_is_seen_through(value: int) -> None:
    address = IPv4Address(value)
    a, b, c, d = address.packed
    for text in (
        f"{value:#x}",
        f"{a:#x}.{b:#o}"[: -0 or None].replace("0o", "0") + f".{c}.{d:#x}",
        f"{a}.{(b << 16) + (c << 8) + d}",
    ):
        assert parse_link(f"http://{text}/").address == address
