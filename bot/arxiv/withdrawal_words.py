"""The words in which authors and arXiv say that a paper is withdrawn, as patterns for ``withdrawals``.

This module owns vocabulary and decides nothing. In the lists a word is written as a pattern, and ``_`` stands for white
space. Sources: https://info.arxiv.org/help/withdraw.html, and the comments of withdrawn papers.
"""

import re
from typing import Final


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})".replace("_", r"\s+")


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_NOUN = _any(
    "paper article manuscript pre-?print e-?print submission work version document report note letter draft posting"
    " entry study thesis contribution upload record"
)
_OTHER_NOUN = _any("review survey book chapter monograph publication dissertation tutorial essay proposal")
_WHICH = _any(
    "present above current latest newest full entire whole arxiv research technical review survey working short"
)
_SORT = _any("position conference workshop journal extended preliminary long")
_PART = _any(
    "full_text pdf contents? version (?:latest|current|present|newest|arxiv|preprint|electronic|online|public)_version"
)
SELF: Final = (
    rf"(?:(?:all\s+versions|(?:the\s+|this\s+)?{_PART})\s+of\s+)?"
    rf"(?:(?:this|the|our|my)(?:\s+{_WHICH})?\s+{_NOUN}|this\s+{_SORT}\s+{_NOUN}|this\s+{_OTHER_NOUN}(?!\s+{_NOUN}))"
    r"(?:\s+version)?(?:\s*\([^()]{0,60}\)|\s+(?:en)?titled\s+[^.;?!]{3,150}?|,?\s+arxiv:[\w./-]+,?|,[^,.;?!]{3,60},|\s+and\s+(?:its|the|our|all)(?:\s+\w+){1,2})?"
)
"""The paper that the words stand with; never another one ("an earlier preprint", "our first paper")."""

_SIDE = "(?:{},?\\s+)*".format(
    _any(
        "now temporarily voluntarily hereby permanently officially recently since already currently subsequently"
        " unfortunately therefore thus also formally administratively completely fully entirely regretfully"
        " consequently hence sadly immediately provisionally regrettably"
    )
)
_GONE = _any("with-?dr(?:awn|awed|ew) retracted rescinded")
_TAKEN = _any("removed deleted taken_down pulled suspended recalled cancell?ed")
_GO = _any("with-?draw(?:s|n|ing|ed|al)? withdrew retract(?:s|ed|ing|ion)? rescind(?:s|ed|ing)?")
_TAKE = _any("remov(?:e|es|ed|ing|al) delet(?:e|es|ed|ing|ion) tak(?:e|en|ing)_down")
_BE = _any(
    rf"(?:has|have|had),?_{_SIDE}been should_be_(?:considered|regarded|treated)(?:_as)?"
    r" (?:has|have|had|needs|needed)_to_be (?:is|are|was|were)(?:_being)? be"
)
_BEEN = rf"{_BE}\s+{_SIDE}"
_MAY_BE = _any("will may might should shall could can must is_to is_going_to")
_WILL = _any("will may might plan(?:s|ned)?_to intend(?:s|ed)?_to (?:are|is|am)_(?:going|about)_to")
_AUTHORS = _any("(?:first|corresponding|sole|lead|present|submitting)_(?:co-?)?authors? (?:co-?)?authors?")
_WHO = _any(
    rf"we,_the_authors, we i (?:(?:all|both|some)_(?:of_)?)?(?:the_)?{_AUTHORS}(?:_of_this_\w+)? the_submitter"
    r" arxiv(?:_(?:admin|moderat|staff)\w*)? they"
)
_MEANS = "(?:{}\\s+)".format(
    _any(
        "has have had hereby are is am wish(?:es)? wants? would like needs? must decided? chose choose chosen been"
        " request(?:s|ed|ing)? agreed? ask(?:ed|ing)? forced obliged compelled announced? regret regretfully to that"
        " the a of for be it_be now therefore thus hence temporarily voluntarily formally officially unfortunately"
        " kindly recently since"
    )
)

