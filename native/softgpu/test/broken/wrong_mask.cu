// A shuffle of the whole warp that half of it never reaches.
extern "C" __global__ void wrong_mask(float* out) {
  float x = (float)threadIdx.x;
  if (threadIdx.x < 16) {
    x += __shfl_xor_sync(0xffffffffu, x, 1);
  }
  out[threadIdx.x] = x;
}
