// RFC 6455, section 5.
#include "bindings/chuck/websocket_framer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bindings/chuck/object.h"
#include "bindings/chuck/packet.h"
#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

constexpr std::size_t control_bytes_max = 125;

bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

bool is_known(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong: return true;
  }
  return false;
}

/// Which numbers a close frame may carry.
bool is_close_code(unsigned code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

}  // namespace

bool Utf8Check::add(std::span<const char> bytes) {
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    if (needed_ == 0) {
      if (code < 0x80) continue;
      if (code < 0xc2 || code > 0xf4) return false;
      needed_ = code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
      if (code == 0xe0) low_ = 0xa0;   // below: overlong
      if (code == 0xed) high_ = 0x9f;  // above: surrogates
      if (code == 0xf0) low_ = 0x90;   // below: overlong
      if (code == 0xf4) high_ = 0x8f;  // above: beyond Unicode
    } else {
      if (code < low_ || code > high_) return false;
      --needed_;
      low_ = 0x80;
      high_ = 0xbf;
    }
  }
  return true;
}

WebsocketFramer::WebsocketFramer(lua_State* state, Role role, std::size_t max)
    : role_(role), max_(max), message_(state), control_(state) {}

WebsocketFramer::HeadState WebsocketFramer::read_head(std::span<const char> bytes, Head& head) {
  if (bytes.size() < 2) return HeadState::incomplete;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  head.is_final = (first & 0x80) != 0;
  head.opcode = static_cast<Opcode>(first & 0x0f);
  head.is_masked = (second & 0x80) != 0;
  head.body = second & 0x7f;
  if ((first & 0x70) != 0 || !is_known(head.opcode)) return HeadState::forbidden;
  if (head.is_masked != (role_ == Role::server)) return HeadState::forbidden;
  if (is_control(head.opcode) && (!head.is_final || head.body > control_bytes_max)) {
    return HeadState::forbidden;
  }
  if (!is_control(head.opcode)) {
    const bool continues = head.opcode == Opcode::continuation;
    if (continues != (message_opcode_ != Opcode::continuation)) return HeadState::forbidden;
  }
  const int extra = head.body == 126 ? 2 : head.body == 127 ? 8 : 0;
  head.size = 2 + std::size_t(extra) + (head.is_masked ? 4 : 0);
  if (bytes.size() < head.size) return HeadState::incomplete;
  if (extra != 0) head.body = load_big_endian(bytes.data() + 2, extra);
  if (head.is_masked) std::memcpy(head.mask, bytes.data() + head.size - 4, 4);
  if ((extra == 2 && head.body < 126) || (extra == 8 && head.body <= 0xffff)) {
    return HeadState::forbidden;  // not the shortest form
  }
  return HeadState::complete;
}

Step WebsocketFramer::refuse(FrameError error) {
  error_ = error;
  return {Step::Kind::failed, 0, error};
}

bool WebsocketFramer::append(std::span<const char> body, ByteQueue& to) {
  if (body.empty()) return true;
  char* place = to.room(body.size());
  if (place == nullptr) return false;
  std::memcpy(place, body.data(), body.size());
  if (frame_.is_masked) {
    const std::uint64_t done = frame_.body - left_;
    for (std::size_t i = 0; i < body.size(); ++i) {
      place[i] = static_cast<char>(place[i] ^ static_cast<char>(frame_.mask[(done + i) & 3]));
    }
  }
  to.added(body.size());
  return true;
}

/// A control frame is whole.
Step WebsocketFramer::finish_control(std::size_t done) {
  found_ = frame_.opcode;
  const auto said = control_.bytes();
  if (found_ == Opcode::close && !said.empty()) {
    if (said.size() < 2 || !is_close_code(unsigned(load_big_endian(said.data(), 2)))) {
      return refuse(FrameError::malformed_websocket);
    }
    Utf8Check reason;
    if (!reason.add(said.subspan(2)) || !reason.is_complete()) {
      return refuse(FrameError::invalid_text);
    }
  }
  return {Step::Kind::message, done, FrameError::none};
}