PASSIVE: Final = _pattern(rf"\b(?P<self>{SELF})(?:['’]s\s+been)?,?\s+(?:{_BEEN})?(?:{_GONE}|(?P<weak>{_TAKEN}))\b")
ACTIVE: Final = _pattern(
    rf"\b(?:{_WHO}\s+{_MEANS}{{0,9}}|(?:it\s+)?{_MEANS}{{1,9}})(?:{_GO}|(?P<weak>{_TAKE}))\s+(?:of\s+)?(?P<self>{SELF})\b"
)
COMPOUND: Final = _pattern(
    rf"\b(?P<self>{SELF})\s(?P<between>[^;?!]{{3,160}}?)(?:\b(?:and|so|hence|thus|therefore)\b|,)\s+(?:(?:it|we)\s+)?"
    rf"(?:(?:{_BEEN}|{_SIDE}){_GONE}|{_MEANS}{{0,9}}{_GO}\s+it)\b"
)
"""The verb stands apart from its subject: "This paper contains an error and has been withdrawn"."""

BARE: Final = _pattern(
    rf"(?:(?:(?:(?:{_WHICH}\s+)?{_NOUN}|full\s+text)\s+(?:{_BEEN})?)?{_SIDE}(?:{_GONE}|(?P<weak>{_TAKEN}))\b"
    rf"|(?:superseded|replaced|subsumed|merged)\s+(?:by|with|into)\s(?:(?!\b(?:which|that|who)\b)[^;?!]){{2,80}}?,?\s+(?:and\s+)?{_SIDE}{_GONE}\b"
    rf"|{_GONE}\s+{_any('paper article manuscript pre-?print e-?print')}(?=\W*\Z)"
    r"|(?P<noun>(?:author\s+|formal\s+)?(?:notices?\s+of\s+)?(?:withdrawal|retraction)"
    r"(?:\s+(?:notice|note|statement|request)\b)?)"
    rf"(?=\W*\Z|\s*[:(–—]|\s+-|\s+{_any('by due because on at requested')}\b|\s+of\s+{SELF}))"
)
NUMBERED: Final = _pattern(
    rf"\b(?:version\s+|v\.?\s?)(?P<number>\d{{1,2}})(?:\s+of\s+{SELF})?\s*[:(,–—-]?\s*(?:{_BEEN})?"
    rf"(?:{_GONE}|(?P<weak>{_TAKEN}))\b"
    rf"|\b{_WHO}\s+{_MEANS}{{0,9}}{_GO}\s+(?:of\s+)?(?:version\s+|v\.?\s?)(?P<named>\d{{1,2}})\b"
)
HEDGED: Final = _pattern(
    rf"\b(?:(?P<self>{SELF})\s+{_MAY_BE}\s+(?:\w+\s+)?be\s+(?:{_GONE}|{_TAKEN})|{_WHO}\s+{_WILL}\s+(?:{_GO}|{_TAKE})"
    rf"\s+{SELF})\b|\bthis\s+is\s+a\s+{_GONE}\s+{_NOUN}(?=\W*\Z)"
)
PRONOUN: Final = _pattern(rf"\W*(?:(?:it|this)\s+)?{_BEEN}{_GONE}\b|\W*{_WHO}\s+{_MEANS}{{0,9}}{_GO}\s+it\b")
"""Of what it is said stands in another sentence, if anywhere: "It has been withdrawn by the authors"."""

SO_WE: Final = _pattern(rf"\b(?:so|hence|thus|therefore|and)\s+(?:{_WHO})\s+{_MEANS}{{0,9}}{_GO}\s+it\b")
"""The end of a sentence that gives the reason first: "There are errors in the proof, so we withdraw it"."""

