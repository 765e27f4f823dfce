"""Names that say bank in their language, and the words that only contain the same letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifiguard.names.likely import is_likely_bank
from wifiguard.names.registrable import canonical

# Language: (names that say bank, names in the same language or country that do not).
LANGUAGES: dict[str, tuple[str, str]] = {
    "English": (
        "examplebank.com example-bank.co.uk bankofexample.com first-bank-of-example.com 1stexamplebank.com bank24.com"
        " examplebankonline.com examplebankandtrust.com examplebancorp.com examplecreditunion.org example-credit-union.ie"
        " examplefcu.org examplecu.org newexamplebank.com exampleseedlingbank.com bank.com newfoodsbank.com"
        " americanbank.com hollywoodbank.com woodstockbank.com concordbank.com"
        " chelseabank.com maritimebank.com melrosebank.com",
        "foodbank.org worldfoodbank.org food-bank.org.uk riverbank.com databank.com powerbank.com powerbanks.com"
        " bankrate.com bankruptcy.com embankment.org bankergames.com bloodbank.org piggybank.com westbank.com"
        " southbank.co.uk banksy.co.uk banksia.com.au bankhead.com songbank.com sandbank.org spermbank.com seedbank.com"
        " fairbanks.com tyrabanks.com tyrabank.com snowbank.com cloudbank.com mountebank.com burbank.com eubank.org"
        " newsbank.com clickbank.net banker.com banking.com bankholiday.co.uk bank-holiday.com bank-statement.com"
        " bankable.com wordbank.com word-bank.com bankroll.com banknotes.com icu.org ecu.edu acu.edu.au embank.com",
    ),
    "German": (
        "beispielbank.de bank-beispiel-bank.de sparkasse-beispiel.de kreissparkassebeispiel.de volksbank-beispiel.de"
        " raiffeisen-beispiel.at beispielbanken.de beispielbank-ag.ch",
        "datenbank.de datenbanken.de gartenbank.de parkbank.de sandbank.de schulbank.de blutbank.de werkbank.de"
        " bankrott.de bankett.de kasse.de sparpreis.de kassel.de wissensdatenbank.de samenbank.ch",
    ),
    "French": (
        "banque-exemple.fr mabanque.fr laexemplebanque.fr creditmutuel-exemple.fr caissedepargne-exemple.fr",
        "banquet.fr banquetes.fr banqueroute.fr banquise.fr bancal.fr banlieue.fr caisse.fr",
    ),
    "Spanish": (
        "bancoejemplo.es banco-ejemplo.com.mx elbanco.com.ar cajarural-ejemplo.es cajaejemplo.es",
        "bancodealimentos.es bancodesangre.com.mx banco-de-imagenes.com bancodetiempo.org bancos.com bancarrota.es"
        " cajas.com caja.com.mx cajasdecarton.es",
    ),
    "Catalan": ("bancexemple.cat caixaexemple.cat caixarural-exemple.es", "bancal.cat encaixa.com caixes.cat"),
    "Basque": ("adibidekutxa.eus kutxa-adibide.com", "kultura.eus"),
    "Portuguese": ("bancoexemplo.pt banco-exemplo.com.br meubanco.pt", "bancodedados.com.br bancodeleite.pt"),
    "Italian": (
        "bancaesempio.it banca-esempio.it labanca.it bancoesempio.it bancadiesempio.it",
        "bancarella.it bancali.it bancadati.it bancarotta.it saltimbanco.it",
    ),
    "Romanian": ("bancaexemplu.ro exemplubank.ro", "popescu.org ionescu.org bancuri.ro"),
    "Dutch": (
        "voorbeeldbank.nl voorbeeld-bank.be onzebank.nl",
        "voedselbank.nl vacaturebank.nl bankstel.nl zandbank.nl beeldbank.nl kledingbank.nl loungebank.nl hoekbank.nl"
        " speelgoedbank.nl kennisbank.nl draaibank.nl bankje.nl",
    ),
    "Swedish": ("exempelbanken.se exempelsparbank.se", "jobbbank.se kunskapsbanken.se ordbank.se bildbank.se"),
    "Norwegian": ("eksempelsparebank.no eksempelbanken.no", "matbank.no bildebank.no bankett.no"),
    "Danish": ("eksempelbank.dk eksempelsparekasse.dk sparekassen-eksempel.dk", "jobbank.dk banko.dk onlinebanko.dk"),
    "Icelandic": ("daemibanki.is sparisjodur.is", "bankastraeti.is"),
    "Finnish": ("esimerkkipankki.fi osuuspankki-esimerkki.fi", "kuvapankki.fi ruokapankki.fi sanapankki.fi"),
    "Estonian": ("naidispank.ee naidis-pank.ee", "spank.ee toidupank.ee pankur.ee"),
    "Latvian": ("piemerabanka.lv", "bankets.lv"),
    "Lithuanian": ("pavyzdziobankas.lt", "cvbankas.lt bankrotas.lt"),
    "Polish": (
        "bankprzyklad.pl przykladbank.pl bs-przyklad.pl bank-przyklad.pl",
        "bankomat.pl bankier.pl bankructwo.pl bsport.pl",
    ),
    "Czech": ("prikladbanka.cz prikladsporitelna.cz", "banket.cz potravinovabanka.cz"),
    "Slovak": ("prikladbanka.sk prikladsporitelna.sk", "bankrot.sk"),
    "Slovene": ("primerbanka.si hranilnica-primer.si", "urbanka.si"),
    "Croatian": ("primjerbanka.hr stedionica-primjer.hr", "bankar.hr"),
    "Albanian": ("shembullbanka.al banka-shembull.al", "shembull.al"),
    "Hungarian": ("peldabank.hu peldatakarek.hu", "bankar.hu bankjegy.hu adatbank.hu"),
    "Turkish": ("ornekbankasi.com.tr ornekbank.com.tr örnekbankası.com.tr", "gidabankasi.org.tr kanbankasi.com"),
    "Azerbaijani": ("numunebank.az banknumune.az", "bankir.az"),
    "Uzbek": ("namunabanki.uz banknamuna.uz", "bankomat.uz"),
    "Indonesian": ("bankcontoh.co.id contohbank.co.id", "banknote.co.id bankir.id"),
    "Malay": ("bankcontoh.com.my", "banksia.com.my"),
    "Vietnamese": ("nganhangvidu.vn vidubank.com.vn", "ngan.vn"),
    "Swahili": ("mfanobenki.co.tz benkiyamfano.co.tz", "mfano.co.tz"),
    "Somali": ("bangigatusaale.so", "tusaale.so"),
    "Welsh": ("banc-enghraifft.cymru-banc.com enghraifftbanc.co.uk", "bancffosyfelen.co.uk"),
    "Luxembourgish": ("spuerkeess-beispill.lu", "beispill.lu"),
    "Russian": ("примербанк.рф primerbank.ru bankprimer.ru", "банкет.рф банкнота.рф bankrot.ru banki.ru bankir.ru"),
    "Ukrainian": ("прикладбанк.укр prykladbank.com.ua", "банкнота.укр bankomat.com.ua"),
    "Bulgarian": ("банкапример.бг primerbank.bg", "банкет.бг"),
    "Serbian": ("примербанка.срб primerbanka.rs", "банкрот.срб"),
    "Greek": ("παράδειγματράπεζα.gr trapeza-paradeigma.gr paradeigmabank.gr", "τραπέζι.gr παράδειγμα.gr"),
    "Georgian": ("მაგალითიბანკი.ge bankmagaliti.ge", "მაგალითი.ge"),
    "Armenian": ("օրինակբանկ.հայ orinakbank.am", "օրինակ.հայ"),
    "Arabic": ("بنك-مثال.com مصرفمثال.com bankmisal.sa", "مثال.com"),
    "Persian": ("بانکمثال.ir bankmesal.ir", "نمونه.ir"),
    "Urdu": ("بینکمثال.com", "مثالی.com"),
    "Hebrew": ("בנקדוגמה.co.il bankdugma.co.il", "דוגמה.co.il"),
    "Hindi": ("उदाहरणबैंक.भारत example.bank.in", "उदाहरण.भारत"),
    "Bengali": ("উদাহরণব্যাংক.com", "উদাহরণ.com"),
    "Tamil": ("எடுத்துக்காட்டுவங்கி.com", "எடுத்துக்காட்டு.com"),
    "Telugu": ("ఉదాహరణబ్యాంకు.com", "ఉదాహరణ.com"),
    "Thai": ("ธนาคารตัวอย่าง.com tuayangbank.co.th", "ตัวอย่าง.com bangkokpost.com bangkok.com"),
    "Lao": ("ທະນາຄານຕົວຢ່າງ.com", "ຕົວຢ່າງ.com"),
    "Khmer": ("ធនាគារឧទាហរណ៍.com", "ឧទាហរណ៍.com"),
    "Burmese": ("ဘဏ်ဥပမာ.com", "ဥပမာ.com"),
    "Chinese": ("例子银行.中国 例子銀行.台灣 lizibank.com.cn", "例子.中国 银河.中国"),
    "Japanese": ("例銀行.jp reishinkin.co.jp reibank.co.jp", "例.jp ginkgo.jp"),
    "Korean": ("예시은행.한국 yesibank.co.kr", "예시.한국"),
    "Amharic": ("ምሳሌባንክ.com misalebank.com.et", "ምሳሌ.com"),
}


def test_languages_are_enough() -> None:
    assert len(LANGUAGES) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bank_by_its_name(language: str) -> None:
    names, _ = LANGUAGES[language]
    assert [host for host in names.split() if not is_likely_bank(canonical(host) or "")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_with_the_same_letters(language: str) -> None:
    _, names = LANGUAGES[language]
    assert [host for host in names.split() if is_likely_bank(canonical(host) or "")] == []


@pytest.mark.parametrize("suffix", ["bank", "creditunion", "bank.in", "fin.in"])
def test_a_suffix_for_banks_alone(suffix: str) -> None:
    assert is_likely_bank(f"example.{suffix}")
    assert not is_likely_bank(f"example.{suffix}.example")


def test_only_the_owners_label_counts() -> None:
    assert not is_likely_bank("example.com")
    assert not is_likely_bank("example.bank.co.uk")


@given(st.from_regex(r"[a-z0-9_-]{1,63}\.[a-z]{2,8}", fullmatch=True))
def test_any_name_has_an_answer(name: str) -> None:
    assert is_likely_bank(name) in (True, False)


@given(st.from_regex(r"xn--[a-z0-9-]{1,40}\.[a-z]{2,8}", fullmatch=True))
def test_any_a_label_has_an_answer(name: str) -> None:
    assert is_likely_bank(name) in (True, False)
