// Filling blocks and emptying them.
#include "proxy/outbox.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

// Before a payload read into place: a frame header of at most 4 bytes (payloads stay below 64 KiB)
// and a packet's header.
constexpr std::size_t headroom = 4 + wisp::header_bytes;

}  // namespace

Block BlockPool::take() {
  ++borrowed_;
  if (spare_.empty()) return std::make_unique_for_overwrite<std::byte[]>(block_bytes);
  Block block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void BlockPool::give_back(Block block) {
  --borrowed_;
  if (spare_.size() < spare_blocks) spare_.push_back(std::move(block));
}

Outbox::Piece& Outbox::with_room(std::size_t least) {
  if (pieces_.size() == first_ || block_bytes - pieces_.back().end < least)
    pieces_.push_back({pool_.take(), 0, 0});
  return pieces_.back();
}

std::span<std::byte> Outbox::open_room(std::size_t least, std::size_t most) {
  Piece& piece = with_room(headroom + std::min(least, block_bytes / 2));
  const std::size_t start = piece.end + headroom;
  return {piece.block.get() + start, std::min(most, block_bytes - start)};
}

void Outbox::close_room(std::size_t prefix_bytes, std::span<const std::byte> prefix,
                        std::size_t size) {
  Piece& piece = pieces_.back();
  std::byte* const payload = piece.block.get() + piece.end + headroom;
  const auto header = websocket::frame_header(websocket::Opcode::binary, prefix_bytes + size);
  std::byte* to = piece.block.get() + piece.end;
  to = std::copy_n(header.bytes.data(), header.size, to);
  to = std::copy_n(prefix.data(), prefix_bytes, to);
  if (to != payload)
    std::memmove(to, payload,
                 size);  // a short header leaves a gap of a few bytes, for small payloads
  const std::size_t total = header.size + prefix_bytes + size;
  piece.end += total;
  pending_ += total;
}

void Outbox::close_as_data(std::uint32_t stream, std::size_t size) {
  if (size == 0) {  // nothing came: a block taken for it goes back
    if (pieces_.size() == first_ || pieces_.back().end > 0) return;
    pool_.give_back(std::move(pieces_.back().block));
    pieces_.pop_back();
    return;
  }
  const auto prefix = wisp::data_header(stream);
  close_room(prefix.size(), prefix, size);
}

void Outbox::close_as_message(std::size_t size) {
  if (size > 0) close_room(0, {}, size);
}

void Outbox::put(std::span<const std::byte> bytes) {
  pending_ += bytes.size();
  while (!bytes.empty()) {
    Piece& piece = with_room(1);
    const std::size_t size = std::min(bytes.size(), block_bytes - piece.end);
    std::memcpy(piece.block.get() + piece.end, bytes.data(), size);
    piece.end += size;
    bytes = bytes.subspan(size);
  }
}

void Outbox::push_data(std::uint32_t stream, std::span<const std::byte> payload) {
  const auto prefix = wisp::data_header(stream);
  const auto header =
      websocket::frame_header(websocket::Opcode::binary, prefix.size() + payload.size());
  put({header.bytes.data(), header.size});
  put(prefix);
  put(payload);
}

void Outbox::push(std::uint32_t stream, const wisp::Body& body) {
  wisp::append(packet_, stream, body);
  push_frame(websocket::Opcode::binary, packet_);
  packet_.clear();
}

void Outbox::push_frame(websocket::Opcode opcode, std::span<const std::byte> payload) {
  const auto header = websocket::frame_header(opcode, payload.size());
  put({header.bytes.data(), header.size});
  put(payload);
}

std::size_t Outbox::gather(std::span<iovec> out) const {
  std::size_t count = 0;
  for (std::size_t i = first_; i < pieces_.size() && count < out.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.begin < piece.end)
      out[count++] = {piece.block.get() + piece.begin, piece.end - piece.begin};
  }
  return count;
}

void Outbox::consume(std::size_t size) {
  assert(size <= pending_);
  pending_ -= size;
  while (first_ < pieces_.size()) {
    Piece& piece = pieces_[first_];
    const std::size_t taken = std::min(size, piece.end - piece.begin);
    piece.begin += taken;
    size -= taken;
    if (piece.begin < piece.end) break;
    pool_.give_back(std::move(piece.block));
    ++first_;
  }
  if (first_ == pieces_.size()) {
    pieces_.clear();
    first_ = 0;
  } else if (first_ > 16) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Outbox::clear() {
  for (std::size_t i = first_; i < pieces_.size(); ++i)
    pool_.give_back(std::move(pieces_[i].block));
  pieces_.clear();
  first_ = 0;
  pending_ = 0;
}

}  // namespace moonwire::proxy
