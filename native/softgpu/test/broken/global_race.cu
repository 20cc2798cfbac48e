// Every block adds to the same sum without an atomic operation.
extern "C" __global__ void global_race(const float* x, float* sum) {
  if (threadIdx.x == 0) {
    *sum += x[blockIdx.x];
  }
}
