"""Register numbers, checked for their form only. Pure: warns and offers the fix, never blocks.

That a number exists is looked up by a person, later.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

ENGLAND_AND_WALES = "GB-CHC"
SCOTLAND = "GB-SC"
NORTHERN_IRELAND = "GB-NIC"
COMPANIES = "GB-COH"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a number reads: `scheme` when its form is right, else a `sentence`, maybe a `fix`."""

    scheme: str = ""
    number: str = ""
    sentence: str = ""
    fix: str = ""

    @property
    def org_id(self) -> str:
        """The organisation identifier other systems use, like GB-CHC-1234567."""
        return f"{self.scheme}-{self.number}" if self.scheme else ""


def read_charity_number(text: str) -> Reading:
    """A charity number of any UK register. Nothing typed: an empty reading."""
    plain = _plain(text)
    if not plain:
        return Reading()
    if re.fullmatch(r"SC\d{6}", plain):
        reading = Reading(SCOTLAND, plain)
    elif re.fullmatch(r"\d{6,7}", plain):
        reading = Reading(ENGLAND_AND_WALES, plain)
    elif re.fullmatch(r"NIC?\d{6}", plain):
        reading = Reading(NORTHERN_IRELAND, plain[-6:])
        plain = f"NIC{plain[-6:]}"
    else:
        return Reading(sentence=_odd_charity(), fix=_charity_fix(plain))
    return reading if _same(plain, text) else Reading(sentence=_written_as(plain), fix=plain)


def _odd_charity() -> str:
    return _("A charity number has 6 or 7 figures. In Scotland it is SC and 6 figures.")


def _charity_fix(plain: str) -> str:
    scots = re.fullmatch(r"SC0*(\d{4,6})", plain)
    if scots:
        return f"SC{scots[1].zfill(6)}"
    figures = re.sub(r"^(?:GBCHC|CHC|RCN|NO|REG)+", "", plain)
    figures = re.sub(r"[OI]", lambda hit: "0" if hit[0] == "O" else "1", figures)
    # A charity may have linked ones: 1234567-1. The first part is the number of the whole.
    return figures if re.fullmatch(r"\d{6,7}", figures) else ""


def read_company_number(text: str) -> Reading:
    """A Companies House number: 8 figures, or 2 letters and 6 figures. Nothing typed: empty."""
    plain = _plain(text)
    if not plain:
        return Reading()
    if re.fullmatch(r"\d{8}|[A-Z]{2}\d{6}|IP\d{5}R", plain):
        same = _same(plain, text)
        return (
            Reading(COMPANIES, plain) if same else Reading(sentence=_written_as(plain), fix=plain)
        )
    return Reading(
        sentence=_("A company number has 8 figures. Some have 2 letters and then 6 figures."),
        fix=_company_fix(plain),
    )


def _company_fix(plain: str) -> str:
    figures = re.sub(r"^(?:GBCOH|COH|NO)+", "", plain)
    if re.fullmatch(r"\d{4,7}", figures):
        return figures.zfill(8)
    letters = re.fullmatch(r"([A-Z]{2})(\d{3,5})", figures)
    if letters:
        return f"{letters[1]}{letters[2].zfill(6)}"
    return figures if re.fullmatch(r"\d{8}", figures) else ""


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _same(plain: str, text: str) -> bool:
    return plain == text.strip()


def _written_as(plain: str) -> str:
    return _("This number is usually written %(number)s.") % {"number": plain}
