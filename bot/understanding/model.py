"""A linear model in plain Python: small whole-number weights, kept small in memory too.

A feature is known by a 32-bit checksum of its name, looked up in a sorted array; its weights are
those that aren't nothing, each with the place of its label. Names are not kept: with 100,000 of
them one unknown feature in 40,000 is taken for another, which changes no reading.
"""

from __future__ import annotations

import gzip
import json
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

#: Weights are stored in steps of this size, from -127 to 127.
STEP = 0.05
_MANY = 60  # features, of some ten words
_WORD = "w "  # begins the features that are a word and nothing else


@dataclass(frozen=True, slots=True)
class Model:
    """Labels, features in the order of their checksums, and one after the other their weights."""

    labels: tuple[str, ...]
    words: tuple[str, ...]  # that it learnt from, or some of them: the only features known by name
    sums: array[int]
    starts: array[int]  # of each feature's weights, and the end of the last one's
    places: array[int]  # of labels
    weights: array[int]
    made_from: str = ""  # the fingerprint of the bank it was trained from

    @classmethod
    def of(
        cls, labels: Sequence[str], rows: Mapping[str, Sequence[int]], made_from: str = ""
    ) -> Model:
        """A model of whole rows of weights; features whose weights are all nothing are left out."""
        by_sum: dict[int, str] = {}
        for name in sorted(name for name, row in rows.items() if any(row)):
            by_sum.setdefault(_sum(name), name)
        sums, starts = array("I", sorted(by_sum)), array("I", [0])
        places, weights = array("B"), array("b")
        for name in map(by_sum.__getitem__, sums):
            for place, weight in enumerate(rows[name]):
                if weight:
                    places.append(place)
                    weights.append(weight)
            starts.append(len(weights))
        words = sorted(n.removeprefix(_WORD) for n in by_sum.values() if n.startswith(_WORD))
        return cls(tuple(labels), tuple(words), sums, starts, places, weights, made_from)

    def knows(self, feature: str) -> bool:
        return self._at(feature) is not None

    def odds(self, features: Iterable[str]) -> dict[str, float]:
        """How likely each label is, together 1."""
        total = [0] * len(self.labels)
        places, weights = self.places, self.weights
        known = 0
        for name in features:
            at = self._at(name)
            if at is not None:
                known += 1
                cells = slice(self.starts[at], self.starts[at + 1])
                for place, weight in zip(places[cells], weights[cells], strict=True):
                    total[place] += weight
        top = max(total)
        step = STEP * evened(known)
        raised = [math.exp((t - top) * step) for t in total]
        whole = sum(raised)
        return {label: r / whole for label, r in zip(self.labels, raised, strict=True)}

    def _at(self, feature: str) -> int | None:
        wanted = _sum(feature)
        at = bisect_left(self.sums, wanted)
        return at if at < len(self.sums) and self.sums[at] == wanted else None


def evened(count: int) -> float:
    """What the sum over so many features is multiplied by: a long message is no surer for it."""
    return min(1.0, math.sqrt(_MANY / (count + 1)))


def save(path: Path, models: Mapping[str, Model]) -> None:
    """Writes models so that the same weights always give the same bytes."""
    head = {
        name: {
            "labels": m.labels, "words": m.words, "made_from": m.made_from,
            "features": len(m.sums), "weights": len(m.weights),
        }
        for name, m in models.items()
    }  # fmt: skip
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    arrays = (a for m in models.values() for a in (m.sums, m.starts, m.places, m.weights))
    data = len(text).to_bytes(4, "big") + text + b"".join(a.tobytes() for a in arrays)
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))


def load(path: Path) -> dict[str, Model]:
    data = gzip.decompress(path.read_bytes())
    size = int.from_bytes(data[:4], "big")
    head = json.loads(data[4 : 4 + size])
    at = 4 + size

    def read(kind: str, count: int) -> array[int]:
        nonlocal at
        values: array[int] = array(kind)
        end = at + count * values.itemsize
        values.frombytes(data[at:end])
        at = end
        return values

    models: dict[str, Model] = {}
    for name, one in head.items():
        count, cells = one["features"], one["weights"]
        models[name] = Model(
            tuple(one["labels"]), tuple(one["words"]), read("I", count), read("I", count + 1),
            read("B", cells), read("b", cells), one["made_from"],
        )  # fmt: skip
    return models


def _sum(feature: str) -> int:
    return crc32(feature.encode("utf-8", "surrogatepass"))
