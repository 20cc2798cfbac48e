// One barrier is missing: a warp may read what another has not written yet.
extern "C" __global__ void missing_barrier(const float* x, float* out) {
  __shared__ float tile[128];
  tile[threadIdx.x] = x[threadIdx.x];
  out[threadIdx.x] = tile[127 - threadIdx.x];
}
