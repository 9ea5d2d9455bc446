// Buffered input and output of stream objects.
//
// A call that must wait keeps what it has gathered in a userdata on its Lua stack, and is entered
// again from the top when the process wakes: nothing else is alive meanwhile.
#include "bindings/luasocket/stream_io.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "bindings/blocking_call.h"
#include "bindings/failure.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/limits.h"
#include "lua/call.h"

namespace moonwire::bindings::luasocket {

using net::NetError;
using net::Ready;

namespace {

// ---------------------------------------------------------------------------------------------
// receive

constexpr int pattern_index = 2;
constexpr int prefix_index = 3;
constexpr int gathering_index = 4;  // nil until something must be kept

enum class Pattern { line, all, count };

struct Request {
  Pattern pattern = Pattern::line;
  std::size_t wanted = 0;  // Pattern::count: bytes beyond the prefix
};

// The beginning of the result, which grows: the prefix, then what has come so far. The bytes follow
// in the same userdata.
struct Gathering {
  std::size_t size;
  std::size_t capacity;
  std::size_t prefix;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  std::size_t come() const { return size - prefix; }
};

Gathering* gathering(lua_State* state) {
  return static_cast<Gathering*>(lua_touserdata(state, gathering_index));
}

// Makes room for `more` bytes, doubling so that a long result is copied a bounded number of times.
Gathering& reserve(lua_State* state, std::size_t more) {
  Gathering* old = gathering(state);
  std::size_t prefix_size = 0;
  const char* prefix = lua_tolstring(state, prefix_index, &prefix_size);
  const std::size_t size = old != nullptr ? old->size : prefix_size;
  if (old != nullptr && old->capacity - size >= more) return *old;
  const std::size_t capacity = std::max(size + more, size * 2);
  auto* made = static_cast<Gathering*>(lua_newuserdatauv(state, sizeof(Gathering) + capacity, 0));
  *made = {.size = size, .capacity = capacity, .prefix = prefix_size};
  if (size > 0) std::memcpy(made->bytes(), old != nullptr ? old->bytes() : prefix, size);
  lua_replace(state, gathering_index);
  return *made;
}

bool has_prefix(lua_State* state) {
  return lua_rawlen(state, prefix_index) > 0;
}

// Numbers of bytes: a float truncated, as C would, but never undefined.
std::size_t to_count(lua_Number number) {
  constexpr double most = double(std::numeric_limits<std::size_t>::max() / 2);
  return number >= most ? std::size_t(most) : std::size_t(number);
}

Request read_request(lua_State* state) {
  if (!lua_isnumber(state, pattern_index)) {
    const char* pattern = luaL_optstring(state, pattern_index, "*l");
    if (pattern[0] == '*' && pattern[1] == 'l') return {.pattern = Pattern::line};
    if (pattern[0] == '*' && pattern[1] == 'a') return {.pattern = Pattern::all};
    luaL_argerror(state, pattern_index, "invalid receive pattern");
  }
  const lua_Number number = lua_tonumber(state, pattern_index);
  luaL_argcheck(state, number >= 0, pattern_index, "invalid receive pattern");
  const std::size_t count = to_count(number);
  const std::size_t prefix = lua_rawlen(state, prefix_index);
  return {.pattern = Pattern::count, .wanted = count > prefix ? count - prefix : 0};
}

// Removes every CR in place. @return what is left of `size`.
std::size_t drop_returns(char* bytes, std::size_t size) {
  auto* hole = static_cast<char*>(std::memchr(bytes, '\r', size));
  if (hole == nullptr) return size;
  const char* const end = bytes + size;
  const char* from = hole + 1;
  while (from < end) {
    const auto* next = static_cast<const char*>(std::memchr(from, '\r', end - from));
    const std::size_t run = (next != nullptr ? next : end) - from;
    std::memmove(hole, from, run);
    hole += run;
    from += run + 1;
  }
  return hole - bytes;
}

// How much of a chunk the request takes, and whether it is then complete.
struct Cut {
  std::size_t kept = 0;      // goes into the result (before CRs are dropped)
  std::size_t consumed = 0;  // leaves the stream
  bool is_complete = false;
};

Cut cut(const Request& request, std::size_t come, const char* chunk, std::size_t size) {
  switch (request.pattern) {
    case Pattern::all: return {size, size, false};
    case Pattern::count: {
      const std::size_t take = std::min(size, request.wanted - come);
      return {take, take, come + take >= request.wanted};
    }
    case Pattern::line: break;
  }
  const auto* end = static_cast<const char*>(std::memchr(chunk, '\n', size));
  if (end == nullptr) return {size, size, false};
  const std::size_t length = end - chunk;
  return {length, length + 1, true};
}

int push_elapsed(lua_State* state, const StreamObject& object, int results) {
  if (!object.timeout.is_measured) return results;
  lua_pushnumber(state, steady_seconds(state) - object.timeout.start);
  return results + 1;
}

int end_receive(lua_State* state, StreamObject& object, const char* bytes, std::size_t size) {
  lua_pushlstring(state, bytes, size);
  lua_pushnil(state);
  lua_pushnil(state);
  return push_elapsed(state, object, 3);
}

int end_receive_gathered(lua_State* state, StreamObject& object) {
  if (Gathering* gathered = gathering(state)) {
    return end_receive(state, object, gathered->bytes(), gathered->size);
  }
  std::size_t size = 0;
  const char* prefix = lua_tolstring(state, prefix_index, &size);
  return end_receive(state, object, prefix, size);
}

int fail_receive(lua_State* state, StreamObject& object, const char* words) {
  lua_pushnil(state);
  lua_pushstring(state, words);
  if (Gathering* gathered = gathering(state)) {
    lua_pushlstring(state, gathered->bytes(), gathered->size);
  } else {
    lua_pushvalue(state, prefix_index);
  }
  return push_elapsed(state, object, 3);
}

// Keeps what a filling brought beyond the request.
void keep_rest(lua_State* state, StreamObject& object, const char* bytes, std::size_t size) {
  if (object.read_buffer == nullptr) {
    void* memory = lua_newuserdatauv(state, read_buffer_bytes, 0);
    lua_setiuservalue(state, 1, 1);
    object.read_buffer = static_cast<char*>(memory);
  }
  std::memcpy(object.read_buffer, bytes, size);
  object.first = 0;
  object.last = size;
}

// Takes the chunk's part that the request wants. @return whether the request is complete; then the
// results are on the stack.
bool take_chunk(lua_State* state, char* chunk, const Cut& part, bool is_line) {
  const bool is_simple = part.is_complete && gathering(state) == nullptr && !has_prefix(state);
  const std::size_t kept = is_line ? drop_returns(chunk, part.kept) : part.kept;
  if (is_simple) {
    lua_pushlstring(state, chunk, kept);
    return true;
  }
  Gathering& gathered = reserve(state, kept);
  std::memcpy(gathered.bytes() + gathered.size, chunk, kept);
  gathered.size += kept;
  if (part.is_complete) lua_pushlstring(state, gathered.bytes(), gathered.size);
  return part.is_complete;
}

// The peer's FIN, or our own close: the good end of "*a" if anything came, a failure of the others.
int end_of_stream(lua_State* state, StreamObject& object, const Request& request) {
  const Gathering* gathered = gathering(state);
  const bool is_whole =
      request.pattern == Pattern::all && gathered != nullptr && gathered->come() > 0;
  return is_whole ? end_receive_gathered(state, object) : fail_receive(state, object, closed_words);
}

int continue_receive(lua_State* state, bool deadline_passed);

int resume_receive(lua_State* state, int, lua_KContext) {
  return continue_receive(state, woke_by_deadline(state));
}

int wait_to_receive(lua_State* state, StreamObject& object, bool deadline_passed) {
  const Allowance allowed = deadline_passed ? Allowance{} : allowance(state, object.timeout);
  if (!allowed.may_wait) {
    const int results = fail_receive(state, object, timeout_words);
    return object.timeout.is_zero() ? end_empty_poll(state, results) : results;
  }
  net::Pollable* socket = kernel::process_of(state).descriptors().pollable(object.descriptor);
  return park_on(state, *socket, Ready::readable, allowed.deadline, 0, resume_receive, "receive");
}

// One filling from the socket. @return the bytes it brought; the peer's end is 0 without an error.
net::Transfer fill(lua_State* state, const StreamObject& object, char* into, std::size_t size) {
  const auto socket = socket_of(state, object);
  if (socket == nullptr) return {.error = NetError::bad_descriptor};
  return socket->receive(std::as_writable_bytes(std::span(into, size)));
}

// What waits in the object's socket.
std::size_t unread(lua_State* state, const StreamObject& object) {
  const auto socket = socket_of(state, object);
  return socket != nullptr ? socket->unread() : 0;
}

// How much the result still lacks; without an end for other patterns than a number.
std::size_t lacking(const Request& request, const Gathering* gathered) {
  if (request.pattern != Pattern::count) return std::numeric_limits<std::size_t>::max();
  return request.wanted - (gathered != nullptr ? gathered->come() : 0);
}

// Reads straight into the gathering while the request surely takes everything; as many bytes as
// fillings of read_buffer_bytes would have taken, but in one step.
std::size_t direct_size(const Request& request, const Gathering* gathered, std::size_t waiting) {
  if (request.pattern == Pattern::line) return 0;
  const std::size_t step = gathered != nullptr ? std::max(waiting, read_buffer_bytes) : waiting;
  return std::min(lacking(request, gathered), step) / read_buffer_bytes * read_buffer_bytes;
}

// Ends the request with the last `rest` bytes, which wait: as many fillings of read_buffer_bytes as
// upstream takes, so that as much is read ahead, but in one step and straight into the string.
// @return how much has come: all of it, and the string is on the stack, or less, and it is gathered
// and `last` tells why.
//
// Measured in wasm with 64 KiB at a time from process to process (bench loopback), in MiB per
// second of the processor: 2,050 when a gathering grew and became a string in the end, each byte
// copied four times; 2,370 like this, with two copies, into the pipe and out of it; 5,850 with a
// memcpy of our own besides (edge/copy.cpp).
std::size_t receive_whole(lua_State* state, StreamObject& object, std::size_t rest,
                          std::span<char> filling, net::Transfer& last) {
  std::size_t size = 0;
  const char* begin = lua_tolstring(state, prefix_index, &size);
  if (Gathering* gathered = gathering(state)) {
    begin = gathered->bytes();
    size = gathered->size;
  }
  char* const whole = lua::push_unfilled(state, size + rest);
  std::memcpy(whole, begin, size);
  char* const into = whole + size;
  std::size_t come = 0;
  std::span<char> ahead;
  while (come < rest && !object.is_dirty()) {  // a finalizer may have used this very object
    const std::size_t direct = (rest - come) / read_buffer_bytes * read_buffer_bytes;
    last = direct > 0 ? fill(state, object, into + come, direct)
                      : fill(state, object, filling.data(), filling.size());
    if (last.count == 0) break;
    const std::size_t kept = std::min(last.count, rest - come);
    if (direct == 0) std::memcpy(into + come, filling.data(), kept);
    come += kept;
    if (last.count > kept) ahead = filling.subspan(kept, last.count - kept);
  }
  object.received += std::int64_t(come);
  if (come == rest) {
    if (!ahead.empty()) keep_rest(state, object, ahead.data(), ahead.size());
    return come;
  }
  std::memset(into + come, 0, rest - come);  // nobody may see what was there before
  if (come > 0) {
    Gathering& gathered = reserve(state, come);
    std::memcpy(gathered.bytes() + gathered.size, into, come);
    gathered.size += come;
  }
  lua_pop(state, 1);
  return come;
}

int continue_receive(lua_State* state, bool deadline_passed) {
  auto& object = *static_cast<StreamObject*>(lua_touserdata(state, 1));
  const Request request = read_request(state);
  const bool is_line = request.pattern == Pattern::line;
  char filling[read_buffer_bytes];
  for (;;) {
    if (object.is_dirty()) {
      // reserve() may run finalizers, which may use this very object: measure only after it.
      if (gathering(state) != nullptr || has_prefix(state)) {
        reserve(state, object.last - object.first);
        if (!object.is_dirty()) continue;
      }
      char* chunk = object.read_buffer + object.first;
      const Gathering* gathered = gathering(state);
      const Cut part = cut(request, gathered != nullptr ? gathered->come() : 0, chunk,
                           object.last - object.first);
      object.first += part.consumed;
      object.received += std::int64_t(part.consumed);
      if (take_chunk(state, chunk, part, is_line)) break;
      continue;
    }
    if (object.descriptor == no_descriptor) return end_of_stream(state, object, request);
    net::Transfer transfer;
    const std::size_t waiting = is_line ? 0 : unread(state, object);
    const std::size_t rest = lacking(request, gathering(state));
    if (rest >= read_buffer_bytes && waiting >= rest) {
      const std::size_t come = receive_whole(state, object, rest, filling, transfer);
      if (come == rest) break;
      if (come > 0) deadline_passed = false;
      if (object.is_dirty() || object.descriptor == no_descriptor) continue;
    } else if (const std::size_t size = direct_size(request, gathering(state), waiting); size > 0) {
      Gathering& gathered = reserve(state, size);
      transfer = fill(state, object, gathered.bytes() + gathered.size, size);
      gathered.size += transfer.count;
      object.received += std::int64_t(transfer.count);
      if (transfer.count > 0) {
        deadline_passed = false;
        if (request.pattern == Pattern::count && gathered.come() >= request.wanted) {
          return end_receive_gathered(state, object);
        }
        continue;
      }
    } else {
      transfer = fill(state, object, filling, sizeof filling);
    }
    if (transfer.error == NetError::would_block) {
      return wait_to_receive(state, object, deadline_passed);
    }
    if (transfer.error != NetError::none) {
      return fail_receive(state, object, luasocket_words(transfer.error));
    }
    if (transfer.count == 0) return end_of_stream(state, object, request);
    deadline_passed = false;
    const Gathering* gathered = gathering(state);
    const Cut part =
        cut(request, gathered != nullptr ? gathered->come() : 0, filling, transfer.count);
    object.received += std::int64_t(part.consumed);
    if (part.consumed < transfer.count) {
      keep_rest(state, object, filling + part.consumed, transfer.count - part.consumed);
    }
    if (take_chunk(state, filling, part, is_line)) break;
  }
  lua_pushnil(state);
  lua_pushnil(state);
  return push_elapsed(state, object, 3);
}

// ---------------------------------------------------------------------------------------------
// send

// A number as a C long on a 64-bit PC: what does not fit, math.huge included, is the least one.
std::int64_t to_position(lua_Number number) {
  constexpr double beyond = 9223372036854775808.0;  // 2^63
  if (!(number > -beyond && number < beyond)) return std::numeric_limits<std::int64_t>::min();
  return std::int64_t(number);
}

// The slice [start, end] of the data, 1-based; empty when start > end.
struct Slice {
  const char* data = nullptr;
  std::int64_t start = 1;
  std::int64_t end = 0;