OWN: Final = _pattern(rf"\b(?:this|the|our|my)\s+(?:{_WHICH}\s+)?{_NOUN}\b")
FOREIGN: Final = re.compile(
    r"""
      \b(?:cet(?:te)?|ce|l['’]|la|le) \s? (?:article|papier|soumission|version|pré-?publication|manuscrit|travail)
          \s (?:a\sété|est) \s (?:\w+\s)? retirée?
    | \b(?:diese[rs]?|der|die|das) \s (?:artikel|arbeit|papier|paper|beitrag|manuskript|version|fassung|preprint)
          \s (?:wurde|ist|wird) \b [^.;]{0,120} zur(?:ü|ue)ckgezogen
    | \best[ea] \s (?:artículo|trabajo|manuscrito|versión|documento) \s (?:ha\ssido|fue) \s (?:\w+\s)? retirad[oa]
    | \best[ea] \s (?:artigo|trabalho|manuscrito|versão|documento) \s foi \s (?:\w+\s)? retirad[oa]
    | \bquest[oa] \s (?:articolo|lavoro|manoscritto|versione) \s (?:è|e['’]) \s stat[oa] \s (?:\w+\s)? ritirat[oa]
    | \b(?:данная|эта|настоящая|данный|этот)? \s? (?:статья|работа|рукопись|версия|препринт) \s (?:была?\s)?
          (?:отозван[ао]?|снята?) (?!\w)
    | (?:本文|(?:本|该|此|這篇|这篇)(?:论文|論文|文章|稿件|预印本|預印本)) (?:现|現)?已?(?:经|經)? (?:被|由)? (?:作者)?
          (?:主动|主動|暂时|暫時)? (?:撤回|撤稿|撤销|撤銷)
    | (?:本|この) (?:論文|原稿|稿|プレプリント|バージョン) (?:は|を) [^。]{0,20} (?:取り下げ|撤回)
    | (?:본|이) \s? (?:논문|원고) [은는이] \s [^.]{0,20} 철회
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The same in other languages of authors; arXiv's administrators write English."""

AGENT: Final = _pattern(
    r"\s*,?\s*(?:(?:by|on\s+behalf\s+of|at|upon|on)\s+(?:[\w'’-]+\s+){0,4}?(?:(?:co-?)?authors?\b(?:['’]s?|\(s\))?(?:\s+request)?"
    r"(?:,?\s+(?:(?:dr|prof|mrs?|ms)\.?\s+)?(?-i:[A-Z]\.(?:\s?[A-Z]\.)*\s?[A-Z]\w+)|,?\s+(?:dr|prof|mrs?|ms)\.?\s+(?-i:[A-Z])\w+)?"
    r"|submitters?|undersigned|arxiv\b['’\w]*(?:\s+(?:admin|moderat)\w*)?|admin\w*|moderat\w+|us|me|myself|ourselves|request)\b"
    r"(?:\(s\))?|by\s+(?:(?:dr|prof|mrs?|ms)\.?\s+)?(?-i:[A-Z]\.(?:\s?[A-Z]\.)*\s?[A-Z]\w+))"
)
"""Those who can withdraw a paper from arXiv."""

ELSEWHERE: Final = _pattern(
    r"\s*,?\s*(?:\w+ly\s+)?from\s+(?!(?:the\s+)?(?:arxiv\b(?!\s+listing)|public\b|circulation|internet|web\b|here\b|(?:this|the)\s+"
    r"(?:archive|server|repository|site|e-?print)))"
)
FURTHER: Final = _pattern(
    r"\s*(?:\Z|[\[,;:.()!\]\"”*–—/-]|\d|{}\b)".format(
        _any(
            "due because owing since as for until pending in and after following to on at while so but upon with under"
            " given from temporarily permanently voluntarily pursuant per without awaiting prior before it we therefore"
            " please see out now again completely entirely today over instead thanks of requested"
        )
    )
)
"""How a sentence goes on after the verb of a notice: not with a noun ("withdrawn residents")."""

ADMIN: Final = _pattern(r"\W*(?:arxiv\s+)?(?:admin|moderat)\w*\s+(?:note|comment)\w*\s*[:.–—-]*\s*")
BY_ARXIV: Final = _pattern(r"\barxiv|\badmin|\bmoderat")
BY_OWNER: Final = _pattern(r"(?:\w+\s+){0,3}?(?:co-?)?authors?\b|the\s+submitter\b|arxiv\b")
"""Who is the subject of a sentence that begins so can withdraw the paper."""

OPENING: Final = _pattern(
    r"(?:\W*(?:(?:(?:author'?s?'?|editor'?s?'?|important|special)\s+)?"
    + _any("note notice comments? status update[sd]? warning attention erratum nb important statement")
    + r"\b(?:\s+(?:added|to\s+(?:the\s+)?readers?))?\s*[:.,!–—-]*(?:\s*that\b)?"
    r"|please\s+(?:be\s+)?(?:note|advised|aware)(?:\s+that)?,?|it\s+is\s+with\s+(?:\w+\s+)?regret\s+that|"
    + _any(
        "unfortunately regrettably sadly currently therefore hence thus so consequently accordingly and but now both"
    )
    + r"\b,?|(?:we|i|the\s+authors?)\s+(?:deeply\s+|sincerely\s+)?"
    + _any("regret inform announce would_like wish are_sorry request ask")
    + r"\b[^,;:]{0,50}\bthat\b)\s*)+"
)
"""How a notice may be announced, before it comes."""

BECAUSE: Final = _pattern(
    r"\W*{}\b".format(
        _any(
            "due because owing following after as since given in_(?:view|light|response|consequence|accordance|order)"
            " at_the upon on_(?:the_)?(?:request|account|advice) by_(?:the_)?request for_(?:\\w+_){0,4}reasons? pending"
            " with_regret to_(?:correct|avoid|fix|comply) until while it_turn(?:s|ed)_out"
        )
    )
)
FILLER: Final = _pattern(
    r"(?:\W*{}\b)*\W*".format(
        _any(
            r"\d+ one two three four five six seven eight nine ten with and in incl\w* plus no main text total of"
            r" single double column colou?r eps pdf postscript la?tex(?:2e)? revtex[\w-]* supplement\w* appendi\w+"
            r" english french german russian n/a none abstract pages? pp p figures? figs? tables? references?"
            r" refs? words paper draft preliminary version comments? welcome v\d+ long short an? ams[\w-]*"
            r" msc[\w-]* acm[\w-]*"
        )
    )
)
"""What a comment says of the paper's outside."""

_FAULTS = (
    r"error mistake flaw \bbug wrong incorrect invalid inaccura inconsisten \bgaps?\b counter-?\s?example fail faulty"
    r" problem issue not_ready dispute plagiari duplicat overlap copyright licen[cs]e permission misconduct unreliable"
    r" not_hold no_longer oversight contaminat leak(?:age|ed)? confidential superseded outdated obsolete merged"
    r" incomplete premature unauthori[sz]ed without_(?:the_)?(?:consent|approval|knowledge) revis errat[au] retract"
    r" withdraw"
)
FAULT: Final = _pattern(_any(_FAULTS))
EXPLAINS: Final = _pattern(
    _any(
        _FAULTS + r" correct version update replac superse re-?submi apolog regret sorry inconvenience thank contact"
        r" \bsee\b arxiv journal consent approv author pending review available upload publi[sc] submi please \bcite"
        r" request reappear administrat moderat pointed_out proof lemma theorem further additional need require"
        r" proprietary institution employer polic(?:y|ies) internal reasons?\b rewrit reworked improve refer no_longer"
        r" known_(?:previously|before|already) conflict rights legal clearance posted anonym favou?r reproduc hold"
        r" repair fix(?:ed)?\b"
    )
)
"""What the sentences around a notice are about."""

RESEARCH: Final = _pattern(
    r"\b{}(?:\s+{})*\s+{}".format(
        _any(
            "we (?:this|the|our)_(?:paper|article|work|study|manuscript|survey|report|approach|method|model|results?)"
            " it experiments? results"
        ),
        _any(r"also then here first further therefore thus now in_this_\w+"),
        _any(
            r"propos present introduc stud(?:y|ies) investigat demonstrat develop explor analy[sz] evaluat examin"
            r" describ prob(?:e|es|ing) train asks?\b survey shows?\b prove[sd]?\b consider address finds?\s achiev"
            r" outperform compar measur revisit argu discuss offer build design releas collect extend test trace model"
            r" quantif report establish focus appl(?:y|ies) use[sd]?\b highlight reveal suggest interpret learn identif"
            r" replicat reproduc aims?\b deriv"
        ),
    )
)
"""What a paper says of itself; a notice does not."""

NOT_YET: Final = _pattern(r"\b(?:until|till|once|when|after|before|if)\b[^.;]*")
_VERSION = r"(?:this|the\s+(?:present|current|new)|v\d+|version\s+\d+)(?:\s+(?:version|text|manuscript|replacement))?"
ALIVE: Final = _pattern(
    r"reinstat|\b(?:is|was|been|now|hereby)\s+(?:restored|revived)|un-?withdrawn"
    r"|\b(?:no\s+longer|not(?:\s+been)?|never)\s+(?:\w+\s+)?(?:withdrawn|retracted)"
    r"|(?:withdrawn|retracted|removed)\s+(?:by|in|through)\s+(?:mistake|accident|error)\b"
    r"|(?:mistakenly|erroneously|accidentally|wrongly)\s+(?:withdrawn|removed)"
    rf"|\b{_VERSION}\s+(?:is\s+(?:the|an?|our)\s+(?:\w+\s+)?)?(?:correct|revis|updat|fix|amend|replac|restor|supersed"
    r"|repair|resolve|extended)"
    r"|(?:errors?|mistakes?|bugs?|gaps?|problems?|issues?)\s+(?:\w+\s+){0,3}?(?:is|are|was|were|has\s+been|have\s+been)"
    r"\s+(?:now\s+|since\s+)?(?:fixed|corrected|resolved|repaired)"
    r"|\b(?:now|then|later|since)\s+(?:corrected|fixed|accepted|published|under\s+review)"
    r"|\b(?:available|online|posted)\s+again|\bis\s+back\b"
)
"""What says that the paper is there again."""

ACCEPTED: Final = _pattern(r"\W*(?:accepted|published|to\s+appear|forthcoming|in\s+press|camera[- ]ready)\b")
OTHER_PAPER: Final = _pattern(
    r"\b{}\b".format(
        _any(
            r"earlier previous prior former original another other older first reply response comment_on replac\w+"
            r" supersed\w+ extends? extension follow-?up companion sequel criti\w+ based_on version_of"
        )
    )
)
RELATIVE: Final = _pattern(rf"\b{_any('which whose that when once if how whether why what')}\b")
_LABEL: Final = (
    r"(?:(?:this\s+)?(?:paper|article|preprint|submission|manuscript)\s+(?:has\s+been\s+|is\s+)?|temporarily\s+)*"
    r"(?:withdrawn|retracted|withdrawal|retraction)(?:\s+(?:paper|article|notice|preprint|by\s+[\w\s()]{2,30}))?"
)
LABELLED: Final = re.compile(
    rf"\W*[\[({{*]+\s*{_LABEL}\W*?[\])}}*]+.*|.*[\[({{]\s*{_LABEL}\s*[\])}}]\W*", re.IGNORECASE
)
SHOUTED: Final = re.compile(r"\W*(?:PAPER )?(?:WITHDRAWN|RETRACTED)\b\s*[:–—-]+\s*(?=.*[a-z])")
"""Titles with a mark of withdrawal: "[Withdrawn] A Paper", "WITHDRAWN: A Paper"."""

ABBREVIATED: Final = re.compile(
    r"(?:\b(?:eqs?|figs?|secs?|sect|thms?|props?|lem|cor|def|refs?|tabs?|no|nos|vol|pp?|cf|vs|al|dr|prof|mrs?|ms|st|jr"
    r"|i\.e|e\.g|etc|approx|ch|app|univ|dept)|\b[A-Z])\.\s*\Z",
    re.IGNORECASE,
)
SEPARATED: Final = re.compile(
    r"(?:[,:;(\[{–—|]|(?<!\S)-+|\b(?:and|but|so|hence|thus|therefore|then|consequently))\s*\Z", re.IGNORECASE
)
STEMS: Final = (
    *("withdr", "with-dr", "retract", "rescind", "remov", "delet", "taken", "pulled", "suspend", "recall", "cancel"),
    *("zurückgezogen", "zurueckgezogen", "retiré", "retirad", "ritirat", "отозван", "снят", "撤", "取り下げ", "철회"),
)
"""Of these every notice has one, in lower case: to pass over all other texts fast."""
