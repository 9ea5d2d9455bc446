// The tunnel's life: attempt, handshake, open, lost, again; and the way of each packet to its
// party.
#include "net/tunnel.h"

#include <algorithm>
#include <utility>

#include "net/core.h"
#include "net/tunnel_stream.h"
#include "net/tunnel_words.h"
#include "net/websockify_stream.h"
#include "wisp/limits.h"

namespace moonwire::net {
namespace {

constexpr std::string_view version_2_protocol = "wisp-v2";

// Close codes of our proxy (proxy/PROTOCOL.md, section 1).
constexpr std::uint16_t bad_token = 4401;
constexpr std::uint16_t bad_credentials = 4403;

bool is_refusal(std::uint16_t code) {
  return code == bad_token || code == bad_credentials;
}

/// Takes "user:password@" out of a URL; browsers do not accept it in a WebSocket's.
std::string take_credentials(std::string url, std::string& user, std::string& password) {
  user.clear();
  password.clear();
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t begin = scheme + 3;
  const std::size_t end = url.find_first_of("/?#", begin);
  const std::size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < begin) return url;
  const std::string both = url.substr(begin, at - begin);
  const std::size_t colon = both.find(':');
  user = both.substr(0, colon);
  if (colon != std::string::npos) password = both.substr(colon + 1);
  return url.erase(begin, at + 1 - begin);
}

}  // namespace

Tunnel::Tunnel(Core& core, Uplink& uplink) : core_(core), uplink_(uplink) {}

Tunnel::~Tunnel() {
  set_url("");
}

// The life.

void Tunnel::set_url(std::string url) {
  // The page sets the same address again when somebody presses Run: an open tunnel stays open.
  if (url == url_ && (phase_ == TunnelPhase::open || phase_ == TunnelPhase::connecting)) return;
  drop_pipe();
  fail_parties();
  cancel(retry_deadline_);
  if (url != url_) has_spoken_version_2_ = false;
  url_ = std::move(url);
  failures_ = 0;
  asks_for_version_2_ = true;
  is_websockify_ = url_.starts_with("websockify://") || url_.starts_with("websockifys://");
  target_ = take_credentials(url_, user_, password_);
  if (url_.empty()) {
    set_phase(TunnelPhase::off);
  } else if (is_websockify_) {
    set_phase(TunnelPhase::open);
  } else if (!url_.starts_with("ws://") && !url_.starts_with("wss://")) {
    set_phase(TunnelPhase::blocked, "'" + url_ +
                                        "' is no tunnel address: it begins with ws://, wss://, "
                                        "websockify:// or websockifys://");
  } else {
    start_attempt();
    be_patient_until(core_.now() + tunnel_attempt_timeout);
  }
}

TunnelStatus Tunnel::status() const {
  TunnelStatus status;
  status.phase = phase_;
  status.url = url_;
  if (phase_ == TunnelPhase::open) {
    status.version = agreement_.version;
    status.has_sockets = agreement_.has_sockets;
  }
  status.why = why_;
  if (phase_ == TunnelPhase::waiting) status.retry_at = retry_at_;
  return status;
}

void Tunnel::set_phase(TunnelPhase phase, std::string why) {
  phase_ = phase;
  why_ = std::move(why);
  if (core_.environment.on_tunnel_changed) core_.environment.on_tunnel_changed();
}

void Tunnel::start_attempt() {
  cancel(retry_deadline_);
  agreement_ = {};
  attempt_deadline_ =
      core_.environment.deadlines.call_at(core_.now() + tunnel_attempt_timeout, [this] {
        attempt_deadline_ = no_deadline;
        on_attempt_too_slow();
      });
  set_phase(TunnelPhase::connecting);
  open_uplink_pipe();
}

void Tunnel::open_uplink_pipe() {
  pipe_ = ++last_pipe_;
  pipe_is_open_ = false;
  has_info_ = false;
  is_backed_up_ = false;
  uplink_.open(pipe_, target_, asks_for_version_2_ ? version_2_protocol : "");
}

void Tunnel::on_attempt_too_slow() {
  lose(pipe_is_open_ ? "the server at " + target_ + " does not speak Wisp"
                     : "no answer from " + target_,
       Retry::later);
}

