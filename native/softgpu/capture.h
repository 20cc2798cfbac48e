// Stream capture: while a stream captures, its work becomes nodes of a graph; events that cross streams become edges and draw other streams in.
#pragma once

#include <thread>

#include "device.h"
#include "graph.h"

namespace softgpu {

struct Capture {
  int mode;
  std::thread::id owner = std::this_thread::get_id();
  Handle origin;  // the stream that began it
  bool invalid = false;
  std::shared_ptr<Graph> graph = std::make_shared<Graph>();
};

// Refuses, and invalidates the capture, when the stream captures: for calls that would wait for it.
void refuse_while_capturing(Stream& stream, const char* what);

// Refuses a call that is unsafe beside a capture, by the mode and thread of every capture under way, and invalidates that capture.
void refuse_unsafe(const char* what);

// Refuses use of the legacy stream while a stream that synchronises with it captures.
void refuse_implicit(const Stream& stream);

// Adds a node behind the stream's tail.
void capture_work(Stream& stream, WorkRef work);

void capture_record(Stream& stream, Event& event);
void capture_wait(Stream& stream, Event& event);

}  // namespace softgpu
