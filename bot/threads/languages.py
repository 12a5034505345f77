"""In which language a note is written, where that is beyond doubt.

This module owns the decision: by the script, and where several languages share one, by their commonest words. A note in
an unknown or mixed language has none. The rules are our own: of the libraries that are kept up, py3langid takes 130 MB
of memory and numpy, lingua 100 MB of disk, and whatlang comes for no Python after 3.12.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import regex

from bot.threads.addresses import find_bare_links, find_links

_BY_SCRIPT: Final[Mapping[str, str]] = {
    "Hangul": "ko",
    "Thai": "th",
    "Lao": "lo",
    "Khmer": "km",
    "Myanmar": "my",
    "Hebrew": "he",
    "Greek": "el",
    "Armenian": "hy",
    "Georgian": "ka",
    "Bengali": "bn",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Tamil": "ta",
    "Telugu": "te",
}
"""Scripts that are nearly always those of one language."""

_BY_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Latin": {
        "en": (
            "the of and to in is a that this it with for are on by as be from which an was has have not can their we "
            "how or but at its than more into when while where these through using between such our your there"
        ),
        "de": (
            "der die das und ist nicht mit für von den dem ein eine einen einer auf zu wie auch sich es wird "
            "werden im zur zum noch oder aber nur wenn dass bei aus sind hat nach durch man kann was sie allein "
            "sehr"
        ),
        "fr": (
            "le la les des est et une un du dans pour que qui pas sur avec au aux par ne sont il on ce cette ces "
            "plus mais à leur comme en se de où très l d qu"
        ),
        "es": (
            "el la los las del de y una un que para con por es no se su al como más pero lo muestran son esta "
            "este en qué dónde donde muy también todavía sin"
        ),
        "it": (
            "il lo la gli le di che e un una per con non è sono del della dei delle degli nel nella al come più "
            "ma anche si da questo questa dove ancora l vengono se davvero"
        ),
        "pt": (
            "o a os as de do da dos das e um uma que para com por não é são se ao como mais mas também no na nos "
            "nas em sobre onde quando isso já muito ainda"
        ),
        "ca": (
            "el la els les de del dels i una un que per amb no és són es al com més però també en on molt aquest "
            "aquesta"
        ),
        "nl": (
            "de het een en van is niet met voor dat die op te zijn er ook aan bij als maar om naar wat waar wordt "
            "worden nog kan deze dit zonder zien ze genoeg"
        ),
        "sv": (
            "och att det som är på av för med inte den till ett en när de kan från om men också hur eller sig "
            "utan mycket räcker några visar"
        ),
        "da": (
            "og at det som er på af for med ikke den til et en når de kan fra om men også hvordan eller sig uden "
            "meget bliver nogle viser efter hvad"
        ),
        "nb": (
            "og at det som er på av for med ikke den til et en når de kan fra om men også hvordan eller seg uten "
            "mye blir noen viser etter hva"
        ),
        "fi": (
            "ja on ei se että kun ovat joka mutta myös tai kuin ne tämä voi vain niin sekä mitä jos ole nämä muutama"
        ),
        "et": "ja on ei see et kui mis aga ka või nagu need seda oma mida ning siis ainult mõned",
        "pl": (
            "i w na z do że się nie jest to o po jak ale za od dla co ich są oraz przez być może tylko kilka który gdy"
        ),
        "cs": "a v na se že je to z do s o i ale pro jak když po jsou by ne které jen nebo tak několik který jako",
        "sk": "a v na sa že je to z do s o i ale pre ako keď po sú by nie ktoré len alebo tak niekoľko ktorý",
        "ro": "și de la în a cu pe care este nu un o din să se pentru mai sunt ce dar că prin unei al ale foarte",
        "hu": "a az és hogy nem egy is van meg de ha csak ez mint azt már vagy ki el volt néhány amely",
        "tr": "ve bir bu için ile da de çok daha olarak ne gibi en kadar ama değil olduğunu birkaç ki göre yeterli",
        "id": (
            "dan yang di ini itu untuk dengan dari pada adalah tidak bahwa juga sudah dalam oleh akan para jika "
            "beberapa"
        ),
        "vi": "và của là các cho một có không được với những trong để này khi đã thấy rõ chỉ như chúng đi",
    },
    "Cyrillic": {
        "ru": "и в на что не с для как это по из к их но от если только также а при то же бы все она они",
        "uk": (
            "і в на що не з для як це до їх але від якщо тільки також та при то ж би й у є їхні який яка які чи лише"
        ),
        "bg": "и в на че не с за как това от се са но ако само също да по при а те който",
    },
    "Arabic": {
        "ar": "في من على أن إلى عن التي هذا هذه لا ما مع أو كان عند قد ذلك إن بعد لم",
        "fa": "و در به از که این را با است برای آن یک تا می هم بر اما های چند نیست شود کند",
        "ur": "کے کی میں ہے اور سے کا کو نے یہ پر ہیں کہ ایک بھی نہیں تو جو",
    },
    "Devanagari": {
        "hi": "के है में की और से का को हैं पर यह कि ने भी एक नहीं लिए तो ही",
        "mr": "आहे आणि च्या ची चा हे या तो ते की मध्ये नाही आहेत एक व",
        "ne": "छ र को मा का ले यो हो पनि छन् लाई एक भने गर्न",
    },
}
"""The commonest words of languages that share a script, and those that tell near ones apart."""

_LEAST_WORDS: Final = 2
_LEAST_SHARE: Final = 0.12
_CLEARLY: Final = 1.25
"""So many times as many of its words as of the next language's a note must have."""
_MOSTLY: Final = 0.4
_DENSE: Final = 0.15
"""What share of the letters makes a script the note's: of Chinese and Japanese, which need few letters, less."""
_KANA_AT_LEAST: Final = 0.1

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*")
"""``pre-trained`` and ``3D`` are one word each: their parts may be words of other languages."""
_NAMED: Final = regex.compile(r"#\w+|@\S+|`[^`\n]*`|\$[^$\n]*\$|\b(?:e\.g|i\.e|et al|a\.k\.a)\.|\b\p{Lu}{2,}\b")
"""What is no word of any language: hashtags, handles, code, formulas, abbreviations of English papers, acronyms."""
_LETTERS: Final = {name: regex.compile(rf"\p{{{name}}}") for name in (*_BY_SCRIPT, *_BY_WORDS)}
_ANY_LETTER: Final = regex.compile(r"\p{L}")
_HAN: Final = regex.compile(r"\p{Han}")
_KANA: Final = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_COMMON: Final = {
    script: {language: frozenset(words.split()) for language, words in languages.items()}
    for script, languages in _BY_WORDS.items()
}


