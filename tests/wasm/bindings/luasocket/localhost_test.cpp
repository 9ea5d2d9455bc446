// "localhost" is the IPv4 loopback alone (reference 5, 12), whatever the hosts file of this machine
// says of it.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

TEST(Localhost, IsTheIpv4LoopbackAlone) {
  LuasocketMachine machine;
  const kernel::Pid pid = machine.start(R"(
    local socket = require "socket"
    local address, entry = socket.dns.toip("localhost")
    print(address, entry.name, #entry.alias, table.concat(entry.ip, " "))
    print((socket.dns.tohostname("localhost")))
    for i, one in ipairs(socket.dns.getaddrinfo("localhost")) do print(i, one.family, one.addr) end
    print(table.concat(socket.dns.getnameinfo("localhost"), " "))
    local server = assert(socket.bind("localhost", 5000))
    print(server:getsockname())
    print((socket.connect("localhost", 5000):getpeername()))
    server:close()
  )",
                                        {}, "localhost.lua");
  machine.run_until_idle();
  EXPECT_EQ(machine.output(pid) + machine.errors(pid),
            "127.0.0.1\tlocalhost\t0\t127.0.0.1\n"
            "localhost\n"
            "1\tinet\t127.0.0.1\n"
            "localhost\n"
            "127.0.0.1\t5000\tinet\n"
            "127.0.0.1\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
