// A right kernel; the test gives it an address of the host.
extern "C" __global__ void host_pointer(const float* x, float* out) { out[threadIdx.x] = x[threadIdx.x]; }
