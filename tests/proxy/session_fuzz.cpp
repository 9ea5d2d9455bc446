// A whole session against any bytes: it may end, but it answers in whole frames and packets, never
// sends more than its credit, and leaves nothing behind. CONNECT is led to an echo peer, and no
// name is ever looked up.
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/write.hpp>
#include <cstdlib>
#include <cstring>
#include <map>

#include "proxy/session.h"
#include "wisp/limits.h"

namespace {

using namespace moonwire;
using namespace moonwire::proxy;

void demand(bool claim, const char* what) {
  if (claim) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// A pair of connected sockets: no TCP needed to read and write.
class PairTransport final : public Transport {
 public:
  explicit PairTransport(TcpSocket socket) : socket_{std::move(socket)} {}
  IoResult handshake() override { return {IoResult::Kind::done}; }
  IoResult read(std::span<std::byte> into) override {
    const ssize_t size = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (size > 0) return {IoResult::Kind::done, static_cast<std::size_t>(size)};
    return {size == 0         ? IoResult::Kind::ended
            : errno == EAGAIN ? IoResult::Kind::wants_read
                              : IoResult::Kind::broken};
  }
  IoResult write(std::span<const iovec> from) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());
    message.msg_iovlen = from.size();
    const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0) return {IoResult::Kind::done, static_cast<std::size_t>(size)};
    return {errno == EAGAIN ? IoResult::Kind::wants_write : IoResult::Kind::broken};
  }
  bool has_buffered() const override { return false; }
  void shut() override { ::shutdown(socket_.native_handle(), SHUT_WR); }
  TcpSocket& socket() override { return socket_; }

 private:
  TcpSocket socket_;
};

class Owner final : public SessionOwner {
 public:
  void session_over(TunnelSession&) override { session.reset(); }
  std::shared_ptr<Session> session;
};

Policy policy() {
  Policy policy;
  policy.rules = AccessRules{
      AccessRules::Default::nothing, std::get<std::vector<Rule>>(parse_rule("127.0.0.1:*")), {}};
  policy.publish = {{ip::address_v4::loopback(), {20000, 60000}}};
  policy.limits.streams_per_session = 8;
  policy.limits.upload_bytes = 64 * 1024;
  policy.limits.waiting_questions = 0;
  return policy;
}

/// What all runs share: threads and listening sockets are dear.
struct World {
  asio::io_context io{1};
  Context context{io.get_executor(), policy(), system_lookups()};
  TcpAcceptor acceptor{io.get_executor(), {ip::address_v4::loopback(), 0}};
  std::uint16_t echo_port = acceptor.local_endpoint().port();

  World() {
    spdlog::set_level(spdlog::level::off);
    accept();
  }
  void accept() {
    acceptor.async_accept([this](error_code error, TcpSocket socket) {
      if (error) return;
      auto peer = std::make_shared<TcpSocket>(std::move(socket));
      echo(peer, std::make_shared<std::array<char, 4096>>());
      accept();
    });
  }
  void echo(const std::shared_ptr<TcpSocket>& peer,
            const std::shared_ptr<std::array<char, 4096>>& buffer) {
    peer->async_read_some(asio::buffer(*buffer),
                          [this, peer, buffer](error_code error, std::size_t size) {
                            if (error) return;
                            asio::async_write(*peer, asio::buffer(*buffer, size),
                                              [this, peer, buffer](error_code failed, std::size_t) {
                                                if (!failed) echo(peer, buffer);
                                              });
                          });
  }
  void settle() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
};

/// The client's end: sends, drains, and checks what comes.
class Client {
 public:
  explicit Client(int descriptor, std::uint32_t window)
      : descriptor_{descriptor}, window_{window} {}
  ~Client() { ::close(descriptor_); }

