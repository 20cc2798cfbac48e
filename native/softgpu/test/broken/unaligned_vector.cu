// Reads 16 bytes at once from a row whose beginning is aligned to 4 bytes only.
extern "C" __global__ void unaligned_vector(const float* x, float* out) {
  const float* row = x + 1;
  float4 v = *reinterpret_cast<const float4*>(row + threadIdx.x * 4);
  out[threadIdx.x] = v.x + v.w;
}
