// Frames to packets to streams, and back.
#include "proxy/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "proxy/datagram_socket.h"
#include "proxy/published_listener.h"
#include "proxy/socket_failure.h"
#include "proxy/tcp_stream.h"
#include "proxy/udp_stream.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

using websocket::CloseCode;

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
      version_{start.version},
      throttle_{context, std::move(start.address),
                [this] {
                  channel_->resume_reading();
                  channel_->schedule_pump();
                }},
      early_bytes_{std::move(start.early_bytes)},
      next_own_id_{wisp::first_server_stream},
      deadline_{context.now + context.policy.limits.handshake_time + context.policy.limits.tick} {
  ChannelEvents& events = *this;
  channel_ = std::make_shared<WebSocketChannel>(context, events, std::move(start.transport),
                                                std::move(start.peer));
  ++context_.counters.sessions_open;
  ++context_.counters.sessions_total;
}

Session::~Session() {
  --context_.counters.sessions_open;
}

void Session::start() {
  spdlog::info("session open peer={} wisp={}", channel_->peer(),
               version_ == WispVersion::v1 ? 1 : 2);
  if (version_ == WispVersion::v2) {
    say_hello();
  } else if (context_.policy.users.empty()) {
    begin_running();
  } else {
    send(0, wisp::Close{wisp::CloseReason::missing_credentials});
    ++context_.counters.refusals_password;
    close(CloseCode::credentials,
          "this proxy asks for a password, which Wisp version 1 cannot give");
  }
  channel_->start(std::exchange(early_bytes_, {}));
}

void Session::refuse(CloseCode code, std::string_view why) {
  close(code, why);
  channel_->start({});
}

void Session::on_message(std::span<const std::byte> message) {
  const auto header = wisp::peek(message);
  if (!header) {
    malformed("a packet shorter than its header");
    return;
  }
  throttle_.spend_bytes(message.size());
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
  channel_->close_malformed(CloseCode::malformed, why);
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
    refuse_stream(id, wisp::Failure::invalid_argument, "the stream id is in use");
    return false;
  }
  if (questions_.contains(id)) {
    questions_.erase(id);
    refuse_stream(id, wisp::Failure::invalid_argument, "the stream id is in use");
    return false;
  }
  if (terms_.has_sockets && id >= wisp::first_server_stream) {
    refuse_stream(id, wisp::Failure::invalid_argument,
                  "stream ids from 0x80000000 on are the server's");
    return false;
  }
  if (finishes_up_) {
    refuse_stream(id, wisp::Failure::stopping, "the proxy is stopping");
    return false;
  }
  if (streams_.size() >= context_.policy.limits.streams_per_session) {
    ++context_.counters.streams_limited;
    refuse_stream(id, wisp::Failure::limit_reached, "too many streams in this session");
    return false;
  }
  return true;
}

void Session::refuse_stream(std::uint32_t id, wisp::Failure failure, std::string_view text) {
  if (terms_.has_sockets) send(id, wisp::FailureReport{.failure = failure, .text = text});
  send(id, wisp::Close{wisp::close_reason_for(failure)});
}

