// getaddrinfo and getnameinfo, off the main thread, with a deadline.
#include "proxy/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <memory>

#include "proxy/access_rules.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

wisp::Failure failure_of_lookup(int code) {
  using enum wisp::Failure;
  switch (code) {
    case 0: return none;
    case EAI_NONAME: return name_not_found;
    case EAI_AGAIN: return name_try_again;
    case EAI_NODATA:
    case EAI_ADDRFAMILY: return name_no_data;
    case EAI_FAMILY: return family_not_supported;
    case EAI_MEMORY: return out_of_resources;
    default: return name_failed;
  }
}

bool is_wanted(const ip::address& address, wisp::Family family) {
  if (family == wisp::Family::none) return true;
  return address.is_v4() == (family == wisp::Family::ipv4);
}

/// A known answer, cut to the wanted family.
Resolution known(std::string name, std::vector<ip::address> addresses, wisp::Family family) {
  Resolution found;
  found.name = std::move(name);
  std::erase_if(addresses, [family](const ip::address& one) { return !is_wanted(one, family); });
  found.addresses = std::move(addresses);
  if (found.addresses.empty()) found.failure = wisp::Failure::name_no_data;
  return found;
}

ip::address address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return ip::address_v4{ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr)};
  }
  ip::address_v6::bytes_type bytes{};
  std::copy_n(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr, bytes.size(),
              bytes.begin());
  return ip::address_v6{bytes};
}

Resolution look_up_addresses(const std::string& host, wisp::Family family) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = family == wisp::Family::ipv4   ? AF_INET
                    : family == wisp::Family::ipv6 ? AF_INET6
                                                   : AF_UNSPEC;
  addrinfo* list = nullptr;
  Resolution found;
  found.failure = failure_of_lookup(getaddrinfo(host.c_str(), nullptr, &hints, &list));
  if (found.failure != wisp::Failure::none) return found;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{list, &freeaddrinfo};
  found.name = list->ai_canonname != nullptr ? list->ai_canonname : host;
  for (const addrinfo* one = list; one != nullptr && found.addresses.size() < wisp::max_addresses;
       one = one->ai_next) {
    const ip::address address = address_of(one->ai_addr);
    if (std::ranges::find(found.addresses, address) == found.addresses.end())
      found.addresses.push_back(address);
  }
  if (normal_host(found.name) != normal_host(host)) found.aliases.push_back(host);
  return found;
}

Resolution look_up_name(const ip::address& address) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.is_v4()) {
    auto* to = reinterpret_cast<sockaddr_in*>(&storage);
    to->sin_family = AF_INET;
    to->sin_addr.s_addr = htonl(address.to_v4().to_uint());
    size = sizeof *to;
  } else {
    auto* to = reinterpret_cast<sockaddr_in6*>(&storage);
    to->sin6_family = AF_INET6;
    std::ranges::copy(address.to_v6().to_bytes(), to->sin6_addr.s6_addr);
    size = sizeof *to;
  }
  std::array<char, NI_MAXHOST> name{};
  Resolution found;
  found.failure = failure_of_lookup(getnameinfo(reinterpret_cast<sockaddr*>(&storage), size,
                                                name.data(), name.size(), nullptr, 0, NI_NAMEREQD));
  if (found.failure != wisp::Failure::none) return found;
  found.name = name.data();
  found.addresses.push_back(address);
  return found;
}

}  // namespace

std::optional<ip::address> literal(std::string_view host) {
  const std::string plain = normal_host(host);
  if (plain.find('%') != plain.npos) return std::nullopt;  // a zone means nothing to the other end
  error_code error;
  ip::address address = ip::make_address(plain, error);
  if (error) return std::nullopt;
  return address;
}

/// Answered by whichever comes first, a thread or the deadline; the other finds nobody waiting.
struct Resolver::Question {
  Question(Executor executor, Work what) : deadline{executor}, work{std::move(what)} {}
  Timer deadline;
  Work work;
  std::function<void(Resolution)> answer;
};

/// Questions that no thread has taken yet, a queue for each asker.
struct Resolver::Queues {
  struct Queue {
    std::deque<std::shared_ptr<Question>> waiting;
    std::size_t running = 0;
  };
  std::map<Asker, Queue> of;
  std::deque<Asker> turns;  // askers with a question that waits, each once
  std::size_t waiting = 0;
  std::size_t running = 0;

