"""Canonical spelling against what browsers do; registrable domains against publicsuffixlist's own reading of the list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from wifiguard.names.registrable import canonical, from_a_label, listed_suffixes, registrable

ORACLE = PublicSuffixList()
LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.com", "example.com"),
        ("WWW.Example.COM.", "www.example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("localhost", "localhost"),
        ("-a-.example.com", "-a-.example.com"),
        ("r3---sn-4g5e6nl7.example.com", "r3---sn-4g5e6nl7.example.com"),
        ("1.2.3.4.example", "1.2.3.4.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),  # non-transitional: a name of its own
        ("ｅｘａｍｐｌｅ。ｃｏｍ", "example.com"),
        ("example．com｡", "example.com"),
        ("exam\u00adple.com", "example.com"),  # a soft hyphen: browsers drop it
        ("i❤.ws", "xn--i-7iq.ws"),  # no IDNA 2008 name, but one that opens
        ("ПРИМЕР.рф", "xn--e1afmkfd.xn--p1ai"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["abc"] * 63) + ".d", ".".join(["abc"] * 63) + ".d"),
    ],
)
def test_canonical_spelling(host: str, name: str) -> None:
    assert canonical(host) == name


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "..",
        ".example.com",
        "example..com",
        "example.com..",
        "a b.example",
        " example.com",
        "example.com\n",
        "example\x00.com",
        "example.com:443",
        "user@example.com",
        "https://example.com",
        "example.com/path",
        "[::1]",
        "::1",
        "fe80::1%eth0",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0x7f000001",
        "0x",
        "１２７.0.0.1",
        "foo.123",
        "a" * 64 + ".example",
        "ü" * 63 + ".example",
        ".".join(["abc"] * 63) + ".de",
        "exa\u2100mple.com",  # maps to a/c
        "exa\u3000mple.com",  # maps to a space
        "exa\ufffdmple.com",
        "\ud800.com",
        "a" * 100_000,
        "ü" * 100_000,
    ],
)
def test_no_host_name(host: str) -> None:
    assert canonical(host) is None
    assert registrable(host) is None


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("online.example.co.uk", "example.co.uk"),
        ("www.sbi.bank.in", "sbi.bank.in"),
        ("shop.someone.github.io", "someone.github.io"),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("a.city.kobe.jp", "city.kobe.jp"),
        ("c.kobe.jp", None),
        ("a.b.ck", "a.b.ck"),
        ("b.ck", None),
        ("www.ck", "www.ck"),
        ("a.www.ck", "www.ck"),
        ("home.barclays", "home.barclays"),
        ("nas.local", "nas.local"),
        ("x.nas.local", "nas.local"),
        ("食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("公司.cn", None),
        ("食狮.中国", "xn--85x722f.xn--fiqs8s"),
        ("xn--a.xn--0.example", "xn--0.example"),  # A-labels that encode nothing stay as they are
        ("co.uk", None),
        ("com", None),
        ("localhost", None),
        ("bank", None),
    ],
)
def test_registrable_domain(host: str, domain: str | None) -> None:
    assert registrable(host) == domain


@given(st.text())
def test_any_text_has_a_canonical_spelling_or_none(text: str) -> None:
    name = canonical(text)
    if name is not None:
        assert canonical(name) == name
        assert canonical(name.upper() + ".") == name


@given(st.text(st.sampled_from("aü.-_xn0１。\u00ad\u200d食ßİ\u0301")))
def test_text_that_looks_like_names_too(text: str) -> None:
    test_any_text_has_a_canonical_spelling_or_none.hypothesis.inner_test(text)  # type: ignore[attr-defined]


@given(st.lists(LABELS, max_size=3), st.sampled_from(sorted(listed_suffixes())))
def test_agrees_with_publicsuffixlist(labels: list[str], suffix: str) -> None:
    host = ".".join([*labels, suffix])
    name = canonical(host)
    assert name is not None
    assert registrable(host) == ORACLE.privatesuffix(name)


@given(st.lists(LABELS, min_size=1, max_size=5).filter(lambda labels: canonical(".".join(labels)) is not None))
def test_agrees_with_publicsuffixlist_on_unlisted_names(labels: list[str]) -> None:
    assert registrable(".".join(labels)) == ORACLE.privatesuffix(".".join(labels))


@given(st.text())
def test_a_registrable_domain_is_its_own(text: str) -> None:
    domain = registrable(text)
    if domain is not None:
        assert registrable(domain) == domain
        assert registrable("www." + domain) in (domain, None)  # None: longer than a name may be


@pytest.mark.parametrize("written", ["payp\ud800l", "payp\u202el", "payp\x9bl", "pay\u2028pal", "pay.pal"])
def test_an_a_label_that_no_browser_would_show_stays_one(written: str) -> None:
    label = "xn--" + written.encode("punycode").decode("ascii")
    assert from_a_label(label) == label
