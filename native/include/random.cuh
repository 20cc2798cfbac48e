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

// The random bits of one stream whose indices have the same upper half: what depends on these is
// computed once by a thread that draws many values.
struct RandomRow {
  u32 key;
  u32 offset;

  // Two keyed rounds. With one, the masks of two streams would be one mask, permuted.
  __device__ __forceinline__ u32 bits(u32 low) const {
    return mix_bits(mix_bits(low ^ key) + offset);
  }
};

__device__ __forceinline__ RandomRow random_row(u32 seed, u32 stream, u32 high) {
  const u32 first = mix_bits(seed ^ 0x9e3779b9u) + stream;
  return {mix_bits(mix_bits(first) + high), mix_bits(first ^ 0x85ebca6bu)};
}

__device__ __forceinline__ u32 random_bits(u32 seed, u32 stream, u64 index) {
  return random_row(seed, stream, static_cast<u32>(index >> 32)).bits(static_cast<u32>(index));
}
