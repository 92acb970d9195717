"""A linear model in plain Python: small whole-number weights, one row of labels a feature."""

from __future__ import annotations

import gzip
import json
import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path

#: Weights are stored in steps of this size, from -127 to 127.
STEP = 0.05


@dataclass(frozen=True, slots=True)
class Model:
    """Labels, the place of each feature's row, and all rows one after the other."""

    labels: tuple[str, ...]
    rows: dict[str, int]
    weights: array[int]
    made_from: str = ""  # the fingerprint of the bank it was trained from

    def odds(self, features: Iterable[str]) -> dict[str, float]:
        """How likely each label is, together 1."""
        width = len(self.labels)
        total: Sequence[int] = [0] * width
        for name in features:
            at = self.rows.get(name)
            if at is not None:
                total = list(map(add, total, self.weights[at * width : at * width + width]))
        top = max(total)
        raised = [math.exp((t - top) * STEP) for t in total]
        whole = sum(raised)
        return {label: r / whole for label, r in zip(self.labels, raised, strict=True)}


def save(path: Path, models: dict[str, Model]) -> None:
    """Writes models so that the same weights always give the same bytes."""
    head = {
        name: {"labels": m.labels, "rows": list(m.rows), "made_from": m.made_from}
        for name, m in models.items()
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    body = b"".join(m.weights.tobytes() for m in models.values())
    data = len(text).to_bytes(4, "big") + text + body
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))


def load(path: Path) -> dict[str, Model]:
    data = gzip.decompress(path.read_bytes())
    size = int.from_bytes(data[:4], "big")
    head = json.loads(data[4 : 4 + size])
    at = 4 + size
    models: dict[str, Model] = {}
    for name, one in head.items():
        count = len(one["rows"]) * len(one["labels"])
        weights = array("b", data[at : at + count])
        at += count
        rows = {feature: n for n, feature in enumerate(one["rows"])}
        models[name] = Model(tuple(one["labels"]), rows, weights, one["made_from"])
    return models
