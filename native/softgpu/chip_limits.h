// What one multiprocessor, block and grid can hold: compute capability 8.0.
#pragma once

namespace softgpu::limits {

inline constexpr int kThreadsPerBlock = 1024;
inline constexpr int kBlockX = 1024, kBlockY = 1024, kBlockZ = 64;
inline constexpr int kGridX = 2147483647, kGridYZ = 65535;
inline constexpr int kRegisters = 65536;
inline constexpr int kThreadsPerMultiprocessor = 2048;
inline constexpr int kBlocksPerMultiprocessor = 32;
inline constexpr int kMultiprocessors = 4;
inline constexpr int kSharedPerBlock = 48 << 10;  // without asking
inline constexpr int kSharedOptIn = 163 << 10;    // of a block that asked
inline constexpr int kSharedPerMultiprocessor = 164 << 10;
inline constexpr int kReservedShared = 1 << 10;  // of every block, for the system
inline constexpr int kParameterBytes = 4096;

}  // namespace softgpu::limits
