// socketcore: what each call answers and which message follows, against servers in the same
// machine.
#include "luat_machine.h"

namespace moonwire::testing {
namespace {

// On the network, with messages counted by kind.
constexpr const char* online = R"lua(
pass(8000)
function connected(id) local m = wait_for(rtos.MSG_SOCK_CONN_CNF) return m.socket_index == id and m.result end
)lua";

class Socketcore : public ::testing::Test {
 protected:
  /// Starts a LuaSocket server in the same machine, then runs the module's script to its end.
  std::string run(const std::string& server, const std::string& script) {
    const kernel::Pid peer = machine_.start(server, {}, "server.lua");
    const kernel::Pid pid = machine_.switch_on(online + script);
    machine_.pass(600 * second);
    EXPECT_TRUE(machine_.has_exited(pid)) << machine_.output(pid) << machine_.errors(pid);
    if (!machine_.has_exited(peer)) machine_.machine.stop(peer);
    machine_.pass(second);
    EXPECT_EQ(machine_.leftovers(), 0u);
    return machine_.output(pid) + machine_.errors(pid) + machine_.errors(peer);
  }

  LuatMachine machine_;
};

constexpr const char* echo = R"lua(
local socket = require 'socket'
local server = assert(socket.bind('127.0.0.1', 4000))
local client = server:accept()
while true do
  local data, why, part = client:receive(1)
  data = data or part
  if data and data ~= '' then client:send(data) end
  if why then break end
end
client:close()
)lua";

TEST_F(Socketcore, ConnectsSendsReceivesAndCloses) {
  EXPECT_EQ(
      run(echo,
          "local id = socketcore.sock_conn(0, '127.0.0.1', '4000') print(id, connected(id))\n"
          "print(socketcore.sock_send(id, 'hello'))\n"
          "local m = wait_for(rtos.MSG_SOCK_SEND_CNF) print(m.socket_index, m.result, m.send_len)\n"
          "local got = '' while #got < 5 do m = wait_for(rtos.MSG_SOCK_RECV_IND)\n"
          "  got = got .. socketcore.sock_recv(id, m.recv_len) end\n"
          "print(got, m.result, select('#', socketcore.sock_recv(id, 10)), '[' .. "
          "socketcore.sock_recv(id, 10) .. ']')\n"
          "print(socketcore.sock_destroy(id), socketcore.sock_close(id))\n"
          "m = wait_for(rtos.MSG_SOCK_CLOSE_CNF) print(m.socket_index, m.result, "
          "socketcore.sock_destroy(id))"),
      "0 0\n1 0\n0 0 5\nhello 0 1 []\n0 1\n0 0 1\n");
}

TEST_F(Socketcore, NamesAreLookedUpAndFailuresComeAsResultOne) {
  EXPECT_EQ(run("",
                "local id = socketcore.sock_conn(0, 'localhost', 4999) print(id, connected(id))\n"
                "print(socketcore.sock_destroy(id))\n"
                "local far = socketcore.sock_conn_ext(0, 'nowhere.example', 80) print(far, "
                "connected(far))\n"
                "print(socketcore.sock_conn_ext(0, string.rep('a', 101), 80), "
                "socketcore.sock_conn(0, string.rep('a', 101), 80))"),
            "0 1\n1\n1 1\n-1\n");
}

TEST_F(Socketcore, ThePortMayBeATextButMustBeANumber) {
  EXPECT_EQ(run("", "print(pcall(socketcore.sock_conn, 0, '127.0.0.1', ''))"),
            "false bad argument #3 to 'socketcore.sock_conn' (number expected, got string)\n");
}

TEST_F(Socketcore, SslAndRawAreRefusedInSoManyWords) {
  EXPECT_EQ(run("",
                "for _, kind in ipairs{2, 4} do local id = socketcore.sock_conn(kind, '127.0.0.1', "
                "443, {hostName = 'x'})\n"
                "  print(connected(id)) socketcore.sock_destroy(id) end"),
            "1\n1\n"
            "socketcore: this module has no SSL and no RAW sockets: the connection will fail\n"
            "socketcore: this module has no SSL and no RAW sockets: the connection will fail\n");
}

