"""Draws the micro-batches of the whole-step goldens: short documents packed into rows.

The "language" is a seeded sparse Markov chain, so that twenty optimiser steps lower the loss. A micro-batch is four
arrays of BATCH * CONTEXT integers, rows one after the other:

  ids        token ids
  positions  position of the token within its document
  starts     index, in the same flattened array, of the first token of its document: the row i sees the keys
             starts[i] .. i, so positions[i] == i - starts[i]
  labels     the id to be predicted from row i (already shifted), or -100 where none is: at document ends, at row
             ends, and at some more rows, so that the micro-batches of a step carry unequal counts
"""

import numpy as np

IGNORED = -100
END_OF_DOCUMENT = 0


class PackedText:
    def __init__(self, seed, vocabulary, batch, context):
        self.random = np.random.default_rng(seed)
        self.vocabulary, self.batch, self.context = vocabulary, batch, context
        self.successors = self.random.integers(1, vocabulary, size=(vocabulary, 3))

    def step(self, index):
        """The two micro-batches of one optimiser step; the mixture of kinds goes round with the step."""
        if index == 7:  # one micro-batch without any label beside an ordinary one
            return [self.micro_batch(packed=True, hidden=1.0), self.micro_batch(packed=True)]
        if index % 4 == 3:  # whole rows, no packing
            return [self.micro_batch(packed=False), self.micro_batch(packed=False, hidden=0.3)]
        if index % 4 == 2:
            return [self.micro_batch(packed=False, hidden=0.1), self.micro_batch(packed=True)]
        return [self.micro_batch(packed=True), self.micro_batch(packed=True, hidden=0.6)]

    def micro_batch(self, packed, hidden=0.0):
        arrays = {"ids": [], "positions": [], "starts": [], "labels": []}
        for row in range(self.batch):
            offset = 0
            while offset < self.context:
                room = self.context - offset
                length = min(room, int(self.random.integers(1, 12))) if packed else room
                document = self._document(length)
                start = row * self.context + offset
                arrays["ids"] += document
                arrays["positions"] += range(length)
                arrays["starts"] += [start] * length
                arrays["labels"] += document[1:] + [IGNORED]
                offset += length
        drop = self.random.random(len(arrays["labels"])) < hidden
        arrays["labels"] = [IGNORED if d else label for d, label in zip(drop, arrays["labels"])]
        return arrays

    def _document(self, length):
        token = int(self.random.integers(1, self.vocabulary))
        document = []
        for _ in range(length - 1):
            document.append(token)
            token = int(self.random.choice(self.successors[token], p=[0.7, 0.2, 0.1]))
        return document + [END_OF_DOCUMENT]
