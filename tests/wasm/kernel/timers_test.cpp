#include "kernel/timers.h"

#include <gtest/gtest.h>

#include <string>

#include "support/manual_host.h"

namespace moonwire::kernel {
namespace {

class TimersTest : public ::testing::Test {
 protected:
  testing::ManualHost host;
  Timers timers{host};
  std::string fired;

  net::DeadlineId at(Micros when, char name) {
    return timers.call_at(when, [this, name] { fired += name; });
  }
};

TEST_F(TimersTest, FireInOrderOfTheirMomentThenOfTheirMaking) {
  at(30, 'd');
  at(10, 'a');
  at(20, 'b');
  at(20, 'c');
  timers.fire_due(25);
  EXPECT_EQ(fired, "abc");
  EXPECT_EQ(timers.next(), 30);
  timers.fire_due(30);
  EXPECT_EQ(fired, "abcd");
  EXPECT_EQ(timers.count(), 0u);
  EXPECT_EQ(timers.next(), INT64_MAX);
}

TEST_F(TimersTest, ACancelledCallNeverComesWhateverItsPlaceInTheHeap) {
  for (int victim = 0; victim < 20; ++victim) {
    fired.clear();
    std::string expected;
    net::DeadlineId chosen = net::no_deadline;
    for (int i = 0; i < 20; ++i) {
      const char name = static_cast<char>('a' + i);
      const net::DeadlineId id = at((i * 7) % 20, name);
      if (i == victim) chosen = id;
    }
    timers.cancel(chosen);
    timers.cancel(chosen);
    for (int when = 0; when < 20; ++when) {
      const int i = (when * 3) % 20;  // 7 * 3 is 1 modulo 20
      if (i != victim) expected += static_cast<char>('a' + i);
    }
    timers.fire_due(100);
    EXPECT_EQ(fired, expected);
  }
}

TEST_F(TimersTest, AnOldIdDoesNotCancelTheCallThatTookItsPlace) {
  const net::DeadlineId old = at(1, 'x');
  timers.fire_due(1);
  at(2, 'y');
  timers.cancel(old);
  timers.fire_due(2);
  EXPECT_EQ(fired, "xy");
}

TEST_F(TimersTest, ACallAskedForInsideACallWaitsForTheNextRound) {
  timers.call_at(1, [this] {
    fired += 'a';
    at(0, 'b');
  });
  timers.fire_due(5);
  EXPECT_EQ(fired, "a");
  timers.fire_due(5);
  EXPECT_EQ(fired, "ab");
}

TEST_F(TimersTest, ACallMayCancelAnotherThatIsDueToo) {
  net::DeadlineId other = net::no_deadline;
  timers.call_at(1, [&] { timers.cancel(other); });
  other = at(1, 'x');
  timers.fire_due(1);
  EXPECT_EQ(fired, "");
  EXPECT_EQ(timers.count(), 0u);
}

}  // namespace
}  // namespace moonwire::kernel
