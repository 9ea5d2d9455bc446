// The AT socket engine.
#include "modem/at_sockets.h"

#include <algorithm>
#include <span>
#include <utility>

#include "modem/radio.h"

namespace moonwire::modem {

std::string AtSockets::said(SocketId id, std::string_view gap, std::string_view words) {
  std::string line = is_ssl(id) ? "SSL&" : "";
  line += static_cast<char>('0' + id % at_sockets);
  return line.append(gap).append(words);
}

bool AtSockets::any() const {
  return std::any_of(slots_.begin(), slots_.begin() + at_sockets,
                     [](const Slot& slot) { return slot.stage != Stage::none; });
}

void AtSockets::create(SocketId id, Peer peer) {
  slots_[id] = {};
  slots_[id].stage = Stage::created;
  slots_[id].peer = std::move(peer);
}

void AtSockets::connect(SocketId id) {
  Slot& slot = slots_[id];
  slot.stage = Stage::connecting;
  slot.speak_at = board_.now() + settings_.timings.network;
  if (has_service_) dial(id, slot);
}

void AtSockets::dial(SocketId id, Slot& slot) {
  slot.is_dialled = true;
  carrier_.open(id, slot.peer.protocol, slot.peer.host, slot.peer.port, slot.peer.verify);
}

void AtSockets::close(SocketId id) {
  const Slot slot = std::exchange(slots_[id], {});
  const bool is_connecting = slot.stage == Stage::connecting && slot.is_dialled;
  if (is_connecting || slot.stage == Stage::connected) carrier_.close(id);
  if (send_ && send_->id == id) end_send("SEND FAIL");
}

void AtSockets::close_all() {
  for (SocketId id = 0; id < ids; ++id) close(id);
}

void AtSockets::begin_send(SocketId id, std::string bytes) {
  const Micros now = board_.now();
  send_ = Send{id, now + settings_.timings.network, now + settings_.timings.send_patience, {}};
  Slot& slot = slots_[id];
  if (slot.stage != Stage::connected) return end_send("SEND FAIL");
  slot.outgoing += bytes;
  slot.send_at = now + half_way();
}

bool AtSockets::send_quickly(SocketId id, std::string_view bytes) {
  Slot& slot = slots_[id];
  if (slot.stage != Stage::connected || slot.outgoing.size() + bytes.size() > at_quick_bytes) {
    return false;
  }
  if (slot.peer.protocol == Protocol::udp && !slot.outgoing.empty())
    return true;  // lost on the way
  if (slot.outgoing.empty()) slot.send_at = board_.now() + half_way();
  slot.outgoing += bytes;
  return true;
}

std::optional<std::string> AtSockets::take_send_result() {
  if (!send_ || !send_->result) return std::nullopt;
  return std::exchange(send_, std::nullopt)->result;
}

std::optional<SocketId> AtSockets::on_bearer_lost() {
  std::optional<SocketId> sending;
  if (send_ && !send_->result) sending = send_->id;
  send_.reset();
  for (SocketId id = 0; id < ids; ++id) {
    // An SSL id stays in use until AT+SSLDESTROY.
    if (is_ssl(id) && slots_[id].stage != Stage::none) {
      Peer peer = slots_[id].peer;
      close(id);
      create(id, std::move(peer));
      slots_[id].stage = Stage::closed;
    } else {
      close(id);
    }
  }
  return sending;
}

void AtSockets::set_service(bool has_service) {
  has_service_ = has_service;
}

void AtSockets::advance() {
  for (SocketId id = 0; id < ids; ++id) settle(id, slots_[id]);
  settle_send();
}

Micros AtSockets::next_deadline() const {
  const Micros now = board_.now();
  Micros next = never;
  for (const Slot& slot : slots_) {
    if (!has_service_) continue;
    if (slot.stage == Stage::connecting && slot.opened) next = std::min(next, slot.speak_at);
    if (slot.stage != Stage::connected) continue;
    if (!slot.outgoing.empty() && !slot.is_blocked) next = std::min(next, slot.send_at);
    // What waits for the script to read, or for a command to end, is told by them.
    if (slot.readable_at && (*slot.readable_at > now || channel_.is_quiet())) {
      if (*slot.readable_at > now || channel_.has_room_for(at_datagram_bytes + 32)) {
        next = std::min(next, *slot.readable_at);
      }
    }
  }
  if (send_ && !send_->result) {
    const bool is_out = slots_[send_->id].outgoing.empty();
    next = std::min(next, is_out && has_service_ ? send_->done_at : send_->patience);
  }
  return next;
}

std::vector<SocketState> AtSockets::state() const {
  std::vector<SocketState> states;
  for (SocketId id = 0; id < ids; ++id) {
    const Slot& slot = slots_[id];
    if (slot.stage == Stage::none) continue;
    using enum SocketState::Stage;
    const bool is_open = slot.stage == Stage::connected;
    states.push_back({id, slot.peer.protocol, slot.peer.host + ':' + std::to_string(slot.peer.port),
                      slot.stage == Stage::closed ? closed
                      : is_open                   ? connected
                                                  : connecting,
                      slot.sent, slot.received, is_open ? carrier_.unread(id) : 0});
  }
  return states;
}

void AtSockets::on_opened(SocketId id) {
  if (id < ids && slots_[id].stage == Stage::connecting) slots_[id].opened = true;
}

void AtSockets::on_open_failed(SocketId id) {
  if (id < ids && slots_[id].stage == Stage::connecting) slots_[id].opened = false;
}

void AtSockets::on_readable(SocketId id) {
  if (id >= ids) return;
  Slot& slot = slots_[id];
  if (!slot.readable_at) slot.readable_at = board_.now() + half_way();
}

void AtSockets::on_writable(SocketId id) {
  if (id < ids) slots_[id].is_blocked = false;
}

void AtSockets::on_closed(SocketId id) {
  if (id >= ids) return;
  Slot& slot = slots_[id];
  if (slot.stage == Stage::connecting && !slot.opened) slot.opened = false;
  slot.peer_closed = true;
  if (!slot.readable_at) slot.readable_at = board_.now() + half_way();
}

void AtSockets::settle(SocketId id, Slot& slot) {
  if (!has_service_) return;
  if (slot.stage == Stage::connecting) finish_connecting(id, slot);
  if (slot.stage != Stage::connected) return;
  push_out(id, slot);
  fetch(id, slot);
}

void AtSockets::finish_connecting(SocketId id, Slot& slot) {
  if (!slot.is_dialled) {
    slot.speak_at = board_.now() + settings_.timings.network;
    dial(id, slot);
  }
  if (!slot.opened || slot.speak_at > board_.now()) return;
  const std::string_view gap = is_ssl(id) ? "," : ", ";
  if (*slot.opened) {
    slot.stage = Stage::connected;
    channel_.notice(said(id, gap, "CONNECT OK"));
    return;
  }
  carrier_.close(id);
  if (is_ssl(id)) {
    slot.stage = Stage::closed;
    channel_.notice(said(id, gap, "CONNECT ERROR: 1"));
  } else {
    slot = {};
    channel_.notice(said(id, gap, "CONNECT FAIL"));
  }
}

void AtSockets::push_out(SocketId id, Slot& slot) {
  if (slot.outgoing.empty() || slot.is_blocked || slot.send_at > board_.now()) return;
  const std::size_t taken =
      std::min(carrier_.send(id, std::as_bytes(std::span(slot.outgoing))), slot.outgoing.size());
  slot.sent += taken;
  slot.outgoing.erase(0, taken);
  slot.is_blocked = !slot.outgoing.empty();
}

void AtSockets::fetch(SocketId id, Slot& slot) {
  const std::size_t most =
      slot.peer.protocol == Protocol::udp ? at_datagram_bytes : at_receive_chunk_bytes;
  std::array<char, at_datagram_bytes> room;
  while (slot.readable_at && *slot.readable_at <= board_.now() && channel_.is_quiet() &&
         channel_.has_room_for(at_datagram_bytes + 32)) {
    const std::size_t count =
        std::min(most, carrier_.receive(id, std::as_writable_bytes(std::span(room).first(most))));
    if (count > 0) {
      slot.received += count;
      std::string header = is_ssl(id) ? "+SSL RECEIVE," : "+RECEIVE,";
      header += static_cast<char>('0' + id % at_sockets);
      header += ',' + std::to_string(count) + ':';
      channel_.data(header, {room.data(), count});
      // A full block is followed by the next one at GPRS's pace: 1,460 bytes in 125 ms.
      if (count == at_receive_chunk_bytes) slot.readable_at = board_.now() + half_way() / 2;
      continue;
    }
    slot.readable_at.reset();
    if (!slot.peer_closed) return;
    carrier_.close(id);
    if (send_ && send_->id == id && !send_->result) end_send("SEND FAIL");
    channel_.notice(said(id, ", ", "CLOSED"));
    if (is_ssl(id)) {
      slot.stage = Stage::closed;
      slot.outgoing.clear();
    } else {
      slot = {};
    }
  }
}

void AtSockets::settle_send() {
  if (!send_ || send_->result) return;
  const Micros now = board_.now();
  const Slot& slot = slots_[send_->id];
  if (slot.outgoing.empty() && has_service_ && send_->done_at <= now) return end_send("SEND OK");
  // The peer closed while its send was at work: what it sent before is told after this command.
  if ((slot.peer_closed && slot.is_blocked) || send_->patience <= now) {
    slots_[send_->id].outgoing.clear();
    end_send("SEND FAIL");
  }
}

void AtSockets::end_send(std::string_view words) {
  if (!send_->result) send_->result = said(send_->id, is_ssl(send_->id) ? "," : ", ", words);
}

}  // namespace moonwire::modem
