// The hosts inside the machine that clients are tried on: who answers what, and that they come and
// go with the processes that ask.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

/// Runs a script to its end; nothing may be left over afterwards, the laboratory included.
std::string run(const std::string& script) {
  LuasocketMachine machine;
  const std::string output = machine.run(
      "local socket = require 'socket'\n"
      "local http = require 'socket.http'\n"
      "local ltn12 = require 'ltn12'\n" +
      script);
  EXPECT_EQ(machine.leftovers(), 0u);
  return output;
}

TEST(Laboratory, StartsWithTheFirstQuestionAndEndsWithTheLastProcess) {
  LuasocketMachine machine;
  const kernel::Pid idle = machine.start("io.read()", {}, "idle.lua");
  machine.run_until_idle();
  const std::size_t before = machine.leftovers();
  const kernel::Pid asks = machine.start(
      "local c = require('socket').connect('echo.lab', 7)\n"
      "c:send('once\\n') print(c:receive())");
  machine.run_until_idle();
  EXPECT_EQ(machine.output(asks), "once\tnil\tnil\n") << machine.errors(asks);
  EXPECT_TRUE(machine.has_exited(asks));
  EXPECT_GT(machine.leftovers(), before);
  EXPECT_TRUE(machine.machine.network().doors().empty());
  EXPECT_EQ(machine.host.exits.size(), 1u);
  machine.machine.stop(idle);
  EXPECT_EQ(machine.leftovers(), 0u);
  EXPECT_EQ(machine.host.exits.size(), 2u);
  // And again.
  const kernel::Pid later = machine.start("print((require('socket').dns.toip('http.lab')))");
  machine.run_until_idle();
  EXPECT_EQ(machine.output(later), "127.76.66.1\n") << machine.errors(later);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Laboratory, IsInNobodysWay) {
  EXPECT_EQ(run("local c = socket.connect('http.lab', 80)\n"
                "for _, host in ipairs { '*', '127.0.0.1' } do\n"
                "  local s = socket.bind(host, 80) print(s ~= nil) s:close()\n"
                "end\n"
                "local mine = socket.bind('*', 7)\n"
                "local client = socket.connect('echo.lab', 7)\n"
                "mine:settimeout(0) print(mine:accept())\n"
                "client:send('x') print(client:receive(1))\n"),
            "true\ntrue\nnil\ttimeout\nx\tnil\tnil\n");
}

TEST(Laboratory, NamesAndAddressesMeanEachOther) {
  EXPECT_EQ(run("print((socket.dns.toip('Echo.LAB.')))\n"
                "print((socket.dns.tohostname('127.76.66.2')))\n"
                "print(socket.dns.toip('other.lab'))\n"),
            "127.76.66.2\necho.lab\nnil\tNetwork is unreachable\n");
}

TEST(Laboratory, EchoesDiscardsAndTellsTheTime) {
  EXPECT_EQ(
      run("local c = socket.connect('echo.lab', 7)\n"
          "local big = ('0123456789'):rep(20000)\n"
          "c:send('hello\\n') print(c:receive())\n"
          "c:send(big:sub(1, 60000)) print(#c:receive(60000))\n"
          "c:shutdown('send') print(c:receive('*a'))\n"
          "local u = socket.udp() u:setpeername('echo.lab', 7) u:settimeout(1)\n"
          "u:send('datagram') print(u:receive()) u:send('') print(#u:receive())\n"
          "local d = socket.connect('discard.lab', 9) d:settimeout(0.1)\n"
          "print(d:send('gone')) print(d:receive())\n"
          "u = socket.udp() u:setpeername('discard.lab', 9) u:settimeout(0.1)\n"
          "print(u:send('gone')) print(u:receive())\n"
          "local t = socket.connect('daytime.lab', 13)\n"
          "print(t:receive():match('^%a+ %a+ %d+ %d%d:%d%d:%d%d %d+ UTC$') ~= nil, t:receive())\n"
          "u = socket.udp() u:setpeername('daytime.lab', 13) u:settimeout(1)\n"
          "u:send('') print(#u:receive())\n"),
      "hello\tnil\tnil\n60000\nnil\tclosed\t\ndatagram\n0\n4.0\tnil\tnil\nnil\ttimeout\t\n"
      "4.0\nnil\ttimeout\ntrue\tnil\tclosed\t\n30\n");
}

