// socket.dns: toip, tohostname, gethostname, getaddrinfo, getnameinfo. Names are asked of the
// machine's resolver; the process is parked until the answer is there.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bindings/blocking_call.h"
#include "bindings/failure.h"
#include "bindings/luasocket/held.h"
#include "bindings/luasocket/library.h"
#include "bindings/luasocket/object.h"
#include "net/resolver.h"

namespace moonwire::bindings::luasocket {

using net::Address;
using net::Family;
using net::Lookup;
using net::NetError;
using net::Ready;

namespace {

/// The machine's own name: one that its resolver always knows, because scripts look it up.
constexpr const char* host_name = "localhost";

using Lookups = std::vector<std::shared_ptr<Lookup>>;

struct Questions {
  Lookups lookups;  // asked one by one, all must be answered
  Lookup* find_open() const {
    for (const auto& lookup : lookups) {
      if (!lookup->is_done()) return lookup.get();
    }
    return nullptr;
  }
};

constexpr const char* questions_type = "moonwire.questions";

net::Resolver& resolver_of(lua_State* state) {
  return kernel::process_of(state).machine().network().resolver();
}

Questions& questions_at(lua_State* state, int index) {
  return held<Questions>(state, index);
}

int wait_for(lua_State* state, Lookup& lookup, int questions_index, lua_KFunction resume,
             const char* call) {
  return park_on(state, lookup, Ready::readable, kernel::Wait::never, questions_index, resume,
                 call);
}

// ---------------------------------------------------------------------------------------------
// toip, tohostname

void push_list(lua_State* state, const std::vector<std::string>& texts) {
  lua_createtable(state, int(texts.size()), 0);
  lua_Integer count = 0;
  for (const std::string& text : texts) {
    lua_pushstring(state, text.c_str());
    lua_rawseti(state, -2, ++count);
  }
}

// What gethostbyname or gethostbyaddr found, and for whom.
struct HostEntry {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> ips;
};

int push_host(lua_State* state, const HostEntry& entry, bool wants_name) {
  lua_pushstring(state, wants_name ? entry.name.c_str() : entry.ips.front().c_str());
  lua_createtable(state, 0, 3);
  lua_pushstring(state, entry.name.c_str());
  lua_setfield(state, -2, "name");
  push_list(state, entry.aliases);
  lua_setfield(state, -2, "alias");
  push_list(state, entry.ips);
  lua_setfield(state, -2, "ip");
  return 2;
}

constexpr int host_questions_index = 2;

int end_host(lua_State* state, bool wants_name) {
  const Lookup& lookup = *questions_at(state, host_questions_index).lookups.front();
  if (lookup.error() != NetError::none) {
    return push_failure(state, luasocket_host_words(lookup.error()));
  }
  HostEntry entry{.name = lookup.name(), .aliases = lookup.aliases(), .ips = {}};
  const char* asked = lua_tostring(state, 1);
  if (const auto number = net::parse_loose_inet(asked)) {
    entry.ips.push_back(number->host());
  } else {
    for (const Address& address : lookup.addresses()) {
      if (address.family == Family::inet) entry.ips.push_back(address.host());
    }
  }
  if (entry.name.empty()) entry.name = asked;
  if (entry.ips.empty()) {
    return push_failure(state, luasocket_host_words(NetError::name_no_address));
  }
  return push_host(state, entry, wants_name);
}

int resume_host(lua_State* state, int, lua_KContext wants_name) {
  if (Lookup* open = questions_at(state, host_questions_index).find_open()) {
    return park_on(state, *open, Ready::readable, kernel::Wait::never, wants_name, resume_host,
                   wants_name != 0 ? "tohostname" : "toip");
  }
  return end_host(state, wants_name != 0);
}

int ask_host(lua_State* state, bool wants_name) {
  const char* asked = luaL_checkstring(state, 1);
  if (*asked == '\0') return push_failure(state, luasocket_host_words(NetError::name_failure));
  lua_settop(state, 1);
  auto& questions = push_held<Questions>(state, questions_type);
  net::Resolver& resolver = resolver_of(state);
  const auto number = net::parse_loose_inet(asked);
  questions.lookups.push_back(number ? resolver.reverse(*number)
                                     : resolver.forward(asked, Family::inet));
  return resume_host(state, LUA_OK, wants_name);
}

int toip(lua_State* state) {
  return ask_host(state, false);
}

int tohostname(lua_State* state) {
  return ask_host(state, true);
}

// ---------------------------------------------------------------------------------------------
// getaddrinfo

constexpr int addresses_questions_index = 2;

int end_getaddrinfo(lua_State* state) {
  const Lookup& lookup = *questions_at(state, addresses_questions_index).lookups.front();
  if (lookup.error() != NetError::none) {
    return push_failure(state, luasocket_words(lookup.error()));
  }
  lua_createtable(state, int(lookup.addresses().size()), 0);
  lua_Integer count = 0;
  for (const Address& address : lookup.addresses()) {
    lua_createtable(state, 0, 2);
    lua_pushstring(state, address.family == Family::inet6 ? "inet6" : "inet");
    lua_setfield(state, -2, "family");
    lua_pushstring(state, address.host().c_str());
    lua_setfield(state, -2, "addr");
    lua_rawseti(state, -2, ++count);
  }
  return 1;
}

int resume_getaddrinfo(lua_State* state, int, lua_KContext) {
  if (Lookup* open = questions_at(state, addresses_questions_index).find_open()) {
    return wait_for(state, *open, 0, resume_getaddrinfo, "getaddrinfo");
  }
  return end_getaddrinfo(state);
}

int getaddrinfo(lua_State* state) {
  const char* host = luaL_checkstring(state, 1);
  if (*host == '\0' || std::strcmp(host, "*") == 0) {
    return push_failure(state, luasocket_words(NetError::name_unknown));
  }
  lua_settop(state, 1);
  auto& questions = push_held<Questions>(state, questions_type);
  questions.lookups.push_back(resolver_of(state).forward(host, Family::unspecified));
  return resume_getaddrinfo(state, LUA_OK, 0);
}

// ---------------------------------------------------------------------------------------------
// getnameinfo

constexpr int host_index = 1;
constexpr int service_index = 2;
constexpr int forward_index = 3;  // the host's addresses
constexpr int reverse_index = 4;  // a name for each of them

int end_getnameinfo(lua_State* state) {
  const bool has_service = !lua_isnil(state, service_index);
  const bool has_host = !lua_isnil(state, host_index);
  lua_newtable(state);
  if (has_host) {
    const auto& addresses = questions_at(state, forward_index).lookups.front()->addresses();
    const Lookups& names = questions_at(state, reverse_index).lookups;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool is_named = names[i]->error() == NetError::none && !names[i]->name().empty();
      lua_pushstring(state, is_named ? names[i]->name().c_str() : addresses[i].host().c_str());
      lua_rawseti(state, -2, lua_Integer(i) + 1);
    }
  }
  if (!has_service) return 1;
  std::uint16_t port = 0;
  net::parse_service(lua_tostring(state, service_index), port);
  lua_pushstring(state, net::service_name(port).c_str());
  return 2;
}

int resume_reverse(lua_State* state, int, lua_KContext) {
  if (Lookup* open = questions_at(state, reverse_index).find_open()) {
    return wait_for(state, *open, 0, resume_reverse, "getnameinfo");
  }
  return end_getnameinfo(state);
}

int resume_forward(lua_State* state, int, lua_KContext) {
  const Questions& questions = questions_at(state, forward_index);
  if (Lookup* open = questions.find_open()) {
    return wait_for(state, *open, 0, resume_forward, "getnameinfo");
  }
  const Lookup& lookup = *questions.lookups.front();
  if (lookup.error() != NetError::none) {
    return push_failure(state, luasocket_words(lookup.error()));
  }
  auto& names = push_held<Questions>(state, questions_type);
  for (const Address& address : lookup.addresses()) {
    names.lookups.push_back(resolver_of(state).reverse(address));
  }
  return resume_reverse(state, LUA_OK, 0);
}

int getnameinfo(lua_State* state) {
  const char* host = luaL_optstring(state, host_index, nullptr);
  const char* service = luaL_optstring(state, service_index, nullptr);
  if (host == nullptr && service == nullptr) {
    return luaL_error(state, "host and serv cannot be both nil");
  }
  std::uint16_t port = 0;
  if (service != nullptr && !net::parse_service(service, port)) {
    return push_failure(state, luasocket_words(NetError::service_unknown));
  }
  lua_settop(state, service_index);
  if (host == nullptr) return end_getnameinfo(state);
  if (*host == '\0') return push_failure(state, luasocket_words(NetError::name_unknown));
  auto& questions = push_held<Questions>(state, questions_type);
  questions.lookups.push_back(resolver_of(state).forward(host, Family::unspecified));
  return resume_forward(state, LUA_OK, 0);
}

int gethostname(lua_State* state) {
  lua_pushstring(state, host_name);
  return 1;
}

constexpr luaL_Reg functions[] = {
    {"toip", toip},
    {"getaddrinfo", getaddrinfo},
    {"tohostname", tohostname},
    {"getnameinfo", getnameinfo},
    {"gethostname", gethostname},
    {nullptr, nullptr},
};

}  // namespace

void add_dns(lua_State* state) {
  luaL_newlib(state, functions);
  lua_setfield(state, -2, "dns");
}

}  // namespace moonwire::bindings::luasocket
