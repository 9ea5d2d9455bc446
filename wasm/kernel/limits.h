// Every bound of processes and files in one place, and what happens at it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::kernel {

/// Bounds of one process or of the machine. Defaults are those of the product.
struct Limits {
  std::size_t process_memory_bytes = 64u << 20;  // Lua's "not enough memory" beyond
  std::size_t machine_memory_bytes = 1u << 30;   // all processes together; the same error beyond
  std::size_t processes = 512;                   // spawn refuses beyond
  std::size_t mails = 4096;  // unread in one process's mailbox; the sender waits beyond
  std::size_t mailbox_bytes =
      1u << 20;  // their bytes; the sender waits beyond, and no mail may be longer
  std::size_t descriptors = 4096;  // per process, sockets and files; "Too many open files" beyond
  std::size_t standard_input_bytes = 1u << 20;  // unread; what is typed beyond is refused
  std::size_t output_burst_bytes =
      256u << 10;  // unacknowledged output; the process waits beyond (see Process::write)
  std::size_t file_system_bytes = 32u << 20;  // all project files; "No space left on device" beyond
  std::size_t file_bytes = 16u << 20;         // one file
  std::size_t files = 4096;                   // in the project; "No space left on device" beyond
  // A slice, the time between two turns of a process, ends at whichever comes first. Counts are
  // trap checks (backward jumps and calls); the clock is read each slice_check_counts. By the clock
  // it ends only when somebody else wants to run, or with the machine's turn.
#ifdef MOONWIRE_HOSTILE
  int slice_counts = 3;  // the least that still gets forward, see Process::arm
#else
  int slice_counts = 100'000;
#endif
  int slice_check_counts = 4'000;
  std::int64_t slice_micros = 2'000;
  // One stay where Lua cannot yield (a finalizer, a C function's callback): an error is raised
  // beyond either, since nobody else runs meanwhile, nor can Stop come in.
  int unyieldable_counts = 2'000'000;
  std::int64_t unyieldable_micros = 50'000;
};

}  // namespace moonwire::kernel
