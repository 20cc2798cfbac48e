// Executable graphs: replay, update, switched-off nodes.
#include <cstring>

#include "api.h"

using namespace test;

namespace {

// A graph that sets words of `memory` one after the other: word i to first + i.
Handle capture_sets(Handle s, CUdeviceptr memory, unsigned first, unsigned count) {
  Handle graph = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  for (unsigned i = 0; i < count; i++) ok(cuMemsetD32Async(memory + 4 * i, first + i, 1, s));
  ok(cuStreamEndCapture(s, &graph));
  return graph;
}

std::vector<Handle> nodes_of(Handle graph) {
  std::size_t count = 0;
  ok(cuGraphGetNodes(graph, nullptr, &count));
  std::vector<Handle> nodes(count + 1, 1);
  std::size_t room = count + 1;
  ok(cuGraphGetNodes(graph, nodes.data(), &room));
  check(room == count && nodes.back() == 0, "the rest of the room is null");
  nodes.pop_back();
  return nodes;
}

void update(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(16);
  const Handle first = capture_sets(s, memory, 10, 3), second = capture_sets(s, memory, 20, 3), longer = capture_sets(s, memory, 30, 4);
  Handle copies = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(cuMemsetD32Async(memory, 0, 1, s));
  ok(cuMemcpyDtoDAsync_v2(memory + 4, memory, 4, s));
  ok(cuMemsetD32Async(memory, 0, 1, s));
  ok(cuStreamEndCapture(s, &copies));
  ok(cuGraphInstantiateWithFlags(&exec, first, 0));
  ok(cuGraphUpload(exec, s));
  ok(cuGraphLaunch(exec, s));
  CUgraphExecUpdateResultInfo info = {};
  ok(cuGraphExecUpdate_v2(exec, second, &info));  // does not touch the launch that is queued
  check(info.result == CU_GRAPH_EXEC_UPDATE_SUCCESS, "the update succeeded");
  check(download<unsigned>(memory, 3, s) == std::vector<unsigned>{10, 11, 12}, "the queued launch is the old one");
  ok(cuGraphLaunch(exec, s));
  check(download<unsigned>(memory, 3, s) == std::vector<unsigned>{20, 21, 22}, "the next launch is the new one");
  refused(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, cuGraphExecUpdate_v2(exec, longer, &info));
  check(info.result == CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED && info.errorNode == 0, "another count of nodes");
  refused(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, cuGraphExecUpdate_v2(exec, copies, &info));
  check(info.result == CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED && info.errorNode == nodes_of(copies)[1], "another type of node");
  for (const Handle graph : {first, second, longer, copies}) ok(cuGraphDestroy(graph));
  ok(cuGraphExecDestroy(exec));
  refused(CUDA_ERROR_INVALID_VALUE, cuGraphLaunch(exec, s), "executable graph");
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
}

void switched_off(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(12);
  const Handle graph = capture_sets(s, memory, 5, 3), other = capture_sets(s, memory, 5, 3);
  const auto nodes = nodes_of(graph);
  Handle exec = 0;
  int type = -1;
  ok(cuGraphNodeGetType(nodes[0], &type));
  check(type == CU_GRAPH_NODE_TYPE_MEMSET, "a memset is a memset node");
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  ok(cuMemsetD32Async(memory, 0, 3, s));
  ok(cuGraphNodeSetEnabled(exec, nodes[1], 0));
  unsigned enabled = 1;
  ok(cuGraphNodeGetEnabled(exec, nodes[1], &enabled));
  check(enabled == 0, "the node is off");
  ok(cuGraphLaunch(exec, s));
  ok(cuGraphNodeSetEnabled(exec, nodes[1], 1));
  check(download<unsigned>(memory, 3, s) == std::vector<unsigned>{5, 0, 7}, "a launch uses what was set before it");
  ok(cuGraphLaunch(exec, s));
  check(download<unsigned>(memory, 3, s) == std::vector<unsigned>{5, 6, 7}, "all nodes run again");
  refused(CUDA_ERROR_INVALID_VALUE, cuGraphNodeSetEnabled(exec, nodes_of(other)[0], 0), "not of the graph");
  ok(cuGraphDestroy(graph));
  refused(CUDA_ERROR_INVALID_VALUE, cuGraphNodeSetEnabled(exec, nodes[0], 0), "node");
  ok(cuGraphLaunch(exec, s));
  ok(cuStreamSynchronize(s));
  ok(cuGraphDestroy(other));
  ok(cuGraphExecDestroy(exec));
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
}

// Branches that no edge orders run in either order; a forgotten join shows.
void branches(std::uint64_t) {
  const Handle s = stream(), side = stream(), fork = event(), join = event();
  const CUdeviceptr memory = allocate(4);
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(cuEventRecord(fork, s));
  ok(cuStreamWaitEvent(side, fork, 0));
  ok(cuMemsetD32Async(memory, 1, 1, s));
  ok(cuMemsetD32Async(memory, 2, 1, side));
  ok(cuEventRecord(join, side));
  ok(cuStreamWaitEvent(s, join, 0));
  ok(cuStreamEndCapture(s, &graph));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  int seen[3] = {};
  for (int i = 0; i < 40; i++) {
    ok(cuGraphLaunch(exec, s));
    seen[download<unsigned>(memory, 1, s)[0]]++;
  }
  check(seen[1] > 0 && seen[2] > 0, "both orders happen");
  ok(cuGraphExecDestroy(exec));
  ok(cuGraphDestroy(graph));
  for (const Handle e : {fork, join}) ok(cuEventDestroy_v2(e));
  for (const Handle one : {s, side}) ok(cuStreamDestroy_v2(one));
  ok(cuMemFree_v2(memory));
}

// Launches of one executable graph do not run at once, whatever their streams.
void one_at_a_time(std::uint64_t) {
  const Handle s = stream(), other = stream();
  const CUdeviceptr memory = allocate(8);
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(cuMemcpyDtoDAsync_v2(memory + 4, memory, 4, s));
  ok(cuStreamEndCapture(s, &graph));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  for (unsigned i = 0; i < 20; i++) {
    ok(cuMemsetD32Async(memory, i, 1, s));
    ok(cuGraphLaunch(exec, s));
    ok(cuGraphLaunch(exec, other));
    ok(cuStreamSynchronize(other));
    check(download<unsigned>(memory + 4, 1, other)[0] == i, "the second launch follows the first");
  }
  ok(cuGraphExecDestroy(exec));
  ok(cuGraphDestroy(graph));
  for (const Handle one : {s, other}) ok(cuStreamDestroy_v2(one));
  ok(cuMemFree_v2(memory));
}

// A graph reads pinned memory when it runs, and a kernel's arguments are those of the capture.
void kernel_nodes(std::uint64_t) {
  const Handle s = stream(), module = load_module(kAddSource), add = kernel(module, "add");
  const CUdeviceptr memory = allocate(40);
  void* pinned = nullptr;
  ok(cuMemHostAlloc(&pinned, 40, 0));
  auto* source = static_cast<float*>(pinned);
  CUdeviceptr y = memory;
  int n = 10;
  float value = 3;
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(cuMemcpyHtoDAsync_v2(memory, pinned, 40, s));
  ok(launch(add, 1, 32, 0, s, {&y, &n, &value}));
  ok(cuStreamEndCapture(s, &graph));
  n = -1;
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  CUDA_KERNEL_NODE_PARAMS_v2 parameters = {};
  ok(cuGraphKernelNodeGetParams_v2(nodes_of(graph)[1], &parameters));
  check(parameters.func == add && parameters.blockDimX == 32, "the node tells its kernel");
  check(*static_cast<int*>(parameters.kernelParams[1]) == 10, "and its arguments");
  refused(CUDA_ERROR_INVALID_VALUE, cuGraphKernelNodeGetParams_v2(nodes_of(graph)[0], &parameters), "no kernel");
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 10; j++) source[j] = static_cast<float>(i * 100 + j);
    ok(cuGraphLaunch(exec, s));
    const auto result = download<float>(memory, 10, s);
    for (int j = 0; j < 10; j++) check(result[static_cast<std::size_t>(j)] == source[j] + 3, "the replay reads the new values");
  }
  ok(cuGraphExecDestroy(exec));
  ok(cuGraphDestroy(graph));
  ok(cuModuleUnload(module));
  ok(cuMemFreeHost(pinned));
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
}

const Declare cases_of_graphs[] = {{"graphs.update", update}, {"graphs.switched_off", switched_off}, {"graphs.branches", branches},
                                   {"graphs.one_at_a_time", one_at_a_time}, {"graphs.kernel_nodes", kernel_nodes}};

}  // namespace
