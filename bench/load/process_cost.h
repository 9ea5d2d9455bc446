// What the measured programs cost: processor time and resident memory, their children's included.
#pragma once

#include <sys/types.h>

#include <span>

namespace moonwire::load {

/// Seconds on a processor since they began, of all threads alive.
double cpu_seconds(std::span<const pid_t> programs);
/// Resident memory in KiB.
double resident_kib(std::span<const pid_t> programs);

}  // namespace moonwire::load
