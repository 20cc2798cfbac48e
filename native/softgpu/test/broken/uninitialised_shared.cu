// Only 31 of 32 elements are written before all are read.
extern "C" __global__ void uninitialised_shared(float* out) {
  __shared__ float tile[32];
  if (threadIdx.x < 31) {
    tile[threadIdx.x] = 1.0f;
  }
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];
}
