// Uses one element of dynamic shared memory more than the launch asked for.
extern "C" __global__ void off_by_one_dynamic(float* out) {
  extern __shared__ float rows[];
  rows[threadIdx.x + 1] = 1.0f;
  __syncthreads();
  out[threadIdx.x] = rows[threadIdx.x + 1];
}