def langs_of(note: str, langs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the language tags of a thread: the channel's ``langs``, unless the note is surely in another language."""
    found = language_of(note)
    if found is None or any(tag.partition("-")[0] == found for tag in langs):
        return langs
    return (found,)


def language_of(note: str) -> str | None:
    """Return the language of a note as its ISO 639-1 code, None where it may be another one."""
    text = _NAMED.sub(" ", _without_addresses(note))
    letters = len(_ANY_LETTER.findall(text))
    if not letters:
        return None
    words = _WORD.findall(text.casefold())
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    if (share := (han + kana) / letters) >= _DENSE:
        is_mixed = share < _MOSTLY and _by_words(words, _COMMON["Latin"], "Latin") is not None
        return None if is_mixed else "ja" if kana >= _KANA_AT_LEAST * (han + kana) else "zh"
    script = next((name for name in _LETTERS if len(_LETTERS[name].findall(text)) / letters >= _MOSTLY), None)
    if script is None:
        return None
    return _BY_SCRIPT.get(script) or _by_words(words, _COMMON[script], script)


def _without_addresses(note: str) -> str:
    for link in sorted((*find_links(note), *find_bare_links(note)), key=lambda link: -link.start):
        note = note[: link.start] + " " + note[link.end :]
    return note


def _by_words(words: Iterable[str], languages: Mapping[str, frozenset[str]], script: str) -> str | None:
    """Return the language that clearly has most of its commonest words among these."""
    of_script = [word for word in words if _LETTERS[script].match(word)]
    counts = Counter({language: sum(word in common for word in of_script) for language, common in languages.items()})
    (best, most), (_, second) = counts.most_common(2)
    if most < _LEAST_WORDS or most < _LEAST_SHARE * len(of_script) or most < _CLEARLY * second:
        return None
    return best
