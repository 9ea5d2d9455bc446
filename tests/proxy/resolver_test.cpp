// Names that hang, and whom they hold up.
#include "proxy/resolver.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <condition_variable>
#include <map>
#include <mutex>

namespace moonwire::proxy {
namespace {

/// A name server: names that begin with "hang" wait until it is told to answer them.
class NameServer {
 public:
  Lookups lookups() {
    return {[this](const std::string& host, wisp::Family) { return look_up(host); },
            [](const ip::address&) { return Resolution{}; }};
  }
  void answer_all() {
    const std::lock_guard lock{mutex_};
    answers_ = true;
    changed_.notify_all();
  }
  std::size_t most_at_once() {
    const std::lock_guard lock{mutex_};
    return most_;
  }

 private:
  Resolution look_up(const std::string& host) {
    std::unique_lock lock{mutex_};
    most_ = std::max(most_, ++now_);
    if (host.starts_with("hang")) changed_.wait(lock, [this] { return answers_; });
    --now_;
    Resolution found;
    found.name = host;
    found.addresses = {ip::address_v4::loopback()};
    return found;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool answers_ = false;
  std::size_t now_ = 0;
  std::size_t most_ = 0;
};

class ResolverTest : public ::testing::Test {
 protected:
  ~ResolverTest() override {
    server_.answer_all();
    io_.restart();
    io_.run_for(std::chrono::seconds{1});
  }
  void ask(int asker, const std::string& host) {
    const auto run = [this, asker, host]() -> Task<void> {
      const Resolution found =
          co_await resolver_.addresses(&askers_[asker], host, wisp::Family::none);
      answers_[host] = found.failure;
    };
    asio::co_spawn(io_, run, asio::detached);
  }
  void run_until_answered(const std::string& host) {
    const auto give_up = Clock::now() + std::chrono::seconds{5};
    while (!answers_.contains(host) && Clock::now() < give_up) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds{1});
    }
  }

  std::map<int, int> askers_;
  std::map<std::string, wisp::Failure> answers_;
  asio::io_context io_{1};
  NameServer server_;
  Limits limits_;
  Counters counters_;
  Resolver resolver_{io_.get_executor(), limits_, counters_, server_.lookups()};
};

TEST_F(ResolverTest, NamesThatHangHoldUpNoOtherSession) {
  for (int i = 0; i < 200; ++i) ask(1, "hang" + std::to_string(i));
  ask(2, "quick");
  run_until_answered("quick");
  EXPECT_EQ(answers_["quick"], wisp::Failure::none);
  EXPECT_EQ(answers_.size(), 1u) << "the others still hang";
  EXPECT_LE(server_.most_at_once(), resolver_threads_per_session + 1);
}

TEST_F(ResolverTest, OneSessionsQuestionsAreBounded) {
  const std::size_t most = limits_.waiting_questions_per_session;
  for (std::size_t i = 0; i < most + resolver_threads_per_session; ++i)
    ask(1, "hang" + std::to_string(i));
  ask(1, "one more");
  run_until_answered("one more");
  EXPECT_EQ(answers_["one more"], wisp::Failure::name_try_again);
  ask(2, "quick");
  run_until_answered("quick");
  EXPECT_EQ(answers_["quick"], wisp::Failure::none);
}

TEST_F(ResolverTest, ANameThatHangsIsAnsweredByItsDeadlineAndTheThreadComesBack) {
  limits_.resolve_time = std::chrono::milliseconds{20};
  for (const char* name : {"hang1", "hang2", "hang3"}) ask(1, name);
  run_until_answered("hang3");
  EXPECT_EQ(answers_["hang1"], wisp::Failure::name_try_again);
  EXPECT_EQ(answers_["hang3"], wisp::Failure::name_try_again) << "it never had a thread";
  server_.answer_all();
  limits_.resolve_time = std::chrono::seconds{5};
  ask(1, "quick");
  run_until_answered("quick");
  EXPECT_EQ(answers_["quick"], wisp::Failure::none);
}

}  // namespace
}  // namespace moonwire::proxy
