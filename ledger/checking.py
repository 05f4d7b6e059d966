"""Checking a trail from its first entry to its head."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import trail
from ledger.models import Chain, Entry


@dataclass(frozen=True, slots=True)
class Trouble:
    """The first place where a chain does not hold."""

    chain: str
    seq: int
    sentence: str


def first_trouble(chain: Chain) -> Trouble | None:
    """The first bad entry of a chain, or None. Reads every entry once, in order."""
    seq, previous = 0, trail.FIRST_HASH
    for entry in Entry.objects.filter(chain=chain).order_by("seq").iterator(chunk_size=2000):
        seq += 1
        entry.chain = chain
        sentence = _wrong_with(entry, seq, previous)
        if sentence:
            return Trouble(chain.key, min(seq, entry.seq), sentence)
        previous = entry.hash
    if seq != chain.head_seq or previous != chain.head_hash:
        return Trouble(chain.key, seq + 1, "entries are missing at the end")
    return None


def _wrong_with(entry: Entry, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return "an entry is missing before this one"
    if entry.previous_hash != previous:
        return "it does not follow from the entry before it"
    if entry.hash != trail.link(previous, entry.payload):
        return "its text was changed"
    told = trail.canonical(
        chain=entry.chain.key,
        seq=entry.seq,
        verb=entry.verb,
        by=entry.by_id,
        at=entry.at,
        data=entry.data,
    )
    return "" if told == entry.payload else "its facts differ from the text that was hashed"


def troubles() -> Iterator[Trouble]:
    """The first trouble of each chain that has one."""
    for chain in Chain.objects.order_by("pk"):
        trouble = first_trouble(chain)
        if trouble:
            yield trouble
