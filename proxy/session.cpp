// Frames to packets to streams, and back.
#include "proxy/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "proxy/datagram_socket.h"
#include "proxy/published_listener.h"
#include "proxy/socket_failure.h"
#include "proxy/tcp_stream.h"
#include "proxy/udp_stream.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

using websocket::CloseCode;
using websocket::Opcode;

// Reads of one session before others get their turn.
constexpr int reads_per_turn = 4;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

bool is_acceptable_host(std::string_view host) {
  return !host.empty() && host.size() <= wisp::max_host_bytes &&
         std::ranges::none_of(
             host, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

bool asks_for_order(wisp::CloseReason reason) {
  return reason == wisp::CloseReason::unknown || reason == wisp::CloseReason::voluntary;
}

std::string_view cut(std::string_view text) {
  return text.substr(0, wisp::max_host_bytes);
}

}  // namespace

Session::Session(Context& context, SessionOwner& owner, Start start)
    : context_{context},
      owner_{owner},
      transport_{std::move(start.transport)},
      version_{start.version},
      peer_{std::move(start.peer)},
      outbox_{context.blocks},
      next_own_id_{wisp::first_server_stream},
      partial_{std::move(start.early_bytes)},
      deadline_{context.now + context.policy.limits.handshake_time + context.policy.limits.tick},
      last_heard_{context.now},
      last_ping_{context.now} {
  ++context_.counters.sessions_open;
  ++context_.counters.sessions_total;
}

Session::~Session() {
  --context_.counters.sessions_open;
}

void Session::start() {
  spdlog::info("session open peer={} wisp={}", peer_, version_ == WispVersion::v1 ? 1 : 2);
  if (version_ == WispVersion::v1) {
    if (!context_.policy.users.empty()) {
      send(0, wisp::Close{wisp::CloseReason::missing_credentials});
      ++context_.counters.refusals_password;
      close(CloseCode::credentials,
            "this proxy asks for a password, which Wisp version 1 cannot give");
    } else {
      begin_running();
    }
  } else {
    say_hello();
  }
  if (!partial_.empty()) {
    auto early = std::exchange(partial_, {});
    const std::size_t used = read_frames(early);
    partial_.assign(early.begin() + static_cast<std::ptrdiff_t>(used), early.end());
  }
  wait_readable();
}

void Session::refuse(CloseCode code, std::string_view why) {
  close(code, why);
  wait_readable();
}

// Reading.

bool Session::may_read() const {
  const Limits& limits = context_.policy.limits;
  return phase_ != Phase::over && upload_bytes_ <= limits.upload_bytes &&
         outbox_.pending() <= limits.outbox_bytes + limits.control_bytes;
}

void Session::wait_readable() {
  if (waits_readable_ || !may_read()) return;
  waits_readable_ = true;
  auto ready = [this, self = shared_from_this()](error_code error) {
    waits_readable_ = false;
    if (phase_ == Phase::over) return;
    if (error) {
      abort();
      return;
    }
    on_readable();
  };
  if (transport_->has_buffered()) {
    asio::post(context_.executor, [ready = std::move(ready)]() mutable { ready({}); });
  } else {
    transport_->socket().async_wait(TcpSocket::wait_read, std::move(ready));
  }
}

void Session::on_readable() {
  for (int i = 0; i < reads_per_turn && may_read(); ++i) {
    // A frame larger than the scratch buffer is collected in place; anything else continues behind
    // what was left.
    const bool is_large = wanted_ > scratch_bytes;
    const std::size_t kept = partial_.size();
    std::span<std::byte> room{context_.scratch.get(), scratch_bytes};
    if (is_large) {
      partial_.resize(wanted_);
      room = partial_;
    } else {
      std::ranges::copy(partial_, room.begin());
    }
    const IoResult got = transport_->read(room.subspan(kept));
    if (got.kind != IoResult::Kind::done) {
      if (is_large) partial_.resize(kept);
      if (got.kind == IoResult::Kind::ended || got.kind == IoResult::Kind::broken) {
        abort();
        return;
      }
      break;
    }
    last_heard_ = context_.now;
    const std::size_t filled = kept + got.bytes;
    const bool was_full = filled == room.size();
    if (is_large && filled < wanted_) {
      partial_.resize(filled);
      continue;
    }
    const std::size_t used = read_frames(room.first(filled));
    if (phase_ == Phase::over) return;
    if (is_large) {
      std::vector<std::byte>{room.begin() + static_cast<std::ptrdiff_t>(used),
                             room.begin() + static_cast<std::ptrdiff_t>(filled)}
          .swap(partial_);
    } else {
      partial_.assign(room.begin() + static_cast<std::ptrdiff_t>(used),
                      room.begin() + static_cast<std::ptrdiff_t>(filled));
      if (partial_.empty() && partial_.capacity() > 0) std::vector<std::byte>{}.swap(partial_);
    }
    if (!was_full && !transport_->has_buffered()) break;
  }
  wait_readable();
}

std::size_t Session::read_frames(std::span<std::byte> bytes) {
  std::size_t used = 0;
  wanted_ = 0;
  while (used < bytes.size() && phase_ != Phase::over) {
    auto read = websocket::read_frame(bytes.subspan(used), wisp::max_packet_bytes);
    if (const auto* incomplete = std::get_if<websocket::Incomplete>(&read)) {
      wanted_ = incomplete->total_bytes;
      break;
    }
    if (const auto* violation = std::get_if<websocket::Violation>(&read)) {
      ++context_.counters.sessions_malformed;
      close(violation->code, violation->why);
      return bytes.size();
    }
    const auto& frame = std::get<websocket::Frame>(read);
    used += frame.total_bytes;
    on_frame(frame);
  }
  return used;
}

void Session::on_frame(const websocket::Frame& frame) {
  switch (frame.opcode) {
    case Opcode::ping:
      if (phase_ != Phase::closing) outbox_.push_frame(Opcode::pong, frame.payload);
      schedule_pump();
      return;
    case Opcode::pong: return;
    case Opcode::close: on_close_frame(frame.payload); return;
    default: break;
  }
  if (phase_ == Phase::closing) return;  // what a client sends while we wait for its close
  if (frame.opcode == Opcode::text) {
    ++context_.counters.sessions_malformed;
    close(CloseCode::unsupported, "Wisp packets are binary messages");
    return;
  }
  if ((frame.opcode == Opcode::continuation) != in_message_) {
    ++context_.counters.sessions_malformed;
    close(CloseCode::protocol_error, "a fragment out of order");
    return;
  }
  if (frame.is_final && !in_message_) {
    on_message(frame.payload);
    return;
  }
  if (message_.size() + frame.payload.size() > wisp::max_packet_bytes) {
    ++context_.counters.sessions_malformed;
    close(CloseCode::too_big, "message too big");
    return;
  }
  message_.insert(message_.end(), frame.payload.begin(), frame.payload.end());
  in_message_ = !frame.is_final;
  if (!frame.is_final) return;
  const auto message = std::exchange(message_, {});
  on_message(message);
}

void Session::on_close_frame(std::span<const std::byte> payload) {
  if (phase_ == Phase::closing) {  // the answer to ours
    finish();
    return;
  }
  const auto code = websocket::read_close(payload);
  close(code ? (*code == CloseCode::no_status ? CloseCode::normal : *code)
             : CloseCode::protocol_error,
        {});
  flush();
  transport_->shut();
}

void Session::on_message(std::span<const std::byte> message) {
  const auto header = wisp::peek(message);
  if (!header) {
    malformed("a packet shorter than its header");
    return;
  }
  if (phase_ == Phase::running &&
      header->type == static_cast<std::uint8_t>(wisp::PacketType::data)) {
    if (const auto stream = find_stream(header->stream))
      stream->receive(message.subspan(wisp::header_bytes));
    return;
  }
  auto decoded = wisp::decode(message);
  if (const auto* why = std::get_if<wisp::Malformed>(&decoded)) {
    if (*why == wisp::Malformed::unknown_type && phase_ == Phase::running) {
      ++context_.counters.packets_ignored;
    } else {
      malformed(wisp::name_of(*why));
    }
    return;
  }
  const auto& packet = std::get<wisp::Packet>(decoded);
  if (phase_ == Phase::handshake) {
    on_first_packet(packet);
  } else {
    on_packet(packet);
  }
}

void Session::malformed(std::string_view why) {
  ++context_.counters.sessions_malformed;
  close(CloseCode::malformed, why);
}

// The handshake.

void Session::say_hello() {
  const Policy& policy = context_.policy;
  wisp::SocketsOffer offer{
      .version = wisp::SocketsOffer::newest_version,
      .flags = wisp::SocketsOffer::can_dial_udp,
      .window = 0,
      .streams = static_cast<std::uint32_t>(policy.limits.streams_per_session)};
  if (!policy.publish.empty()) {
    offer.flags |= wisp::SocketsOffer::can_publish_tcp | wisp::SocketsOffer::can_publish_udp;
  }
  const auto sockets = wisp::encode(offer);
  const std::array required{std::byte{1}};
  wisp::Info info;
  const auto add = [&info](wisp::ExtensionId id, wisp::Bytes metadata) {
    info.extensions.push_back({static_cast<std::uint8_t>(id), metadata});
  };
  add(wisp::ExtensionId::udp, {});
  if (!policy.users.empty()) add(wisp::ExtensionId::password, required);
  if (!policy.motd.empty()) add(wisp::ExtensionId::motd, as_bytes(policy.motd));
  add(wisp::ExtensionId::open_confirmation, {});
  add(wisp::ExtensionId::sockets, sockets);
  send(0, info);
}

void Session::on_first_packet(const wisp::Packet& packet) {
  if (std::holds_alternative<wisp::Close>(packet.body)) {
    close(CloseCode::normal, "the client found our extensions incompatible");
    return;
  }
  const auto* info = std::get_if<wisp::Info>(&packet.body);
  if (info == nullptr || packet.stream != 0) {
    malformed("the first packet was not INFO");
    return;
  }
  if (!check_password(*info)) return;
  terms_.has_udp = wisp::find(*info, wisp::ExtensionId::udp).has_value();
  terms_.confirms_open = wisp::find(*info, wisp::ExtensionId::open_confirmation).has_value();
  if (const auto metadata = wisp::find(*info, wisp::ExtensionId::sockets)) {
    if (const auto offer = wisp::decode_sockets_offer(*metadata)) {
      terms_.has_sockets = true;
      terms_.window = offer->window;
    }
  }
  begin_running();
}

bool Session::check_password(const wisp::Info& info) {
  const auto& users = context_.policy.users;
  if (users.empty()) return true;
  const auto metadata = wisp::find(info, wisp::ExtensionId::password);
  const bool is_given = metadata.has_value() && !metadata->empty();
  bool is_right = false;
  if (is_given) {
    for (const auto& given :
         {wisp::decode_credentials(*metadata), wisp::decode_wisp_js_credentials(*metadata)}) {
      if (!given) continue;
      for (const User& user : users) {
        const bool same_name = equal_in_constant_time(user.name, given->user);
        is_right |= equal_in_constant_time(user.password, given->password) && same_name;
      }
    }
  }
  if (is_right) return true;
  ++context_.counters.refusals_password;
  send(0, wisp::Close{is_given ? wisp::CloseReason::bad_password
                               : wisp::CloseReason::missing_credentials});
  close(CloseCode::credentials,
        is_given ? "wrong user or password" : "a user and a password are needed");
  return false;
}

void Session::begin_running() {
  phase_ = Phase::running;
  send(0, wisp::Continue{wisp::stream_buffer_packets});
}

// Packets.

void Session::on_packet(const wisp::Packet& packet) {
  const std::uint32_t id = packet.stream;
  if (const auto* connect = std::get_if<wisp::Connect>(&packet.body)) {
    on_connect(id, *connect);
    return;
  }
  if (const auto* close = std::get_if<wisp::Close>(&packet.body)) {
    on_client_close(id, close->reason);
    return;
  }
  if (!terms_.has_sockets) {
    ++context_.counters.packets_ignored;
    return;
  }
  if (const auto* bind = std::get_if<wisp::Bind>(&packet.body)) {
    on_bind(id, *bind);
  } else if (const auto* resolve = std::get_if<wisp::Resolve>(&packet.body)) {
    on_resolve(id, *resolve);
  } else if (const auto stream = find_stream(id)) {
    if (const auto* credit = std::get_if<wisp::Credit>(&packet.body)) {
      stream->grant(credit->amount);
    } else if (std::holds_alternative<wisp::Finish>(packet.body)) {
      stream->finish();
    } else if (const auto* datagram = std::get_if<wisp::Datagram>(&packet.body)) {
      stream->receive_to(datagram->address, datagram->payload);
    } else if (const auto* option = std::get_if<wisp::Option>(&packet.body)) {
      stream->set_option(*option);
    } else {
      ++context_.counters.packets_ignored;  // only the server sends these
    }
  }
}

std::shared_ptr<Stream> Session::find_stream(std::uint32_t id) {
  const auto found = streams_.find(id);
  if (found != streams_.end()) return found->second;
  ++context_.counters.packets_ignored;  // crossed our CLOSE, as a rule
  return nullptr;
}

bool Session::may_open(std::uint32_t id) {
  if (id == 0) {
    malformed("stream 0 cannot be opened");
    return false;
  }
  if (const auto found = streams_.find(id); found != streams_.end()) {
    const auto stream = std::exchange(found->second, nullptr);
    streams_.erase(found);
    stream->close(Ending::reset);
    refuse(id, wisp::Failure::invalid_argument, "the stream id is in use");
    return false;
  }
  if (questions_.contains(id)) {
    questions_.erase(id);
    refuse(id, wisp::Failure::invalid_argument, "the stream id is in use");
    return false;
  }
  if (terms_.has_sockets && id >= wisp::first_server_stream) {
    refuse(id, wisp::Failure::invalid_argument, "stream ids from 0x80000000 on are the server's");
    return false;
  }
  if (streams_.size() >= context_.policy.limits.streams_per_session) {
    ++context_.counters.streams_limited;
    refuse(id, wisp::Failure::limit_reached, "too many streams in this session");
    return false;
  }
  return true;
}

void Session::refuse(std::uint32_t id, wisp::Failure failure, std::string_view text) {
  if (terms_.has_sockets) send(id, wisp::FailureReport{.failure = failure, .text = text});
  send(id, wisp::Close{wisp::close_reason_for(failure)});
}

void Session::on_connect(std::uint32_t id, const wisp::Connect& connect) {
  if (!may_open(id)) return;
  const bool is_udp = connect.kind == wisp::StreamKind::udp;
  if (!is_udp && connect.kind != wisp::StreamKind::tcp) {
    refuse(id, wisp::Failure::invalid_argument, "unknown kind of stream");
    return;
  }
  if (is_udp && !terms_.has_udp) {
    refuse(id, wisp::Failure::not_supported, "UDP was not agreed on");
    return;
  }
  if (connect.port == 0) {
    refuse(id, wisp::Failure::invalid_argument, "port 0");
    return;
  }
  if (!is_acceptable_host(connect.host)) {
    refuse(id, wisp::Failure::invalid_argument, "the host is empty, too long, or not printable");
    return;
  }
  if (dials_ >= context_.policy.limits.dials_per_session) {
    ++context_.counters.streams_limited;
    refuse(id, wisp::Failure::limit_reached, "too many connects at once in this session");
    return;
  }
  ++dials_;
  spdlog::debug("dial peer={} stream={} to={} port={}", peer_, id, connect.host, connect.port);
  StreamHost& host = *this;
  if (is_udp) {
    auto stream = std::make_shared<UdpStream>(host, id);
    streams_.emplace(id, stream);
    stream->dial(std::string{connect.host}, connect.port);
  } else {
    auto stream = std::make_shared<TcpStream>(host, id);
    streams_.emplace(id, stream);
    stream->dial(std::string{connect.host}, connect.port);
  }
}

void Session::on_bind(std::uint32_t id, const wisp::Bind& bind) {
  if (!may_open(id)) return;
  StreamHost& host = *this;
  if (bind.kind == wisp::StreamKind::tcp) {
    const auto listener = std::make_shared<PublishedListener>(host, id);
    streams_.emplace(id, listener);
    listener->bind(bind);
  } else if (bind.kind == wisp::StreamKind::udp && terms_.has_udp) {
    const auto socket = std::make_shared<DatagramSocket>(host, id);
    streams_.emplace(id, socket);
    socket->bind(bind);
  } else {
    refuse(id, wisp::Failure::not_supported, "no such kind of socket, or UDP was not agreed on");
  }
}

bool Session::adopt(std::uint32_t listener, TcpSocket socket) {
  if (streams_.size() >= context_.policy.limits.streams_per_session) {
    ++context_.counters.streams_limited;
    return false;
  }
  error_code error;
  const auto local = socket.local_endpoint(error);
  const auto peer = error ? ip::tcp::endpoint{} : socket.remote_endpoint(error);
  if (error) return false;  // came and went
  const std::uint32_t id = next_own_id_++;
  if (next_own_id_ == 0) next_own_id_ = wisp::first_server_stream;
  if (streams_.contains(id)) return false;
  send(listener, wisp::Accepted{.stream = id, .local = to_wire(local), .peer = to_wire(peer)});
  StreamHost& host = *this;
  const auto stream = std::make_shared<TcpStream>(host, id);
  streams_.emplace(id, stream);
  stream->adopt(std::move(socket));
  return true;
}

void Session::on_client_close(std::uint32_t id, wisp::CloseReason reason) {
  if (id == 0) {
    close(CloseCode::normal, {});
    return;
  }
  if (questions_.erase(id) > 0) return;
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    ++context_.counters.packets_ignored;
    return;
  }
  const auto stream = std::move(found->second);
  streams_.erase(found);
  stream->close(asks_for_order(reason) ? Ending::orderly : Ending::reset);
}

