// A process's descriptor table: small numbers, lowest free first, from 3 (0 to 2 are the console).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/socket.h"

namespace moonwire::kernel {

class Descriptors final {
 public:
  explicit Descriptors(std::size_t limit);
  ~Descriptors();

  /// @return the number, or -1 when the table is full (too_many_files).
  int add(std::shared_ptr<net::Socket> socket);
  /// Takes the lowest free number without a socket (files), so numbers stay unique over both.
  int reserve();
  /// The socket behind a number; null for a number that is closed, not a socket, or was never
  /// given.
  std::shared_ptr<net::Socket> socket(int descriptor) const;
  /// The pollable behind a number: a socket, or standard input for 0; null otherwise.
  net::Pollable* pollable(int descriptor) const;
  void set_standard_input(net::Pollable* input);
  /// Closes the socket and frees the number; anything else is ignored.
  void close(int descriptor);
  void close_all();
  std::size_t open_count() const;

 private:
  std::vector<std::shared_ptr<net::Socket>> slots_;
  std::vector<bool> taken_;
  std::size_t lowest_free_ = 0;  // no slot below it is free
  std::size_t open_ = 0;
  net::Pollable* input_ = nullptr;
  std::size_t limit_;
};

}  // namespace moonwire::kernel