TEST_F(Socketcore, TenKilobytesArriveInOrderInPiecesOfAtMost2048) {
  EXPECT_EQ(
      run("local socket = require 'socket'\n"
          "local server = assert(socket.bind('127.0.0.1', 4000)) local client = server:accept()\n"
          "local line = {} for i = 1, 2560 do line[i] = ('%04d'):format(i) end\n"
          "client:send(table.concat(line)) client:receive(1)",
          "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) connected(id)\n"
          "local got, largest = {}, 0\n"
          "repeat local m = wait_for(rtos.MSG_SOCK_RECV_IND) largest = math.max(largest, "
          "m.recv_len)\n"
          "  got[#got + 1] = socketcore.sock_recv(id, m.recv_len) until #table.concat(got) >= "
          "10240\n"
          "local all, ok = table.concat(got), true\n"
          "for i = 1, 2560 do ok = ok and all:sub(i * 4 - 3, i * 4) == ('%04d'):format(i) end\n"
          "print(#all, largest, ok)"),
      "10240 2048 true\n");
}

TEST_F(Socketcore, ALargeSendIsAcceptedWholeAndConfirmedOnce) {
  EXPECT_EQ(
      run("local socket = require 'socket'\n"
          "local server = assert(socket.bind('127.0.0.1', 4000)) local client = server:accept()\n"
          "io.stderr:write(#client:receive(11200 * 3), '\\n') client:receive(1)",
          "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) connected(id)\n"
          "for i = 1, 3 do print(socketcore.sock_send(id, string.rep(i, 11200)))\n"
          "  print(wait_for(rtos.MSG_SOCK_SEND_CNF).send_len) end\n"
          "print(socketcore.sock_send(id, string.rep('x', 70000)))\n"
          "print(wait_for(rtos.MSG_SOCK_SEND_CNF, 3000))"),
      "1 0\n11200\n1 0\n11200\n1 0\n11200\n0 1\nnil\n33600\n");
}

TEST_F(Socketcore, ThePeersEndIsToldAfterItsDataAndNotBeforeHalfASecond) {
  EXPECT_EQ(
      run("local socket = require 'socket'\n"
          "local server = assert(socket.bind('127.0.0.1', 4000)) local client = server:accept()\n"
          "client:send('bye') client:close()",
          "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) connected(id)\n"
          "local m = wait_for(rtos.MSG_SOCK_RECV_IND) local at = rtos.tick()\n"
          "pass(3000) print(socketcore.sock_recv(id, m.recv_len))\n"
          "local read = rtos.tick() m = wait_for(rtos.MSG_SOCK_CLOSE_IND)\n"
          "print(m.socket_index, m.result, (rtos.tick() - read) / 16384 >= 0.5)\n"
          "print(socketcore.sock_send(id, 'late')) print(wait_for(rtos.MSG_SOCK_SEND_CNF, 2000))\n"
          "print(socketcore.sock_close(id), wait_for(rtos.MSG_SOCK_CLOSE_CNF).result, "
          "socketcore.sock_destroy(id))"),
      "bye\n0 0 true\n0 11\nnil\n1 0 1\n");
}

TEST_F(Socketcore, DatagramsKeepTheirBoundaries) {
  EXPECT_EQ(run("local socket = require 'socket' local udp = socket.udp() "
                "udp:setsockname('127.0.0.1', 5000)\n"
                "local data, ip, port = udp:receivefrom() udp:sendto(data .. '!', ip, port) "
                "udp:sendto('second', ip, port)",
                "local id = socketcore.sock_conn(1, '127.0.0.1', 5000) print(connected(id))\n"
                "print(socketcore.sock_send(id, 'ping')) "
                "print(wait_for(rtos.MSG_SOCK_SEND_CNF).send_len)\n"
                "for _ = 1, 2 do local m = wait_for(rtos.MSG_SOCK_RECV_IND) print(m.recv_len, "
                "socketcore.sock_recv(id, 1024)) end\n"),
            "0\n1 0\n4\n5 ping!\n6 second\n");
}

