"""The words that reports of positions are made of, in English, Arabic and Sorani, as `folded` leaves them."""

import re
import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans("أإآٱةىیکڵڕۆێەھ", "ااااهيىكلرويهه")
_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")


def folded(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, one form of each Arabic and Kurdish letter."""
    marked = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(it for it in marked if not unicodedata.combining(it) and it not in "'’ʿʾʼ‘`")
    return unicodedata.normalize("NFC", plain).translate(_LETTERS).replace("ى", "ي")


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text, folded; "CP3" is two."""
    return [_plain(it) for it in _TOKEN.findall(folded(text))]


def _plain(token: str) -> str:
    """Return a word without the Arabic article, alone or behind a preposition of one letter."""
    for start in ("بال", "وال", "لل", "ال"):
        if token.startswith(start) and len(token) > len(start) + 2:
            return token[len(start) :]
    return token


def _words(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


HERE: Final = _words(
    "passed passing past reached reach arrived arriving at in inside through near left cleared departed crossed "
    "halted stopped standing parked now position location loc pos here am are is we i have has just the by cp from "
    "وصلنا وصلت وصل مررنا مررت عبرنا عبرت عبر اجتزنا تجاوزنا بلغنا نحن انا عند في قرب قريب من موقعي موقعنا الان "
    "متوقفون متوقف واقفون غادرنا غادرت تركنا الموقع مكاننا مكاني "
    "گەیشتین گەیشتم گەیشتینە تێپەڕین تێپەڕیم تێپەڕیمان لە لەلای نزیک نزیکی ئێستا ئێمە من ئێرە وەستاوین وەستاین "
    "شوێنمان شوێنم بەجێمان هێشت گەیشتووین"
)
"""Words that say that they are, or were, at the place; and words that say nothing of it."""
OWN: Final = _words(
    "passed passing reached arrived left cleared departed crossed halted stopped standing parked we i am my our "
    "وصلنا وصلت مررنا مررت عبرنا عبرت اجتزنا تجاوزنا بلغنا نحن انا موقعي موقعنا متوقفون متوقف واقفون غادرنا غادرت "
    "تركنا مكاننا مكاني گەیشتین گەیشتم گەیشتینە تێپەڕین تێپەڕیم تێپەڕیمان وەستاوین وەستاین ئێمە شوێنمان شوێنم "
    "گەیشتووین"
)
"""Words by which people speak of themselves: without one, other words beside a place's name may be about others."""
NEAR: Final = _words("near قرب قريب نزیک نزیکی")
NOT_THERE: Final = _words(
    "not never before until till eta to towards toward heading going go bound next will shall expect expected "
    "expecting planned plan unless if when between behind ahead leaving avoid closed blocked meet "
    "attack attacked ied bomb mine mines militia gunmen enemy ambush shooting roadblock explosion fire them they "
    "لم لن لا ليس قبل حتى الى نحو باتجاه متجهون متجه ذاهبون ذاهب سوف سنصل ساصل نتوقع متوقع اذا بين بعد مغلق امام "
    "خلف التالي القادم "
    "خلال هجوم عبوة قنبلة لغم مسلحون مسلحين ميليشيا كمين انفجار عدو هم "
    "هێرش بۆمب مین چەکدار چەکداران کەمین تەقینەوە ئەوان "
    "نە نەگەیشتین پێش بەرەو بۆ دەگەین دەچین دەڕۆین ئەگەر نێوان دوای داخراوە"
)
"""Words that say that they are not there, or not yet; a clause with one of them places nobody."""
EITHER: Final = _words("or maybe perhaps about أو ربما یان ڕەنگە")
CHECKPOINTS: Final = _words("checkpoint check cp chk نقطة سيطرة حاجز نقطه خاڵ خاڵی بازگە بازگەی")
CHECKPOINT_FILLERS: Final = _words("point number no تفتيش مرور رقم تێپەڕینی پشکنین پشکنینی ژمارە ژمارەی")
FILLERS: Final = _words(
    "sos help mayday emergency delay delayed late time hrs hours local utc gmt zulu on ok okay well all good "
    "نجدة استغاثة طوارئ مساعدة ساعدونا تأخير متأخر الساعة تمام بخير "
    "فریاکەوتن یارمەتی دواکەوتن کاتژمێر سەعات کات باشە باشین"
)
OF: Final = _words("of the from من عن لە ی")

_KILOMETRES: Final = tokens(
    "km kms k kilometer kilometers kilometre kilometres كم كيلو كيلومتر كيلومترا كيلومترات کیلۆمەتر کیلۆ"
)
_METRES: Final = tokens("m meter meters metre metres متر امتار مەتر")
_MILES: Final = tokens("mile miles mi ميل اميال")
DURATIONS: Final = _words("min mins minute minutes h hr hrs hour hours دقيقة دقائق ساعة ساعات خولەک کاتژمێر")
UNITS_M: Final[dict[str, float]] = {
    **dict.fromkeys(_KILOMETRES, 1_000.0),
    **dict.fromkeys(_METRES, 1.0),
    **dict.fromkeys(_MILES, 1_609.344),
}
OTHER_UNITS: Final = _words(
    "kph kmh mph km/h h hr hrs min mins minute minutes s sec l litres liters percent vehicles vehicle trucks truck "
    "people persons pax ton tons cars لتر دقيقة دقائق ساعة مركبات مركبة شاحنات سيارات اشخاص كم/س "
    "خولەک لیتر ئۆتۆمبێل کەس"
)

_EIGHTHS: Final[dict[str, float]] = {
    **dict.fromkeys(tokens("n north northern شمال شمالي شمالا باکوور باکووری"), 0.0),
    **dict.fromkeys(tokens("e east eastern شرق شرقي شرقا ڕۆژهەڵات ڕۆژهەڵاتی رۆژهەڵات"), 90.0),
    **dict.fromkeys(tokens("s south southern جنوب جنوبي جنوبا باشوور باشووری"), 180.0),
    **dict.fromkeys(tokens("w west western غرب غربي غربا ڕۆژئاوا ڕۆژئاوای رۆژئاوا"), 270.0),
}
_BETWEEN: Final[dict[str, float]] = {
    **dict.fromkeys(tokens("ne northeast northeastern"), 45.0),
    **dict.fromkeys(tokens("se southeast southeastern"), 135.0),
    **dict.fromkeys(tokens("sw southwest southwestern"), 225.0),
    **dict.fromkeys(tokens("nw northwest northwestern"), 315.0),
}


def direction(said: list[str]) -> tuple[float, int] | None:
    """Return the bearing in degrees that a list of tokens begins with, and how many of them say it."""
    if not said:
        return None
    if said[0] in _BETWEEN:
        return _BETWEEN[said[0]], 1
    first = _EIGHTHS.get(said[0])
    if first is None:
        return None
    second = _EIGHTHS.get(said[1]) if len(said) > 1 else None
    if second is None:
        return first, 1
    if abs(first - second) == 180.0 or first == second:
        return None
    apart = (second - first + 540.0) % 360.0 - 180.0
    return (first + apart / 2) % 360.0, 2
