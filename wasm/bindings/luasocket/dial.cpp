// Names to addresses to a bound or connected socket.
#include "bindings/luasocket/dial.h"

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "bindings/blocking_call.h"
#include "bindings/failure.h"
#include "bindings/luasocket/held.h"
#include "bindings/luasocket/library.h"
#include "net/resolver.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::Family;
using net::NetError;
using net::Ready;

namespace {

enum class Stage { resolve_local, bind, resolve_remote, connect, done };

// The state of one call, kept while it waits.
struct Dialing {
  DialPlan plan;
  int object_index = 0;
  Stage stage = Stage::done;
  std::shared_ptr<net::Lookup> lookup;  // asked and not yet answered
  std::uint16_t port = 0;               // for the lookup's addresses
  std::vector<Address> addresses;
  std::size_t next = 0;
  Family current = Family::unspecified;  // of the object's descriptor
  bool is_pending = false;               // addresses[next] has been dialled, undecided
  bool may_create = true;
  const char* words = nullptr;  // of the last attempt
};

constexpr const char* dialing_type = "moonwire.dialing";

bool is_star(const char* text) {
  return std::strcmp(text, "*") == 0;
}

// Begins getaddrinfo(host, service): literals are answered at once, other names leave
// `dialing.lookup` to be waited for.
NetError begin_lookup(lua_State* state, Dialing& dialing, const Place& place, Family family) {
  const bool has_host = !is_star(place.host);
  const char* service = is_star(place.service) ? nullptr : place.service;
  dialing.addresses.clear();
  dialing.next = 0;
  dialing.port = 0;
  if (!has_host && service == nullptr) return NetError::name_unknown;
  if (service != nullptr && !net::parse_service(service, dialing.port)) {
    return NetError::service_unknown;
  }
  if (!has_host) {
    const bool is_passive = dialing.stage == Stage::resolve_local;
    for (const Family one : {Family::inet, Family::inet6}) {
      if (family != Family::unspecified && family != one) continue;
      dialing.addresses.push_back(is_passive ? Address::any(one, dialing.port)
                                             : Address::loopback(one, dialing.port));
    }
    return NetError::none;
  }
  if (*place.host == '\0') return NetError::name_unknown;
  net::Resolver& resolver = kernel::process_of(state).machine().network().resolver();
  dialing.lookup = resolver.forward(place.host, family);
  return NetError::none;
}

NetError take_answer(Dialing& dialing) {
  const auto lookup = std::exchange(dialing.lookup, nullptr);
  if (lookup->error() != NetError::none) return lookup->error();
  dialing.addresses = lookup->addresses();
  for (Address& address : dialing.addresses) address.port = dialing.port;
  return dialing.addresses.empty() ? NetError::name_no_address : NetError::none;
}

// Makes sure that the object has a socket of the address's family.
// @return whether it has; otherwise `words` says why not.
bool prepare_socket(lua_State* state, Dialing& dialing, Object& object, Family family) {
  if (!dialing.may_create) {
    dialing.words = object.descriptor == no_descriptor ? closed_words : nullptr;
    return dialing.words == nullptr;
  }
  if (dialing.current == family && object.descriptor != no_descriptor) return true;
  destroy_socket(state, object);
  dialing.words = luasocket_words(create_socket(state, object, family, dialing.plan.type));
  if (dialing.words != nullptr) return false;
  dialing.current = family;
  return true;
}

void bind_to_first(lua_State* state, Dialing& dialing, Object& object) {
  for (const Address& address : dialing.addresses) {
    if (!prepare_socket(state, dialing, object, address.family)) continue;
    const auto socket = socket_of(state, object);
    const NetError error = socket ? socket->bind(address) : NetError::bad_descriptor;
    dialing.words = luasocket_words(error);
    if (dialing.words != nullptr) continue;
    object.family = dialing.current;
    return;
  }
}

// What became of a connection attempt that has been decided.
const char* outcome(lua_State* state, const Object& object) {
  const auto socket = socket_of(state, object);
  return luasocket_words(socket ? socket->take_error() : NetError::bad_descriptor);
}

enum class Attempt { ended, undecided };

// Dials addresses[next], or looks how the attempt stands.
Attempt attempt(lua_State* state, Dialing& dialing, Object& object, bool deadline_passed) {
  const Address& address = dialing.addresses[dialing.next];
  if (!dialing.is_pending) {
    mark_start(state, object.timeout);
    if (!prepare_socket(state, dialing, object, address.family)) return Attempt::ended;
    const auto socket = socket_of(state, object);
    const NetError error = socket ? socket->connect(address) : NetError::bad_descriptor;
    if (error != NetError::in_progress && error != NetError::would_block) {
      dialing.words = luasocket_words(error);
      return Attempt::ended;
    }
    dialing.words = timeout_words;
    if (object.timeout.is_zero()) return Attempt::ended;  // whatever the socket knows by now
    dialing.is_pending = true;
  }
  const net::Pollable* socket = kernel::process_of(state).descriptors().pollable(object.descriptor);
  if (socket == nullptr || any(socket->ready())) {
    dialing.is_pending = false;
    dialing.words = outcome(state, object);
    return Attempt::ended;
  }
  if (!deadline_passed) return Attempt::undecided;
  dialing.is_pending = false;
  dialing.words = timeout_words;
  return Attempt::ended;
}

int run(lua_State* state, int dialing_index, bool deadline_passed);

int resume_dial(lua_State* state, int, lua_KContext dialing_index) {
  return run(state, int(dialing_index), woke_by_deadline(state));
}

void begin_stage(lua_State* state, Dialing& dialing, Object& object, Stage stage) {
  dialing.stage = stage;
  const bool is_local = stage == Stage::resolve_local;
  const Place& place = is_local ? dialing.plan.local : dialing.plan.remote;
  const bool is_given = is_local && dialing.plan.local_family != Family::unspecified;
  const Family family = is_given ? dialing.plan.local_family : object.family;
  dialing.words = luasocket_words(begin_lookup(state, dialing, place, family));
  if (dialing.words != nullptr) dialing.stage = Stage::done;
}

int run(lua_State* state, int dialing_index, bool deadline_passed) {
  auto& dialing = held<Dialing>(state, dialing_index);
  auto& object = *static_cast<Object*>(lua_touserdata(state, dialing.object_index));
  while (dialing.stage != Stage::done) {
    if (dialing.stage == Stage::resolve_local || dialing.stage == Stage::resolve_remote) {
      if (dialing.lookup != nullptr) {
        if (!dialing.lookup->is_done()) {
          return park_on(state, *dialing.lookup, Ready::readable, kernel::Wait::never,
                         dialing_index, resume_dial, dialing.plan.call);
        }
        dialing.words = luasocket_words(take_answer(dialing));
        if (dialing.words != nullptr) break;
      }
      dialing.current = object.family;
      const bool is_local = dialing.stage == Stage::resolve_local;
      dialing.stage = is_local ? Stage::bind : Stage::connect;
    } else if (dialing.stage == Stage::bind) {
      bind_to_first(state, dialing, object);
      dialing.stage = Stage::done;
      if (dialing.words == nullptr && dialing.plan.remote.host != nullptr) {
        begin_stage(state, dialing, object, Stage::resolve_remote);
      }
    } else if (attempt(state, dialing, object, deadline_passed) == Attempt::undecided) {
      const Allowance allowed = allowance(state, object.timeout);
      if (allowed.may_wait) {
        net::Pollable* socket = kernel::process_of(state).descriptors().pollable(object.descriptor);
        return park_on(state, *socket, Ready::both, allowed.deadline, dialing_index, resume_dial,
                       dialing.plan.call);
      }
      deadline_passed = true;
    } else {
      deadline_passed = false;
      const bool is_last = dialing.next + 1 == dialing.addresses.size();
      if (dialing.words == nullptr || object.timeout.is_zero()) {
        if (dialing.may_create) object.family = dialing.current;
        dialing.stage = Stage::done;
      } else if (is_last) {
        dialing.stage = Stage::done;
      } else {
        ++dialing.next;
      }
    }
  }
  const char* words = dialing.words;
  const EndDial end = dialing.plan.end;
  dialing = Dialing{};  // do not keep names and addresses until the next collection
  return end(state, object, words);
}

}  // namespace

int dial(lua_State* state, int object_index, const DialPlan& plan) {
  auto& dialing = push_held<Dialing>(state, dialing_type);
  const int dialing_index = lua_gettop(state);
  auto& object = *static_cast<Object*>(lua_touserdata(state, object_index));
  dialing.plan = plan;
  dialing.object_index = object_index;
  const bool has_local = plan.local.host != nullptr;
  begin_stage(state, dialing, object, has_local ? Stage::resolve_local : Stage::resolve_remote);
  return run(state, dialing_index, false);
}

int dial_address(lua_State* state, int object_index, const Address& address, const DialPlan& plan) {
  auto& dialing = push_held<Dialing>(state, dialing_type);
  const int dialing_index = lua_gettop(state);
  dialing.plan = plan;
  dialing.object_index = object_index;
  dialing.may_create = false;
  dialing.addresses.push_back(address);
  dialing.stage = Stage::connect;
  return run(state, dialing_index, false);
}

}  // namespace moonwire::bindings::luasocket