  std::size_t size() const { return start <= end ? std::size_t(end - start + 1) : 0; }
};

Slice read_slice(lua_State* state) {
  std::size_t size = 0;
  Slice slice;
  slice.data = luaL_checklstring(state, 2, &size);
  const auto length = std::int64_t(size);
  slice.start = to_position(luaL_optnumber(state, 3, 1));
  slice.end = to_position(luaL_optnumber(state, 4, -1));
  if (slice.start < 0) slice.start += length + 1;
  if (slice.end < 0) slice.end += length + 1;
  slice.start = std::max<std::int64_t>(slice.start, 1);
  slice.end = std::min(slice.end, length);
  return slice;
}

int end_send(lua_State* state, StreamObject& object, std::int64_t last, std::size_t sent,
             const char* words) {
  object.sent += std::int64_t(sent);
  if (words != nullptr) {
    lua_pushnil(state);
    lua_pushstring(state, words);
    lua_pushnumber(state, lua_Number(last));
  } else {
    lua_pushnumber(state, lua_Number(last));
    lua_pushnil(state);
    lua_pushnil(state);
  }
  return push_elapsed(state, object, 3);
}

int continue_send(lua_State* state, std::size_t sent, bool deadline_passed);

int resume_send(lua_State* state, int, lua_KContext sent) {
  return continue_send(state, std::size_t(sent), woke_by_deadline(state));
}

int continue_send(lua_State* state, std::size_t sent, bool deadline_passed) {
  auto& object = *static_cast<StreamObject*>(lua_touserdata(state, 1));
  const Slice slice = read_slice(state);
  const auto bytes = std::as_bytes(std::span(slice.data + slice.start - 1, slice.size()));
  const char* words = nullptr;
  while (sent < slice.size()) {
    if (object.descriptor == no_descriptor) {
      words = closed_words;
      break;
    }
    net::Transfer transfer{.error = NetError::bad_descriptor};
    if (const auto socket = socket_of(state, object)) {
      const std::size_t step = sent == 0 ? first_send_step_bytes : send_step_bytes;
      transfer = socket->send(bytes.subspan(sent, std::min(step, bytes.size() - sent)));
    }
    sent += transfer.count;
    if (transfer.count > 0) deadline_passed = false;
    if (transfer.error == NetError::none) continue;
    if (transfer.error != NetError::would_block) {
      words = luasocket_send_words(transfer.error);
      break;
    }
    const Allowance allowed = deadline_passed ? Allowance{} : allowance(state, object.timeout);
    if (!allowed.may_wait) {
      const int results =
          end_send(state, object, slice.start - 1 + std::int64_t(sent), sent, timeout_words);
      return object.timeout.is_zero() ? end_empty_poll(state, results) : results;
    }
    net::Pollable* socket = kernel::process_of(state).descriptors().pollable(object.descriptor);
    return park_on(state, *socket, Ready::writable, allowed.deadline, lua_KContext(sent),
                   resume_send, "send");
  }
  return end_send(state, object, slice.start - 1 + std::int64_t(sent), sent, words);
}

// ---------------------------------------------------------------------------------------------
// accept

int continue_accept(lua_State* state, const char* client, bool deadline_passed);

// The class's name is a constant of the program, so its address may travel as the context.
int resume_accept(lua_State* state, int, lua_KContext client) {
  return continue_accept(state, reinterpret_cast<const char*>(client), woke_by_deadline(state));
}

// Makes the client object for a connection that has been taken from the queue.
int push_accepted(lua_State* state, const StreamObject& server,
                  std::shared_ptr<net::Socket> connection, const char* client) {
  StreamObject& object = push_stream_object(state, server.kind);
  object.family = server.family;
  const int descriptor = kernel::process_of(state).descriptors().add(connection);
  if (descriptor < 0) {
    connection->close();
    return push_failure(state, luasocket_words(NetError::too_many_files));
  }
  object.descriptor = descriptor;
  set_class(state, client, -1);
  return 1;
}

int continue_accept(lua_State* state, const char* client, bool deadline_passed) {
  auto& server = *static_cast<StreamObject*>(lua_touserdata(state, 1));
  if (server.descriptor == no_descriptor) return push_failure(state, closed_words);
  NetError error = NetError::bad_descriptor;
  if (const auto listener = socket_of(state, server)) {
    if (auto connection = listener->accept(error)) {
      return push_accepted(state, server, std::move(connection), client);
    }
  }
  if (error != NetError::would_block) return push_failure(state, luasocket_words(error));
  const Allowance allowed = deadline_passed ? Allowance{} : allowance(state, server.timeout);
  if (!allowed.may_wait) {
    const int results = push_failure(state, timeout_words);
    return server.timeout.is_zero() ? end_empty_poll(state, results) : results;
  }
  net::Pollable* listener = kernel::process_of(state).descriptors().pollable(server.descriptor);
  return park_on(state, *listener, Ready::readable, allowed.deadline,
                 reinterpret_cast<lua_KContext>(client), resume_accept, "accept");
}

}  // namespace

int stream_receive(lua_State* state, StreamObject& object) {
  std::size_t prefix_size = 0;
  luaL_optlstring(state, prefix_index, "", &prefix_size);
  mark_start(state, object.timeout);
  lua_settop(state, prefix_index);
  if (lua_isnil(state, prefix_index)) {
    lua_pushliteral(state, "");
    lua_replace(state, prefix_index);
  }
  lua_pushnil(state);  // gathering_index
  const Request request = read_request(state);
  if (request.pattern == Pattern::count && request.wanted == 0 && prefix_size > 0) {
    return end_receive_gathered(state, object);  // the prefix is already enough: no input at all
  }
  return continue_receive(state, false);
}

int stream_send(lua_State* state, StreamObject& object) {
  luaL_checkstring(state, 2);
  luaL_optnumber(state, 3, 1);
  luaL_optnumber(state, 4, -1);
  lua_settop(state, 4);
  mark_start(state, object.timeout);
  return continue_send(state, 0, false);
}

int stream_getstats(lua_State* state, const StreamObject& object) {
  // Upstream counts in an unsigned long: a negative count shows as a huge number.
  lua_pushnumber(state, lua_Number(std::uint64_t(object.received)));
  lua_pushnumber(state, lua_Number(std::uint64_t(object.sent)));
  lua_pushnumber(state, steady_seconds(state) - object.birthday);
  return 3;
}

int stream_setstats(lua_State* state, StreamObject& object) {
  const lua_Number received = luaL_optnumber(state, 2, lua_Number(object.received));
  const lua_Number sent = luaL_optnumber(state, 3, lua_Number(object.sent));
  object.received = to_position(received);
  object.sent = to_position(sent);
  if (lua_isnumber(state, 4)) {
    object.birthday = steady_seconds(state) - lua_tonumber(state, 4);
  }
  return push_success(state);
}

int stream_shutdown(lua_State* state, const StreamObject& object) {
  static constexpr const char* words[] = {"receive", "send", "both", nullptr};
  static constexpr net::Direction directions[] = {net::Direction::receive, net::Direction::send,
                                                  net::Direction::both};
  const int how = luaL_checkoption(state, 2, "both", words);
  if (const auto socket = socket_of(state, object)) socket->shutdown(directions[how]);
  return push_success(state);
}

int stream_accept(lua_State* state, StreamObject& server, const char* client) {
  mark_start(state, server.timeout);
  return continue_accept(state, client, false);
}

int stream_listen(lua_State* state, StreamObject& object, const char* server) {
  const auto backlog = to_position(luaL_optnumber(state, 2, default_backlog));
  NetError error = NetError::bad_descriptor;
  if (const auto socket = socket_of(state, object)) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    error = socket->listen(int(std::clamp<std::int64_t>(backlog, -1, most)));
  }
  if (error != NetError::none) return push_failure(state, luasocket_words(error));
  set_class(state, server, 1);
  return push_success(state);
}

}  // namespace moonwire::bindings::luasocket
