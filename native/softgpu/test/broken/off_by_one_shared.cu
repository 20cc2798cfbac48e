// Writes one element behind a shared array.
extern "C" __global__ void off_by_one_shared(float* out) {
  __shared__ float tile[32];
  float* row = tile;
  row[threadIdx.x + 1] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x];
}
