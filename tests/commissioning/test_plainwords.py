"""The look-over finds what is hard to read, says where, and counts as a person would."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commissioning.plainwords import (
    SHOUTED,
    Fault,
    Remark,
    grade,
    look_over,
    sentences,
    syllables,
    words,
)
from commissioning.plainwords_list import PLAIN

COUNTED_BY_HAND = {
    1: "the be a I we you it it's you've they're we'll don't can't won't aren't weren't have gave "
    "make place page tribe hope hoped helped asked walked tried cried spend rest read score scored "
    "vote voice choice house home tea sea each teach lead friend field piece brief built fruit "
    "suit guide guess league queue blue true clue through though thought school strength straight "
    "change charge large judge source course those these there where which whole role rules hopes "
    "times pier priest boat night world poor four our hour fire real ease cheese lose prove loves "
    "done gone once pounds",
    2: "people many very every table tables little settled people's money lonely older garden "
    "cooking being doing going seeing trying flying playing player saying loving hopeful hopeless "
    "careful useful safety something someone sometimes therefore forehead statement placement "
    "boxes places pages changes uses judges wishes churches needed wanted voted music nation "
    "question station region pension patient special social ancient quiet diet client poem lion "
    "science giant trial fluid ruin fuel cruel chaos create react value issue rescue argue service "
    "centre metre hundred didn't couldn't isn't wasn't haven't lawyer soldier junior million union "
    "funding award panel member training fairly agreed evening business Wednesday widely homeless",
    3: "idea area video radio studio audio piano medium premium serious various previous obvious "
    "period happier earlier happiest carrier museum actual annual manual usual gradual everyone "
    "everything somebody audience influence continued volunteer committee together "
    "agreement settlement management arrangement employment companion opinion champion official "
    "musician effective created decided exciting loneliness happiness diary bicycle conditions "
    "tourism racism poetry theatre wherever moreover however different important telephone "
    "hospital carrying copying worrying scientist genuine organised",
    4: "community society variety anxiety facilitate participate evaluate situation activity "
    "material experience everybody ability accessible available interested continuous associate "
    "appreciate negotiate cooperate coordinate beneficial information invitation geography "
    "voluntary application necessary scientific particular development environment",
    5: "organisation university evaluation opportunity association participation cooperation "
    "appreciation communication accommodation imagination creativity disability",
    6: "sustainability accessibility accountability responsibility biodiversity rehabilitation",
}


@pytest.mark.parametrize("count", COUNTED_BY_HAND)
def test_syllables_as_counted_by_hand(count):
    wrong = {word: n for word in COUNTED_BY_HAND[count].split() if (n := syllables(word)) != count}
    assert wrong == {}


def test_short_forms_are_said_letter_by_letter():
    assert (syllables("NHS"), syllables("BBC"), syllables("WI")) == (3, 3, 4)
    assert syllables("MUST") == 1


# ---------------------------------------------------------------------------- whole texts

TEA = (
    "We meet on Mondays for tea and a chat. "  # 9 words, 10 beats
    "Most of us live alone. "  # 5 words, 6 beats
    "Some come by bus, and some walk. "  # 7 words, 7 beats
    "New people are always made welcome here, and nobody has to sit on their own."
)  # 15 words, 20 beats


def test_the_grade_of_a_text_counted_by_hand():
    assert len(words(TEA)) == 36
    assert len(sentences(TEA)) == 4
    assert sum(map(syllables, words(TEA))) == 43
    assert grade(TEA) == pytest.approx(0.39 * 36 / 4 + 11.8 * 43 / 36 - 15.59)
    assert look_over(TEA) == []


# Each beat after the first of a word stands behind a dot, as counted by hand: the count is known.
COUNTED_TEXTS = [
    "Joan makes tea for her neigh·bours. They talk a·bout the bids. No one has to score a·lone. "
    "The room is warm, and the bus stops out·side. Come and see us soon.",
    "The pan·el meets on Tues·day at ten. Please bring your read·ing glass·es. Lunch is "
    "pro·vid·ed, and trav·el is paid back the same week. We sit in a cir·cle, and "
    "ev·ery·bod·y gets a turn to speak.",
    "Or·gan·i·sa·tions must dem·on·strate that their pro·pos·al ad·dress·es lone·li·ness a·mong "
    "old·er res·i·dents. Ap·pli·ca·tions with·out suf·fi·cient ev·i·dence will not be "
    "con·sid·ered. Fund·ing de·ci·sions are fi·nal, and un·suc·cess·ful ap·pli·cants re·ceive "
    "writ·ten feed·back with·in four weeks.",
    "Pay·ment is sub·ject to sat·is·fac·to·ry mon·i·tor·ing and an an·nu·al au·dit. The trus·tees "
    "re·serve the right to with·draw fund·ing in ex·cep·tion·al cir·cum·stanc·es. Un·spent mon·ey "
    "must be re·turned with·out de·lay or fur·ther ques·tion.",
    "When my hus·band died I did not go out for a year. Then a la·dy from the li·brar·y rang. She "
    "asked me to come and read to the chil·dren on Fri·days. Now I would not miss it.",
    "Vol·un·teers de·cide where the mon·ey goes. Staff help them, but nev·er vote. Ev·ery "
    "de·ci·sion and its rea·sons are writ·ten down, so that an·y·bod·y can check lat·er. "
    "We learn from that too.",
    "Scor·ing is ti·ring. That is why there are days of rest be·tween the stag·es. In those days "
    "noth·ing is due, and no let·ter comes. You can al·so stop for long·er when·ev·er life gets "
    "in the way.",
    "Qual·i·ta·tive in·ter·views in·di·cat·ed con·sid·er·a·ble var·i·a·tion in par·tic·i·pants' "
    "per·cep·tions of com·mu·ni·ty par·tic·i·pa·tion. Fur·ther lon·gi·tu·di·nal re·search would "
    "strength·en these pre·lim·i·nar·y find·ings. The find·ings, more·o·ver, sup·port the "
    "hy·poth·e·sis that in·ter·ven·tions de·pend on con·tin·u·ous en·gage·ment.",
]


def test_the_grade_of_texts_with_known_counts_is_less_than_a_third_off():
    """Flesch and Kincaid's formula on counts made by hand, from grade 1 to beyond 20."""
    off, known = [], []
    for counted in COUNTED_TEXTS:
        text = counted.replace("·", "")
        of_words, of_sentences = len(text.split()), text.count(".")
        beats = of_words + counted.count("·")
        right = 0.39 * of_words / of_sentences + 11.8 * beats / of_words - 15.59
        found = grade(text)
        assert found is not None
        known.append(right)
        off.append(abs(found - right))
    assert min(known) < 2 and max(known) > 20, "easy and hard ones"
    assert sum(off) / len(off) < 0.3


