"""What a name is judged to be: known, an imitation of whom and how, or nothing."""

import pytest

from wifiguard.names.catalogue import Catalogue
from wifiguard.names.difference import difference
from wifiguard.names.judge import judge

CATALOGUE = Catalogue()


@pytest.mark.parametrize(
    ("name", "imitates", "techniques"),
    [
        ("paypa1.com", "PayPal", ("confusable",)),
        ("www.paypa1-login.com", "PayPal", ("confusable", "added-word")),
        ("раураl.com", "PayPal", ("confusable", "punycode")),
        ("xn--pypl-53dc.com", "PayPal", ("confusable", "punycode")),
        ("commerzbamk-login.de", "Commerzbank", ("edit", "added-word")),
        ("santadner-login.com", "Banco Santander", ("swap", "added-word")),
        ("secure-hsbc-login.example", "HSBC", ("added-word",)),
        ("alipay.com.verify.example", "Alipay", ("subdomain",)),
        ("paypal-account-verification.weebly.com", "PayPal", ("subdomain", "added-word")),
        ("arnericanexpress.com", "American Express", ("confusable",)),
        ("pay-pal-login.top", "PayPal", ("added-word",)),
        ("xn--bnq242a7nh.top", "Alipay", ("punycode",)),
        ("сбербанк-вход.рф", "Sberbank", ("punycode", "added-word")),
        ("xn--80ak6aa92e.com", "Apple", ("confusable", "punycode")),
        ("сһаѕе.com", "Chase", ("confusable", "punycode")),
        ("bakn99-login.at", "bank99", ("swap", "added-word")),
        ("chasebank-alert.com", "Chase", ("added-word",)),
        ("usps-track-package.com", "USPS", ("added-word",)),
        ("hmrc-gov-uk.online", "HM Revenue & Customs", ("added-word",)),
        ("госуслуги-вход.рф", "Gosuslugi", ("punycode", "added-word")),
        ("nab.com.au.authcenter.example", "NAB", ("subdomain",)),
    ],
)
def test_imitations_name_whom_and_how(name: str, imitates: str, techniques: tuple[str, ...]) -> None:
    verdict = judge(name, CATALOGUE)
    assert (verdict.word, verdict.imitates, verdict.techniques) == ("look-alike", imitates, techniques)


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "purchase.com",
        "advisable.net",
        "wisewords.org",
        "appleton.edu",
        "oneday.com",
        "bakingclass.com",
        "chaser.io",
        "192.0.2.1.in-addr.arpa",
        "localhost",
        "revolution.org",
        "paypal.edgekey.net",
        "www.daedalus.com",
        "loadbalancer.org",
        "optimism.org",
        "login.gov.example.com",
        "colissimo-frais.com",
        "bakn98.at",
        "1823direkt-login.de",
        "mint.g4mes.example",
        "8357399.com",
        "msn-mail-free-4411.example",
        "sign-up.website",
        "hellenic-minerals.com",
        "tinkmail.net",
        "foodbankofhawaii.org",
        "ing-wirtschaft.de",
        "ing-sekunden.de",
        "wise-baking.com",
        "ing.uc.cl",
        "accountants.com",
        "imaginary.org",
        "commercio.it",
        "qegsonline.com",
        "codependientes.com",
        "ac-paris.fr",
        "hochschule-burgenland.at",
        "darlingtonschool.org",
        "xn--la-caada-flintridge-appliance-90c.net",
        "xn--b1aq.space",
    ],
)
def test_words_and_customers_of_services_are_no_imitations(name: str) -> None:
    assert judge(name, CATALOGUE).word == "no-finding"


@pytest.mark.parametrize("name", ["paypal.com", "www.paypal.com", "meine.deutsche-bank.de", "home.barclays"])
def test_what_belongs_to_the_institution_is_known(name: str) -> None:
    assert judge(name, CATALOGUE).word == "known"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("icbc-login.com", "icbc.com.cn"),
        ("icbc-login.ar", "icbc.com.ar"),
        ("nationwide-login.co.uk", "nationwide.co.uk"),
        ("garanti-giris.com", "garanti.com.tr"),
        ("shinhan-login.com", "shinhan.com"),
        ("ebay-account-verify.com", "ebay.com"),
        ("alrajhi-login.com", "alrajhibank.com.sa"),
        ("gmx-login-verify.com", "gmx.net"),
    ],
)
def test_of_namesakes_the_one_at_home_or_in_the_suffixs_country_is_meant(name: str, own: str) -> None:
    verdict = judge(name, CATALOGUE)
    assert (verdict.word, verdict.own) == ("look-alike", own)


def test_a_states_name_is_no_other_states() -> None:
    verdict = judge("gov.uk-taxrefund.com", CATALOGUE)
    assert (verdict.word, verdict.imitates) == ("look-alike", "UK government")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("wordpress.com", "known"),
        ("www.wordpress.com", "known"),
        ("somebody.wordpress.com", "no-finding"),
        ("paypal-login.wordpress.com", "look-alike"),
        ("www.google.com", "known"),
        ("sites.google.com", "no-finding"),
    ],
)
def test_where_anybody_can_have_a_page_nobody_is_known(name: str, word: str) -> None:
    assert judge(name, CATALOGUE).word == word


@pytest.mark.parametrize("name", ["", ".", "a..b", "192.0.2.1", "x" * 64 + ".com", "\x00", "a b", "xn--\udc80.com"])
def test_what_is_no_host_name_is_invalid(name: str) -> None:
    assert judge(name, CATALOGUE).word == "invalid"


def test_a_name_in_its_own_script_has_no_foreign_letters() -> None:
    assert difference(judge("госуслуги-вход.рф", CATALOGUE)) == "something was added to the name госуслуги"
    assert difference(judge("сһаѕе.com", CATALOGUE)) == "the letter c is a Cyrillic letter that looks the same"
