// How packets come and go, and all the ways in which that ends.
#include "bindings/chuck/connection.h"

#include <algorithm>
#include <utility>

#include "bindings/chuck/address.h"
#include "bindings/chuck/errors.h"
#include "bindings/chuck/http_framer.h"
#include "bindings/chuck/limits.h"
#include "bindings/chuck/log.h"
#include "bindings/chuck/traceback.h"
#include "kernel/machine.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

using net::NetError;
using net::Ready;

Connection::Connection(lua_State* state, Style style, Source source)
    : process_(kernel::process_of(state)),
      style_(style),
      socket_(std::move(source.socket)),
      descriptor_(source.descriptor),
      receive_bytes_(source.receive_bytes),
      framer_(std::make_unique<Framer>(state, source.decoder, style)),
      inbox_(state),
      outbox_(state),
      urgent_(state),
      sent_(state) {}

// --- Events

int Connection::push_event(lua_State* state, int self) {
  if (stage_ == Stage::closed) return no_event;
  flush();
  if (stage_ == Stage::lingering) return push_after_linger(state, self);
  if (!sent_.is_empty()) return push_sent(state, self);
  if (write_error_ != 0) {
    return push_report(state, self, std::exchange(write_error_, 0), "chk_error_stream_write");
  }
  if (std::exchange(has_receive_timeout_, false)) {
    return push_report(state, self, error_receive_timeout, "chk_error_recv_timeout");
  }
  if (std::exchange(has_send_timeout_, false)) {
    return push_report(state, self, error_send_timeout, "chk_error_send_timeout");
  }
  const int arguments = push_message(state, self);
  listen();
  if (arguments == no_event) give_back_inbox();
  return arguments;
}

int Connection::push_message(lua_State* state, int self) {
  while (is_reading()) {
    if (std::exchange(has_news_, false)) {
      const Step step = is_at_end_ ? framer_->finish() : framer_->look(inbox_.bytes());
      if (step.kind == Step::Kind::message) {
        push_callback(state, self);
        if (style_ == Style::first) lua_pushvalue(state, self);
        framer_->push_message(state);
        inbox_.remove(step.consumed);
        has_news_ = !inbox_.is_empty() && !is_at_end_;
        if (style_ == Style::later) return 1;
        lua_pushinteger(state, 0);
        return 3;
      }
      inbox_.remove(step.consumed);
      if (step.kind == Step::Kind::failed) {
        has_ended_ = true;
        const bool is_large = step.error == FrameError::too_large;
        return push_report(
            state, self, number_of(step.error),
            is_large ? "chk_error_packet_too_large" : "chk_error_invaild_packet_size");
      }
      continue;
    }
    if (is_at_end_) {
      has_ended_ = true;
      return push_report(state, self, 0, "chk_error_eof");
    }
    const net::Transfer came = receive(state);
    if (came.error == NetError::would_block) return no_event;
    if (came.error != NetError::none) {
      has_ended_ = true;
      return push_report(state, self, number_of(came.error), "chk_error_stream_read");
    }
    is_at_end_ = came.count == 0;
    has_news_ = true;
    if (receive_span_ > 0) received_at_ = engine()->now();
  }
  return no_event;
}

net::Transfer Connection::receive(lua_State* state) {
  if (inbox_.is_empty()) inbox_.swap(engine()->spare());
  char* place = inbox_.room(receive_bytes_);
  if (place == nullptr) luaL_error(state, "not enough memory");
  const net::Transfer came =
      socket_->receive(std::as_writable_bytes(std::span<char>(place, receive_bytes_)));
  inbox_.added(came.count);
  return came;
}

/// Idle connections hold no buffer.
void Connection::give_back_inbox() {
  if (!inbox_.is_empty() || engine() == nullptr) return;
  inbox_.swap(engine()->spare());
  inbox_.release();
}

int Connection::push_report(lua_State* state, int self, int number, const char* words) {
  push_callback(state, self);
  if (style_ == Style::later) {
    lua_pushnil(state);
    lua_pushstring(state, words);
    listen();
    return 2;
  }
  lua_pushvalue(state, self);
  lua_pushnil(state);
  lua_pushinteger(state, number);
  listen();
  return 3;
}

int Connection::push_sent(lua_State* state, int self) {
  const std::uint32_t number = sent_.front();
  sent_.remove_front();
  // More may wait; this is one event of several.
  if (!sent_.is_empty()) engine()->enqueue(*this);
  lua_getiuservalue(state, self, sent_value);
  lua_rawgeti(state, -1, number);
  lua_pushnil(state);
  lua_rawseti(state, -3, number);
  lua_remove(state, -2);
  lua_pushvalue(state, self);
  return 1;
}

