"""Words of a message to a duty phone, in three languages; short, because a text message has 70 Arabic letters."""

from typing import Final

import msgspec

from tapestry.geo import format_dtg, to_mgrs
from tapestry.model import DistressCase, DistressKind


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a language says."""

    kinds: dict[DistressKind, str]
    unknown: str
    at: str
    nobody: str
    calls: str


WORDS: Final[dict[str, Words]] = {
    "en": Words(
        kinds={
            DistressKind.SOS: "SOS",
            DistressKind.CONTACT: "UNDER ATTACK",
            DistressKind.HELP: "HELP WANTED",
            DistressKind.DELAY: "DELAYED",
            DistressKind.TAMPER: "TRACKER OPENED",
        },
        unknown="unknown caller",
        at="place",
        nobody="Nobody has acknowledged it.",
        calls="calls",
    ),
    "ar": Words(
        kinds={
            DistressKind.SOS: "نداء استغاثة",
            DistressKind.CONTACT: "تحت الهجوم",
            DistressKind.HELP: "طلب مساعدة",
            DistressKind.DELAY: "تأخير",
            DistressKind.TAMPER: "فتح جهاز التتبع",
        },
        unknown="متصل غير معروف",
        at="المكان",
        nobody="لم يؤكد أحد الاستلام.",
        calls="نداءات",
    ),
    "ckb": Words(
        kinds={
            DistressKind.SOS: "بانگی فریاکەوتن",
            DistressKind.CONTACT: "لەژێر هێرشدا",
            DistressKind.HELP: "داوای یارمەتی",
            DistressKind.DELAY: "دواکەوتن",
            DistressKind.TAMPER: "ئامێری شوێنپێ کرایەوە",
        },
        unknown="پەیوەندیکاری نەناسراو",
        at="شوێن",
        nobody="کەس وەریگرتنی پشتڕاست نەکردووەتەوە.",
        calls="بانگ",
    ),
}


def letter_words(case: DistressCase, callsigns: str, *, link: str, language: str) -> tuple[str, str]:
    """Return subject and text of a message about a case.

    Args:
        case: As it is when it is sent.
        callsigns: Of its vehicles, "" when none is known.
        link: Where it can be acknowledged.
        language: One there are words of; another is told in English.
    """
    words = WORDS.get(language, WORDS["en"])
    who = callsigns or words.unknown
    subject = f"{words.kinds[case.kind]}: {who} (#{case.case_id})"
    lines = [subject, format_dtg(case.opened_at)]
    if case.lat_deg is not None and case.lon_deg is not None:
        lines.append(f"{words.at} {to_mgrs(lat_deg=case.lat_deg, lon_deg=case.lon_deg, digits=4)}")
    if case.call_count > 1:
        lines.append(f"{case.call_count} {words.calls}")
    return subject, "\n".join([*lines, words.nobody, link])
