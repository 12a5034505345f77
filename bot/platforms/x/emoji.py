"""The emoji sequences that X counts as one character.

X counts by the emoji of Unicode 11 (2018), as the parser behind twitter-text knows them; a later sequence counts as its
parts. Only sequences stand here, for a single emoji weighs what its range weighs, and where a property of today's
Unicode is used, what came later is taken off. This module never counts.
"""

from typing import Final

import regex

_VARIATION: Final = r"\uFE0F"  # asks for a picture where text is the default
_JOINER: Final = r"\u200D"
_TONE: Final = r"[\U0001F3FB-\U0001F3FF]"

# The second set are pictures by default that may carry U+FE0F all the same.
_WITH_VARIATION: Final = (
    r"[[[\p{Emoji}--\p{Emoji_Presentation}]--[0-9\#*♾⚧]]"
    r"||[⌚⌛◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕🀄🈚🈯]]"
)
# The skier takes a tone here as in early drafts; people in pairs, and what is newer, did not in Unicode 11.
_TONED: Final = r"[[\p{Emoji_Modifier_Base}⛷]--[👪-👭👯💏💑🤌🤏🤝🤼🥷🦻\U0001F9CD-\U0001F9CF\U0001FA70-\U0001FAFF]]"

_WORK: Final = rf"(?: [⚕⚖✈] {_VARIATION} | [🌾🍳🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦰-🦳] )"
_GENDER: Final = rf"{_JOINER} [♀♂] {_VARIATION}"
_PEOPLE: Final = r"[🏃🏄🏊👮👱👳👷💁💂💆💇🙅-🙇🙋🙍🙎🚣🚴-🚶🤦🤵🤷-🤹🤽🤾🦸🦹🧖-🧝]"
_HEART: Final = rf"{_JOINER} ❤ {_VARIATION} {_JOINER} (?: 💋 {_JOINER} )?"
_PARENTS: Final = rf"(?: 👨 {_JOINER} [👨👩] | 👩 {_JOINER} 👩 | [👨👩] )"
_CHILDREN: Final = rf"(?: 👦 (?: {_JOINER} 👦 )? | 👧 (?: {_JOINER} [👦👧] )? )"

_REGIONS: Final = """
    AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU
    IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX
    SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT
    ZA ZM ZW
"""
_SUBDIVISIONS: Final = ("gbeng", "gbsct", "gbwls")


def _shifted(code: str, *, first: str, to: str) -> str:
    return "".join(chr(ord(letter) - ord(first) + ord(to)) for letter in code)


def _flags() -> frozenset[str]:
    regions = {_shifted(region, first="A", to="\U0001f1e6") for region in _REGIONS.split()}
    tags = (_shifted(code, first="a", to="\U000e0061") for code in _SUBDIVISIONS)
    return frozenset(regions | {f"🏴{tag}\U000e007f" for tag in tags})


EMOJI_SEQUENCE: Final = regex.compile(
    rf"""
    [👨👩] {_TONE}? {_JOINER} {_WORK}
    | [⛹🏋🏌🕴🕵] (?: {_TONE} | {_VARIATION} ) {_GENDER}
    | (?: {_PEOPLE} {_TONE}? | [👯🤼🧞🧟] ) {_GENDER}
    | (?: 👨 {_HEART} 👨 | 👩 {_HEART} [👨👩] )
    | {_PARENTS} {_JOINER} {_CHILDREN}
    | (?: 🏳 {_VARIATION} {_JOINER} 🌈 | 🏴 {_JOINER} ☠ {_VARIATION} | 👁 {_JOINER} 🗨 )
    | [0-9\#*] {_VARIATION}? \u20E3
    | [{_TONED}&&{_WITH_VARIATION}] {_VARIATION} {_TONE}
    | {_TONED} {_TONE}
    | {_WITH_VARIATION} {_VARIATION}
    | \L<banners>
    """,
    regex.VERBOSE | regex.VERSION1,
    banners=_flags(),
)
