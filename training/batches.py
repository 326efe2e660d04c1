"""Batches of texts of like length, in random order.

Padding a short text to a long one wastes most of the work, so batches hold texts of like length.
Transformers' own grouping runs through each stretch from long to short, which ends every epoch on
fragments and pulls the network towards them; here the batches themselves are shuffled.
"""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

BATCHES_SORTED_TOGETHER = 50


class LikeLengthSampler(Sampler[int]):
    """Gives row numbers such that each run of ``batch_size`` of them is of like length.

    Args:
        lengths: tokens of each row.
        batch_size: rows a batch.
        seed: of the order, which is another one in each epoch.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        order = torch.randperm(len(self._lengths), generator=self._generator).tolist()
        stretch = BATCHES_SORTED_TOGETHER * self._batch_size
        whole: list[list[int]] = []
        rest: list[int] = []
        for start in range(0, len(order), stretch):
            rows = sorted(order[start : start + stretch], key=lambda row: self._lengths[row])
            batches = [
                rows[i : i + self._batch_size] for i in range(0, len(rows), self._batch_size)
            ]
            if len(batches[-1]) < self._batch_size:  # a short batch anywhere but last shifts all
                rest += batches.pop()
            whole += batches
        for place in torch.randperm(len(whole), generator=self._generator).tolist():
            yield from whole[place]
        yield from rest
