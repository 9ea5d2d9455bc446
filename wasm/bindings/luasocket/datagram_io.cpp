// Sending and receiving of datagram objects.
#include "bindings/luasocket/datagram_io.h"

#include <algorithm>
#include <span>

#include "bindings/blocking_call.h"
#include "bindings/failure.h"
#include "bindings/luasocket/held.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/limits.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::NetError;
using net::Ready;

namespace {

constexpr int data_index = 2;
constexpr int size_index = 2;

// What a call does when the socket can do nothing now.
struct Waiting {
  Ready interest;
  lua_KContext context;
  lua_KFunction resume;
  const char* call;
};

int wait_or_fail(lua_State* state, DatagramObject& object, bool deadline_passed,
                 const Waiting& waiting) {
  const Allowance allowed = deadline_passed ? Allowance{} : allowance(state, object.timeout);
  if (!allowed.may_wait) {
    const int results = push_failure(state, timeout_words);
    return object.timeout.is_zero() ? end_empty_poll(state, results) : results;
  }
  net::Pollable* socket = kernel::process_of(state).descriptors().pollable(object.descriptor);
  return park_on(state, *socket, waiting.interest, allowed.deadline, waiting.context,
                 waiting.resume, waiting.call);
}

std::span<const std::byte> datagram_bytes_at(lua_State* state, int index) {
  std::size_t size = 0;
  const char* bytes = lua_tolstring(state, index, &size);
  return std::as_bytes(std::span(bytes, size));
}

int end_send(lua_State* state, const net::Transfer& transfer) {
  if (transfer.error != NetError::none) {
    return push_failure(state, luasocket_words(transfer.error));
  }
  lua_pushnumber(state, lua_Number(transfer.count));
  return 1;
}

int continue_send(lua_State* state, bool deadline_passed);

int resume_send(lua_State* state, int, lua_KContext) {
  return continue_send(state, woke_by_deadline(state));
}

int continue_send(lua_State* state, bool deadline_passed) {
  auto& object = *static_cast<DatagramObject*>(lua_touserdata(state, 1));
  if (object.descriptor == no_descriptor) return push_failure(state, refused_words);
  net::Transfer transfer{.error = NetError::bad_descriptor};
  if (const auto socket = socket_of(state, object)) {
    transfer = socket->send(datagram_bytes_at(state, data_index));
  }
  if (transfer.error == NetError::broken_pipe) return push_failure(state, refused_words);
  if (transfer.error != NetError::would_block) return end_send(state, transfer);
  return wait_or_fail(state, object, deadline_passed, {Ready::writable, 0, resume_send, "send"});
}

constexpr const char* address_type = "moonwire.address";

int send_to_or_wait(lua_State* state, const Address& to, int address_index, bool deadline_passed);

int resume_send_to(lua_State* state, int, lua_KContext address_index) {
  const auto& to = held<Address>(state, int(address_index));
  return send_to_or_wait(state, to, int(address_index), woke_by_deadline(state));
}

// `address_index` is where a userdata holds `to`, or 0 before the first wait.
int send_to_or_wait(lua_State* state, const Address& to, int address_index, bool deadline_passed) {
  auto& object = *static_cast<DatagramObject*>(lua_touserdata(state, 1));
  if (object.descriptor == no_descriptor) return push_failure(state, refused_words);
  net::Transfer transfer{.error = NetError::bad_descriptor};
  if (const auto socket = socket_of(state, object)) {
    transfer = socket->send_to(datagram_bytes_at(state, data_index), to);
  }
  if (transfer.error == NetError::broken_pipe) return push_failure(state, refused_words);
  if (transfer.error != NetError::would_block) return end_send(state, transfer);
  if (address_index == 0) {
    push_held<Address>(state, address_type) = to;
    address_index = lua_gettop(state);
  }
  return wait_or_fail(state, object, deadline_passed,
                      {Ready::writable, address_index, resume_send_to, "sendto"});
}

// The size asked for, or false when upstream could not have allocated it.
bool read_size(lua_State* state, std::size_t& size) {
  const lua_Number number = luaL_optnumber(state, size_index, lua_Number(datagram_bytes));
  if (!(number >= 0 && number <= datagram_request_max)) return false;
  size = std::size_t(number);
  return true;
}

enum class Sender { ignored, returned };

int end_receive(lua_State* state, const DatagramObject& object, const char* bytes,
                const net::Transfer& transfer, const Address& from, Sender sender) {
  if (transfer.error != NetError::none) {
    return push_failure(state, luasocket_words(transfer.error));
  }
  lua_pushlstring(state, bytes, transfer.count);
  if (sender == Sender::ignored) return 1;
  if (object.kind == Kind::unix_datagram) {
    lua_pushstring(state, from.path.c_str());
    return 2;
  }
  lua_pushstring(state, from.host().c_str());
  lua_pushinteger(state, from.port);
  return 3;
}

int continue_receive(lua_State* state, Sender sender, bool deadline_passed);

int resume_receive(lua_State* state, int, lua_KContext sender) {
  return continue_receive(state, Sender(sender), woke_by_deadline(state));
}

int continue_receive(lua_State* state, Sender sender, bool deadline_passed) {
  auto& object = *static_cast<DatagramObject*>(lua_touserdata(state, 1));
  std::size_t wanted = 0;
  if (!read_size(state, wanted)) return push_failure(state, "out of memory");
  if (object.descriptor == no_descriptor) {
    // Upstream takes "closed" for an empty datagram, whose sender it then cannot print.
    if (sender == Sender::returned && object.kind == Kind::udp) {
      return push_failure(state, "ai_family not supported");
    }
    lua_pushliteral(state, "");
    if (sender == Sender::ignored) return 1;
    lua_pushliteral(state, "");
    return 2;
  }
  char small[datagram_bytes];
  char* into = small;
  if (wanted > sizeof small) {
    std::size_t waiting = 0;
    if (const auto socket = socket_of(state, object)) {
      waiting = socket->pending_datagram().value_or(0);
    }
    wanted = std::min(wanted, std::max(waiting, sizeof small));
    if (wanted > sizeof small) into = static_cast<char*>(lua_newuserdatauv(state, wanted, 0));
  }
  Address from;
  net::Transfer transfer{.error = NetError::bad_descriptor};
  if (const auto socket = socket_of(state, object)) {
    transfer = socket->receive_from(std::as_writable_bytes(std::span(into, wanted)), from);
  }
  if (transfer.error != NetError::would_block) {
    return end_receive(state, object, into, transfer, from, sender);
  }
  return wait_or_fail(state, object, deadline_passed,
                      {Ready::readable, lua_KContext(sender), resume_receive,
                       sender == Sender::ignored ? "receive" : "receivefrom"});
}

}  // namespace

int datagram_send(lua_State* state, DatagramObject& object) {
  luaL_checkstring(state, data_index);
  mark_start(state, object.timeout);
  return continue_send(state, false);
}

int datagram_send_to(lua_State* state, DatagramObject& object, const Address& to) {
  mark_start(state, object.timeout);
  return send_to_or_wait(state, to, 0, false);
}

int datagram_receive(lua_State* state, DatagramObject& object) {
  luaL_optnumber(state, size_index, 0);
  mark_start(state, object.timeout);
  return continue_receive(state, Sender::ignored, false);
}

int datagram_receive_from(lua_State* state, DatagramObject& object) {
  luaL_optnumber(state, size_index, 0);
  mark_start(state, object.timeout);
  return continue_receive(state, Sender::returned, false);
}

}  // namespace moonwire::bindings::luasocket
