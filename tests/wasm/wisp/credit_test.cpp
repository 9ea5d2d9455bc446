// Flow control's counting: nobody overruns, nobody waits for ever.
#include "wisp/credit.h"

#include <gtest/gtest.h>

#include <deque>

namespace moonwire::wisp {
namespace {

TEST(PacketCredit, ContinueWithNoRoomLeftStopsTheSender) {
  PacketCredit credit{2};
  credit.spend();
  EXPECT_TRUE(credit.can_send());
  credit.spend();
  EXPECT_FALSE(credit.can_send());
  credit.set(0);
  EXPECT_FALSE(credit.can_send());
  credit.set(1);
  EXPECT_TRUE(credit.can_send());
}

TEST(PacketCredit, ContinueSetsAndDoesNotAdd) {
  PacketCredit credit{5};
  credit.set(3);
  EXPECT_EQ(credit.packets(), 3u);
}

TEST(PacketBuffer, AsksForMoreOnceHalfOfItHasGoneOn) {
  PacketBuffer buffer{8};
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(buffer.receive());
  EXPECT_FALSE(buffer.release());
  EXPECT_FALSE(buffer.release());
  EXPECT_FALSE(buffer.release());
  EXPECT_TRUE(buffer.release());
  EXPECT_EQ(buffer.grant(), 4u);
  EXPECT_EQ(buffer.held(), 4u);
}

TEST(PacketBuffer, RefusesWhatNoHonestSenderCanHaveOnItsWay) {
  PacketBuffer buffer{4};
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(buffer.receive()) << i;
  EXPECT_FALSE(buffer.receive());
}

// A sender that always sends all it may, a receiver that passes on one at a time, and every delay
// of CONTINUE: never refused, never stuck.
TEST(PacketBuffer, NeitherOverrunsNorStallsHoweverLateContinueArrives) {
  for (std::uint32_t capacity : {1u, 2u, 3u, 8u, 32u}) {
    for (std::uint32_t delay = 0; delay <= 2 * capacity; ++delay) {
      PacketBuffer buffer{capacity};
      PacketCredit credit{capacity};
      std::uint32_t passed = 0;
      std::uint32_t arriving = 0;  // packets sent, not yet received
      std::uint32_t pending_grant = 0;
      std::uint32_t grant_due = 0;
      bool has_grant = false;
      for (std::uint32_t turn = 0; turn < 400; ++turn) {
        if (credit.can_send()) {
          credit.spend();
          ++arriving;
        }
        if (has_grant && turn >= grant_due) {
          credit.set(pending_grant);
          has_grant = false;
        }
        if (arriving > 0) {
          ASSERT_TRUE(buffer.receive()) << capacity << " " << delay;
          --arriving;
        }
        if (buffer.held() > 0) {
          ++passed;
          if (buffer.release() && !has_grant) {
            pending_grant = buffer.grant();
            grant_due = turn + delay;
            has_grant = true;
          }
        }
      }
      EXPECT_GT(passed, 400 / (4 * (delay + 2))) << capacity << " " << delay;
    }
  }
}

// Packets take long, the receiver passes them on at once and then, at any moment, not at all: what
// an honest sender has on its way by then still fits.
TEST(PacketBuffer, HoldsAllThatIsOnItsWayWhenTheReceiverStops) {
  for (std::uint32_t capacity : {1u, 2u, 3u, 8u, 32u}) {
    for (std::uint32_t stop = 0; stop <= 20 * capacity; ++stop) {
      PacketBuffer buffer{capacity};
      PacketCredit credit{capacity};
      credit.set(buffer.grant());  // the confirmation that the socket is open
      std::deque<std::uint32_t> arrivals;
      for (std::uint32_t turn = 0; turn < 40 * capacity; ++turn) {
        for (; credit.can_send(); credit.spend()) arrivals.push_back(turn + 5 * capacity);
        if (arrivals.empty() || arrivals.front() > turn) continue;
        arrivals.pop_front();
        ASSERT_TRUE(buffer.receive()) << capacity << " " << stop;
        if (turn < stop && buffer.release()) credit.set(buffer.grant());
      }
    }
  }
}

TEST(ByteCredit, SpendsOnlyWhatIsThere) {
  ByteCredit credit{10};
  EXPECT_FALSE(credit.spend(11));
  EXPECT_EQ(credit.available(), 10u);
  EXPECT_TRUE(credit.spend(10));
  EXPECT_FALSE(credit.spend(1));
  credit.grant(3);
  EXPECT_TRUE(credit.spend(3));
}

TEST(ByteCredit, NeverHoldsMoreThanTheWidestWindow) {
  ByteCredit credit{0xffffffff};
  EXPECT_EQ(credit.available(), max_window);
  credit.grant(0xffffffff);
  EXPECT_EQ(credit.available(), max_window);
  EXPECT_TRUE(credit.spend(1));
  credit.grant(0xffffffff);
  EXPECT_EQ(credit.available(), max_window);
}

TEST(ByteWindow, GrantsWhatWasConsumedOnceItIsWorthAPacket) {
  ByteWindow window{100};
  EXPECT_EQ(window.consume(49), 0u);
  EXPECT_EQ(window.consume(1), 50u);
  EXPECT_EQ(window.consume(10), 0u);
  EXPECT_EQ(window.consume(200), 210u);
}

TEST(ByteWindow, OfOneByteGrantsEachByte) {
  ByteWindow window{1};
  EXPECT_EQ(window.consume(1), 1u);
  EXPECT_EQ(window.consume(1), 1u);
}

}  // namespace
}  // namespace moonwire::wisp