TEST(Laboratory, IsSilentRefusesResetsAndTrickles) {
  EXPECT_EQ(
      run("local function dial(host, port)\n"
          "  local c = socket.tcp() c:settimeout(0.5)\n"
          "  print(host, c:connect(host, port)) return c\n"
          "end\n"
          "dial('silent.lab', 80) dial('silent.lab', 80)\n"
          "dial('refuse.lab', 80)\n"
          "local r = dial('reset.lab', 7) r:send('x') print(r:receive()) print(r:send('y'))\n"
          "local before = socket.gettime()\n"
          "local t = socket.connect('trickle.lab', 7)\n"
          "print(t:receive()) print(t:receive('*a'))\n"
          "print(socket.gettime() - before > 1)\n"),
      "silent.lab\tnil\ttimeout\nsilent.lab\tnil\ttimeout\n"
      "refuse.lab\tnil\tconnection refused\nreset.lab\t1.0\nnil\tclosed\t\n"
      "nil\tclosed\t0.0\none byte at a time\tnil\tnil\nand another line\r\n\tnil\tnil\ntrue\n");
}

TEST(Laboratory, AnswersHttp) {
  EXPECT_EQ(
      run("local function get(path) local body, code, headers = http.request('http://http.lab' .. "
          "path)\n"
          "  return code, body, headers end\n"
          "for _, path in ipairs { '/', '/get?a=1&b=x+y', '/status/404', '/status/503', "
          "'/nowhere',\n"
          "    '/redirect/3', '/absolute-redirect/2', '/redirect/9', '/bytes/1000', '/stream/5', "
          "'/post',\n"
          "    '/basic-auth/moon/light' } do\n"
          "  local code, body = get(path) print(path, code, #body)\n"
          "end\n"
          "print(select(2, get '/get?a=1&b=x+y'):match('\"b\": \"(.-)\"'))\n"
          "print((select(2, get '/stream/2')))\n"
          "print((http.request('http://moon:light@http.lab/basic-auth/moon/light'):gsub('%s+', ' "
          "')))\n"
          "print((http.request('http://http.lab/post', 'sent by post'):match('\"data\": "
          "\"(.-)\"')))\n"
          "local before = socket.gettime() get '/delay/1' print(socket.gettime() - before >= 1)\n"
          "print(http.request('http://http.lab:8080/close'))\n"
          "print((http.request('http://trickle.lab/')))\n"
          "print(http.request('http://reset.lab/'))\n"),
      "/\t200\t668\n/get?a=1&b=x+y\t200\t282\n/status/404\t404\t10\n/status/503\t503\t20\n"
      "/nowhere\t404\t21\n/redirect/3\t200\t240\n/absolute-redirect/2\t200\t240\n"
      "/redirect/9\t302\t24\n/bytes/1000\t200\t1000\n/stream/5\t200\t150\n/post\t405\t10\n"
      "/basic-auth/moon/light\t401\t13\nx y\n"
      "{\"id\": 0, \"url\": \"/stream/2\"}\n{\"id\": 1, \"url\": \"/stream/2\"}\n\n"
      "{ \"authenticated\": true, \"user\": \"moon\" } \nsent by post\ntrue\nnil\tclosed\n"
      "slow and ok\n\nnil\tclosed\n");
}

TEST(Laboratory, TakesABodyInChunks) {
  EXPECT_EQ(
      run("local got = {}\n"
          "local _, code = http.request { url = 'http://http.lab/anything', method = 'PUT',\n"
          "  source = ltn12.source.string(('body'):rep(3000)), sink = ltn12.sink.table(got) }\n"
          "print(code, #table.concat(got):match('\"data\": \"(.-)\"'))\n"),
      "200\t12000\n");
}

TEST(Laboratory, SurvivesNonsense) {
  EXPECT_EQ(
      run("local function say(text)\n"
          "  local c = socket.connect('http.lab', 80) c:send(text) c:shutdown('send')\n"
          "  return (c:receive() or 'nothing')\n"
          "end\n"
          "for _, text in ipairs { '', '\\n', 'GET\\r\\n\\r\\n', 'GET / HTTP/9\\r\\n\\r\\n',\n"
          "    'GET / HTTP/1.1\\r\\nbroken\\r\\n\\r\\n', 'POST /post HTTP/1.1\\r\\nContent-Length: "
          "-1\\r\\n\\r\\n',\n"
          "    'POST /post HTTP/1.1\\r\\nContent-Length: 99999999\\r\\n\\r\\n',\n"
          "    'POST /post HTTP/1.1\\r\\nContent-Length: 5\\r\\n\\r\\nab', ('x'):rep(20000),\n"
          "    'POST /post HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n',\n"
          "    'GET / HTTP/1.1\\r\\n' .. ('a: b\\r\\n'):rep(200) .. '\\r\\n' } do\n"
          "  print((say(text):gsub('^HTTP/1.1 ', '')))\n"
          "end\n"),
      "400 Bad Request\n400 Bad Request\n400 Bad Request\n400 Bad Request\n400 Bad Request\n"
      "400 Bad Request\n413 Content Too Large\n400 Bad Request\n400 Bad Request\n"
      "400 Bad Request\n400 Bad Request\n");
}

}  // namespace
}  // namespace moonwire::testing
