// A right kernel; the test gives it memory that was freed.
extern "C" __global__ void freed_memory(const float* x, float* out) { out[threadIdx.x] = x[threadIdx.x]; }