void Session::on_resolve(std::uint32_t id, const wisp::Resolve& resolve) {
  if (!may_open(id)) return;
  Resolution failed;
  const bool is_question =
      resolve.question == wisp::Question::addresses || resolve.question == wisp::Question::names;
  if (!is_question || !is_acceptable_host(resolve.text)) {
    failed.failure = wisp::Failure::invalid_argument;
    answer(id, failed);
    return;
  }
  if (questions_.size() >= context_.policy.limits.questions_per_session) {
    failed.failure = wisp::Failure::name_try_again;
    answer(id, failed);
    return;
  }
  questions_.insert(id);
  asio::co_spawn(context_.executor,
                 run_resolve(shared_from_this(), id, resolve.question, resolve.family,
                             std::string{resolve.text}),
                 asio::detached);
}

Task<void> Session::run_resolve([[maybe_unused]] std::shared_ptr<Session> self, std::uint32_t id,
                                wisp::Question question, wisp::Family family, std::string text) {
  Resolution found;
  if (question == wisp::Question::addresses) {
    found = co_await context_.resolver.addresses(text, family);
  } else {
    found = co_await context_.resolver.names(text);
  }
  if (phase_ == Phase::running && questions_.erase(id) > 0) answer(id, found);
}

void Session::answer(std::uint32_t id, const Resolution& found) {
  wisp::Resolved resolved;
  resolved.failure = found.failure;
  resolved.name = cut(found.name);
  for (const std::string& alias : found.aliases) {
    if (resolved.aliases.size() < wisp::max_aliases) resolved.aliases.push_back(cut(alias));
  }
  for (const ip::address& address : found.addresses) {
    if (resolved.addresses.size() < wisp::max_addresses)
      resolved.addresses.push_back(to_wire(address, 0));
  }
  send(id, resolved);
}