void Tunnel::be_patient_until(Micros when) {
  cancel(patience_deadline_);
  patience_deadline_ = core_.environment.deadlines.call_at(when, [this] {
    patience_deadline_ = no_deadline;
    if (phase_ == TunnelPhase::connecting) fail_parties();
  });
}

void Tunnel::cancel(DeadlineId& id) {
  core_.environment.deadlines.cancel(std::exchange(id, no_deadline));
}

void Tunnel::drop_pipe() {
  cancel(attempt_deadline_);
  cancel(patience_deadline_);
  for (auto& [id, deadline] : lingering_) cancel(deadline);
  lingering_.clear();
  if (pipe_ != 0) uplink_.close(std::exchange(pipe_, PipeId{0}));
}

void Tunnel::lose(std::string why, Retry retry) {
  drop_pipe();
  lost_at_ = core_.now();
  if (retry == Retry::never) {
    set_phase(TunnelPhase::blocked, std::move(why));
  } else {
    wait_and_retry();
    set_phase(TunnelPhase::waiting, std::move(why));
  }
  asks_for_version_2_ = true;
  fail_parties();
}

void Tunnel::wait_and_retry() {
  const unsigned doublings = std::min(failures_, 5u);
  ++failures_;
  const Micros longest = std::min(tunnel_retry_first << doublings, tunnel_retry_longest);
  // Half of it is chance, so that many tabs do not come back at the same moment.
  const Micros half = longest / 2;
  retry_at_ = core_.now() + half + Micros(core_.random() % std::uint64_t(half + 1));
  cancel(retry_deadline_);
  retry_deadline_ = core_.environment.deadlines.call_at(retry_at_, [this] {
    retry_deadline_ = no_deadline;
    start_attempt();
  });
}

void Tunnel::fail_parties() {
  // Whoever hears of it may join again (and be refused) but does not go away.
  const auto parties = std::exchange(parties_, {});
  for (const auto& [id, party] : parties) party->on_tunnel_lost();
  const auto pipes = std::exchange(pipes_, {});
  for (const auto& [pipe, party] : pipes) {
    uplink_.close(pipe);
    party->on_pipe_closed(1006);
  }
  fail_questions();
}

bool Tunnel::is_reachable() {
  switch (phase_) {
    case TunnelPhase::open: return true;
    case TunnelPhase::connecting:
      if (patience_deadline_ == no_deadline) {
        be_patient_until(core_.now() + tunnel_retry_patience);
      }
      return true;
    case TunnelPhase::waiting:
      // Somebody asks: the retry need not wait. But a script that asks in a loop must not make a
      // storm of it.
      if (core_.now() - lost_at_ < tunnel_retry_first) return false;
      start_attempt();
      be_patient_until(core_.now() + tunnel_retry_patience);
      return true;
    case TunnelPhase::off:
    case TunnelPhase::blocked: return false;
  }
  return false;
}

bool Tunnel::can_carry_datagrams() {
  if (is_websockify_ || !is_reachable()) return false;
  return phase_ != TunnelPhase::open || agreement_.has_udp;
}

void Tunnel::become_open(std::uint32_t stream_packets) {
  cancel(attempt_deadline_);
  cancel(patience_deadline_);
  failures_ = 0;
  agreement_.stream_packets = stream_packets;
  if (!has_info_) {
    agreement_ = {};
    agreement_.version = 1;
    agreement_.stream_packets = stream_packets;
    agreement_.has_udp = true;
  }
  set_phase(TunnelPhase::open);
  // In the order in which they came; none joins or leaves meanwhile except by its own call.
  std::vector<std::uint32_t> waiting;
  for (const auto& [id, party] : parties_) waiting.push_back(id);
  for (const std::uint32_t id : waiting) {
    if (const auto found = parties_.find(id); found != parties_.end()) {
      found->second->on_tunnel_open();
    }
  }
  for (TunnelResident* resident : residents_) resident->on_tunnel_up();
  ask_next();
}

// Parties.

std::uint32_t Tunnel::join(TunnelParty& party) {
  ++last_id_;
  if (last_id_ >= wisp::first_server_stream) last_id_ = 1;
  parties_[last_id_] = &party;
  return last_id_;
}

void Tunnel::join_as(std::uint32_t id, TunnelParty& party) {
  parties_[id] = &party;
}

void Tunnel::leave(std::uint32_t id) {
  parties_.erase(id);
}

