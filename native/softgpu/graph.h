// Graphs: work with edges. An executable graph is a copy of one, whose work can be replaced and whose nodes can be switched off.
#pragma once

#include <set>
#include <vector>

#include "device.h"

namespace softgpu {

struct GraphNode {
  Handle handle;
  WorkRef work;
  std::vector<GraphNode*> needs;  // nodes of the same graph, all made before this one
  std::size_t index;              // in its graph
};

struct Graph {
  std::vector<std::shared_ptr<GraphNode>> nodes;  // in order of capture, which is a topological order

  GraphNode* add(WorkRef work, const std::set<GraphNode*>& needs);

  // These nodes and all that they depend on.
  std::set<const GraphNode*> ancestry(const std::set<GraphNode*>& of) const;

  ~Graph();
};

struct GraphExec {
  struct Node {
    Handle origin;  // the node it was instantiated from
    WorkRef work;
    std::vector<std::size_t> needs;  // indices
    bool enabled = true;
  };
  std::vector<Node> nodes;
  OperationRef last_launch;  // launches of one executable graph run one after the other
};

Table<Graph>& graphs();
Table<GraphNode>& graph_nodes();
Table<GraphExec>& graph_execs();

}  // namespace softgpu
