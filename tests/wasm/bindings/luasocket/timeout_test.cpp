// What the two timeouts allow, measured with a clock that only moves when everybody waits.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

// A peer that sends a byte every 0.6 s, five in all, to each who connects.
constexpr const char* trickle = R"(
  local socket = require "socket"
  local server = assert(socket.bind("127.0.0.1", 5000))
  for _ = 1, tonumber(arg[1]) do
    local client = server:accept()
    for i = 1, 5 do
      client:send("x")
      if i < 5 then socket.sleep(0.6) end
    end
    client:receive() -- until it has gone
    client:close()
  end
)";

constexpr const char* reader = R"(
  local socket = require "socket"
  local client = assert(socket.connect("127.0.0.1", 5000))
  for i = 1, #arg - 1, 2 do client:settimeout(tonumber(arg[i + 1]), arg[i]) end
  local began = socket.gettime()
  local data, why, partial = client:receive(5)
  print(data, why, partial, ("%.2f"):format(socket.gettime() - began))
)";

std::string read_from_trickle(std::vector<std::string> settings) {
  LuasocketMachine machine;
  machine.start(trickle, {"1"}, "trickle.lua");
  machine.settle();
  const kernel::Pid pid = machine.start(reader, std::move(settings), "reader.lua");
  machine.run_until_idle();
  EXPECT_EQ(machine.leftovers(), 0u);
  return machine.output(pid) + machine.errors(pid);
}

TEST(Timeout, BlockAloneIsADeadlineForTheWholeCall) {
  EXPECT_EQ(read_from_trickle({"b", "1"}), "nil\ttimeout\txx\t1.00\n");
}

TEST(Timeout, TotalAloneIsADeadlineForTheWholeCall) {
  EXPECT_EQ(read_from_trickle({"t", "1"}), "nil\ttimeout\txx\t1.00\n");
}

TEST(Timeout, WithATotalTheBlockTimeoutBoundsEachWaitAnew) {
  EXPECT_EQ(read_from_trickle({"b", "1", "t", "10"}), "xxxxx\tnil\tnil\t2.40\n");
  EXPECT_EQ(read_from_trickle({"b", "0.3", "t", "10"}), "nil\ttimeout\tx\t0.30\n");
  EXPECT_EQ(read_from_trickle({"b", "1", "t", "1.5"}), "nil\ttimeout\txxx\t1.50\n");
}

TEST(Timeout, NoneWaitsForEverything) {
  EXPECT_EQ(read_from_trickle({}), "xxxxx\tnil\tnil\t2.40\n");
}

TEST(Timeout, IsRoundedDownToWholeMilliseconds) {
  LuasocketMachine machine;
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local server = socket.bind("127.0.0.1", 5000)
    local client = socket.connect("127.0.0.1", 5000)
    for _, timeout in ipairs { 0.0009, 0.3009, 0.3 } do
      client:settimeout(timeout)
      local began = socket.gettime()
      client:receive()
      print(("%.4f"):format(socket.gettime() - began))
    end
  )"),
            "0.0000\n0.3000\n0.3000\n");
}

TEST(Timeout, StartsAnewWithEachCall) {
  LuasocketMachine machine;
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local server = socket.bind("127.0.0.1", 5000)
    local client = socket.connect("127.0.0.1", 5000)
    client:settimeout(1)
    local began = socket.gettime()
    for i = 1, 3 do client:receive() print(("%.2f"):format(socket.gettime() - began)) end
    server:settimeout(0.5, "t")
    server:accept()
    print(server:accept())
    print(("%.2f"):format(socket.gettime() - began))
  )"),
            "1.00\n2.00\n3.00\nnil\ttimeout\n3.50\n");
}

TEST(Timeout, OfSelectIsNotRounded) {
  LuasocketMachine machine;
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local began = socket.gettime()
    print(#socket.select(nil, nil, 0.0105))
    print(("%.4f"):format(socket.gettime() - began))
    socket.sleep(0.0105)
    print(("%.4f"):format(socket.gettime() - began))
  )"),
            "0\n0.0105\n0.0210\n");
}

TEST(Timeout, OfAConnectThatNobodyAnswers) {
  LuasocketMachine machine;
  machine.machine.network().faults().set(net::Address::v4(127, 0, 0, 9), {.black_hole = true});
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local c = socket.tcp()
    c:settimeout(2)
    local began = socket.gettime()
    print(c:connect("127.0.0.9", 80))
    print(("%.2f"):format(socket.gettime() - began), c.class)
    c = socket.tcp4()
    c:settimeout(0)
    print(c:connect("127.0.0.9", 80))
    print(c:connect("127.0.0.9", 80))
    print(c:send("x"))
    print(c:receive())
  )"),
            "nil\ttimeout\n2.00\ttcp{client}\nnil\ttimeout\nnil\tOperation already in progress\n"
            "nil\ttimeout\t0.0\nnil\ttimeout\t\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Timeout, BacklogThatIsFullLetsConnectHang) {
  LuasocketMachine machine;
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    local server = socket.bind("127.0.0.1", 5000, 0)
    local one = socket.connect("127.0.0.1", 5000)
    local two = socket.tcp()
    two:settimeout(3)
    local began = socket.gettime()
    print(two:connect("127.0.0.1", 5000))
    print(("%.2f"):format(socket.gettime() - began))
  )"),
            "nil\ttimeout\n3.00\n");
}

TEST(Timeout, ElapsedSecondsAreTheFourthValueOfADebugBuild) {
  LuasocketMachine machine;
  machine.debug = true;
  EXPECT_EQ(machine.run(R"(
    local socket = require "socket"
    print(socket._DEBUG)
    local server = socket.bind("127.0.0.1", 5000)
    local a = socket.connect("127.0.0.1", 5000)
    local b = server:accept()
    print(a:send("hello\n"))
    print(b:receive())
    b:settimeout(1.5)
    print(b:receive())
  )"),
            "true\n6.0\tnil\tnil\t0.0\nhello\tnil\tnil\t0.0\nnil\ttimeout\t\t1.5\n");
}

}  // namespace
}  // namespace moonwire::testing