def test_a_few_words_have_no_grade():
    assert grade("We meet on Mondays.") is None
    assert grade("") is None
    assert look_over("") == []


def test_where_a_sentence_ends():
    text = "Mr. Khan came, e.g. on 3.5 days. “Was it good?” Yes!\nA heading\n• One thing\n\n12."
    assert [text[start:end] for start, end in sentences(text)] == [
        "Mr. Khan came, e.g. on 3.5 days.",
        "“Was it good?”",
        "Yes!",
        "A heading",
        "• One thing",
    ]


def test_office_words_are_found_with_plainer_ones():
    text = "We will utilise our venue in order\nto engage with them. It is ongoing."
    assert [(r.text, r.instead) for r in look_over(text)] == [
        ("utilise", "use"),
        ("venue", "place"),
        ("in order\nto", "to"),
        ("engage with", "talk to, work with"),
        ("ongoing", "still going on"),
    ]


@pytest.mark.parametrize("form", ["facilitate", "Facilitates", "FACILITATED", "facilitating"])
def test_endings_and_capitals_do_not_hide_a_word(form):
    (remark,) = look_over(f"We {form} it.")
    assert remark == Remark(Fault.HARD_WORD, 3, 3 + len(form), form, "help, make easier")


def test_the_longest_phrase_is_the_one_found():
    (remark,) = look_over("They used a large number of cups.")
    assert (remark.text, remark.instead) == ("a large number of", "many")