void Session::on_connect(std::uint32_t id, const wisp::Connect& connect) {
  if (!may_open(id)) return;
  const bool is_udp = connect.kind == wisp::StreamKind::udp;
  if (!is_udp && connect.kind != wisp::StreamKind::tcp) {
    refuse_stream(id, wisp::Failure::invalid_argument, "unknown kind of stream");
    return;
  }
  if (is_udp && !terms_.has_udp) {
    refuse_stream(id, wisp::Failure::not_supported, "UDP was not agreed on");
    return;
  }
  if (connect.port == 0) {
    refuse_stream(id, wisp::Failure::invalid_argument, "port 0");
    return;
  }
  if (!is_acceptable_host(connect.host)) {
    refuse_stream(id, wisp::Failure::invalid_argument,
                  "the host is empty, too long, or not printable");
    return;
  }
  if (dials_ >= context_.policy.limits.dials_per_session) {
    ++context_.counters.streams_limited;
    refuse_stream(id, wisp::Failure::limit_reached, "too many connects at once in this session");
    return;
  }
  ++dials_;
  spdlog::debug("dial peer={} stream={} to={} port={}", channel_->peer(), id, connect.host,
                connect.port);
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
    refuse_stream(id, wisp::Failure::not_supported,
                  "no such kind of socket, or UDP was not agreed on");
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
  close_if_finished();
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
  const StreamHost* const asker = this;  // as its streams ask
  if (question == wisp::Question::addresses) {
    found = co_await context_.resolver.addresses(asker, text, family);
  } else {
    found = co_await context_.resolver.names(asker, text);
  }
  if (questions_.erase(id) > 0) answer(id, found);  // the end of the session forgets all of them
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
  if (!channel_->is_open() || stream.waits_for_turn) return;
  stream.waits_for_turn = true;
  (stream.brings_little ? little_turns_ : turns_).push_back(stream.shared_from_this());
  channel_->schedule_pump();
}

void Session::send(std::uint32_t stream, const wisp::Body& body) {
  if (!channel_->is_open()) return;
  channel_->outbox().push(stream, body);
  channel_->schedule_pump();
}

void Session::end(Stream& stream, wisp::Failure failure, std::string_view text,
                  wisp::CloseReason reason) {
  const std::uint32_t id = stream.id();
  spdlog::debug("stream over peer={} stream={} failure={} why={}", channel_->peer(), id,
                wisp::name_of(failure), text);
  if (terms_.has_sockets && failure != wisp::Failure::none) {
    send(id, wisp::FailureReport{.failure = failure, .text = text});
  }
  send(id, wisp::Close{reason});
  streams_.erase(id);
  close_if_finished();
}

void Session::upload_changed(std::ptrdiff_t difference) {
  const bool was_full = upload_bytes_ > context_.policy.limits.upload_bytes;
  upload_bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(upload_bytes_) + difference);
  if (was_full) channel_->resume_reading();
}

bool Session::take_datagram(std::size_t size) {
  if (!throttle_.take_datagram()) return false;
  throttle_.spend_bytes(size);
  return true;
}

void Session::commit_data(std::uint32_t stream, std::size_t size) {
  throttle_.spend_bytes(size);
  outbox().close_as_data(stream, size);
}

// ChannelEvents.

bool Session::fill_outbox() {
  if (!throttle_.may_go()) return false;  // it calls when there is more to be had
  // Each stream that waits now gets one turn: one that has more goes to the end.
  for (auto* const queue : {&little_turns_, &turns_}) {
    for (std::size_t count = queue->size(); count > 0 && !queue->empty() && channel_->has_room();
         --count) {
      const auto stream = std::move(queue->front());
      queue->pop_front();
      stream->waits_for_turn = false;
      stream->take_turn();
      if (stream->brings_little) {
        turns_since_little_ = 0;
      } else if (turns_since_little_ < sharing_turns) {
        ++turns_since_little_;
      }
    }
  }
  return !little_turns_.empty() || !turns_.empty();
}

void Session::on_closing() {
  questions_.clear();
  little_turns_.clear();
  turns_.clear();
  for (auto streams = std::exchange(streams_, {}); auto& [id, stream] : streams)
    stream->close(Ending::orderly);
}

void Session::on_over() {
  owner_.session_over(*this);  // may destroy the session once no handler holds it
}

void Session::finish_up() {
  finishes_up_ = true;
  close_if_finished();
}

void Session::close_if_finished() {
  if (!finishes_up_ || !channel_->is_open()) return;
  const bool carries = std::ranges::any_of(
      streams_, [](const auto& one) { return one.second->carries_something(); });
  if (!carries) close(CloseCode::going_away, "the proxy is stopping");
}

void Session::tick() {
  if (phase_ == Phase::handshake && channel_->is_open() && context_.now >= deadline_) {
    close(CloseCode::too_slow, "no INFO came in time");
  }
  channel_->tick();
}

}  // namespace moonwire::proxy