  void send(std::span<const std::uint8_t> bytes) {
    [[maybe_unused]] const ssize_t ignored =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  void send_message(std::vector<std::uint8_t> payload, std::uint16_t echo_port) {
    if (payload.size() >= 8 && payload[0] == 1) {
      payload[6] = static_cast<std::uint8_t>(echo_port & 0xff);
      payload[7] = static_cast<std::uint8_t>(echo_port >> 8);
    }
    if (payload.size() >= 9 && payload[0] == 0xa3) {
      std::uint32_t id = 0;
      std::uint32_t amount = 0;
      std::memcpy(&id, payload.data() + 1, 4);
      std::memcpy(&amount, payload.data() + 5, 4);
      if (payload.size() == 9) granted_[id] += amount;
    }
    if (payload.size() >= 5 && payload[0] == 4) {
      std::uint32_t id = 0;
      std::memcpy(&id, payload.data() + 1, 4);
      forget(id);
    }
    std::vector<std::uint8_t> frame{0x82};
    if (payload.size() < 126) {
      frame.push_back(static_cast<std::uint8_t>(0x80 | payload.size()));
    } else {
      frame.push_back(0xfe);
      frame.push_back(static_cast<std::uint8_t>(payload.size() >> 8));
      frame.push_back(static_cast<std::uint8_t>(payload.size() & 0xff));
    }
    frame.insert(frame.end(), 4, 0);  // a mask of zeros
    frame.insert(frame.end(), payload.begin(), payload.end());
    send(frame);
  }
  void drain(bool has_sockets) {
    std::array<std::byte, 65536> chunk;
    for (;;) {
      const ssize_t size = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (size <= 0) break;
      received_.insert(received_.end(), chunk.begin(), chunk.begin() + size);
    }
    while (check_one(has_sockets)) {
    }
  }

 private:
  bool check_one(bool has_sockets) {
    if (received_.size() < 2) return false;
    const auto at = [this](std::size_t i) { return std::to_integer<std::size_t>(received_[i]); };
    demand((at(1) & 0x80) == 0, "a server does not mask");
    std::size_t length = at(1) & 0x7f;
    std::size_t header = 2;
    demand(length != 127, "frames of a session stay below 64 KiB here");
    if (length == 126) {
      if (received_.size() < 4) return false;
      length = at(2) << 8 | at(3);
      header = 4;
    }
    if (received_.size() < header + length) return false;
    demand(!closed_, "nothing follows the close frame");
    const wisp::Bytes payload{received_.data() + header, length};
    switch (at(0)) {
      case 0x82: check_packet(payload, has_sockets); break;
      case 0x88: closed_ = true; break;
      case 0x89:
      case 0x8a: demand(length <= 125, "control frames are short"); break;
      default: demand(false, "an opcode that a server has no use for");
    }
    received_.erase(received_.begin(),
                    received_.begin() + static_cast<std::ptrdiff_t>(header + length));
    return true;
  }
  void check_packet(wisp::Bytes payload, bool has_sockets) {
    const auto decoded = wisp::decode(payload);
    const auto* packet = std::get_if<wisp::Packet>(&decoded);
    demand(packet != nullptr, "every message is a packet");
    if (const auto* data = std::get_if<wisp::Data>(&packet->body); data != nullptr && has_sockets) {
      taken_[packet->stream] += data->payload.size();
      demand(taken_[packet->stream] <= std::uint64_t{window_} + granted_[packet->stream],
             "DATA within its credit");
    }
    if (std::holds_alternative<wisp::Close>(packet->body)) forget(packet->stream);
    if (std::holds_alternative<wisp::Opened>(packet->body)) taken_[packet->stream] = 0;
  }
  /// The id may be that of another stream from now on, whose credit begins anew.
  void forget(std::uint32_t id) {
    taken_.erase(id);
    granted_.erase(id);
  }

  int descriptor_;
  std::uint32_t window_;
  std::vector<std::byte> received_;
  std::map<std::uint32_t, std::uint64_t> taken_;
  std::map<std::uint32_t, std::uint64_t> granted_;
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static World world;
  if (size < 1 || size > 4096) return 0;
  const bool is_v1 = (bytes[0] & 1) != 0;
  const bool is_raw = (bytes[0] & 2) != 0;  // the rest is the WebSocket's bytes
  const bool greets = (bytes[0] & 4) == 0;  // INFO goes ahead
  constexpr std::uint32_t window = 300;
  std::array<int, 2> pair{};
  demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0, "socketpair");
  std::span<const std::uint8_t> rest{bytes + 1, size - 1};
  Owner owner;
  {
    Client client{pair[1], window};
    TcpSocket socket{world.io.get_executor()};
    socket.assign(ip::tcp::v4(), pair[0]);
    SessionOwner& base = owner;
    owner.session =
        std::make_shared<Session>(world.context, base,
                                  Session::Start{std::make_unique<PairTransport>(std::move(socket)),
                                                 is_v1 ? WispVersion::v1 : WispVersion::v2,
                                                 "fuzz",
                                                 {},
                                                 std::make_shared<Meter>(0, 0)});
    owner.session->start();
    const bool has_sockets = !is_v1 && greets;
    if (has_sockets) {
      const auto offer = wisp::encode(wisp::SocketsOffer{.window = window, .streams = 10});
      wisp::Info info;
      info.extensions = {{1, {}}, {0x4d, offer}};
      const auto hello = wisp::encode(0, info);
      const auto* begin = reinterpret_cast<const std::uint8_t*>(hello.data());
      client.send_message({begin, begin + hello.size()}, world.echo_port);
    }
    while (!rest.empty()) {
      const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
      const auto part = rest.subspan(1, length);
      if (is_raw) {
        client.send(part);
      } else {
        client.send_message({part.begin(), part.end()}, world.echo_port);
      }
      rest = rest.subspan(1 + length);
      world.settle();
      client.drain(has_sockets && !is_raw);
    }
  }
  for (int i = 0; i < 100 && (owner.session != nullptr || world.context.counters.streams_open > 0);
       ++i) {
    world.settle();
    if (owner.session && i > 50) owner.session->abort();
  }
  world.settle();
  demand(owner.session == nullptr && world.context.counters.sessions_open == 0,
         "the session is over");
  demand(world.context.counters.streams_open == 0, "no stream is left");
  demand(world.context.blocks.borrowed() == 0, "no block is left");
  return 0;
}