int Connection::push_after_linger(lua_State* state, int self) {
  if (has_outgoing() && write_error_ == 0 && !has_send_timeout_) {
    listen();
    return no_event;
  }
  close(state, self);
  return push_close_callback(state, self);
}

/// Pushes the close callback, which is called once only. @return its number of arguments.
int Connection::push_close_callback(lua_State* state, int self) {
  self = lua_absindex(state, self);
  lua_getiuservalue(state, self, close_value);
  lua_pushnil(state);
  lua_setiuservalue(state, self, close_value);
  return 0;
}

int Connection::push_farewell(lua_State* state, int self) {
  if (style_ == Style::first || stage_ != Stage::open) return no_event;
  push_callback(state, self);
  lua_pushnil(state);
  lua_pushliteral(state, "chk_error_loop_close");
  return 2;
}

void Connection::listen() {
  if (engine() == nullptr) return;
  Ready interest = Ready::nothing;
  if (is_reading()) interest = interest | Ready::readable;
  if (has_outgoing() && write_error_ == 0) interest = interest | Ready::writable;
  if (interest == interest_) return;
  interest_ = interest;
  any(interest) ? watch(*socket_, interest) : unwatch();
}

// --- Deadlines

void Connection::set_alarm() {
  if (engine() == nullptr || stage_ != Stage::open) return;
  kernel::Micros first = kernel::Wait::never;
  if (receive_span_ > 0 && !has_ended_) first = received_at_ + receive_span_;
  if (send_span_ > 0 && has_outgoing()) {
    const Outbox& box = outbox_.is_empty() ? urgent_ : outbox_;
    first = std::min(first, std::max(box.marks.front().since, send_reported_at_) + send_span_);
  }
  first == kernel::Wait::never ? Alarm::cancel() : engine()->set_alarm(*this, first);
}

void Connection::on_alarm() {
  const kernel::Micros now = engine()->now();
  if (stage_ == Stage::lingering) {
    has_send_timeout_ = true;
    return engine()->enqueue(*this);
  }
  if (receive_span_ > 0 && !has_ended_ && now >= received_at_ + receive_span_) {
    received_at_ = now;
    has_receive_timeout_ = true;
    engine()->enqueue(*this);
  }
  if (send_span_ > 0 && has_outgoing()) {
    const Outbox& box = outbox_.is_empty() ? urgent_ : outbox_;
    if (now >= std::max(box.marks.front().since, send_reported_at_) + send_span_) {
      send_reported_at_ = now;
      has_send_timeout_ = true;
      engine()->enqueue(*this);
    }
  }
  set_alarm();
}

// --- Sending

std::uint32_t Connection::keep_callback(lua_State* state, int index) {
  if (!lua_isfunction(state, index)) return 0;
  if (lua_getiuservalue(state, 1, sent_value) != LUA_TTABLE) {
    lua_pop(state, 1);
    lua_newtable(state);
    lua_pushvalue(state, -1);
    lua_setiuservalue(state, 1, sent_value);
  }
  if (++last_callback_ == 0) last_callback_ = 1;
  lua_pushvalue(state, index);
  lua_rawseti(state, -2, last_callback_);
  lua_pop(state, 1);
  return last_callback_;
}

/// @return bytes sent at once, -EAGAIN when some have to wait, or another negated errno.
int Connection::put_in(lua_State* state, Outbox& box, std::span<const char> bytes,
                       std::uint32_t callback) {
  if (box.bytes.size() + bytes.size() > outbox_bytes_max ||
      box.marks.size() >= outbox_packets_max) {
    return -error_no_buffers;
  }
  std::size_t gone = 0;
  if (!has_outgoing()) {
    while (gone < bytes.size()) {
      const net::Transfer sent = socket_->send(std::as_bytes(bytes.subspan(gone)));
      if (sent.error == NetError::would_block) break;
      if (sent.error != NetError::none) return -number_of(sent.error);
      gone += sent.count;
    }
    if (gone == bytes.size()) {
      if (callback != 0) {
        if (!sent_.add(callback)) return -error_no_memory;
        engine()->enqueue(*this);
      }
      return static_cast<int>(gone);
    }
    is_in_packet_ = gone > 0 && &box == &outbox_;
  }
  const Outbox::Mark mark{bytes.size() - gone, engine()->now(), callback};
  if (!box.bytes.add(bytes.subspan(gone))) luaL_error(state, "not enough memory");
  if (!box.marks.add(mark)) luaL_error(state, "not enough memory");
  listen();
  set_alarm();
  return -error_again;
}