def test_a_word_inside_another_is_left_alone():
    assert look_over("The publican hubbub was strandlike.") == []


def test_the_sentence_with_one_word_too_many():
    fits = " ".join(["tea"] * 25) + "."
    over = " ".join(["tea"] * 26) + "."
    assert look_over(fits) == []
    (remark,) = look_over(f"Hello there. {over} Bye.")
    assert (remark.fault, remark.number, remark.text) == (Fault.LONG_SENTENCE, 26, over)
    assert look_over(over, longest=30) == []


def test_a_short_form_is_named_once_unless_it_is_explained():
    assert [r.text for r in look_over("Ask the LCC. The LCC knows.")] == ["LCC"]
    assert look_over("Ask Leeds City Council (LCC). The LCC knows.") == []
    assert look_over("Ask the LCC (Leeds City Council).") == []
    assert look_over("Ask the Department for Work and Pensions (DWP).") == []
    assert [r.text for r in look_over("Ask our friends (LCC).")] == ["LCC"]


def test_capitals_that_are_not_short_forms():
    assert look_over("We will NOT stop. The NHS and the BBC came on TV.") == []
    assert look_over("OUR BIG LUNCH\nIt was good.") == []
    assert [r.text for r in look_over("Two PCTs met.")] == ["PCT"]


def test_a_hard_text_is_said_to_be_hard_once_as_a_whole():
    text = " ".join(["Accountability necessitates organisational responsibility."] * 8)
    whole = look_over(text)[0]
    assert (whole.fault, whole.start, whole.end) == (Fault.HARD_TEXT, 0, len(text))
    assert whole.number == grade(text)
    assert [r for r in look_over(text, aim=100) if r.fault is Fault.HARD_TEXT] == []


def test_the_list_is_long_and_in_small_letters():
    assert len(PLAIN) >= 150
    for hard, plain in PLAIN.items():
        assert hard == hard.lower().strip()
        assert plain.strip()
        assert hard != plain


@pytest.mark.parametrize("hard", sorted(PLAIN))
def test_every_listed_word_is_found(hard):
    found = [r for r in look_over(f"So {hard} it.") if r.fault is Fault.HARD_WORD]
    assert [(r.text, r.instead) for r in found] == [(hard, PLAIN[hard])]


# ------------------------------------------------------------------------------ properties

PIECES = [
    *["tea", "utilise", "Mr.", "NHS", "LCC", "(LCC)", "of", "e.g.", "in order to", "3.5", "don't"],
    *["\n", "•", "!", "?", ".", "”", "&", "-", "A&E", "é", "’", "(", "ongoing"],
]
texts = st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join)


@given(texts)
@example("ſ utiliſe İn order to, ınitiate")
def test_every_remark_says_where_it_stands(text):
    found = look_over(text)
    for remark in found:
        assert text[remark.start : remark.end] == remark.text != ""
        assert (remark.instead != "") == (remark.fault is Fault.HARD_WORD)
    assert [remark.start for remark in found] == sorted(remark.start for remark in found)


@given(texts)
def test_sentences_hold_every_word_once_and_in_order(text):
    pieces = [text[start:end] for start, end in sentences(text)]
    assert [word for piece in pieces for word in words(piece)] == words(text)
    assert all(words(piece) for piece in pieces)


@given(st.text(min_size=1))
def test_a_word_has_at_least_one_beat(word):
    assert syllables(word) >= 1


@given(st.sampled_from(sorted(SHOUTED)))
def test_stressed_words_are_not_spelled_out(word):
    assert syllables(word) == syllables(word.lower())


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "a " * 10_000, "A" * 20_000, "AB " * 7_000, "of " * 7_000, "(" * 20_000]
)
def test_a_long_and_odd_text_does_not_take_long(text):
    start = time.process_time()
    look_over(text + " ABCDEF")
    assert time.process_time() - start < 5
