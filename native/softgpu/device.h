// The one device: its context, what lives in it, and how work gets into its streams.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "handles.h"
#include "kernel_engine.h"
#include "random.h"
#include "scheduler.h"

namespace softgpu {

struct Capture;
struct GraphNode;

// A launch of a kernel with its arguments as they were at the call.
struct KernelCall {
  Handle function = 0;
  Dim3 grid, block;
  std::size_t shared = 0;
  std::vector<unsigned char> packed;  // the arguments, laid out as the kernel's info says
  std::vector<void*> arguments;       // one pointer into `packed` for each
};

// What one node of a graph, or one place in a stream, does.
struct Work {
  int type;          // CU_GRAPH_NODE_TYPE_...
  std::string name;  // for reports
  std::function<std::optional<Fault>(std::uint64_t seed)> run;
  KernelCall kernel;  // of a kernel
  int copy_kind = 0;  // of a copy: an update of a graph may not change it
};

using WorkRef = std::shared_ptr<const Work>;

struct Stream {
  Handle handle = 0;  // 0: the legacy stream
  std::uint64_t lane = 0;
  bool blocking = true;
  OperationRef last;  // everything in the stream before it is done when it is
  std::shared_ptr<Capture> capture;
  std::set<GraphNode*> tail;  // while capturing: what the next node depends on
};

struct Event {
  bool timed = true;
  OperationRef mark;                 // of the last record, outside of a capture
  std::weak_ptr<Capture> capture;    // of the last record, inside one
  bool captured = false;
  std::set<GraphNode*> tail;
};

class Device {
 public:
  static Device& get();

  void reset(std::uint64_t seed);
  void create_context();
  void destroy_context();  // reports what is left, then drops it

  Stream& stream(Handle handle);

  // Puts work into a stream: queued, or as a node of the graph that the stream captures.
  void submit(Stream& stream, WorkRef work);

  // Queues after everything in the stream; `also` are further operations that it waits for.
  OperationRef enqueue(Stream& stream, std::function<std::optional<Fault>(std::uint64_t)> run, std::vector<OperationRef> also = {});

  // Throws the sticky error if there is a fault. Every result of the scheduler goes through here.
  void settle(std::optional<Fault> fault);
  void finish(const Stream& stream) { settle(scheduler.finish(stream.last)); }
  void finish_all() { settle(scheduler.finish_all()); }

  std::uint64_t seed = 0;
  Random random;
  Scheduler scheduler;
  bool initialised = false;
  Handle context = 0;
  int retained = 0;
  std::optional<Fault> sticky;
  std::string past_leaks;  // of contexts that ended
  Stream legacy;
  std::set<std::shared_ptr<Capture>> captures;

 private:
  std::vector<OperationRef> implicit_needs(const Stream& stream);
};

Table<Stream>& streams();
Table<Event>& events();

// The context that the calling thread made current, 0 for none.
Handle& current_context();

// One line for everything that is alive in the context (`whole` is false) or at all.
std::string describe_live_objects(bool whole);

std::string hex(std::uint64_t value);

}  // namespace softgpu
