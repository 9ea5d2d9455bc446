// The module's state and AT trace as JSON text, in the shape that web/src/protocol.ts tells: one
// string crosses to JavaScript cheaper than a hundred fields.
#pragma once

#include <string>

#include "modem/state.h"
#include "module/state.h"

namespace moonwire::edge {

/// A ModuleState.
std::string report(const module::State& state);
/// {records, lost}; each record's `time` is in microseconds on the steady clock.
std::string report(const modem::Trace& trace);

}  // namespace moonwire::edge
