// Groups and broadcasts inside the machine, as Linux delivers them on one host.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

// Two sockets share a port; each line is what they receive.
constexpr const char* members = R"lua(
  local socket = require "socket"
  local function member()
    local u = socket.udp4()
    u:setoption("reuseaddr", true)
    assert(u:setsockname("*", 12345))
    u:settimeout(0.1)
    return u
  end
  local a, b = member(), member()
  local sender = socket.udp4()
  local group = { multiaddr = "225.0.0.37", interface = "*" }
  local function send(data, to)
    print(sender:sendto(data, to, 12345))
    print((a:receive()), (b:receive()))
  end
)lua";

std::string run(const std::string& script) {
  LuasocketMachine machine;
  const std::string output = machine.run(members + script);
  EXPECT_EQ(machine.leftovers(), 0u);
  return output;
}

TEST(Multicast, ReachesEverySocketBoundToThePortOnceTheHostIsAMember) {
  EXPECT_EQ(run(R"(
    print(a:setoption("ip-add-membership", group))
    send("to the group", "225.0.0.37")
  )"),
            "1.0\n12.0\nto the group\tto the group\n");
}

TEST(Multicast, IsLeftOnce) {
  EXPECT_EQ(run(R"(
    a:setoption("ip-add-membership", group)
    print(a:setoption("ip-drop-membership", group))
    print(a:setoption("ip-drop-membership", group))
    send("to nobody", "225.0.0.37")
  )"),
            "1.0\nnil\tsetsockopt failed\n9.0\nnil\tnil\n");
}

TEST(Multicast, WithoutLoopStaysAway) {
  EXPECT_EQ(run(R"(
    a:setoption("ip-add-membership", group)
    sender:setoption("ip-multicast-loop", false)
    send("to others only", "225.0.0.37")
  )"),
            "14.0\nnil\tnil\n");
}

TEST(Broadcast, WantsItsOption) {
  EXPECT_EQ(run(R"(
    send("no", "255.255.255.255")
    sender:setoption("broadcast", true)
    send("yes", "255.255.255.255")
  )"),
            "nil\tpermission denied\nnil\tnil\n3.0\nyes\tyes\n");
}

TEST(Datagrams, AQueueThatIsFullDropsWhatComes) {
  net::Limits limits;
  limits.datagram_queue_bytes = 10'000;
  LuasocketMachine machine({}, limits);
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local u = socket.udp4()
    u:setsockname("127.0.0.1", 5000)
    u:settimeout(0)
    for i = 1, 100 do assert(u:sendto(("%03d"):format(i) .. ("x"):rep(997), "127.0.0.1", 5000)) end
    local count, last = 0, nil
    while true do
      local data = u:receive()
      if not data then break end
      count, last = count + 1, data:sub(1, 3)
    end
    print(count < 100, count == tonumber(last), u:receive())
  )"),
            "true\ttrue\tnil\ttimeout\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
