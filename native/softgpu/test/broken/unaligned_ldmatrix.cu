// Rows of 9 values of 16 bits: the second one does not begin at a multiple of 16 bytes.
extern "C" __global__ void unaligned_ldmatrix(unsigned* out) {
  __shared__ __align__(16) unsigned short tile[32 * 9];
  for (int i = threadIdx.x; i < 32 * 9; i += 32) {
    tile[i] = (unsigned short)i;
  }
  __syncwarp();
  unsigned r[4];
  ldmatrix_x4(r, tile + threadIdx.x * 9);
  out[threadIdx.x] = r[0] + r[1] + r[2] + r[3];
}
