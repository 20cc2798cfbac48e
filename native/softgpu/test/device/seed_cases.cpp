// A seed repeats a run.
#include "api.h"

using namespace test;

namespace {

// What a program without any order between four streams leaves in memory, again and again.
std::vector<unsigned> outcome(std::uint64_t seed) {
  softgpu_reset(seed);
  Handle context = 0;
  ok(cuInit(0));
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
  std::vector<Handle> all;
  for (int i = 0; i < 4; i++) all.push_back(stream());
  const CUdeviceptr memory = allocate(4);
  std::vector<unsigned> seen;
  for (int round = 0; round < 20; round++) {
    for (unsigned i = 0; i < 4; i++) ok(cuMemsetD32Async(memory, i, 1, all[i]));
    ok(cuCtxSynchronize());
    seen.push_back(download<unsigned>(memory, 1, all[0])[0]);
  }
  for (const Handle s : all) ok(cuStreamDestroy_v2(s));
  ok(cuMemFree_v2(memory));
  return seen;
}

void repeats(std::uint64_t seed) {
  const auto first = outcome(seed);
  ok(cuDevicePrimaryCtxRelease_v2(0));
  check(outcome(seed) == first, "one seed, one order");
  ok(cuDevicePrimaryCtxRelease_v2(0));
  int same = 0;
  for (std::uint64_t other = seed + 1; other < seed + 6; other++) {
    same += outcome(other) == first;
    ok(cuDevicePrimaryCtxRelease_v2(0));
  }
  check(same < 5, "another seed, another order");
  Handle context = 0;
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
}

const Declare cases_of_seeds[] = {{"seeds.repeats", repeats}};

}  // namespace
