// Half of a warp waits for the block, the other half for the whole warp.
extern "C" __global__ void deadlock(float* out) {
  float x = (float)threadIdx.x;
  if (threadIdx.x % 32 < 16) {
    __syncthreads();
  } else {
    x += __shfl_xor_sync(0xffffffffu, x, 1);
  }
  out[threadIdx.x] = x;
}
