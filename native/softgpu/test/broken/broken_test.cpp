// Every kernel of the folder broken is caught and named, whatever the schedule.
#include "../run_kernel.h"

using namespace softgpu_test;

namespace {

using Outcome = std::optional<Fault>;

struct Case {
  const char* kernel;
  const char* expected;  // what the report must say
  Outcome (*run)(Kernels&);
};

// Arrays of the size that the kernel needs, launched once.
Outcome in_and_out(Kernels& k, const char* kernel, unsigned threads, long size) {
  Array<float> x(size), out(size);
  for (long i = 0; i < size; i++) x[i] = static_cast<float>(i);
  return k.try_launch(kernel, {1}, {threads}, 0, x.data(), out.data());
}

Outcome out_only(Kernels& k, const char* kernel, unsigned threads, unsigned shared = 0) {
  Array<float> out(threads);
  return k.try_launch(kernel, {1}, {threads}, shared, out.data());
}

const Case cases[] = {
    {"missing_barrier", "", [](Kernels& k) { return in_and_out(k, "missing_barrier", 128, 128); }},  // uninitialised or a race: who comes first
    {"missing_second_barrier", "race",
     [](Kernels& k) {
       Array<float> x(256), out(64);
       return k.try_launch("missing_second_barrier", {1}, {64}, 0, x.data(), out.data(), 4);
     }},
    {"off_by_one_store", "out of bounds",
     [](Kernels& k) {
       Array<float> out(1000);
       return k.try_launch("off_by_one_store", {8}, {128}, 0, out.data(), 1000);
     }},
    {"off_by_one_shared", "out of bounds", [](Kernels& k) { return out_only(k, "off_by_one_shared", 32); }},
    {"off_by_one_dynamic", "out of bounds", [](Kernels& k) { return out_only(k, "off_by_one_dynamic", 64, 256); }},
    {"unaligned_vector", "misaligned", [](Kernels& k) { return in_and_out(k, "unaligned_vector", 32, 256); }},
    {"uninitialised_shared", "uninitialised", [](Kernels& k) { return out_only(k, "uninitialised_shared", 32); }},
    {"freed_memory", "freed memory",
     [](Kernels& k) {
       Array<float> x(32), out(32);
       x.release();
       return k.try_launch("freed_memory", {1}, {32}, 0, x.data(), out.data());
     }},
    {"host_pointer", "no device memory",
     [](Kernels& k) {
       Array<float> out(32);
       std::vector<float> x(32);
       return k.try_launch("host_pointer", {1}, {32}, 0, x.data(), out.data());
     }},
    {"divergent_barrier", "divergent barrier", [](Kernels& k) { return out_only(k, "divergent_barrier", 64); }},
    {"global_race", "race",
     [](Kernels& k) {
       Array<float> x(8), sum(1);
       return k.try_launch("global_race", {8}, {32}, 0, x.data(), sum.data());
     }},
    {"missing_fence", "race",
     [](Kernels& k) {
       Array<float> partial(8), out(1);
       Array<unsigned> finished(1);
       finished[0] = 0;
       return k.try_launch("missing_fence", {8}, {1}, 0, partial.data(), finished.data(), out.data());
     }},
    {"missing_syncwarp", "", [](Kernels& k) { return out_only(k, "missing_syncwarp", 32); }},
    {"deadlock", "waits for ever", [](Kernels& k) { return out_only(k, "deadlock", 64); }},
    {"divergent_shuffle", "in the same call", [](Kernels& k) { return out_only(k, "divergent_shuffle", 32); }},
    {"wrong_mask", "mask", [](Kernels& k) { return out_only(k, "wrong_mask", 32); }},
    {"missing_async_wait", "cp.async", [](Kernels& k) { return in_and_out(k, "missing_async_wait", 32, 128); }},
    {"launch_bound", "launch bound", [](Kernels& k) { return out_only(k, "launch_bound", 128); }},
    {"unaligned_ldmatrix", "misaligned",
     [](Kernels& k) {
       Array<unsigned> out(32);
       return k.try_launch("unaligned_ldmatrix", {1}, {32}, 0, out.data());
     }},
};

std::filesystem::path file_of(const char* kernel) { return native() / "softgpu/test/broken" / (std::string(kernel) + ".cu"); }

void check(const Case& c) {
  Kernels k(file_of(c.kernel), {});
  for (int turn = 0; turn < 20; turn++) {
    Outcome fault = c.run(k);
    if (!fault) {
      die(std::string(c.kernel) + " was not caught on seed " + std::to_string(seed - 1));
    }
    if (turn == 0) {
      std::printf("%d %s\n", fault->code, fault->text.c_str());
    }
    bool refused = fault->code == CUDA_ERROR_INVALID_VALUE;  // before it ran: there is no line
    bool named = fault->text.find(c.kernel) != std::string::npos && (refused || fault->text.find(".cu:") != std::string::npos);
    if (!named || fault->text.find(c.expected) == std::string::npos) {
      die(std::string(c.kernel) + ": the report is wrong: " + fault->text);
    }
  }
}

// Found by the compiler, as ptxas finds it.
void check_too_much_shared() {
  Compiled compiled = compile(file_of("too_much_shared"), {});
  if (compiled.ok || compiled.log.find("too_much_shared") == std::string::npos || compiled.log.find("too much shared data") == std::string::npos) {
    die("too_much_shared was compiled: " + compiled.log);
  }
  std::printf("%s", compiled.log.c_str());
}

}  // namespace

// With a name, that case alone; with `list`, the names.
int main(int argc, char** argv) {
  std::string wanted = argc > 1 ? argv[1] : "all";
  if (wanted == "list") {
    for (const Case& c : cases) std::printf("%s\n", c.kernel);
    std::printf("too_much_shared\n");
    return 0;
  }
  begin(argc - 1, argv + 1);
  for (const Case& c : cases) {
    if (wanted == "all" || wanted == c.kernel) check(c);
  }
  if (wanted == "all" || wanted == "too_much_shared") check_too_much_shared();
  std::printf("caught\n");
}