TEST_F(Socketcore, HasTenSlotsAndGivesThemInTurn) {
  EXPECT_EQ(run("",
                "local ids = {} for i = 1, 10 do ids[i] = socketcore.sock_conn(0, '127.0.0.1', "
                "4999) end\n"
                "print(table.concat(ids, ' '), socketcore.sock_conn(0, '127.0.0.1', 1), "
                "socketcore.sock_conn_ext(0, '127.0.0.1', 1))\n"
                "for i = 1, 10 do wait_for(rtos.MSG_SOCK_CONN_CNF) end\n"
                "print(socketcore.sock_destroy(3), socketcore.sock_destroy(3), "
                "socketcore.sock_conn(0, '127.0.0.1', 4999))"),
            "0 1 2 3 4 5 6 7 8 9 nil -1\n1 0 3\n");
}

TEST_F(Socketcore, ClosingWhatWasNeverOpenIsConfirmedToo) {
  EXPECT_EQ(
      run("",
          "print(socketcore.sock_close(5), wait_for(rtos.MSG_SOCK_CLOSE_CNF).socket_index)\n"
          "print(socketcore.sock_send(5, 'x')) print(wait_for(rtos.MSG_SOCK_SEND_CNF, 2000))\n"
          "print(socketcore.sock_setopt(5, socketcore.SOL_SOCKET, socketcore.SO_KEEPALIVE, 1))"),
      "1 5\n0 11\nnil\n-1\n");
}

TEST_F(Socketcore, OptionsAreThoseOfTheDocument) {
  EXPECT_EQ(run(echo,
                "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) connected(id)\n"
                "local s = socketcore print(s.sock_setopt(id, s.SOL_SOCKET, s.SO_KEEPALIVE, 1),\n"
                "  s.sock_setopt(id, s.IPPROTO_TCP, s.TCP_KEEPIDLE, 60), s.sock_setopt(id, "
                "s.IPPROTO_TCP, 99, 1))"),
            "0 0 -1\n");
}

TEST_F(Socketcore, WithoutAnAddressAConnectFails) {
  EXPECT_EQ(machine_.run("rtos.poweron(0) local id = socketcore.sock_conn(0, '127.0.0.1', 4000)\n"
                         "print(wait_for(rtos.MSG_SOCK_CONN_CNF).result)"),
            "1\n");
}

TEST_F(Socketcore, ALostBearerIsToldAndItsSocketsAreDead) {
  const kernel::Pid peer = machine_.start(echo, {}, "server.lua");
  const kernel::Pid pid = machine_.switch_on(
      std::string(online) +
      "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) print(connected(id))\n"
      "print(wait_for(rtos.MSG_PDP_DEACT_IND).result, socketcore.sock_send(id, 'x'))\n"
      "print(wait_for(rtos.MSG_SOCK_SEND_CNF, 2000))\n"
      "socketcore.sock_close(id) print(wait_for(rtos.MSG_SOCK_CLOSE_CNF).result, "
      "socketcore.sock_destroy(id))");
  machine_.pass(20 * second);
  EXPECT_EQ(machine_.output(pid), "0\n");
  machine_.act("drop-pdp");
  machine_.pass(20 * second);
  EXPECT_EQ(machine_.output(pid), "0\n0 0 11\nnil\n0 1\n") << machine_.errors(pid);
  machine_.machine.stop(peer);
  machine_.pass(second);
  EXPECT_EQ(machine_.leftovers(), 0u);
}

TEST_F(Socketcore, StoppingTheScriptInTheMiddleLeavesNothing) {
  const kernel::Pid peer = machine_.start(echo, {}, "server.lua");
  const kernel::Pid pid =
      machine_.switch_on(std::string(online) +
                         "local id = socketcore.sock_conn(0, '127.0.0.1', 4000) connected(id) "
                         "socketcore.sock_send(id, string.rep('x', 60000))\n"
                         "while true do rtos.receive(rtos.INF_TIMEOUT) end");
  machine_.pass(9 * second);
  machine_.machine.stop(pid);
  machine_.pass(second);
  if (!machine_.has_exited(peer)) machine_.machine.stop(peer);
  EXPECT_EQ(machine_.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