void Tunnel::send(std::uint32_t id, const wisp::Body& body) {
  if (pipe_ == 0) return;
  packet_.clear();
  wisp::append(packet_, id, body);
  uplink_.send(pipe_, packet_);
}

void Tunnel::send_last(std::uint32_t id, wisp::CloseReason reason) {
  lingering_[id] =
      core_.environment.deadlines.call_at(core_.now() + plain_close_linger, [this, id, reason] {
        lingering_.erase(id);
        send(id, wisp::Close{reason});
      });
}

bool Tunnel::has_room() {
  is_backed_up_ = pipe_ != 0 && !pipe_has_room(pipe_);
  return !is_backed_up_;
}

void Tunnel::settle(TunnelResident& resident) {
  residents_.push_back(&resident);
  if (is_open()) resident.on_tunnel_up();
}

void Tunnel::unsettle(TunnelResident& resident) {
  std::erase(residents_, &resident);
}

std::unique_ptr<Channel> Tunnel::dial(ChannelUser& user, const Address& to, NetError& error) {
  error = NetError::network_unreachable;
  if (!is_reachable()) return nullptr;
  if (StandIns::is_stand_in(to) && stand_ins_.name_for(to).empty()) {
    error = NetError::host_unreachable;  // a name forgotten long ago, or a guess
    return nullptr;
  }
  error = NetError::none;
  if (is_websockify_) return WebsockifyStream::dial(core_.shared_from_this(), user, to, target_);
  return TunnelStream::dial(core_.shared_from_this(), user, to);
}

std::string Tunnel::host_for(const Address& address) {
  std::string name = stand_ins_.name_for(address);
  if (name.empty()) return address.host();
  // Other servers than ours do not know what our proxy calls its own machine.
  if (name == proxy_name && !agreement_.has_sockets) return "127.0.0.1";
  return name;
}

// Pipes of their own.

PipeId Tunnel::open_pipe(PipeParty& party, std::string_view url) {
  const PipeId pipe = ++last_pipe_;
  pipes_[pipe] = &party;
  uplink_.open(pipe, url, "binary");
  return pipe;
}

void Tunnel::send_on_pipe(PipeId pipe, std::span<const std::byte> message) {
  uplink_.send(pipe, message);
}

bool Tunnel::pipe_has_room(PipeId pipe) {
  return uplink_.has_room(pipe, core_.limits.uplink_backlog_bytes);
}

void Tunnel::close_pipe(PipeId pipe) {
  if (pipes_.erase(pipe) > 0) uplink_.close(pipe);
}

// What the host tells.

void Tunnel::on_pipe_open(PipeId pipe, std::string_view) {
  if (pipe == pipe_ && pipe != 0) {
    pipe_is_open_ = true;
  } else if (const auto found = pipes_.find(pipe); found != pipes_.end()) {
    found->second->on_pipe_open();
  }
}

void Tunnel::on_pipe_message(PipeId pipe, std::span<const std::byte> message) {
  if (pipe != pipe_ || pipe == 0) {
    if (const auto found = pipes_.find(pipe); found != pipes_.end()) {
      found->second->on_pipe_message(message);
    }
    return;
  }
  auto decoded = wisp::decode(message);
  if (const auto* malformed = std::get_if<wisp::Malformed>(&decoded)) {
    if (*malformed == wisp::Malformed::unknown_type) return;
    lose("the server at " + target_ + " sent what is not Wisp", Retry::later);
    return;
  }
  const auto& packet = std::get<wisp::Packet>(decoded);
  if (phase_ == TunnelPhase::connecting || packet.stream == 0) {
    handle_handshake(packet);
    return;
  }
  if (const auto* answer = std::get_if<wisp::Resolved>(&packet.body)) {
    on_resolved(packet.stream, *answer);
    return;
  }
  // An id that nobody holds: it crossed our CLOSE.
  if (const auto found = parties_.find(packet.stream); found != parties_.end()) {
    found->second->on_packet(packet.body);
  }
}

