// The far ends of the measurements: an echo, a source, a sink, each in a thread of its own so that
// a busy one holds up no other.
#pragma once

#include <string_view>

namespace moonwire::load {

/// Listens on three free ports, says them ("echo 1234 source 1235 sink 1236") and serves until
/// standard input ends.
int run_far_ends();

}  // namespace moonwire::load
