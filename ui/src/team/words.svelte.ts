/** The words of a team's page: Arabic unless somebody chose another language. */

const en = {
  title: "Team", noCode: "Open the link or scan the code that the watch gave you.", enrolAsk: "Name of this phone", enrol: "Join the team",
  enrolFault: "This code was used before, or its time is over. Ask the watch for another.", noLink: "No link. Try again when there is one.",
  linked: "Connected", unlinked: "No link: what you press is kept and sent later", none: "No tasking.", wiped: "This phone belongs to the team no more.",
  accept: "Accept", decline: "Decline", launch: "On our way", arrive: "On scene", complete: "Complete", why: "Why?", send: "Send", back: "Back",
  requested: "ordered", relayed: "ordered", accepted: "accepted", declined: "declined", launched: "on the way", "on-scene": "on scene", state_complete: "complete", cancelled: "called off",
  ready: "Ready", "not-ready": "Not ready", off: "Stood down", waiting: "waiting to be sent", refused: "not taken", share: "Share where we are while this page is open",
  map: "Open in a map",
};
export type Words = typeof en;
const ar: Words = {
  title: "الفريق", noCode: "افتحوا الرابط أو امسحوا الرمز الذي أعطته لكم غرفة العمليات.", enrolAsk: "اسم هذا الهاتف", enrol: "انضمام إلى الفريق",
  enrolFault: "استُعمل هذا الرمز من قبل أو انتهى وقته. اطلبوا رمزاً آخر.", noLink: "لا اتصال. أعيدوا المحاولة عند عودته.",
  linked: "متصل", unlinked: "لا اتصال: ما تضغطونه محفوظ ويُرسل لاحقاً", none: "لا تكليف.", wiped: "لم يعد هذا الهاتف تابعاً للفريق.",
  accept: "قبول", decline: "رفض", launch: "انطلقنا", arrive: "وصلنا", complete: "انتهت المهمة", why: "لماذا؟", send: "إرسال", back: "رجوع",
  requested: "مأمور", relayed: "مأمور", accepted: "مقبول", declined: "مرفوض", launched: "في الطريق", "on-scene": "في الموقع", state_complete: "منتهٍ", cancelled: "ملغى",
  ready: "جاهزون", "not-ready": "غير جاهزين", off: "خارج الخدمة", waiting: "بانتظار الإرسال", refused: "لم يُقبل", share: "مشاركة موقعنا ما دامت الصفحة مفتوحة",
  map: "فتح في خريطة",
};
const ckb: Words = {
  title: "تیم", noCode: "بەستەرەکە بکەنەوە یان کۆدەکە بخوێننەوە کە ژووری چاودێری پێی داون.", enrolAsk: "ناوی ئەم تەلەفۆنە", enrol: "چوونە ناو تیم",
  enrolFault: "ئەم کۆدە پێشتر بەکارهاتووە یان کاتی تەواو بووە. کۆدێکی تر داوا بکەن.", noLink: "پەیوەندی نییە. کاتێک هەبوو دووبارە هەوڵ بدەنەوە.",
  linked: "پەیوەستە", unlinked: "پەیوەندی نییە: ئەوەی دەیگرن دەپارێزرێت و دواتر دەنێردرێت", none: "ئەرک نییە.", wiped: "ئەم تەلەفۆنە چیتر هی تیمەکە نییە.",
  accept: "قبووڵ", decline: "ڕەت", launch: "بەڕێکەوتین", arrive: "گەیشتین", complete: "تەواو بوو", why: "بۆچی؟", send: "ناردن", back: "گەڕانەوە",
  requested: "فەرمانپێدراو", relayed: "فەرمانپێدراو", accepted: "قبووڵکراو", declined: "ڕەتکراوە", launched: "لە ڕێگادایە", "on-scene": "لە شوێنەکەیە", state_complete: "تەواو", cancelled: "هەڵوەشاوە",
  ready: "ئامادەین", "not-ready": "ئامادە نین", off: "لە خزمەت دەرچوو", waiting: "چاوەڕێی ناردن", refused: "وەرنەگیرا", share: "شوێنمان هاوبەش بکە تا ئەم پەڕەیە کراوەیە",
  map: "لە نەخشەدا بیکەرەوە",
};
const WORDS = { ar, ckb, en };
export type Language = keyof typeof WORDS;
export const LANGUAGES: [Language, string][] = [["ar", "العربية"], ["ckb", "کوردی"], ["en", "English"]];
export const ALL = WORDS;

let chosen = $state<Language>("ar");

export function language(): Language {
  return chosen;
}

export function storedLanguage(): Language {
  const stored = localStorage.getItem("team-language");
  return stored === "en" || stored === "ckb" ? stored : "ar";
}

export function setLanguage(next: Language): void {
  chosen = next;
  localStorage.setItem("team-language", next);
  document.documentElement.lang = next;
  document.documentElement.dir = next === "en" ? "ltr" : "rtl";
  document.title = WORDS[next].title;
}

/** Return a word; what has none is shown as it is. */
export function word(name: string): string {
  return WORDS[chosen][name as keyof Words] ?? name;
}
