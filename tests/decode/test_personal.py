"""Personal data by name and proof, and everything that only resembles it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from wifiguard.decode import numbers
from wifiguard.decode.forms import Kind, read
from wifiguard.decode.meanings import meanings


def said(fields: dict[str, str]) -> set[str]:
    return set(read(urlencode(fields).encode(), Kind.URLENCODED).personal)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("身份证号", "11010519491231002X", "110105194912310021"),
        ("shenfenzheng", "11010519491231002x", "110105194913310021"),
        ("ssn", "536-90-4399", "666-90-4399"),
        ("social_security_number", "536904399", "000904399"),
        ("aadhaar", "2341 2341 2346", "2341 2341 2347"),
        ("panCard", "ACUPA7085R", "ACUPA70R85"),
        ("cpf", "390.533.447-05", "390.533.447-06"),
        ("cnpj", "16.727.230/0001-97", "16.727.230/0001-98"),
        ("dni", "54362315-K", "54362315-Z"),
        ("nie", "X-2482300W", "X-2482300A"),
        ("numeroSecu", "2 95 10 99 126 111 93", "2 95 10 99 126 111 94"),
        ("steuer-id", "36 574 261 809", "36 574 261 890"),
        ("codice_fiscale", "RCCMNL83S18D969H", "RCCMNL83S18D969"),
        ("nino", "AB123456C", "BG123456C"),
        ("pesel", "44051401359", "44051401358"),
        ("bsn", "1112.22.333", "1112.52.333"),
        ("personnummer", "880320-0016", "880320-0018"),
        ("henkilotunnus", "131052-308T", "131052-308U"),
        ("fødselsnummer", "151086 95088", "151086 95077"),
        ("cpr", "211062-5629", "311362-5629"),
        ("curp", "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
        ("cuil", "20-05536168-2", "20-05536168-3"),
        ("rut", "12.531.909-2", "12.531.909-3"),
        ("tc_kimlik_no", "17291716060", "17291716050"),
        ("주민등록번호", "971013-9019902", "971013-9019903"),
        ("マイナンバー", "6214 9832 0257", "6214 9832 0258"),
    ],
)
def test_identity_numbers(name: str, value: str, wrong: str) -> None:
    assert said({name: value}) == {"id-number"}
    assert said({name: wrong}) == set()
    assert said({"x": value}) == set()


@pytest.mark.parametrize(
    "value", ["4111111111111111", "5500 0055 5555 5559", "3782-822463-10005", "6011000990139424", "6240008631401148"]
)
def test_payment_cards(value: str) -> None:
    for name in ("cc-number", "cardNumber", "kreditkarte", "numero_tarjeta", "cartão", "卡号", "card[number]"):
        assert said({name: value}) == {"payment-card"}, name
    assert said({"order": value}) == said({"number": value}) == set()
    assert said({"number": value, "cvc": "123"}) == {"payment-card"}
    last = str((int(value[-1]) + 1) % 10)
    assert said({"cc-number": value[:-1] + last}) == set()
    assert said({"number": value[:-1] + last, "cvc": "123"}) == set()


@pytest.mark.parametrize("number", ["9111111111111111", "0000000000000000", "4111111111", "41111111111111111111"])
def test_numbers_of_no_issuer(number: str) -> None:
    for end in range(10):
        assert not numbers.is_payment_card(number[:-1] + str(end))


@pytest.mark.parametrize(
    "value", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606"]
)
def test_bank_accounts_speak_for_themselves(value: str) -> None:
    assert said({"x": value}) == said({"iban": value.lower()}) == {"iban"}
    assert said({"iban": value.replace("3", "4", 1)}) == set()


@pytest.mark.parametrize(
    ("fields", "categories"),
    [
        ({"x": "ann@example.com"}, {"e-mail"}),
        ({"邮箱": "用户@例子.公司"}, {"e-mail"}),
        ({"image": "icon@2x.png"}, set()),
        ({"repo": "git@localhost"}, set()),
        ({"phone": "+86 139 1234 5678"}, {"phone"}),
        ({"手机": "13912345678"}, {"phone"}),
        ({"telefon": "030 901820"}, {"phone"}),
        ({"मोबाइल": "98765 43210"}, {"phone"}),
        ({"telefone": "(11) 96123-4567"}, {"phone"}),
        ({"x": "+8613912345678"}, set()),
        ({"phone": "12345"}, set()),
        ({"mobile": "true"}, set()),
        ({"first_name": "Ann"}, {"name"}),
        ({"Vorname": "Änne"}, {"name"}),
        ({"姓名": "张三"}, {"name"}),
        ({"apellido": "García"}, {"name"}),
        ({"sobrenome": "Souza"}, {"name"}),
        ({"prenom": "Zoé"}, {"name"}),
        ({"उपनाम": "शर्मा"}, {"name"}),
        ({"name": "jquery"}, set()),
        ({"filename": "a"}, set()),
        ({"firstname": "123"}, set()),
        ({"name": "Ann", "email": "ann@example.com"}, {"name", "e-mail"}),
        ({"dob": "1980-02-03"}, {"date-of-birth"}),
        ({"geburtsdatum": "03.02.1980"}, {"date-of-birth"}),
        ({"fecha_nacimiento": "3/2/1980"}, {"date-of-birth"}),
        ({"naissance[annee]": "1980"}, {"date-of-birth"}),
        ({"出生日期": "1980年2月3日"}, {"date-of-birth"}),
        ({"janmtithi": "19800203"}, {"date-of-birth"}),
        ({"birthday": "unknown"}, set()),
        ({"date": "1980-02-03"}, set()),
        ({"street": "Main Street 5"}, {"address"}),
        ({"strasse": "Hauptstr.5"}, {"address"}),
        ({"address": "5 Main Street"}, {"address"}),
        ({"dirección": "Calle Mayor 3"}, {"address"}),
        ({"endereço": "Rua Augusta 12"}, {"address"}),
        ({"地址": "北京市朝阳区"}, {"address"}),
        ({"पता": "१२ गांधी मार्ग"}, {"address"}),
        ({"address": "10.0.0.1"}, set()),
        ({"ip_address": "not an address"}, set()),
        ({"wallet_address": "0x00 ab"}, set()),
        ({"city": "Berlin"}, set()),
        ({"zip": "94110"}, set()),
        ({"zip": "94110", "lastname": "Lee"}, {"name", "address"}),
        ({"diagnosis": "asthma"}, {"health"}),
        ({"症状": "头痛"}, {"health"}),
        ({"alergias": "polen"}, {"health"}),
        ({"krankheit": "Grippe"}, {"health"}),
        ({"maladie": "grippe"}, {"health"}),
        ({"बीमारी": "दमा"}, {"health"}),
        ({"health": "good"}, set()),
        ({"diagnosis": "1"}, set()),
        ({"diagnose": "true"}, set()),
        ({"lat": "52.5163", "lon": "13.3777"}, {"location"}),
        ({"latitude": "-33.4489", "longitude": "-70.6693"}, {"location"}),
        ({"纬度": "39.9042", "经度": "116.4074"}, {"location"}),
        ({"ll": "52.5163,13.3777"}, {"location"}),
        ({"lat": "52.5163"}, set()),
        ({"lat": "52", "lon": "13"}, set()),
        ({"width": "52.5163", "height": "13.3777"}, set()),
    ],
)  # fmt: skip
def test_by_name_and_value(fields: dict[str, str], categories: set[str]) -> None:
    assert said(fields) == categories


def test_old_chinese_forms_are_not_written_in_utf_8() -> None:
    body = b"email=a%40b.com&name=" + "张三".encode("gb18030")
    assert set(read(body, Kind.URLENCODED).personal) == {"e-mail", "name"}


@given(st.binary(max_size=200))
def test_any_name_means_some_known_words(name: bytes) -> None:
    assert all(isinstance(word, str) for word in meanings(name))


@given(st.text(max_size=45) | st.from_regex(r"[0-9A-Z .\-+()]{4,40}", fullmatch=True))
def test_any_text_is_a_number_or_not(text: str) -> None:
    for module in {
        word for name in (b"ssn", b"nif", b"rut", b"steuernummer") for word in meanings(name) if "." in word
    }:
        assert numbers.is_identity_number(text, module) in (True, False)
    for test in (numbers.is_iban, numbers.is_payment_card, numbers.is_phone_number):
        assert test(text) in (True, False)


def test_every_kind_of_identity_number_is_one_that_python_stdnum_knows() -> None:
    from wifiguard.decode import meanings as tables

    modules = {word for table in (tables._ANYWHERE, tables._ALONE) for word in table if "." in word}
    for module in (modules | set(numbers.ANY_COUNTRY)) - {"gb.nino"}:
        assert numbers.is_identity_number("1", module) is False
        for text in ("1234567890", "AB123456C", "12.345.678-9", "0000000000000"):
            assert numbers.is_identity_number(text, module) in (True, False)


@given(st.integers(0, 10**15 - 1))
def test_of_cards_only_those_that_pass_luhn(number: int) -> None:
    text = f"4{number:015d}"
    if numbers.is_payment_card(text):
        assert luhn.is_valid(text)