void Tunnel::handle_handshake(const wisp::Packet& packet) {
  if (packet.stream != 0) return;
  if (const auto* info = std::get_if<wisp::Info>(&packet.body)) {
    if (phase_ == TunnelPhase::connecting && !std::exchange(has_info_, true)) answer_info(*info);
  } else if (const auto* more = std::get_if<wisp::Continue>(&packet.body)) {
    if (phase_ == TunnelPhase::connecting) become_open(more->packets);
  } else if (const auto* closed = std::get_if<wisp::Close>(&packet.body)) {
    const bool is_password = closed->reason == wisp::CloseReason::bad_password ||
                             closed->reason == wisp::CloseReason::bad_signature ||
                             closed->reason == wisp::CloseReason::missing_credentials;
    lose(is_password ? "the proxy wants a password, or another one"
                     : "the proxy ended the tunnel: " + std::string(wisp::name_of(closed->reason)),
         is_password ? Retry::never : Retry::later);
  }
}

void Tunnel::answer_info(const wisp::Info& info) {
  has_spoken_version_2_ = true;
  agreement_.version = 2;
  agreement_.has_udp = wisp::find(info, wisp::ExtensionId::udp).has_value();
  agreement_.confirms_open = wisp::find(info, wisp::ExtensionId::open_confirmation).has_value();

  wisp::Info answer;
  const auto add = [&answer](wisp::ExtensionId id, wisp::Bytes metadata) {
    answer.extensions.push_back({std::uint8_t(id), metadata});
  };
  // Only what the server named: some servers do not get past an extension that they do not know.
  if (agreement_.has_udp) add(wisp::ExtensionId::udp, {});
  if (agreement_.confirms_open) add(wisp::ExtensionId::open_confirmation, {});
  std::vector<std::byte> credentials;
  if (wisp::find(info, wisp::ExtensionId::password) && !user_.empty()) {
    credentials = wisp::encode_credentials({user_, password_});
    add(wisp::ExtensionId::password, credentials);
  }
  std::array<std::byte, wisp::sockets_offer_bytes> sockets{};
  if (const auto metadata = wisp::find(info, wisp::ExtensionId::sockets)) {
    if (const auto offer = wisp::decode_sockets_offer(*metadata)) {
      agreement_.has_sockets = true;
      agreement_.can_publish_tcp = (offer->flags & wisp::SocketsOffer::can_publish_tcp) != 0;
      agreement_.can_publish_udp = (offer->flags & wisp::SocketsOffer::can_publish_udp) != 0;
      agreement_.has_udp = (offer->flags & wisp::SocketsOffer::can_dial_udp) != 0;
      wisp::SocketsOffer ours;
      ours.version = offer->version;
      ours.window = std::uint32_t(core_.limits.tunnel_stream_bytes);
      ours.streams = std::uint32_t(core_.limits.sockets);
      sockets = wisp::encode(ours);
      add(wisp::ExtensionId::sockets, sockets);
    }
  }
  send(0, answer);
}

void Tunnel::on_pipe_drained(PipeId pipe) {
  if (pipe != pipe_ || pipe == 0) {
    if (const auto found = pipes_.find(pipe); found != pipes_.end()) found->second->on_pipe_room();
    return;
  }
  if (!std::exchange(is_backed_up_, false)) return;
  for (const auto& [id, party] : parties_) party->on_tunnel_room();
}

void Tunnel::on_pipe_closed(PipeId pipe, std::uint16_t code, std::string_view reason) {
  if (pipe != pipe_ || pipe == 0) {
    const auto found = pipes_.find(pipe);
    if (found == pipes_.end()) return;
    PipeParty* const party = found->second;
    pipes_.erase(found);
    party->on_pipe_closed(code);
    return;
  }
  pipe_ = 0;
  if (is_refusal(code)) {
    lose(reason.empty() ? "the proxy refused this page" : std::string(reason), Retry::never);
    return;
  }
  if (!pipe_is_open_ && asks_for_version_2_ && !has_spoken_version_2_) {
    // A server of version 1 may refuse the subprotocol: once more, without it.
    asks_for_version_2_ = false;
    open_uplink_pipe();
    return;
  }
  if (!pipe_is_open_) {
    const std::string_view why =
        reason.empty() ? "nothing answers there, or it refuses this page" : reason;
    lose("no connection to " + target_ + ": " + std::string(why), Retry::later);
  } else if (!reason.empty()) {
    lose(std::string(reason), Retry::later);
  } else if (phase_ == TunnelPhase::open) {
    lose("the connection to " + target_ + " was lost", Retry::later);
  } else {
    lose("the server at " + target_ + " hung up during the handshake", Retry::later);
  }
}

// Names.