void Connection::note_sent(Outbox& box, std::size_t count) {
  box.bytes.remove(count);
  while (count > 0 || (!box.marks.is_empty() && box.marks.front().left == 0)) {
    Outbox::Mark mark = box.marks.front();
    const std::size_t part = std::min(count, mark.left);
    mark.left -= part;
    count -= part;
    if (&box == &outbox_) is_in_packet_ = mark.left > 0;
    if (mark.left > 0) {
      box.marks.set_front(mark);
      return;
    }
    box.marks.remove_front();
    if (mark.callback != 0) sent_.add(mark.callback);
  }
}

/// Urgent packets go before the others, but never into the middle of one.
void Connection::flush() {
  while (has_outgoing() && write_error_ == 0) {
    const bool is_urgent = !urgent_.is_empty() && !is_in_packet_;
    Outbox& box = is_urgent ? urgent_ : outbox_;
    std::span<const char> bytes = box.bytes.bytes();
    if (!is_urgent && !urgent_.is_empty()) bytes = bytes.first(box.marks.front().left);
    const net::Transfer sent = socket_->send(std::as_bytes(bytes));
    if (sent.error == NetError::would_block) return;
    if (sent.error != NetError::none) {
      write_error_ = number_of(sent.error);
      outbox_.bytes.release();
      outbox_.marks.release();
      urgent_.bytes.release();
      urgent_.marks.release();
      return;
    }
    note_sent(box, sent.count);
  }
  if (wants_shutdown_ && !has_outgoing()) {
    wants_shutdown_ = false;
    socket_->shutdown(net::Direction::send);
  }
}

int Connection::send(lua_State* state, Outbox Connection::*box) {
  auto& self = check<Connection>(state);
  const bool is_first = self.style_ == Style::first;
  lua_settop(state, 3);
  Packet* packet = find_packet(state, 2);
  if (packet == nullptr && !is_first) luaL_typeerror(state, 2, "lua_bytebuffer");
  int result = 0;
  if (self.stage_ != Stage::open || self.wants_shutdown_) {
    result = -error_socket_closed;
  } else if (self.engine() == nullptr) {
    result = -error_no_engine;
  } else if (packet == nullptr || packet->kind == Kind::rpacket || packet->is_consumed) {
    result = -error_wrong_packet;
  } else {
    lua_pushnil(state);  // for wire_bytes
    const std::uint32_t callback = self.keep_callback(state, 3);
    const std::span<const char> bytes = wire_bytes(state, *packet, 4);
    result = self.put_in(state, self.*box, bytes, callback);
  }
  if (!is_first) {
    if (result >= 0 || result == -error_again) return 0;
    lua_pushliteral(state, "send error");
    return 1;
  }
  if (packet != nullptr && packet->kind != Kind::rpacket) packet->is_consumed = true;
  lua_pushinteger(state, result);
  return 1;
}

int Connection::send_packet(lua_State* state) {
  return send(state, &Connection::outbox_);
}

int Connection::send_urgent(lua_State* state) {
  return send(state, &Connection::urgent_);
}

// --- Attaching and closing

int Connection::attach(lua_State* state) {
  auto& self = check<Connection>(state);
  Engine* engine = find<Engine>(state, 2);
  const bool is_good = engine != nullptr && lua_isfunction(state, 3) &&
                       self.stage_ == Stage::open && engine->attach(state, 2, 1, self);
  if (is_good) {
    lua_pushvalue(state, 3);
    lua_setiuservalue(state, 1, callback_value);
    self.interest_ = Ready::nothing;
    self.received_at_ = engine->now();
    self.listen();
    self.set_alarm();
    if (self.has_news_ || !self.sent_.is_empty()) engine->enqueue(self);
  }
  if (self.style_ == Style::later) {
    if (is_good) return 0;
    lua_pushliteral(state, "call Start failed");
    return 1;
  }
  lua_pushboolean(state, is_good);
  return 1;
}

int Connection::remove(lua_State* state) {
  auto& self = check<Connection>(state);
  self.interest_ = Ready::nothing;
  Engine::release(state, 1, self);
  return 0;
}

/// Frees the socket; the number too, if it still is this socket's.
void Connection::drop() {
  if (socket_ != nullptr) {
    kernel::Descriptors& descriptors = process_.descriptors();
    if (descriptors.socket(descriptor_) == socket_) descriptors.close(descriptor_);
    socket_->close();
  }
  socket_ = nullptr;
}

