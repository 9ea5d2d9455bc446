// What waits to be written to one tab: frames back to back in borrowed blocks, so that everything
// due goes out in one system call. One write is in flight at a time; who writes, and when, is left
// to the session.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "proxy/limits.h"
#include "proxy/websocket_frame.h"
#include "wisp/packet.h"

namespace moonwire::proxy {

using Block = std::unique_ptr<std::byte[]>;

/// Blocks that sessions borrow while they have something to send: an idle one holds none.
class BlockPool {
 public:
  Block take();
  void give_back(Block block);
  std::size_t borrowed() const { return borrowed_; }

 private:
  std::vector<Block> spare_;
  std::size_t borrowed_ = 0;
};

class Outbox {
 public:
  explicit Outbox(BlockPool& pool) : pool_{pool} {}
  ~Outbox() { clear(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Room for a payload that is read straight into place; at least `least` bytes (at most half a
  /// block), at most `most`. Only one is open at a time: write_data or nothing must follow before
  /// any other call.
  std::span<std::byte> open_room(std::size_t least, std::size_t most);
  /// The room's first `size` bytes are a DATA packet of `stream`. 0: nothing happened.
  void close_as_data(std::uint32_t stream, std::size_t size);
  /// The room's first `size` bytes are a binary message on their own (the raw relay).
  void close_as_message(std::size_t size);

  /// A DATA packet whose payload lies elsewhere.
  void push_data(std::uint32_t stream, std::span<const std::byte> payload);
  /// Any other packet.
  void push(std::uint32_t stream, const wisp::Body& body);
  /// A frame that is not a packet: ping, pong, close, or a raw message.
  void push_frame(websocket::Opcode opcode, std::span<const std::byte> payload);

  /// Bytes that wait.
  std::size_t pending() const { return pending_; }
  bool is_empty() const { return pending_ == 0; }
  /// Fills `out` from the front; the result is how many of them.
  std::size_t gather(std::span<iovec> out) const;
  /// The first `size` bytes have been written.
  void consume(std::size_t size);
  void clear();

 private:
  struct Piece {
    Block block;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  void put(std::span<const std::byte> bytes);
  Piece& with_room(std::size_t least);
  void close_room(std::size_t prefix_bytes, std::span<const std::byte> prefix, std::size_t size);

  BlockPool& pool_;
  std::vector<Piece> pieces_;  // pieces_[first_] is the front
  std::size_t first_ = 0;
  std::size_t pending_ = 0;
  std::vector<std::byte> packet_;  // scratch of push(); empty between calls
};

}  // namespace moonwire::proxy