// StreamHost.

void Session::want_turn(Stream& stream) {
  if (phase_ != Phase::running || stream.waits_for_turn) return;
  stream.waits_for_turn = true;
  turns_.push_back(stream.shared_from_this());
  schedule_pump();
}

void Session::send(std::uint32_t stream, const wisp::Body& body) {
  if (phase_ == Phase::closing || phase_ == Phase::over) return;
  outbox_.push(stream, body);
  schedule_pump();
}

void Session::end(Stream& stream, wisp::Failure failure, std::string_view text,
                  wisp::CloseReason reason) {
  const std::uint32_t id = stream.id();
  spdlog::debug("stream over peer={} stream={} failure={} why={}", peer_, id,
                wisp::name_of(failure), text);
  if (terms_.has_sockets && failure != wisp::Failure::none) {
    send(id, wisp::FailureReport{.failure = failure, .text = text});
  }
  send(id, wisp::Close{reason});
  streams_.erase(id);
}

void Session::upload_changed(std::ptrdiff_t difference) {
  const bool was_full = upload_bytes_ > context_.policy.limits.upload_bytes;
  upload_bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(upload_bytes_) + difference);
  if (was_full) wait_readable();
}

// Writing.

void Session::schedule_pump() {
  if (pump_scheduled_ || waits_writable_ || phase_ == Phase::over) return;
  pump_scheduled_ = true;
  asio::post(context_.executor, [this, self = shared_from_this()] {
    pump_scheduled_ = false;
    pump();
  });
}