  /// The next question that may have a thread, and whose it is; nothing if none may.
  std::pair<Asker, std::shared_ptr<Question>> next() {
    for (std::size_t count = turns.size(); count > 0 && running < resolver_threads; --count) {
      const Asker asker = turns.front();
      turns.pop_front();
      Queue& queue = of[asker];
      while (!queue.waiting.empty() && !queue.waiting.front()->answer) {
        queue.waiting.pop_front();  // its time is over
        --waiting;
      }
      if (queue.waiting.empty()) {
        forget_if_idle(asker);
        continue;
      }
      if (queue.running >= resolver_threads_per_session) {
        turns.push_back(asker);
        continue;
      }
      auto question = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      --waiting;
      ++queue.running;
      ++running;
      if (!queue.waiting.empty()) turns.push_back(asker);
      return {asker, std::move(question)};
    }
    return {};
  }
  void forget_if_idle(Asker asker) {
    const auto found = of.find(asker);
    if (found != of.end() && found->second.running == 0 && found->second.waiting.empty())
      of.erase(found);
  }

  static void start(const std::shared_ptr<Queues>& queues, asio::thread_pool& threads,
                    Executor executor);
};

/// Gives threads to as many questions as may have one.
void Resolver::Queues::start(const std::shared_ptr<Queues>& queues, asio::thread_pool& threads,
                             Executor executor) {
  for (;;) {
    auto [asker, question] = queues->next();
    if (!question) return;
    auto work = [queues, &threads, executor, asker = asker, question = std::move(question)] {
      Resolution one = question->work();
      // The pool outlives its threads, and the executor runs this before the resolver is gone.
      asio::post(executor,
                 [queues, &threads, executor, asker, question, one = std::move(one)]() mutable {
                   --queues->running;
                   --queues->of[asker].running;
                   queues->forget_if_idle(asker);
                   if (question->answer) {
                     question->deadline.cancel();
                     std::exchange(question->answer, nullptr)(std::move(one));
                   }
                   start(queues, threads, executor);
                 });
    };
    asio::post(threads, std::move(work));
  }
}

Lookups system_lookups() {
  return {look_up_addresses, look_up_name};
}

Resolver::Resolver(Executor executor, const Limits& limits, Counters& counters, Lookups lookups)
    : executor_{executor},
      limits_{limits},
      counters_{counters},
      lookups_{std::move(lookups)},
      queues_{std::make_shared<Queues>()} {}

Resolver::~Resolver() {
  // A thread that hangs in the system's resolver cannot be called back; the process ends without
  // it.
  threads_.stop();
}

Task<Resolution> Resolver::addresses(Asker asker, std::string host, wisp::Family family) {
  const std::string plain = normal_host(host);
  if (const auto address = literal(plain)) co_return known(plain, {*address}, family);
  const ip::address loopback4 = ip::address_v4::loopback();
  const ip::address loopback6 = ip::address_v6::loopback();
  if (plain == "localhost") co_return known(plain, {loopback4}, family);
  if (plain == "proxy.internal") co_return known(plain, {loopback4, loopback6}, family);
  Work work = [look_up = lookups_.addresses, plain, family] { return look_up(plain, family); };
  co_return co_await ask(asker, std::move(work));
}

Task<Resolution> Resolver::names(Asker asker, std::string text) {
  const auto address = literal(text);
  if (!address) {
    Resolution failed;
    failed.failure = wisp::Failure::invalid_argument;
    co_return failed;
  }
  Work work = [look_up = lookups_.names, address = *address] { return look_up(address); };
  co_return co_await ask(asker, std::move(work));
}

Task<Resolution> Resolver::ask(Asker asker, Work work) {
  Resolution late;
  late.failure = wisp::Failure::name_try_again;
  Queues::Queue& queue = queues_->of[asker];
  const bool was_idle = queue.waiting.empty();
  if (queue.waiting.size() >= limits_.waiting_questions_per_session ||
      queues_->waiting >= limits_.waiting_questions) {
    queues_->forget_if_idle(asker);
    ++counters_.names_failed;
    co_return late;
  }
  auto question = std::make_shared<Question>(executor_, std::move(work));
  queue.waiting.push_back(question);
  ++queues_->waiting;
  if (was_idle) queues_->turns.push_back(asker);
  Resolution found =
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Resolution)>(
          [&](auto handler) {
            auto held = std::make_shared<decltype(handler)>(std::move(handler));
            question->answer = [held](Resolution one) { (*held)(std::move(one)); };
            question->deadline.expires_after(limits_.resolve_time);
            question->deadline.async_wait([question, late](error_code error) {
              if (!error && question->answer) std::exchange(question->answer, nullptr)(late);
            });
            Queues::start(queues_, threads_, executor_);
          },
          use_task);
  ++(found.failure == wisp::Failure::none ? counters_.names_resolved : counters_.names_failed);
  co_return found;
}

}  // namespace moonwire::proxy