/// Takes what there is of a frame's body at once, so that what cannot become good is refused at
/// its first bad byte.
Step WebsocketFramer::look(std::span<const char> bytes) {
  if (error_ != FrameError::none) return refuse(error_);
  if (found_ == Opcode::text || found_ == Opcode::binary) message_.release();
  if (is_control(found_)) control_.release();
  found_ = Opcode::continuation;
  std::size_t done = 0;
  for (;;) {
    if (!is_in_frame_) {
      const HeadState state = read_head(bytes.subspan(done), frame_);
      if (state == HeadState::forbidden) return refuse(FrameError::malformed_websocket);
      if (state == HeadState::incomplete) return {Step::Kind::need_more, done, FrameError::none};
      if (!is_control(frame_.opcode)) {
        const bool is_large = frame_.body > max_ || message_.size() + frame_.body > max_;
        if (is_large) return refuse(FrameError::too_large);
        if (frame_.opcode != Opcode::continuation) message_opcode_ = frame_.opcode;
      }
      is_in_frame_ = true;
      left_ = frame_.body;
      done += frame_.size;
    }
    const bool is_own = is_control(frame_.opcode);
    ByteQueue& to = is_own ? control_ : message_;
    const std::size_t part = std::min<std::uint64_t>(left_, bytes.size() - done);
    const std::size_t before = to.size();
    if (!append(bytes.subspan(done, part), to)) return refuse(FrameError::too_large);
    left_ -= part;
    done += part;
    const bool is_text = !is_own && message_opcode_ == Opcode::text;
    if (is_text && !text_.add(to.bytes().subspan(before))) return refuse(FrameError::invalid_text);
    if (left_ > 0) return {Step::Kind::need_more, done, FrameError::none};
    is_in_frame_ = false;
    if (is_own) return finish_control(done);
    if (!frame_.is_final) continue;
    if (!text_.is_complete()) return refuse(FrameError::invalid_text);
    found_ = std::exchange(message_opcode_, Opcode::continuation);
    return {Step::Kind::message, done, FrameError::none};
  }
}

void WebsocketFramer::push_message(lua_State* state) {
  const bool is_own = is_control(found_);
  const auto bytes = is_own ? control_.bytes() : message_.bytes();
  lua_createtable(state, 0, 2);
  lua_pushinteger(state, static_cast<lua_Integer>(found_));
  lua_setfield(state, -2, "opcode");
  lua_pushlstring(state, bytes.data(), bytes.size());
  lua_setfield(state, -2, "bytes");
  // Its methods are the Lua side's.
  luaL_setmetatable(state, "chuck.websocket_packet");
}

namespace {

/// websocket_frame(opcode, bytes [, mask]): one final frame; a client gives four bytes of mask.
int websocket_frame(lua_State* state) {
  std::size_t size = 0;
  std::size_t mask_size = 0;
  const auto opcode = static_cast<Opcode>(luaL_checkinteger(state, 1));
  const char* body = luaL_checklstring(state, 2, &size);
  const char* mask = luaL_optlstring(state, 3, nullptr, &mask_size);
  luaL_argcheck(state, is_known(opcode), 1, "no such opcode");
  luaL_argcheck(state, mask == nullptr || mask_size == 4, 3, "a mask has four bytes");
  luaL_argcheck(state, !is_control(opcode) || size <= control_bytes_max, 2, "too long");
  luaL_Buffer frame;
  char* place = luaL_buffinitsize(state, &frame, size + 14);
  const int extra = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  const unsigned length = extra == 0 ? unsigned(size) : extra == 2 ? 126 : 127;
  *place++ = static_cast<char>(0x80 | static_cast<unsigned>(opcode));
  *place++ = static_cast<char>(length | (mask != nullptr ? 0x80u : 0u));
  store_big_endian(place, size, extra);
  place += extra;
  if (mask != nullptr) {
    std::memcpy(place, mask, 4);
    place += 4;
    for (std::size_t i = 0; i < size; ++i) place[i] = static_cast<char>(body[i] ^ mask[i & 3]);
  } else {
    std::memcpy(place, body, size);
  }
  luaL_pushresultsize(&frame, 2 + std::size_t(extra) + (mask != nullptr ? 4 : 0) + size);
  return 1;
}

}  // namespace

void add_websocket(lua_State* state) {
  luaL_newmetatable(state, "chuck.websocket_packet");
  lua_setfield(state, -2, "websocket_packet");
  lua_pushcfunction(state, websocket_frame);
  lua_setfield(state, -2, "websocket_frame");
}

}  // namespace moonwire::bindings::chuck
