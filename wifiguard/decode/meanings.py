"""What the name of a form's field says that its value is, in the languages that forms are written in.

English, Chinese (characters and pinyin), Spanish, Portuguese, French, German and Hindi (also transliterated); passwords and
identity numbers in more. Nothing of a name or value leaves here but one of the words below.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

_CACHE = 4096

# Meanings. MAYBE_*: only beside something that is certain, since the same word names things that are nobody's.
PASSWORD: Final = "password"
MAYBE_PASSWORD: Final = "password?"
ACCOUNT: Final = "account"
EMAIL: Final = "e-mail"
PHONE: Final = "phone"
NAME: Final = "name"
MAYBE_NAME: Final = "name?"
BIRTH: Final = "date-of-birth"
ADDRESS: Final = "address"
STREET: Final = "street"
MAYBE_ADDRESS: Final = "address?"
HEALTH: Final = "health"
LATITUDE: Final = "latitude"
LONGITUDE: Final = "longitude"
POSITION: Final = "position"
CARD: Final = "payment-card"
CARD_PART: Final = "payment-card?"
NUMBER: Final = "number?"
IDENTITY: Final = "id-number"
"""An identity number of any country; one of a known country is its python-stdnum module's name, with a dot in it."""

# Wherever the word stands in the name, separators left out.
_ANYWHERE: Final = {
    PASSWORD: """password passwd passwort passphrase passcode clientsecret kennwort contrasena motdepasse wachtwoord
        lozinka lösenord losenord salasana adgangskode geslo heslo jelszó hasło parola şifre matkhau katasandi
        пароль парола гасло 密码 密碼 口令 パスワード 비밀번호 รหัสผ่าน mậtkhẩu
        पासवर्ड סיסמה كلمةالمرور كلمةالسر κωδικός""",
    EMAIL: "email correoelectronico courriel youxiang 邮箱 電郵 邮件 ईमेल",
    PHONE: """phone telefon telefono téléphone mobilenumber mobileno handynummer mobilnummer celular móvil telemóvel
        whatsapp msisdn shouji dianhua
        手机 手機 电话 電話 मोबाइल फोन फ़ोन दूरभाष""",
    NAME: """firstname lastname fullname surname givenname familyname forename middlename realname cardholdername
        nameoncard vorname nachname familienname geburtsname prénom nomdefamille nomcomplet apellido nombrecompleto
        sobrenome primeironome nomecompleto xingming zhenshixingming poora_naam pooranaam
        姓名 姓氏 名字 उपनाम पूरानाम""",
    BIRTH: """birthdate birthday dateofbirth birth geburtsdatum geburtstag geburtsjahr nacimiento nascimento naissance
        chusheng shengri janmtithi janamtithi
        出生 生日 जन्म""",
    STREET: """street strasse hausnummer anschrift calleynumero domicilio endereço logradouro adressepostale xiangxidizhi
        zhuzhi postaladdress homeaddress addressline billingaddress shippingaddress deliveryaddress mailingaddress
        residentialaddress
        地址 住址 पता""",
    HEALTH: """diagnosis diagnose diagnóstico symptom disease bloodtype bloodgroup allergies allergy allergie medication
        medicalhistory prescription healthcondition healthinsurance krankheit medikament blutgruppe krankenkasse
        vorerkrankung enfermedad alergia medicamento gruposanguineo tiposanguineo síntoma doença maladie symptôme
        médicament groupesanguin traitementmédical bingshi zhenduan zhengzhuang xuexing guomin bimari
        病史 诊断 診斷 症状 疾病 血型 过敏 बीमारी रोग लक्षण रक्तसमूह""",
    LATITUDE: "latitude latitud breitengrad weidu 纬度 緯度 अक्षांश",
    LONGITUDE: "longitude longitud längengrad jingdu 经度 經度 देशांतर",
    POSITION: "latlng latlon gpslocation geolocation gpsposition coordinates coordenadas coordonnées koordinaten 坐标 定位",
    CARD: """cardnumber cardno cardnum creditcard debitcard ccnumber ccnum kreditkarte kartennummer tarjeta cartão
        numerocarte cartebancaire kahao yinhangka xinyongka
        卡号 卡號 银行卡 信用卡 कार्डसंख्या कार्डनंबर""",
    CARD_PART: """securitycode cardexpir expirydate expirationdate validthru cardtype gültigbis fechacaducidad
        dateexpiration 有效期""",
    IDENTITY: """nationalid identitynumber identitycard idcard idnumber identificationnumber personalid documentnumber
        numdocumento documentoidentidad documentodeidentidad identidad identidade ausweis pièceidentité
        carteidentité taxid taxpayerid pahchan
        证件 證件 पहचानपत्र""",
    "cn.ric": "shenfenzheng shenfenhao 身份证 身份證 身分證 居民身份 zhengjianhao",
    "us.ssn": "socialsecurity",
    "in_.aadhaar": "aadhaar aadhar adhaar आधार",
    "in_.pan": "pancard pannumber स्थायीखाता",
    "in_.epic": "voterid",
    "de.idnr": "steueridentifikation steuerid identifikationsnummer",
    "de.stnr": "steuernummer",
    "fr.nir": "sécuritésociale securitesociale numérosécu numerosecu",
    "it.codicefiscale": "codicefiscale fiscalcode",
    "gb.nino": "nationalinsurance",
    "ca.sin": "socialinsurance",
    "se.personnummer": "personnummer",
    "fi.hetu": "henkilotunnus personbeteckning",
    "no.fodselsnummer": "fødselsnummer fodselsnummer foedselsnummer",
    "dk.cpr": "cprnummer cprnumber personnummer",
    "tr.tckimlik": "kimlikno tckimlik",
    "kr.rrn": "주민등록 jumin",
    "jp.in_": "個人番号 マイナンバー mynumber kojinbango",
    "at.vnr": "sozialversicherung",
    "ch.ssn": "ahvnummer ahvnumber",
    "is_.kennitala": "kennitala",
    "do.cedula": "cedula",
    "ec.ci": "cedula",
    "cz.rc": "rodnecislo",
    "sk.rc": "rodnecislo",
    "ie.pps": "ppsnumber",
}  # fmt: skip
# Only where it is a whole word of the name: "pass" is a password, "passenger" is not.
_ALONE: Final = {
    PASSWORD: """pwd pswd passw passwrd userpass userpwd userpw upass loginpass loginpwd pword senha mdp haslo sifre mima
        parol""",
    MAYBE_PASSWORD: "pass psw pw clave sandi pin otp tan geheim",
    ACCOUNT: """user username uname usr userid login loginid loginname log account uid email mail benutzer benutzername usuario
        utilisateur identifiant yonghu zhanghao 用户名 账号""",
    PHONE: "tel cell handy mob mobile fone gsm portable fon sdt",
    NAME: "fname lname",
    MAYBE_NAME: "name nom nombre nome naam नाम customer kunde cliente client person",
    BIRTH: "dob bday geb doby",
    STREET: "street strasse str rue calle rua domicile dizhi",
    ADDRESS: "address addr adresse adress direccion direccao pata",
    MAYBE_ADDRESS: "zip zipcode postcode postal plz cep city stadt ort ville ciudad cidade chengshi 城市 邮编 postalcode pincode",
    HEALTH: "hiv pregnancy schwangerschaft embarazo gravidez grossesse",
    LATITUDE: "lat",
    LONGITUDE: "lon lng long",
    POSITION: "gps geo location ll coords position standort ubicacion",
    CARD: "cc card ccno cardnr pan karte carte",
    CARD_PART: "cvv cvc cvn csc exp expiry expmonth expyear mmyy ccv cid",
    NUMBER: "number num no nr numero número nummer",
    IDENTITY: "idno idnr idnum documento dokument",
    "cn.ric": "sfz sfzh zjhm",
    "us.ssn": "ssn",
    "in_.pan": "pan",
    "br.cpf": "cpf",
    "br.cnpj": "cnpj cpf",
    "es.dni": "dni nif",
    "es.nie": "nie nif dni",
    "fr.nir": "nir insee nss",
    "fr.nif": "spi",
    "de.idnr": "idnr tin",
    "de.stnr": "stnr",
    "it.codicefiscale": "cf",
    "gb.nino": "nino nin",
    "gb.nhs": "nhs",
    "pl.pesel": "pesel",
    "nl.bsn": "bsn sofinummer sofi",
    "fi.hetu": "hetu",
    "dk.cpr": "cpr",
    "no.fodselsnummer": "fnr",
    "mx.curp": "curp",
    "mx.rfc": "rfc",
    "ar.cuit": "cuil cuit",
    "cl.rut": "rut",
    "tr.tckimlik": "tc tckn",
    "kr.rrn": "rrn",
    "pt.nif": "nif",
    "be.nn": "rijksregister niss insz rrn",
    "ie.pps": "pps ppsn",
    "bg.egn": "egn",
    "ro.cnp": "cnp",
    "hr.oib": "oib",
    "ca.sin": "sin nas",
    "au.tfn": "tfn",
    "my.nric": "nric mykad",
    "id.nik": "nik ktp",
    "pk.cnic": "cnic",
    "il.idnr": "teudat tz",
    "gr.amka": "amka",
    "ee.ik": "isikukood",
    "lt.asmens": "asmenskodas asmens",
    "ch.ssn": "ahv avs",
    "ru.inn": "inn",
}  # fmt: skip
# Words that turn an address into a machine's, and a person's word into a program's.
_MACHINES: Final = frozenset(
    {
        "mac",
        "ip",
        "ipv",
        "memory",
        "wallet",
        "btc",
        "eth",
        "server",
        "bind",
        "listen",
        "proxy",
        "url",
        "web",
        "host",
        "dns",
    }
)
_SEPARATORS: Final = re.compile(r"[\s_.\-\[\]$:/]+")
# A word ends at punctuation, at a digit, and before a capital that begins the next one: tfUPass is tf, U, Pass.
_words: Final = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+").findall