void Session::pump() {
  if (phase_ == Phase::over || waits_writable_) return;
  take_turns();
  flush();
  // What did not fit in the outbox goes on in a turn of its own, so that other sessions get theirs.
  if (!turns_.empty() && outbox_.pending() < context_.policy.limits.outbox_bytes) schedule_pump();
}

void Session::take_turns() {
  // Each stream that waits now gets one turn: one that has more goes to the end.
  for (std::size_t count = turns_.size(); count > 0 && !turns_.empty(); --count) {
    if (outbox_.pending() >= context_.policy.limits.outbox_bytes) return;
    const auto stream = std::move(turns_.front());
    turns_.pop_front();
    stream->waits_for_turn = false;
    stream->take_turn();
  }
}

void Session::flush() {
  std::array<iovec, 64> pieces{};
  while (!outbox_.is_empty() && phase_ != Phase::over) {
    if (written_since_wait_ >= static_cast<std::size_t>(unsent_bytes)) {
      wait_writable();  // the kernel says so when little of it is left: more would only queue there
      return;
    }
    const IoResult put = transport_->write({pieces.data(), outbox_.gather(pieces)});
    if (put.kind == IoResult::Kind::done) {
      outbox_.consume(put.bytes);
      written_since_wait_ += put.bytes;
    } else if (put.kind == IoResult::Kind::wants_write || put.kind == IoResult::Kind::wants_read) {
      wait_writable();
      return;
    } else {
      abort();
      return;
    }
  }
  if (phase_ != Phase::over && !waits_readable_) wait_readable();
}

