"""Names that say bank by themselves: no catalogue knows every bank, and most call themselves one."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from wifiguard.names.registrable import from_a_label

# Suffixes whose registry admits only banks: fTLD's .bank, the credit unions' own, and the Reserve Bank of India's two.
_RESTRICTED: Final = frozenset({"bank", "creditunion", "bank.in", "fin.in"})


def _any_of(words: str) -> str:
    """A pattern for any of the words, the longest first, so that no word hides a longer one."""
    return "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)) + ")"


# Words that mean a bank wherever they stand in a name.
_ANYWHERE = re.compile(
    _any_of(
        # German, Luxembourgish, Danish, Norwegian, Icelandic, Swedish
        "sparkasse raiffeisen(?!markt) volksbank spuerkeess sparekasse sparebank sparisjod sparbank"
        # French, Breton; Spanish, Catalan, Galician, Basque; Portuguese
        " banque(?!t|rou) caissedepargne caisse-?d?-?epargne credit-?agricole credit-?mutuel"
        " cajarural caja-rural caixarural caixa-rural cajadeahorro kutxa"
        # Irish, Welsh and English; Scots
        " credit-?union bancorp bancshares building-?society"
        # Czech, Slovak, Slovene, Croatian, Bosnian, Serbian; Hungarian; Finnish
        " sporitelna hranilnica stedionica takarekszovetkezet osuuspankki saastopankki"
        # Vietnamese
        " nganhang"
    )
)

# What is written about banks or sold to them: bank-holiday, bank-statement, bankcard.
_OF_BANKS = _any_of(
    "acc account api app bank book card code compar customer data detail exchange fee guide heist holiday info iban job kart"
    " kod loan manage name news note nota number password pass rate rating reform regul review robber routing safe search slip"
    " software statement stat swift system tech teh template transaction transfer valid worker"
)

# Bank of food, of blood, of pictures, of time, of data, in Romance languages.
_KEPT = "(?:de-?)?" + _any_of(
    "alimento sangre imagen image tiempo tempo leche leite dado dato hora usuario pregunta livro libro"
)

# Words that end a name or a part of it, as in commerzbank, deutsche-bank, alpha-bank-online, bank24.
_SERVICE = "(?:online|direct|digital|mobile|group|usa|us|uk|na|(?:and)?trust|ag|plc|corp|inc|bg|bd|[0-9]+)"
_LAST = re.compile(
    # English, German, Dutch, Frisian, Afrikaans, Swedish, Norwegian, Danish, Polish, Hungarian, Turkish, Maltese ...
    "(?:bank|banken"
    # Catalan, Welsh, Irish; Spanish, Portuguese, Galician; Italian, Romanian
    "|banc|banco|banca"
    # Czech, Slovak, Slovene, Croatian, Bosnian, Serbian, Montenegrin, Macedonian, Bulgarian, Latvian, Albanian
    "|banka"
    # Turkish; Lithuanian; Finnish; Greek in Latin letters
    "|bankasi|bankas|pankki|trapeza"
    ")" + _SERVICE + "?(?=-|$)(?!-(?:" + _OF_BANKS + "|" + _KEPT + "))"
)

# Words that begin a name, as in bankofamerica, bancosantander.
_FIRST = re.compile(
    "(?:^|-)(?:bank-?of-?(?=[a-z]{2})"
    "|banco(?!" + _KEPT + "|s?(?:-|$)|s(?:de|do)|r(?!p)|mm|mp|nf)(?=[a-z])"
    "|banca(?!l|d(?!i|e|el)|r(?!ia)|re|ssur|dati)(?=[a-z-])"
    "|banka-|bancsabadell|bangkosentral|bangko-?ng"
    ")"
)

# Languages in which "bank" comes before the owner's name (Bank Polski, Bank Mandiri, Bank Melli), by where they live;
# elsewhere what begins with it is rather a banker, a bankruptcy or a bank holiday.
_BANK_FIRST_AT = re.compile(
    _any_of(
        "pl id my bn sg ir iq om qa kw bh ae sa ye jo lb sy ps eg ly sd il ru su by ua kz uz kg tj tm az am ge mt pk bd"
    )
)
_BANK_FIRST = re.compile(
    "(?:^|-)bank(?!-?"
    + _OF_BANKS
    + "|s(?:y|t|ia|ide|er)|er|ing|ir|ro(?:ll|t)|ru(?:pt|ct|n$|in)|om|et|i(?![a-z]{3}))[a-z0-9-]{2,}"
)

# Words that mean a bank in one country and nothing, or something else, in others.
_LOCAL: Final = {
    "ee": re.compile("(?<!^s)(?<!toidu)pank(?=-|$)"),  # Estonian
    "is": re.compile("banki(?=-|$)"),  # Icelandic
    "uz": re.compile("banki?(?=-|$)"),
    "az": re.compile("banki?(?=-|$)"),
    "tz": re.compile("benki"),  # Swahili
    "ke": re.compile("benki"),
    "pl": re.compile("^skok|^bs-[a-z]{4}"),  # credit unions; cooperative banks
    "ad": re.compile("^banc|^credit"),  # Catalan
    "cat": re.compile("^banc(?!a[lr])|^caixa"),
    "es": re.compile("^caixa|^caja(?!s|fuerte|negra)(?=[a-z]{4})"),
    "gr": re.compile("trapez"),
    "jp": re.compile("shinkin|ginkou"),
    "hu": re.compile("takarek"),
    "so": re.compile("ban[gk]iga"),
    "coop": re.compile("(?:cu|caisse|desjardins)(?=-|$)"),
    "org": re.compile("(?<=..)(?<![aeio]s)(?<!f[ao])(?<![aiou])cu(?=-|$)"),  # credit unions, but no popescu
    "com": re.compile("(?<=..)fcu(?=-|$)"),
    "net": re.compile("(?<=..)fcu(?=-|$)"),
}

# What a bank keeps when it keeps no money. Whatever stands before the word "bank" and ends so makes it another word; with
# ^ only if nothing else stands before, since these letters end other names too (can: americanbank, wood: hollywoodbank).
_STORE_OF = re.compile(
    _any_of(
        # English: stores
        "(?<!new)food blood data sperm seed ^gene tissue milk ^egg ^eye ^organ ^bone ^cord stemcell ^bio memory knowledge"
        " question test exam quiz item job ^work talent skill idea word ^term ^text news article essay lesson photo image"
        " picture video ^clip ^stock ^font ^icon ^sound ^song music sample lyric lyrics ^loop ^tune recipe book ^toy ^tool"
        " baby nappy diaper clothes click traffic ^lead ^mail domain ^file code ^bug protein sequence power battery solar"
        " energy ^heat carbon piggy ^time ^tree phrase drug label ^stat dream wish prayer ^love kiss ^play game ^card ^wood"
        " bottle ^can capacitor filter"
        # English: shores, clouds, benches, heaps
        " ^river ^creek ^stream ^canal ^lake ^sea ^sand snow ^cloud ^fog ^mud oyster mussel ^coral ^reef ^grass ^fern ^rose"
        " heather ^moss ^left ^right ^hill steep ^foot ^dog outer gravel"
        # German, Dutch, Scandinavian: benches, tables, stores, sofas
        " daten blut samen ^park sitz ^sofa schul ^eck ^garten ^werk dreh hobel ^holz nacken ^gen wort bilder foto wissens"
        " rezept ersatz anklage straf nebel ruder ^leder design truhen klemm polster ^lade"
        " bloed voedsel kleding speelgoed ^zand draai ^hoek slaap lounge ^zit vacature banen (?<!voor)beeld kennis geheugen"
        " mest idee bild bilde ^ord jobb kunskaps ^mat ^mad"
        # French, Spanish, Finnish, Turkish, Hungarian, Estonian, Slavic
        " alimentaire alimentos sangre kuva ^sana ruoka ^veri ^aika kysymys ^kan gida kitap adat toidu potravinov potravinova"
        " krevni"
    )
    + "-?$"
)
# The same, but only where it is all that stands before: surnames, places and verbs.
_WHOLE_WORD = re.compile(
    _any_of(
        "bur eu ew mill fair cruick brock wood mounte saltim em im dis over out cut non un anti de re west south north east"
        " hey high low hal wil nutty wyke lang green white black red blue field mother tyra ur tru stubb rain cv"
    )
    + "-?"
)

_OWN_SCRIPT = re.compile(
    _any_of(
        # Russian, Ukrainian, Belarusian, Bulgarian, Serbian, Macedonian, Mongolian, Kazakh, Kyrgyz, Tajik
        "банк(?!ет|нот|рот|ир|овк|данн) штедионица спестовна"
        " τράπεζα τραπεζα"  # Greek
        " 银行 銀行 信用社 信用金庫 信用組合 農協 은행 새마을금고"  # Chinese, Japanese, Korean
        " بنك مصرف بانک بینک بانكا"  # Arabic, Persian and Pashto, Urdu and Sindhi
        " בנק"  # Hebrew and Yiddish
        " बैंक बैङ्क बँक बैँक ব্যাংক ব্যাঙ্ক বেংক ਬੈਂਕ બેંક બૅન્ક ବ୍ୟାଙ୍କ"  # Hindi, Nepali, Marathi, Bengali ...
        " வங்கி బ్యాంకు బ్యాంక్ ಬ್ಯಾಂಕ್ ബാങ്ക് බැංකු"  # Tamil, Telugu, Kannada, Malayalam, Sinhala
        " ธนาคาร ທະນາຄານ ធនាគារ ဘဏ်"  # Thai, Lao, Khmer, Burmese
        " ბანკ բանկ ባንክ"  # Georgian, Armenian, Amharic and Tigrinya
    )
)
_ASCII_FOR: Final = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe"})


@lru_cache(maxsize=4096)
def is_likely_bank(domain: str) -> bool:
    """Whether a registrable domain (canonical spelling) is a bank's by its name alone."""
    label, _, suffix = domain.partition(".")
    if suffix in _RESTRICTED:
        return True
    if label.startswith("xn--"):
        written = from_a_label(label)
        if _OWN_SCRIPT.search(written):
            return True
        label = unicodedata.normalize("NFKD", written.translate(_ASCII_FOR)).encode("ascii", "ignore").decode("ascii")
    if _ANYWHERE.search(label):
        return True
    country = suffix.rpartition(".")[2]
    # Nothing else has one of these, and most names none.
    if ("ban" in label or "pankki" in label or "trapeza" in label) and _says_bank(label, country):
        return True
    local = _LOCAL.get(country)
    return local is not None and local.search(label) is not None


def _says_bank(label: str, country: str) -> bool:
    """Whether a name says bank at its beginning or its end, and means one that keeps money."""
    if _FIRST.search(label):
        return True
    for match in _LAST.finditer(label):
        if not keeps_no_money(label[: match.start()]):
            return True
    return _BANK_FIRST_AT.fullmatch(country) is not None and _BANK_FIRST.search(label) is not None


def keeps_no_money(before: str) -> bool:
    """Whether what stands before the word bank makes it a bank of food, of data, of a river."""
    return _WHOLE_WORD.fullmatch(before) is not None or _STORE_OF.search(before) is not None