def _folded(text: str) -> str:
    """Without accents, so that both spellings meet: prénom, prenom."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")


def _split(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {meaning: tuple(_folded(word).casefold() for word in words.split()) for meaning, words in table.items()}


# Made when the first field's name is read: that takes 6 ms, and most of what is watched fills in no form.
@cache
def _anywhere() -> list[tuple[str, re.Pattern[str]]]:
    return [(meaning, re.compile("|".join(map(re.escape, words)))) for meaning, words in _split(_ANYWHERE).items()]


@cache
def _alone() -> dict[str, frozenset[str]]:
    meant: dict[str, frozenset[str]] = {}
    for meaning, words in _split(_ALONE).items():
        for word in words:
            meant[word] = meant.get(word, frozenset()) | {meaning}
    return meant


@lru_cache(_CACHE)
def meanings(name: bytes) -> frozenset[str]:
    """Everything that a field's name may mean; empty for most. The caller bounds its length."""
    text = _folded(name.decode("utf-8", "replace"))
    squeezed = _SEPARATORS.sub("", text).casefold()
    words = {word.casefold() for word in _words(text)}
    found = {meaning for meaning, says in _anywhere() if says.search(squeezed)}
    alone = _alone()
    for word in words | {squeezed}:
        found |= alone.get(word, frozenset())
    if words & _MACHINES:
        found -= {ADDRESS, STREET, MAYBE_ADDRESS, MAYBE_NAME}
    return frozenset(found)
