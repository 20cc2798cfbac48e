// <= where < was meant: the last thread writes one element behind the array.
extern "C" __global__ void off_by_one_store(float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) {
    out[i] = 1.0f;
  }
}
