// Declares 64 threads; the test launches 128.
extern "C" __global__ __launch_bounds__(64) void launch_bound(float* out) { out[threadIdx.x] = 1.0f; }
