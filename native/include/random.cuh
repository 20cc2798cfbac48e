#pragma once
#include "device.cuh"

// Counter-based random bits: a value is a hash of (seed of the step, number of the stream, index),
// so that the backward pass draws again what the forward pass drew, and no state is kept.
//
// The Java twin is dev.culebra.runtime.kernel.RandomBits; a test compares them bit by bit.

// The 32-bit finalizer of Wellons ("hash prospector", lowbias32): every input bit changes every
// output bit with a probability near one half.
__device__ __forceinline__ u32 mix_bits(u32 x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

// Two keyed rounds. With one, the masks of two streams would be one mask, permuted. What depends on
// seed and stream alone is computed once by a thread that draws many values.
__device__ __forceinline__ u32 random_bits(u32 seed, u32 stream, u64 index) {
  const u32 first = mix_bits(seed ^ 0x9e3779b9u) + stream;
  const u32 second = mix_bits(mix_bits(first) + static_cast<u32>(index >> 32));
  return mix_bits(mix_bits(static_cast<u32>(index) ^ second) + mix_bits(first ^ 0x85ebca6bu));
}
