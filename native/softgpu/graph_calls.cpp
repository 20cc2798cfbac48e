#include <algorithm>

#include "capture.h"
#include "graph.h"

namespace softgpu {

Table<Graph>& graphs() {
  static auto* const table = new Table<Graph>("graph", AnyTable::Owner::context, CUDA_ERROR_INVALID_VALUE);
  return *table;
}

Table<GraphNode>& graph_nodes() {
  static auto* const table = new Table<GraphNode>("node of a graph", AnyTable::Owner::parent, CUDA_ERROR_INVALID_VALUE);
  return *table;
}

Table<GraphExec>& graph_execs() {
  static auto* const table = new Table<GraphExec>("executable graph", AnyTable::Owner::context, CUDA_ERROR_INVALID_VALUE);
  return *table;
}

GraphNode* Graph::add(WorkRef work, const std::set<GraphNode*>& needs) {
  const auto node = std::make_shared<GraphNode>();
  node->work = std::move(work);
  node->needs.assign(needs.begin(), needs.end());
  std::sort(node->needs.begin(), node->needs.end(), [](const GraphNode* a, const GraphNode* b) { return a->index < b->index; });
  node->index = nodes.size();
  node->handle = graph_nodes().add(node);
  nodes.push_back(node);
  return node.get();
}

std::set<const GraphNode*> Graph::ancestry(const std::set<GraphNode*>& of) const {
  std::set<const GraphNode*> found(of.begin(), of.end());
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (found.contains(node->get())) found.insert((*node)->needs.begin(), (*node)->needs.end());
  }
  return found;
}

Graph::~Graph() {
  for (const auto& node : nodes) {
    if (graph_nodes().contains(node->handle)) graph_nodes().take(node->handle);
  }
}

