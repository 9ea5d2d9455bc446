// Wisp version 1: all streams over one WebSocket, DATA counted against the server's CONTINUE.
#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "load/way.h"
#include "load/websocket.h"

namespace moonwire::load {
namespace {

enum : unsigned { connect = 1, data = 2, more = 3, close = 4 };
constexpr std::size_t header_bytes = 5;
constexpr unsigned tcp = 1;
constexpr unsigned voluntary = 2;

class WispStream;

class WispWay final : public Way {
 public:
  WispWay(Loop& loop, std::uint16_t server, const Ports& ports)
      : socket_{loop, server, "/wisp/", ""}, ports_{ports} {
    socket_.on_piece = [this](Bytes piece, bool is_last) { take(piece, is_last); };
    socket_.on_end = [this] { end_all(); };
    loop.until([this] { return first_credit_ > 0 || socket_.has_failed(); });
  }
  bool is_ready() const { return first_credit_ > 0; }
  std::unique_ptr<Stream> open(Target target) override;

  bool send(unsigned type, std::uint32_t id, Bytes payload) {
    std::array<std::byte, header_bytes> header{static_cast<std::byte>(type)};
    std::memcpy(header.data() + 1, &id, sizeof id);
    return socket_.send(header, payload);
  }
  void forget(std::uint32_t id) {
    if (streams_.erase(id) > 0) {
      const std::array reason{static_cast<std::byte>(voluntary)};
      send(close, id, reason);
    }
  }

 private:
  void take(Bytes piece, bool is_last);
  void end_all();

  WebSocket socket_;
  Ports ports_;
  std::unordered_map<std::uint32_t, WispStream*> streams_;
  std::uint32_t last_id_ = 0;
  std::uint32_t first_credit_ = 0;
  std::array<std::byte, header_bytes + 4> head_{};  // the packet's header, and CONTINUE's number
  std::size_t head_size_ = 0;
};

class WispStream final : public Stream {
 public:
  WispStream(WispWay& way, std::uint32_t id, std::uint32_t credit)
      : way_{way}, id_{id}, credit_{credit} {}
  ~WispStream() override { way_.forget(id_); }
  bool send(Bytes bytes) override {
    way_.send(data, id_, bytes);
    if (--credit_ > 0) return true;
    waits_ = true;
    return false;
  }
  void set_credit(std::uint32_t credit) {
    credit_ = credit;
    if (credit == 0 || !waits_) return;
    waits_ = false;
    if (on_room) on_room();
  }

 private:
  WispWay& way_;
  std::uint32_t id_;
  std::uint32_t credit_;
  bool waits_ = false;
};

std::unique_ptr<Stream> WispWay::open(Target target) {
  const std::uint32_t id = ++last_id_;
  constexpr std::string_view host = "127.0.0.1";
  const std::uint16_t port = ports_.of(target);
  std::array<std::byte, 3 + host.size()> payload{static_cast<std::byte>(tcp)};
  std::memcpy(payload.data() + 1, &port, sizeof port);
  std::memcpy(payload.data() + 3, host.data(), host.size());
  send(connect, id, payload);
  auto stream = std::make_unique<WispStream>(*this, id, first_credit_);
  streams_[id] = stream.get();
  return stream;
}

void WispWay::take(Bytes piece, bool is_last) {
  const bool has_header = head_size_ >= header_bytes;
  const bool is_data = has_header && head_[0] == std::byte{data};
  if (!is_data) {
    const std::size_t wanted = has_header ? head_.size() : header_bytes;
    while (!piece.empty() && head_size_ < wanted) {
      head_[head_size_++] = piece.front();
      piece = piece.subspan(1);
    }
    if (!has_header && head_size_ == header_bytes && !piece.empty()) {
      take(piece, is_last);
      return;
    }
  }
  std::uint32_t id = 0;
  std::memcpy(&id, head_.data() + 1, sizeof id);
  const auto type = std::to_integer<unsigned>(head_[0]);
  const auto found = streams_.find(id);
  WispStream* const stream = found == streams_.end() ? nullptr : found->second;
  if (is_last) head_size_ = 0;
  if (type == data) {
    if (stream != nullptr && !piece.empty() && stream->on_bytes) stream->on_bytes(piece);
  } else if (type == more && is_last) {
    std::uint32_t credit = 0;
    std::memcpy(&credit, head_.data() + header_bytes, sizeof credit);
    if (id == 0) {
      first_credit_ = credit;
    } else if (stream != nullptr) {
      stream->set_credit(credit);
    }
  } else if (type == close && is_last && stream != nullptr) {
    streams_.erase(found);
    if (stream->on_end) stream->on_end();
  }
}

void WispWay::end_all() {
  for (auto streams = std::exchange(streams_, {}); const auto& [id, stream] : streams) {
    if (stream->on_end) stream->on_end();
  }
}

}  // namespace

std::unique_ptr<Way> make_wisp_way(Loop& loop, std::uint16_t server, const Ports& far_ends) {
  auto way = std::make_unique<WispWay>(loop, server, far_ends);
  if (!way->is_ready()) return nullptr;
  return way;
}

}  // namespace moonwire::load
