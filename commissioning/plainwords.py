"""Looks over an English text for what makes it hard to read. It never changes a word.

Works alone and offline. A newline ends a sentence, since people write headings and lists without
full stops. The reading grade is Flesch and Kincaid's: school years, so that grade 5 is a reading
age of about 10.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from commissioning.plainwords_list import PLAIN

LONGEST = 25
"""Words in the longest sentence that passes without a remark."""

AIM = 8.0
"""The highest reading grade that passes without a remark."""

ENOUGH = 30
"""Words a text needs before its grade means anything."""

LETTERS = 6
"""Letters in the longest run of capitals that is taken for a short form."""

_KNOWN = "UK USA NHS GP TV BBC OK AM PM MP PC CD DVD BSL DIY FAQ"
KNOWN = frozenset(_KNOWN.split())
"""Short forms that need no explaining."""

_SHOUTED = """
A ALL ALWAYS AN AND ANY ARE AS AT BE BEFORE BUT BY CAN DO DUE EVERY FOR FROM FULL I IF IN IS IT MAY
MUST NEVER NEW NO NOT NOTE NOW OF ON ONE ONLY OR OUR OUT PLUS SO STOP THAT THE THIS TO UP US WE WHO
WILL WITH YES YOU YOUR
"""
SHOUTED = frozenset(_SHOUTED.split())
"""Whole words that people put in capitals to stress them."""


class Fault(Enum):
    """What makes a piece of text hard to read."""

    HARD_WORD = "hard_word"
    LONG_SENTENCE = "long_sentence"
    ACRONYM = "acronym"
    HARD_TEXT = "hard_text"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at: ``text`` is what stands from ``start`` up to ``end``.

    ``instead`` holds plainer words for a hard word. ``number`` is the words of a long sentence, or
    the reading grade of the whole text.
    """

    fault: Fault
    start: int
    end: int
    text: str
    instead: str = ""
    number: float = 0


def look_over(text: str, *, longest: int = LONGEST, aim: float = AIM) -> list[Remark]:
    """All the remarks on a text, in the order they stand in it, the whole text first."""
    found = [*_hard_words(text), *_long_sentences(text, longest), *_acronyms(text)]
    score = grade(text)
    if score is not None and score > aim:
        found.append(Remark(Fault.HARD_TEXT, 0, len(text), text, number=score))
    return sorted(found, key=lambda remark: (remark.start, -remark.end, remark.fault.value))


# ---------------------------------------------------------------------------------- counting

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_STOPS = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|\n+")
_NOT_AN_END = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|rev|prof|e\.g|i\.e|etc|vs|approx|tel)|\b[a-z]|\.[a-z])\.$", re.I
)