namespace {

std::vector<std::size_t> indices(const std::vector<GraphNode*>& nodes) {
  std::vector<std::size_t> result;
  for (const GraphNode* node : nodes) result.push_back(node->index);
  return result;
}

std::shared_ptr<GraphExec> instantiate(const Graph& graph) {
  auto exec = std::make_shared<GraphExec>();
  for (const auto& node : graph.nodes) exec->nodes.push_back({node->handle, node->work, indices(node->needs)});
  return exec;
}

// The first difference that an update cannot bridge.
CUgraphExecUpdateResultInfo compare(const GraphExec& exec, const Graph& graph) {
  if (exec.nodes.size() != graph.nodes.size()) return {CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, 0, 0};
  for (std::size_t i = 0; i < exec.nodes.size(); i++) {
    const GraphExec::Node& old_node = exec.nodes[i];
    const GraphNode& new_node = *graph.nodes[i];
    const auto needs = indices(new_node.needs);
    if (needs != old_node.needs) {
      const auto differing = std::mismatch(needs.begin(), needs.end(), old_node.needs.begin(), old_node.needs.end()).first;
      const Handle from = needs.size() == old_node.needs.size() ? graph.nodes[*differing]->handle : 0;
      return {CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, new_node.handle, from};
    }
    if (new_node.work->type != old_node.work->type) return {CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED, new_node.handle, 0};
    if (new_node.work->copy_kind != old_node.work->copy_kind) return {CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED, new_node.handle, 0};
  }
  return {CU_GRAPH_EXEC_UPDATE_SUCCESS, 0, 0};
}

// Every node becomes an operation of a lane of its own, so chance orders whatever the edges leave open, between other streams' work too.
void launch(Device& device, GraphExec& exec, Stream& stream) {
  const OperationRef begin = device.enqueue(stream, nullptr, {exec.last_launch});
  std::vector<OperationRef> operations;
  for (const GraphExec::Node& node : exec.nodes) {
    std::vector<OperationRef> needs = {begin};
    for (const std::size_t index : node.needs) needs.push_back(operations[index]);
    std::function<std::optional<Fault>(std::uint64_t)> run;
    if (node.enabled) run = [work = node.work](std::uint64_t seed) { return work->run(seed); };
    operations.push_back(device.scheduler.add(device.scheduler.new_lane(), std::move(run), needs));
  }
  exec.last_launch = device.enqueue(stream, nullptr, std::move(operations));
}

GraphExec::Node& node_of(GraphExec& exec, Handle node) {
  graph_nodes().get(node);  // its graph must still be there
  for (GraphExec::Node& candidate : exec.nodes) {
    if (candidate.origin == node) return candidate;
  }
  throw Refusal{CUDA_ERROR_INVALID_VALUE, "the node is not of the graph that this executable graph was made from"};
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuGraphInstantiateWithFlags(Handle* exec, Handle graph, unsigned long long flags) {
  return driver_call("cuGraphInstantiateWithFlags", Needs::context, [&] {
    *given(exec, "phGraphExec") = 0;
    if (flags != 0) throw Refusal{CUDA_ERROR_NOT_SUPPORTED, "the software device instantiates graphs without flags only"};
    *exec = graph_execs().add(instantiate(*graphs().get(graph)));
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphUpload(Handle exec, Handle stream_handle) {
  return driver_call("cuGraphUpload", Needs::context, [&] {
    graph_execs().get(exec);
    Stream& stream = Device::get().stream(stream_handle);
    refuse_while_capturing(stream, "uploading a graph");
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphLaunch(Handle handle, Handle stream_handle) {
  return driver_call("cuGraphLaunch", Needs::context, [&] {
    Device& device = Device::get();
    const auto exec = graph_execs().get(handle);
    Stream& stream = device.stream(stream_handle);
    refuse_implicit(stream);
    refuse_while_capturing(stream, "launching a graph (the software device has no child graphs)");
    launch(device, *exec, stream);
    device.settle(device.scheduler.perhaps_progress());
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphDestroy(Handle graph) {
  return driver_call(
      "cuGraphDestroy", Needs::context,
      [&] {
        graphs().take(graph);
        return CUDA_SUCCESS;
      },
      graph);
}

// Launches that are queued still run.
SOFTGPU_EXPORT CUresult cuGraphExecDestroy(Handle exec) {
  return driver_call(
      "cuGraphExecDestroy", Needs::context,
      [&] {
        graph_execs().take(exec);
        return CUDA_SUCCESS;
      },
      exec);
}

// Nodes are paired in the order of capture. Switched-off nodes stay off.
SOFTGPU_EXPORT CUresult cuGraphExecUpdate_v2(Handle exec_handle, Handle graph_handle, CUgraphExecUpdateResultInfo* result) {
  return driver_call("cuGraphExecUpdate_v2", Needs::context, [&] {
    const auto exec = graph_execs().get(exec_handle);
    const auto graph = graphs().get(graph_handle);
    *given(result, "resultInfo") = compare(*exec, *graph);
    if (result->result != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
      throw Refusal{CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "the graphs differ in more than their nodes' parameters, result " + std::to_string(result->result)};
    }
    for (std::size_t i = 0; i < exec->nodes.size(); i++) exec->nodes[i].work = graph->nodes[i]->work;
    return CUDA_SUCCESS;
  });
}

// With no array only the count; else as many as `count` has room for, the rest of the room null.
SOFTGPU_EXPORT CUresult cuGraphGetNodes(Handle graph_handle, Handle* nodes, std::size_t* count) {
  return driver_call("cuGraphGetNodes", Needs::context, [&] {
    const auto graph = graphs().get(graph_handle);
    given(count, "numNodes");
    if (nodes != nullptr) {
      for (std::size_t i = 0; i < *count; i++) nodes[i] = i < graph->nodes.size() ? graph->nodes[i]->handle : 0;
      *count = std::min(*count, graph->nodes.size());
    } else {
      *count = graph->nodes.size();
    }
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphNodeGetType(Handle node, int* type) {
  return driver_call("cuGraphNodeGetType", Needs::context, [&] {
    *given(type, "type") = graph_nodes().get(node)->work->type;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphNodeSetEnabled(Handle exec, Handle node, unsigned enabled) {
  return driver_call("cuGraphNodeSetEnabled", Needs::context, [&] {
    node_of(*graph_execs().get(exec), node).enabled = enabled != 0;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuGraphNodeGetEnabled(Handle exec, Handle node, unsigned* enabled) {
  return driver_call("cuGraphNodeGetEnabled", Needs::context, [&] {
    *given(enabled, "isEnabled") = node_of(*graph_execs().get(exec), node).enabled ? 1 : 0;
    return CUDA_SUCCESS;
  });
}

// The pointers stay good as long as the node.
SOFTGPU_EXPORT CUresult cuGraphKernelNodeGetParams_v2(Handle handle, CUDA_KERNEL_NODE_PARAMS_v2* parameters) {
  return driver_call("cuGraphKernelNodeGetParams_v2", Needs::context, [&] {
    const auto node = graph_nodes().get(handle);
    if (node->work->type != CU_GRAPH_NODE_TYPE_KERNEL) throw Refusal{CUDA_ERROR_INVALID_VALUE, "the node is no kernel"};
    const KernelCall& call = node->work->kernel;
    *given(parameters, "nodeParams") = {call.function,
                                        call.grid.x,
                                        call.grid.y,
                                        call.grid.z,
                                        call.block.x,
                                        call.block.y,
                                        call.block.z,
                                        static_cast<unsigned>(call.shared),
                                        const_cast<void**>(call.arguments.data()),
                                        nullptr,
                                        0,
                                        Device::get().context};
    return CUDA_SUCCESS;
  });
}
