"""Who vouches for a certificate, and what it says; chains are made here, by real keys."""

from __future__ import annotations

import json
import random
import warnings
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.streams.handshakes import LEAF, LINK, NOW, PUBLIC, ROOT, Issued, issue, resigned, rsa_key
from wifiguard.core.tls import NO_ROOTS, Certificate, Roots, Voucher
from wifiguard.decode.certificates import Authorities, Judgement

DAY = 86400.0
COMPANY = issue("Example Corp CA", authority=True)
ROOTS = Roots((ROOT.der,), (COMPANY.der,), NOW)


def judge(*chain: Issued, roots: Roots = ROOTS, at: float = NOW) -> Judgement:
    return Authorities(roots).judge([each.der for each in chain], at)


def voucher(*chain: Issued, roots: Roots = ROOTS, at: float = NOW) -> Voucher:
    return judge(*chain, roots=roots, at=at).voucher


def test_the_whole_judgement() -> None:
    leaf = issue(
        "x", LINK, names=["A.example.org.", "*.b.example"], addresses=["192.0.2.1", "2001:db8::1"], key=rsa_key()
    )
    assert judge(leaf, LINK) == Judgement(
        Certificate(
            ("a.example.org", "*.b.example"),
            (bytes([192, 0, 2, 1]), bytes.fromhex("20010db8") + bytes(11) + b"\1"),
            NOW - 30 * DAY,
            NOW + 60 * DAY,
            2048,
            False,
            None,
        ),
        Voucher.PUBLIC,
    )


def test_links_in_any_order_and_too_many_of_them() -> None:
    other = issue("Other", authority=True)
    for links in permutations((LINK, other, ROOT)):
        assert voucher(LEAF, *links) is Voucher.PUBLIC


def test_an_added_authority_is_named() -> None:
    assert judge(issue("intranet", COMPANY))[1:] == (Voucher.USER, "Example Corp CA")


def test_a_server_that_was_added_itself() -> None:
    own = issue("nas.lan")
    assert voucher(own) is Voucher.ITSELF
    assert voucher(own, roots=Roots((), (own.der,), NOW)) is Voucher.USER


def test_somebodys_own_authority() -> None:
    impostor = issue("Impostor", authority=True)
    assert voucher(issue("www.example.org", impostor), impostor) is Voucher.NOBODY
    assert voucher(issue("www.example.org", impostor)) is Voucher.NOBODY
    # It may look as public as it likes: once a link was sent, it is known to lead nowhere.
    assert voucher(issue("www.example.org", impostor, public=True), impostor) is Voucher.NOBODY
    link = issue("Impostor's Link", impostor, authority=True)
    assert voucher(issue("www.example.org", link, public=True), link) is Voucher.NOBODY


def test_a_known_name_with_another_key() -> None:
    impostor = issue("Example Root", authority=True)
    assert voucher(issue("www.example.org", impostor), impostor) is Voucher.NOBODY
    forged = issue("Example Link", impostor, authority=True)
    assert voucher(issue("www.example.org", forged), forged) is Voucher.NOBODY


def test_a_servers_certificate_signs_nothing() -> None:
    for authority in (False, None):
        middle = issue("www.elsewhere.example", ROOT, authority=authority)
        assert voucher(issue("www.example.org", middle), middle) is Voucher.NOBODY


def test_a_link_that_was_not_sent() -> None:
    assert voucher(PUBLIC) is Voucher.INCOMPLETE
    assert voucher(LEAF) is Voucher.NOBODY  # no public authority issues such
    assert voucher(PUBLIC, LINK) is Voucher.PUBLIC


def test_of_what_was_recorded_long_ago_or_without_a_list_nothing_is_known() -> None:
    impostor = issue("Impostor", authority=True)
    chain = issue("www.example.org", impostor, begin=-900, end=-500), impostor
    assert voucher(*chain, at=NOW - 300 * DAY) is Voucher.NOBODY
    assert voucher(*chain, at=NOW - 600 * DAY) is Voucher.UNKNOWN
    assert voucher(*chain, roots=NO_ROOTS) is Voucher.UNKNOWN
    assert voucher(issue("nas.lan"), roots=NO_ROOTS) is Voucher.ITSELF


def test_a_link_that_is_out_of_date() -> None:
    stale = issue("Example Link", ROOT, authority=True, begin=-90, end=-10)
    leaf = issue("www.example.org", LINK)
    assert judge(leaf, stale).certificate == Certificate(
        ("www.example.org",), (), NOW - 30 * DAY, NOW - 10 * DAY, 256, False, None
    )
    # Another one that is valid makes it good, in whatever order they come.
    for chain in ((leaf, stale, LINK), (leaf, LINK, stale)):
        certificate = judge(*chain).certificate
        assert certificate is not None
        assert certificate.not_after == NOW + 60 * DAY


def test_the_common_name_counts_where_there_is_no_other() -> None:
    for leaf, names in (
        (issue("old.example.org", ROOT), ("old.example.org",)),
        (issue("old.example.org", ROOT, names=["new.example.org"]), ("new.example.org",)),
        (issue("old.example.org", ROOT, addresses=["192.0.2.1"]), ()),
    ):
        certificate = judge(leaf).certificate
        assert certificate is not None
        assert certificate.names == names


@pytest.mark.parametrize(("bits", "weak"), [(1024, True), (2048, False), (3072, False)])
def test_keys(bits: int, weak: bool) -> None:
    certificate = judge(issue("a.example", ROOT, key=rsa_key(bits))).certificate
    assert certificate is not None
    assert (certificate.key_bits, certificate.weak_key) == (bits, weak)


@pytest.mark.parametrize("how", ["md5", "sha1"])
def test_signatures_of_old(how: str) -> None:
    leaf = issue("a.example", ROOT, key=rsa_key())
    judged = Authorities(ROOTS).judge([resigned(leaf.der, how)], NOW)
    assert judged.certificate is not None
    assert judged.certificate.weak_signature == how
    assert judged.voucher is Voucher.NOBODY


def test_what_cannot_be_read() -> None:
    for der in (b"", b"0", LEAF.der[:-1], LEAF.der + b"0", bytes(5000)):
        assert Authorities(ROOTS).judge([der], NOW) == Judgement(None, Voucher.NOBODY)
        # As a link it is passed over.
        assert Authorities(ROOTS).judge([LEAF.der, der, LINK.der], NOW).voucher is Voucher.PUBLIC


def test_a_root_that_cannot_be_read_is_passed_over() -> None:
    assert voucher(LEAF, LINK, roots=Roots((b"0", ROOT.der), (), NOW)) is Voucher.PUBLIC


def test_a_hundred_links_of_one_name_are_not_all_tried() -> None:
    rings = [issue("Ring", issue("Ring", authority=True), authority=True) for _ in range(20)]
    assert voucher(issue("a.example", rings[0]), *rings, *rings) is Voucher.NOBODY


@settings(max_examples=500, deadline=None)
@given(st.integers())
def test_any_bytes_changed(seed: int) -> None:
    """Nothing is raised, and nothing is printed: the library warns of what it will refuse one day."""
    chance = random.Random(seed)
    chain = [bytearray(each.der) for each in (PUBLIC, LINK, ROOT)]
    for der in chance.sample(chain, 2):
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(der))
            der[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judged = Authorities(ROOTS).judge([bytes(der) for der in chain], NOW)
    if judged.certificate is not None:
        json.dumps(judged.certificate.names).encode()
