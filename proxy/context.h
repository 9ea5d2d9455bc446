// What all sessions of one proxy share. Made by the server, borrowed by everything below it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/access_rules.h"
#include "proxy/asio.h"
#include "proxy/counters.h"
#include "proxy/gate.h"
#include "proxy/limits.h"
#include "proxy/outbox.h"
#include "proxy/resolver.h"

namespace moonwire::proxy {

struct User {
  std::string name;
  std::string password;
};

/// What the options say about sessions and streams.
struct Policy {
  Limits limits;
  AccessRules rules;
  std::vector<PublishRule> publish;
  std::vector<User> users;  ///< empty: no password is asked for
  std::string motd;
};

struct Context {
  Context(Executor an_executor, Policy a_policy, Lookups lookups)
      : executor{an_executor},
        policy{std::move(a_policy)},
        resolver{executor, policy.limits, counters, std::move(lookups)} {}

  Executor executor;
  Policy policy;
  Clock::time_point now =
      Clock::now();  ///< as of the server's last tick: close enough for pings and deadlines
  Counters counters;
  BlockPool blocks;
  Resolver resolver;
  /// One read's worth of bytes; nobody may keep a view of it beyond its own turn.
  std::unique_ptr<std::byte[]> scratch = std::make_unique_for_overwrite<std::byte[]>(scratch_bytes);
};

}  // namespace moonwire::proxy