void Connection::close(lua_State* state, int self) {
  if (stage_ == Stage::closed) return;
  stage_ = Stage::closed;
  Engine::release(state, self, *this);
  drop();
  for (ByteQueue* bytes : {&inbox_, &outbox_.bytes, &urgent_.bytes}) bytes->release();
  self = lua_absindex(state, self);
  for (const int value : {callback_value, sent_value}) {
    lua_pushnil(state);
    lua_setiuservalue(state, self, value);
  }
}

int Connection::closed(lua_State* state, int status, lua_KContext) {
  if (status != LUA_OK && status != LUA_YIELD) log_error(state);
  return 0;
}

int Connection::close_now(lua_State* state) {
  auto& self = check<Connection>(state);
  if (self.stage_ != Stage::open) return 0;
  const lua_Integer delay = self.style_ == Style::later ? luaL_optinteger(state, 2, 0) : 0;
  if (delay > 0 && self.engine() != nullptr && self.has_outgoing()) {
    self.stage_ = Stage::lingering;
    self.has_send_timeout_ = false;
    const lua_Integer span = std::min<lua_Integer>(delay, timer_span_max);
    self.engine()->set_alarm(self, self.engine()->now() + span * 1000);
    self.listen();
    return 0;
  }
  self.close(state, 1);
  lua_settop(state, 1);
  lua_pushcfunction(state, traceback);
  push_close_callback(state, 1);
  if (!lua_isfunction(state, -1)) return 0;
  return closed(state, lua_pcallk(state, 0, 0, 2, 0, closed), 0);
}

int Connection::collect(lua_State* state) {
  auto* self = find<Connection>(state, 1);
  if (self != nullptr) {
    self->close(state, 1);
    lua_pushcfunction(state, traceback);
    push_close_callback(state, 1);
    if (lua_isfunction(state, -1) && lua_pcall(state, 0, 0, -2) != LUA_OK) log_error(state);
    lua_settop(state, 1);
  }
  return destroy<Connection>(state);
}

// --- Settings

kernel::Micros span_of(lua_State* state) {
  const lua_Integer milliseconds = static_cast<lua_Integer>(luaL_checknumber(state, 2));
  return std::clamp<lua_Integer>(milliseconds, 0, timer_span_max) * 1000;
}

int Connection::set_receive_timeout(lua_State* state) {
  auto& self = check<Connection>(state);
  self.receive_span_ = span_of(state);
  self.received_at_ = self.process_.machine().deadlines().now();
  self.set_alarm();
  return 0;
}

int Connection::set_send_timeout(lua_State* state) {
  auto& self = check<Connection>(state);
  self.send_span_ = span_of(state);
  self.send_reported_at_ = 0;
  self.set_alarm();
  return 0;
}

int Connection::pause_read(lua_State* state) {
  auto& self = check<Connection>(state);
  self.is_paused_ = true;
  self.listen();
  return 0;
}

int Connection::resume_read(lua_State* state) {
  auto& self = check<Connection>(state);
  if (!std::exchange(self.is_paused_, false)) return 0;
  self.listen();
  if (self.engine() != nullptr) self.engine()->enqueue(self);
  return 0;
}

int Connection::shut_down_write(lua_State* state) {
  auto& self = check<Connection>(state);
  if (self.stage_ != Stage::open) return 0;
  if (self.has_outgoing()) {
    self.wants_shutdown_ = true;
  } else {
    self.socket_->shutdown(net::Direction::send);
  }
  return 0;
}

int Connection::set_no_delay(lua_State* state) {
  auto& self = check<Connection>(state);
  if (self.stage_ == Stage::open) {
    self.socket_->set_option(net::Option::no_delay, lua_tointeger(state, 2) != 0 ? 1 : 0);
  }
  return 0;
}

int Connection::local_address(lua_State* state) {
  auto& self = check<Connection>(state);
  net::Address address;
  if (self.stage_ != Stage::open || self.socket_->local_address(address) != NetError::none)
    return 0;
  push_address(state, address);
  return 1;
}

int Connection::peer_address(lua_State* state) {
  auto& self = check<Connection>(state);
  net::Address address;
  if (self.stage_ != Stage::open || self.socket_->peer_address(address) != NetError::none) return 0;
  push_address(state, address);
  return 1;
}

int Connection::set_close_callback(lua_State* state) {
  check<Connection>(state);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  if (lua_getiuservalue(state, 1, close_value) == LUA_TNIL) {  // the first one wins
    lua_pushvalue(state, 2);
    lua_setiuservalue(state, 1, close_value);
  }
  return 0;
}

