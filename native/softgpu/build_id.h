#pragma once

namespace softgpu {

// A number, not negative, that differs between builds of this library: what one compiled, another may not understand.
int build_number();

}  // namespace softgpu
