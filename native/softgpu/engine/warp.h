// How the lanes of a warp meet.
#pragma once

#include <bit>

#include "thread.h"

namespace softgpu::engine {

// Waits until all lanes of `mask` are in this call; the last one runs `complete(warp, mask)`, which reads what every lane left in `operand` and
// sets each lane's `result`. Faults: the caller is not in its mask, the mask names lanes that do not exist or have ended, two lanes of one
// mask are in different calls.
void check_mask(Thread& thread, unsigned mask, const Site& site);
Collective& join(Thread& thread, unsigned mask, const Site& site);
void finish(Warp& warp, Collective& collective);

template <class Complete>
[[gnu::always_inline]] inline void meet(Thread& thread, unsigned mask, const Site& site, Complete complete) {
  Collective& collective = join(thread, mask, site);
  collective.arrived |= 1u << thread.lane;
  thread.waiting = site;
  if (collective.arrived == mask) {
    complete(*thread.warp, mask);
    finish(*thread.warp, collective);
    wake(*thread.worker, *thread.warp, mask);
  }
  suspend(thread);
  thread.waiting = {};
}

template <class Body>
void for_each_lane(unsigned mask, Body body) {
  for (; mask != 0; mask &= mask - 1) {
    body(static_cast<unsigned>(std::countr_zero(mask)));
  }
}

}  // namespace softgpu::engine
