// Lanes of a warp are not in step by themselves.
extern "C" __global__ void missing_syncwarp(float* out) {
  __shared__ float tile[32];
  tile[threadIdx.x] = (float)threadIdx.x;
  out[threadIdx.x] = tile[31 - threadIdx.x];
}
