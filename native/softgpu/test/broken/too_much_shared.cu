// More static shared memory than a block can have.
extern "C" __global__ void too_much_shared(float* out) {
  __shared__ float tile[13000];
  tile[threadIdx.x] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];
}