void Tunnel::look_up(std::shared_ptr<SettableLookup> lookup, std::string name, Family family) {
  if (!is_reachable()) {
    lookup->answer({NetError::network_unreachable, {}, "", {}});
    return;
  }
  // The proxy's own machine has no address that means the same here as there.
  if (name == proxy_name || is_websockify_) {
    answer_by_stand_in(*lookup, name, family);
    return;
  }
  if (questions_.size() >= questions_waiting_max) {
    lookup->answer({NetError::name_try_again, {}, "", {}});
    return;
  }
  questions_.push_back({lookup, std::move(name), family, false, no_deadline});
  if (is_open()) ask_next();
}

void Tunnel::look_up_name_of(std::shared_ptr<SettableLookup> lookup, const Address& address) {
  if (std::string name = stand_ins_.name_for(address); !name.empty()) {
    Address host = address;
    host.port = 0;
    lookup->answer({NetError::none, {host}, std::move(name), {}});
    return;
  }
  if (!is_reachable() || is_websockify_ || questions_.size() >= questions_waiting_max) {
    lookup->answer({NetError::name_unknown, {}, "", {}});
    return;
  }
  questions_.push_back({lookup, address.host(), Family::unspecified, true, no_deadline});
  if (is_open()) ask_next();
}

void Tunnel::answer_by_stand_in(SettableLookup& lookup, const std::string& name, Family family) {
  if (family == Family::inet6) {
    lookup.answer({NetError::name_no_address, {}, "", {}});
  } else {
    lookup.answer({NetError::none, {stand_ins_.address_for(name)}, name, {}});
  }
}

void Tunnel::ask_next() {
  while (!questions_.empty() && asked_.size() < questions_asked_max) {
    Question question = std::move(questions_.front());
    questions_.pop_front();
    ask(std::move(question));
  }
}

void Tunnel::ask(Question question) {
  const auto lookup = question.lookup.lock();
  if (!lookup) return;  // nobody waits for it any more
  if (!agreement_.has_sockets) {
    if (question.is_reverse) {
      lookup->answer({NetError::name_unknown, {}, "", {}});
    } else {
      answer_by_stand_in(*lookup, question.text, question.family);
    }
    return;
  }
  const std::uint32_t id = ++last_id_;
  wisp::Resolve packet;
  packet.question = question.is_reverse ? wisp::Question::names : wisp::Question::addresses;
  if (question.family == Family::inet) packet.family = wisp::Family::ipv4;
  if (question.family == Family::inet6) packet.family = wisp::Family::ipv6;
  packet.text = question.text;
  send(id, packet);
  question.deadline = core_.environment.deadlines.call_at(core_.now() + lookup_timeout, [this, id] {
    const auto found = asked_.find(id);
    if (found == asked_.end()) return;
    if (const auto asker = found->second.lookup.lock()) {
      asker->answer({NetError::name_try_again, {}, "", {}});
    }
    asked_.erase(found);
    send(id, wisp::Close{wisp::CloseReason::voluntary});
    ask_next();
  });
  asked_.emplace(id, std::move(question));
}

void Tunnel::on_resolved(std::uint32_t id, const wisp::Resolved& answer) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  cancel(found->second.deadline);
  if (const auto lookup = found->second.lookup.lock()) {
    SettableLookup::Answer result;
    result.error = error_for(answer.failure);
    if (answer.failure == wisp::Failure::other) result.error = NetError::name_failure;
    result.name = answer.name;
    result.aliases.assign(answer.aliases.begin(), answer.aliases.end());
    for (const wisp::Address& address : answer.addresses) {
      Address host = from_wisp(address);
      host.port = 0;
      if (host.family != Family::unspecified) result.addresses.push_back(std::move(host));
    }
    if (result.error == NetError::none && !found->second.is_reverse && result.addresses.empty()) {
      result.error = NetError::name_no_address;
    }
    lookup->answer(std::move(result));
  }
  asked_.erase(found);
  ask_next();
}

void Tunnel::fail_questions() {
  for (auto& [id, question] : asked_) {
    cancel(question.deadline);
    questions_.push_back(std::move(question));
  }
  asked_.clear();
  const auto questions = std::exchange(questions_, {});
  for (const Question& question : questions) {
    if (const auto lookup = question.lookup.lock()) {
      lookup->answer({NetError::network_unreachable, {}, "", {}});
    }
  }
}

}  // namespace moonwire::net
