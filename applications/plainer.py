"""What could be plainer in the words of a form, as kind sentences. It never stops anybody."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from applications.models import FormQuestion
from commissioning.plainwords import Fault, Remark, look_over


def in_question(question: FormQuestion) -> list[str]:
    """What could be plainer in a question, its hint and its choices."""
    return in_words(question.label, question.hint, *question.choices)


def in_words(*texts: str) -> list[str]:
    """What could be plainer in these texts, a sentence each; empty when they read well."""
    remarks = look_over("\n".join(texts))
    remarks.sort(key=lambda remark: remark.fault is Fault.HARD_TEXT)  # the whole comes last
    return list(dict.fromkeys(_said(remark) for remark in remarks))


def _said(remark: Remark) -> str:
    said = {
        "text": Truncator(remark.text).words(6),
        "instead": remark.instead,
        "count": f"{remark.number:.0f}",
    }
    sentences = {
        Fault.HARD_WORD: _("“%(text)s” is hard for many people. You could say: %(instead)s."),
        Fault.LONG_SENTENCE: _(
            "“%(text)s” is one sentence of %(count)s words. Could it be two sentences?"
        ),
        Fault.ACRONYM: _("“%(text)s” is a short form. Write out what it stands for."),
        Fault.HARD_TEXT: _("All in all this is hard to read. Use short words and sentences."),
    }
    return sentences[remark.fault] % said