void Session::wait_writable() {
  if (waits_writable_) return;
  waits_writable_ = true;
  transport_->socket().async_wait(TcpSocket::wait_write,
                                  [this, self = shared_from_this()](error_code error) {
                                    waits_writable_ = false;
                                    written_since_wait_ = 0;
                                    if (phase_ == Phase::over) return;
                                    if (error) {
                                      abort();
                                    } else {
                                      pump();
                                    }
                                  });
}

// Time and the end.

void Session::tick() {
  const Limits& limits = context_.policy.limits;
  const auto now = context_.now;
  switch (phase_) {
    case Phase::handshake:
      if (now >= deadline_) close(CloseCode::too_slow, "no INFO came in time");
      return;
    case Phase::closing:
      if (now >= deadline_) abort();
      return;
    case Phase::over: return;
    case Phase::running: break;
  }
  if (now - last_heard_ >= limits.silence_time) {
    ++context_.counters.sessions_silent;
    spdlog::info("session silent peer={}", peer_);
    abort();
    return;
  }
  if (now - last_ping_ >= limits.ping_interval) {
    last_ping_ = now;
    outbox_.push_frame(Opcode::ping, {});
    schedule_pump();
  }
}

void Session::close(CloseCode code, std::string_view why) {
  if (phase_ == Phase::closing || phase_ == Phase::over) return;
  spdlog::info("session closing peer={} code={} why=\"{}\"", peer_, static_cast<unsigned>(code),
               why);
  phase_ = Phase::closing;
  deadline_ = context_.now + context_.policy.limits.closing_time;
  outbox_.push_frame(Opcode::close, as_bytes(websocket::close_payload(code, why)));
  drop_streams(Ending::orderly);
  schedule_pump();
}

void Session::abort() {
  if (phase_ == Phase::over) return;
  drop_streams(Ending::orderly);
  finish();
}

void Session::drop_streams(Ending ending) {
  questions_.clear();
  turns_.clear();
  for (auto streams = std::exchange(streams_, {}); auto& [id, stream] : streams)
    stream->close(ending);
}

void Session::finish() {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  spdlog::info("session over peer={}", peer_);
  outbox_.clear();
  error_code ignored;
  transport_->socket().close(ignored);
  owner_.session_over(*this);  // may destroy the session once no handler holds it
}

}  // namespace moonwire::proxy
