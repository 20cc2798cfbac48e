// The halves of a warp call two shuffles that both name all of it.
extern "C" __global__ void divergent_shuffle(float* out) {
  float x = (float)threadIdx.x;
  if (threadIdx.x < 16) {
    x += __shfl_xor_sync(0xffffffffu, x, 1);
  } else {
    x += __shfl_xor_sync(0xffffffffu, x, 2);
  }
  out[threadIdx.x] = x;
}