/// For protocols that change on the way (WebSocket): what has come already goes to the new decoder.
int Connection::set_decoder(lua_State* state) {
  auto& self = check<Connection>(state);
  const Decoder& decoder = check<Decoder>(state, 2);
  self.framer_ = std::make_unique<Framer>(state, decoder, self.style_);
  self.has_news_ = !self.inbox_.is_empty();
  // What the old decoder would not read, the new one may.
  if (self.stage_ == Stage::open && !self.is_at_end_) self.has_ended_ = false;
  self.listen();
  if (self.has_news_ && self.engine() != nullptr) self.engine()->enqueue(self);
  return 0;
}

int Connection::set_callback(lua_State* state) {
  check<Connection>(state);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  lua_setiuservalue(state, 1, callback_value);
  return 0;
}

/// HttpState(): "idle", "head" or "body", bytes of the body under way, and the status that answers
/// what was refused; nothing without an HTTP decoder.
int Connection::http_state(lua_State* state) {
  static const char* const stages[] = {"idle", "head", "body"};
  HttpFramer* framer = check<Connection>(state).framer_->http();
  if (framer == nullptr) return 0;
  lua_pushstring(state, stages[static_cast<std::size_t>(framer->stage())]);
  lua_pushinteger(state, lua_Integer(framer->body_size()));
  if (framer->refusal() == 0) return 2;
  lua_pushinteger(state, framer->refusal());
  return 3;
}

/// ExpectNoBody(): the next HTTP response answers a HEAD.
int Connection::expect_no_body(lua_State* state) {
  if (HttpFramer* framer = check<Connection>(state).framer_->http()) framer->expect_no_body();
  return 0;
}

int Connection::descriptor_of(lua_State* state) {
  lua_pushinteger(state, check<Connection>(state).descriptor_);
  return 1;
}

const luaL_Reg Connection::methods[] = {
    {"Add2Engine", attach},
    {"Start", attach},
    {"Bind", attach},
    {"RemoveEngine", remove},
    {"Send", send_packet},
    {"SendUrgent", send_urgent},
    {"Close", close_now},
    {"SetRecvTimeout", set_receive_timeout},
    {"SetSendTimeout", set_send_timeout},
    {"PauseRead", pause_read},
    {"ResumeRead", resume_read},
    {"ShutDownWrite", shut_down_write},
    {"SetNoDelay", set_no_delay},
    {"GetSockAddr", local_address},
    {"GetPeerAddr", peer_address},
    {"SetCloseCallBack", set_close_callback},
    {"SetDecoder", set_decoder},
    {"SetCallback", set_callback},
    {"HttpState", http_state},
    {"ExpectNoBody", expect_no_body},
    {"Fd", descriptor_of},
    {"__gc", collect},
    {nullptr, nullptr},
};

namespace {

int push_connection(lua_State* state, Style style) {
  if (lua_type(state, 1) != LUA_TNUMBER) return luaL_error(state, "arg1 should be number");
  const auto descriptor = static_cast<int>(lua_tointeger(state, 1));
  lua_Integer size = receive_bytes;
  if (style == Style::first && lua_type(state, 2) != LUA_TNUMBER) {
    return luaL_error(state, "arg2 should be number");
  }
  if (lua_type(state, 2) == LUA_TNUMBER) size = lua_tointeger(state, 2);
  const Decoder* decoder = find<Decoder>(state, 3);
  Connection::Source source{
      .socket = kernel::process_of(state).descriptors().socket(descriptor),
      .descriptor = descriptor,
      .receive_bytes = std::size_t(std::clamp<lua_Integer>(size, 1, receive_bytes_max)),
      .decoder = decoder != nullptr ? *decoder : Decoder{},
  };
  if (source.socket == nullptr || source.socket->type() != net::SocketType::stream) return 0;
  push_new<Connection>(state, Connection::user_values, state, style, std::move(source));
  return 1;
}

int new_connection(lua_State* state) {
  return push_connection(state, Style::first);
}

int new_stream(lua_State* state) {
  return push_connection(state, Style::later);
}

}  // namespace

void add_connections(lua_State* state) {
  new_class(state, &class_key<Connection>, nullptr, Connection::methods);
  lua_pushcfunction(state, new_connection);
  lua_setfield(state, -2, "connection");
  lua_pushcfunction(state, new_stream);
  lua_setfield(state, -2, "stream_socket");
}

}  // namespace moonwire::bindings::chuck
