"""A training step on a device of torch, as a GPU: what `training.descend` does, to a tolerance.

The table and its accumulators stay on the device while a training lasts. The processor draws the batch, numbers its
n-grams and says which distractors are fair; the device sums, multiplies and updates. The gradient is torch's own, with
respect to the rows that the batch touches, so that it costs as much as they are and not as much as the table.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sprachbund.arrays import Float32, Int32, Int64, UInt64
from sprachbund.devices import device_of, torch_for
from sprachbund.errors import CapacityError, one_line
from sprachbund.ngrams.start_rows import write_start_rows
from sprachbund.retrieval.encoder import summing
from sprachbund.retrieval.encoder.bags import UNSEEN, Bags, Ranges, members
from sprachbund.retrieval.encoder.features import Rows, Workspace
from sprachbund.retrieval.encoder.model import Model
from sprachbund.retrieval.encoder.softmax import MASKED
from sprachbund.retrieval.settings import EncoderSettings

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["DeviceTable"]


class DeviceTable:
    """A table and its accumulators on a device.

    Args:
        device: as torch names it: ``cuda``, ``cuda:1``, ``mps``, ``cpu``.
        table, accumulators: float32 [rows, dim] and [rows], copied; `fetch` brings them back.

    Raises:
        MissingExtraError: torch is not installed. SettingsError: there is no such device. CapacityError: its memory is
            too small.
    """

    def __init__(self, device: str, table: Float32, accumulators: Float32) -> None:
        self.torch = torch_for("training on a device")
        self.device = device_of(self.torch, device)
        try:
            self.table = self.torch.tensor(table, device=self.device)
            self.accumulators = self.torch.tensor(accumulators, device=self.device)
        except self.torch.OutOfMemoryError as error:
            gib = (table.nbytes + accumulators.nbytes) / 2**30
            raise CapacityError(
                f"device {device}: expected {gib:.1f} GiB free for the table, found: {one_line(error)}; leave device "
                "out, or lower dim or max_rows"
            ) from None

    def fetch(self, table: Float32, accumulators: Float32) -> None:
        """Write the present table and accumulators into arrays."""
        table[:] = self.table.cpu().numpy()
        accumulators[:] = self.accumulators.cpu().numpy()

    def descend(
        self,
        model: Model,
        rows: Rows,
        bags: Bags,
        queries: Ranges,
        candidates: Ranges,
        overlaps: tuple[Int64, Int64, UInt64],
        rate: float,
        space: Workspace,
        moved: Int32,
    ) -> float:
        """Forward, loss, backward and update, the mean loss of the batch; arguments as of `training.descend`.

        Raises:
            FloatingPointError: a vector or a loss is no number; the table is as it was.
        """
        torch, encoder, training = self.torch, model.settings.encoder, model.settings.training
        ids, local = summing.number_locally(bags.ids, bags.starts, bags.ends, space.ids)
        own = self._leaf(ids, model, rows)
        units, inside, characters = own, None, np.empty(0, np.int32)
        if encoder.characters and encoder.character_weight:
            characters, numbers, offsets = _characters(ids, model, space)
            inside = self._leaf(characters, model, rows)
            units = own + encoder.character_weight * self._bag(numbers, offsets, inside)
        places = members(Ranges(bags.starts, bags.ends, np.empty(0, np.int64)))
        offsets = _offsets(bags.ends - bags.starts)
        sums = self._bag(local[places], offsets, units, bags.weights[places])
        each = [(side, *_sentences(side)) for side in (queries, candidates)]
        pooled = torch.cat([self._bag(numbers, offsets, sums) for _, numbers, offsets in each])
        if encoder.pooling != "sum":
            pooled = pooled / self._divisor(bags, places, offsets_of=each, encoder=encoder)
        if encoder.similarity == "cosine":
            lengths = pooled.norm(dim=1, keepdim=True)
            unit = torch.where(lengths > 0, pooled / lengths.clamp_min(torch.finfo(torch.float32).tiny), pooled * 0)
        else:
            unit = pooled
        logits = training.scale * (unit[: len(queries)] @ unit[len(queries) :].T)
        logits = logits.masked_fill(self._unfair(*overlaps), float(MASKED))
        if training.top:
            logits = self._top(logits, training.top)
        losses = torch.logsumexp(logits, dim=1) - logits.diagonal()
        if not bool(torch.isfinite(pooled).all() & torch.isfinite(losses).all()):
            raise FloatingPointError
        leaves = [own] if inside is None else [own, inside]
        gradients = torch.autograd.grad(losses.sum(), leaves)
        if inside is not None:
            self._adagrad(moved[characters], gradients[1], rate)
        self._adagrad(moved[ids], gradients[0], rate)
        return float(losses.detach().mean())

    def _put(self, values: Any) -> "Tensor":
        return self.torch.as_tensor(np.ascontiguousarray(values), device=self.device)

    def _leaf(self, ids: Int32, model: Model, rows: Rows) -> "Tensor":
        """The vectors of n-grams, with respect to which there is a gradient: those of `features.vectors_of`."""
        own = rows.row[ids]
        vectors = self.table[self._put(np.maximum(own, 0).astype(np.int64))]
        unseen = np.flatnonzero(own == UNSEEN)
        if len(unseen):
            start = np.zeros((len(unseen), vectors.shape[1]), np.float32)
            if rows.unseen_length:
                keys = model.ngrams.keys[ids[unseen]]
                write_start_rows(keys, np.arange(len(unseen)), rows.seed, rows.unseen_length, start)
            vectors[self._put(unseen)] = self._put(start)
        return vectors.requires_grad_()

    def _bag(self, numbers: Any, offsets: Int64, vectors: "Tensor", weights: Float32 | None = None) -> "Tensor":
        """Sums of vectors: bag i has those of numbers[offsets[i]:offsets[i + 1]]."""
        return self.torch.nn.functional.embedding_bag(
            self._put(numbers.astype(np.int64)),
            vectors,
            self._put(offsets),
            mode="sum",
            include_last_offset=True,
            per_sample_weights=None if weights is None else self._put(weights),
        )

    def _divisor(
        self, bags: Bags, places: Int64, offsets_of: list[tuple[Ranges, Int64, Int64]], encoder: EncoderSettings
    ) -> "Tensor":
        """What sums are divided by, see `features.divisors`: float32 [queries and candidates, 1]."""
        ones = self.torch.ones((1, 1), device=self.device)
        zeros = np.zeros(len(places), np.int64)
        weights = self._bag(zeros, _offsets(bags.ends - bags.starts), ones, bags.weights[places])
        both = self.torch.cat([self._bag(numbers, offsets, weights) for _, numbers, offsets in offsets_of])
        both = self.torch.where(both == 0, self.torch.ones_like(both), both)
        return both if encoder.pooling == "mean" else both.sqrt()

    def _unfair(self, low: Int64, high: Int64, hashes: UInt64) -> "Tensor":
        """Candidates that are no fair distractors of a query, see `softmax.mask_overlaps`: bool [pairs, pairs]."""
        first, last, words = self._put(low), self._put(high), self._put(hashes.view(np.int64))
        overlap = (first[None, :] < last[:, None]) & (first[:, None] < last[None, :])
        unfair = overlap | (words[:, None] == words[None, :])
        return unfair.fill_diagonal_(False)

    def _top(self, logits: "Tensor", top: int) -> "Tensor":
        """Mask all wrong candidates but the ``top`` with the highest scores, see `softmax.keep_top`."""
        if top >= len(logits) - 1:
            return logits
        own = self.torch.eye(len(logits), dtype=self.torch.bool, device=self.device)
        cut = logits.masked_fill(own, -float("inf")).topk(top, dim=1).values[:, -1:]
        return logits.masked_fill((logits < cut) & ~own, float(MASKED))

    def _adagrad(self, rows: Int32, gradient: "Tensor", rate: float) -> None:
        """Row-wise Adagrad on the rows that may move, see `bags.adagrad_rows`."""
        moving = np.flatnonzero(rows >= 0)
        if len(moving) < len(rows):
            gradient = gradient[self._put(moving)]
        at = self._put(rows[moving].astype(np.int64))
        state = self.accumulators[at] + gradient.square().mean(dim=1)
        self.accumulators[at] = state
        self.table[at] -= (rate / (state.sqrt() + 1e-10))[:, None] * gradient


def _characters(ids: Int32, model: Model, space: Workspace) -> tuple[Int32, Int32, Int64]:
    """The character n-grams of units: their distinct ids, the number of each place among them, and offsets by unit."""
    offsets, inside = model.ngrams.char_offsets, model.ngrams.char_ids
    distinct = summing.number_characters(ids, offsets, inside, space.characters)
    first, last = offsets[ids], offsets[ids.astype(np.int64) + 1]
    numbers: Int32 = space.characters[inside[members(Ranges(first, last, np.empty(0, np.int64)))]]
    summing.forget(distinct, space.characters)
    return distinct, numbers, _offsets(last - first)


def _sentences(side: Ranges) -> tuple[Int64, Int64]:
    """The sentences of ranges, those left out not among them, and offsets by range."""
    lengths = side.last - side.first
    found = members(side)
    kept = found != np.repeat(side.without, lengths)
    within = np.repeat(np.arange(len(lengths)), lengths)[kept]
    return found[kept], _offsets(np.bincount(within, minlength=len(lengths)))


def _offsets(lengths: Int64) -> Int64:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