def words(text: str) -> list[str]:
    """The words of a text. "don't" is one, "co-op" is two, and numbers are none."""
    return _WORD.findall(text)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence starts and ends. Those without a word are left out."""
    found, start = [], 0
    for stop in [*_STOPS.finditer(text), None]:
        end = stop.end() if stop else len(text)
        if stop and "\n" not in stop.group() and _runs_on(text, start, end):
            continue
        piece = text[start:end]
        if _WORD.search(piece):
            lead = len(piece) - len(piece.lstrip())
            found.append((start + lead, start + len(piece.rstrip())))
        start = end
    return found


def _runs_on(text: str, start: int, end: int) -> bool:
    """Whether a full stop only ends a short form, as in "Mr. Khan" and "e.g. tea"."""
    after = text[end:].lstrip(" \t")[:1]
    return bool(after) and after != "\n" and bool(_NOT_AN_END.search(text[start:end]))


def grade(text: str) -> float | None:
    """The Flesch–Kincaid grade, or None for a text of fewer than 30 words."""
    found = words(text)
    if len(found) < ENOUGH:
        return None
    beats = sum(map(syllables, found))
    return 0.39 * len(found) / len(sentences(text)) + 11.8 * beats / len(found) - 15.59


# Words whose spelling misleads the patterns below, by how many syllables they have.
_ODD = {
    word: count
    for count, group in {
        1: "juice suite",
        2: "argue business cashier cement creature evening giant junior lawyer leopard lion "
        "marriage carriage ninety people persuade react science senior soldier someone wednesday",
        3: "behaviour element familiar ideal jeopardy moreover parliament recipe scientist theatre "
        "wherever whoever",
        4: "apostrophe catastrophe elementary scientific",
    }.items()
    for word in group.split()
}
_FIRST_PART = re.compile(  # the "e" is silent in "therefore" and "homework"
    "^(base|care|fire|fore|here|home|house|life|like|live|make|more|note|place|safe|some|state|"
    "store|take|there|time|where|wide)(?=[^aeiouy]+[aeiouy])"
)
_SILENT = re.compile(
    r"""
    (?<![^aeiouy]l) e (?=(?:ment|ful|less|ly|li(?:ness|er|est|hood)|ness|some)(?:s|ly|ness)?$)
    | (?<![sxzcg])(?<!ch)(?<!sh)(?<![^aeiouy]l)(?<![^aeiouyr]r) e (?=s$)     # hopes, not boxes
    | (?<![td])(?<![^aeiouy]l)(?<![^aeiouyr]r) e (?=d$)                     # helped, not wanted
    | (?<=[^aeiouy])(?<![^aeiouy]l)(?<![^aeiouyr]r) e $                     # hope, not table
    | (?:(?<=[aeioun]g)|(?<=q)) ue (?=s?$)                                  # league, unique
    | (?<=^ev) e (?=ry)
    """,
    re.VERBOSE,
)
_CONSONANT_Y = re.compile(r"(?:^|(?<=[aeiou]))y(?=[aeiou])")  # young, player
_GROUP = re.compile("[aeiouy]+")
_PARTED = re.compile(  # where vowels side by side are said one after the other
    r"""
    (?<![ctsgx])i(?=a) | (?<=[ctsgx])i(?=a(?![ln]))             # media, associate, not social
    | (?<![ctsgxln])i(?=o) | (?<=[ctsgxln])i(?=o(?!n|us|r))     # period, radio, not nation
    | (?<=[ln])i(?=ous) | i(?=u) | i(?=et) | (?<![ct])i(?=en[ct])
    | (?<=\w{3})i(?=ers?$|est$) | (?<=[aeiou])(?=ing$)          # easier, seeing
    | (?<=^id)e(?=as?$) | (?<=^ar)e(?=as?$) | (?<=cr)e(?=at)    # idea, area, create
    | (?<!g)e(?=o) | (?<=^g)e(?=o[glm]) | e(?=um)               # video, geography, museum
    | (?<![qg])u(?=[ao]) | (?<![qg])u(?=en[ct]|els?$)           # actual, influence, cruel
    | (?<![qgb])u(?=in(?!g)|id|tion|ity)                        # ruin
    | o(?=e[mt]) | (?<=^c)o(?=op[ei]|ord) | a(?=o)              # poem, cooperate, chaos
    | (?<=[^aeiouw])y(?=[aeiou])                                # trying
    | (?<=[ia]s)(?=ms?$) | (?<=th)(?=ms?$)                      # tourism, rhythm
    """,
    re.VERBOSE,
)


def syllables(word: str) -> int:
    """How many beats a word has when it is said. A word has at least one.

    Short forms in capitals are said letter by letter.
    """
    if word.isupper() and 1 < len(word) <= LETTERS and word not in SHOUTED:
        return len(word) + 2 * word.count("W")
    plain, added = word.lower().replace("’", "'"), 0
    if plain.endswith("n't"):
        plain = plain.removesuffix("n't")
        added = int(plain not in {"ca", "do", "wo", "are", "were", "sha"})
    plain = re.sub(r"'(?:s|re|ve|ll|d|m)$|'$", "", plain)
    for known in (plain, plain.removesuffix("s")):
        if known in _ODD:
            return _ODD[known] + added
    plain = _FIRST_PART.sub(lambda part: part[1][:-1], plain)
    plain = _CONSONANT_Y.sub("-", _SILENT.sub("", plain))
    beats = len(_GROUP.findall(plain)) + len(_PARTED.findall(plain))
    return max(1, beats) + added


# ------------------------------------------------------------------------------- the remarks


def _forms(hard: str) -> Iterator[str]:
    """A word as listed and with its usual endings. Phrases, and very short words, stay as is."""
    yield hard
    if " " in hard or len(hard) < 5:
        return
    if hard.endswith("e"):
        yield from (hard + "s", hard + "d", hard[:-1] + "ing")
    elif hard.endswith("y") and hard[-2] not in "aeiou":
        yield from (hard[:-1] + "ies", hard[:-1] + "ied", hard + "ing")
    elif not hard.endswith(("s", "ing", "ed")):
        yield from (hard + "s", hard + "ed", hard + "ing")


_INSTEAD = {form: plain for hard, plain in PLAIN.items() for form in _forms(hard)} | PLAIN
# The longest first, so that "a large number of" is not read as "a number of". ASCII alone, or the
# old long "s" and the Turkish "i" would match letters that no listed word has.
_FORMS = "|".join(map(re.escape, sorted(_INSTEAD, key=len, reverse=True))).replace(r"\ ", r"\s+")
_HARD = re.compile(rf"(?<![\w-])(?ai:{_FORMS})(?![\w-])")
_SHORT_FORM = re.compile(rf"(?<![\w&-])[A-Z][A-Z&]{{0,{LETTERS - 2}}}[A-Z](?=s?(?![\w&-]))")


def _hard_words(text: str) -> Iterator[Remark]:
    for match in _HARD.finditer(text):
        instead = _INSTEAD[" ".join(match.group().lower().split())]
        yield Remark(Fault.HARD_WORD, *match.span(), match.group(), instead=instead)


def _long_sentences(text: str, longest: int) -> Iterator[Remark]:
    for start, end in sentences(text):
        count = len(text[start:end].split())
        if count > longest:
            yield Remark(Fault.LONG_SENTENCE, start, end, text[start:end], number=count)


def _acronyms(text: str) -> Iterator[Remark]:
    """The first place of each short form that the text explains nowhere."""
    seen = set(KNOWN | SHOUTED)
    for line in re.finditer(r"[^\n]+", text):
        if line.group().isupper() and len(words(line.group())) > 1:
            continue  # a heading in capitals
        for match in _SHORT_FORM.finditer(text, *line.span()):
            short = match.group()
            if short not in seen and not _explained(short, text):
                yield Remark(Fault.ACRONYM, *match.span(), short)
            seen.add(short)


def _explained(short: str, text: str) -> bool:
    """Whether it stands in brackets after its words, or before its words in brackets."""
    letters = [letter for letter in short.lower() if letter.isalpha()]
    gap = r"\w*[\s&-]+(?:(?:of|for|and|the|in|to|on)[\s-]+)*"
    long = gap.join(re.escape(letter) for letter in letters) + r"\w*"
    short = re.escape(short)
    pattern = rf"\b{long}[\s,]*[(“\"]+{short}s?\b|\b{short}s?\s*\(\s*(?:the\s+)?{long}"
    return bool(re.search(pattern, text, re.IGNORECASE))
