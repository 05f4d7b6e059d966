"""Codes of places in the United Kingdom, as open data about awards names them.

A code of the Office for National Statistics is a letter and eight figures. Its first three signs
say what kind of place it is, in the words of the 360Giving codelist `geoCodeType` (version 1.4).
"""

import re

KINDS = {
    "E04": "PAR",
    "E05": "WD",
    "E06": "UA",
    "E07": "NMD",
    "E08": "MD",
    "E09": "LONB",
    "E10": "CTY",
    "E12": "RGN/GOR",
    "N00": "SA",
    "S12": "CA",
    "S13": "WD",
    "W04": "COM",
    "W05": "WD",
    "W06": "UA",
}
"""The kinds of place a fund is for, by how their codes begin: parishes, wards, districts, boroughs,
counties, regions, council areas, communities."""


def kind_of_place(code: str) -> str:
    """The codelist's word for the kind of place with this code; empty where the code is none."""
    return KINDS.get(code[:3], "") if re.fullmatch(r"[ENSW]\d{8}", code) else ""
