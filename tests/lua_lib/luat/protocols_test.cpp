// Sockets and what stands on them, against servers written in Lua, in the same machine.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

// Serves by path; "/long" has 100,000 bytes, "/closed" ends with the connection.
constexpr const char* web_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 8080))
  local long = ("0123456789"):rep(10000)
  local answer = {
    ["/long"] = function(c) c:send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" .. long) end,
    ["/closed"] = function(c) c:send("HTTP/1.0 200 OK\r\n\r\n" .. long) end,
    ["/echo"] = function(c, fields)
      local length = tonumber(fields["Content-Length"] or 0)
      local body = length > 0 and c:receive(length) or ""
      c:send("HTTP/1.1 200 OK\r\nX-Auth: " .. (fields.Authorization or "none")
        .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    end,
    ["/head"] = function(c) c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") end,
    ["/nonsense"] = function(c) c:send("what?\r\n\r\n") end,
    ["/short"] = function(c) c:send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") end,
  }
  while true do
    local c = listener:accept()
    local path = (c:receive() or ""):match(" (%S+)")
    local fields = {}
    for line in function() return c:receive() end do
      if line == "" then break end
      local name, value = line:match("^(.-): (.*)$")
      fields[name] = value
    end
    if answer[path] then answer[path](c, fields) end
    c:close()
  end
)lua";

constexpr const char* echo_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 7000))
  local datagrams = assert(socket.udp())
  assert(datagrams:setsockname("127.0.0.1", 7000))
  local all = { listener, datagrams }
  while true do
    for _, ready in ipairs((socket.select(all))) do
      if ready == listener then
        local c = listener:accept()
        c:settimeout(0)
        table.insert(all, c)
      elseif ready == datagrams then
        local data, host, port = datagrams:receivefrom()
        datagrams:sendto(data, host, port)
      else
        local data, why, partial = ready:receive(65536)
        data = data or partial
        if #data > 0 then ready:settimeout(nil) ready:send(data) ready:settimeout(0) end
        if why == "closed" then
          for at, each in ipairs(all) do if each == ready then table.remove(all, at) end end
          ready:close()
        end
      end
    end
  end
)lua";

class Protocols : public ::testing::TestWithParam<const char*> {
 protected:
  Protocols() : machine(GetParam()) {}

  /// Runs a script's body in a task once there is a network. @return what it said
  std::string run(const std::string& server, const std::string& body, double seconds = 60) {
    const kernel::Pid peer = machine.start(server, {}, "server.lua");
    machine.switch_on(R"lua(
      PROJECT, VERSION = "PROTOCOLS", "1.0.0"
      require "log"
      require "sys"
      require "socket"
      local function say(...) print("say", ...) end
      sys.taskInit(function()
        sys.waitUntil("IP_READY_IND")
      )lua" + body + R"lua(
      end)
      sys.init(0, 0)
      sys.run()
    )lua");
    machine.pass_seconds(seconds);
    std::string said;
    std::size_t at = 0;
    const std::string& log = machine.log();
    while (at < log.size()) {
      const std::size_t end = log.find('\n', at);
      const std::string line = log.substr(at, end - at);
      if (line.starts_with("say ")) said += line.substr(4) + "\n";
      if (line.find("[E]-[coroutine.resume]") != std::string::npos) said += log.substr(at);
      at = end == std::string::npos ? log.size() : end + 1;
    }
    machine.machine.stop(peer);
    return said + machine.errors(machine.module_pid) + machine.errors(peer);
  }

  LuatMachine machine;
};

const std::string ask = R"(
  require "http"
  local function ask(method, path, head, body, file)
    http.request(method, "http://127.0.0.1:8080" .. path, nil, head, body, 5000, function(...)
      sys.publish("DONE", ...)
    end, file)
    return select(2, sys.waitUntil("DONE"))
  end
)";

TEST_P(Protocols, HttpReadsBodiesByLengthAndToTheEnd) {
  EXPECT_EQ(run(web_server, ask + R"(
    for _, path in ipairs { "/long", "/closed" } do
      local ok, status, head, body = ask("GET", path)
      say(ok, status, #body, body == ("0123456789"):rep(10000))
    end
    local ok, status, head, body = ask("HEAD", "/head")
    say(ok, status, head["Content-Length"], #body)
  )"),
            "true 200 100000 true\ntrue 200 100000 true\ntrue 200 5 0\n");
}

TEST_P(Protocols, HttpSendsTextAndFiles) {
  EXPECT_EQ(run(web_server, ask + R"(
    io.writeFile("/part.bin", ("\1\2\3"):rep(10000))
    local ok, status, head, body = ask("POST", "/echo", nil, "text")
    say(ok, body, head["X-Auth"])
    ok, status, head, body = ask("POST", "/echo", nil, { "begin,", { file = "/part.bin" }, ",end" })
    say(ok, #body, body == "begin," .. ("\1\2\3"):rep(10000) .. ",end")
    ok, status, head, body = ask("GET", "/long", nil, nil, "/got.bin")
    say(ok, body, io.fileSize(body))
  )"),
            "true text none\ntrue 30010 true\ntrue /got.bin 100000\n");
}

TEST_P(Protocols, HttpSendsBase64AndCredentials) {
  EXPECT_EQ(run(web_server, ask + R"(
    io.writeFile("/part.bin", ("\1\2\3"):rep(10000) .. "\4")
    local ok, _, head, body = ask("POST", "/echo", nil, { { file_base64 = "/part.bin" } })
    say(ok, #body, body:sub(1, 8), body:sub(-4))
    http.request("GET", "http://me:secret@127.0.0.1:8080/echo", nil, nil, nil, 5000, function(...)
      sys.publish("DONE", ...)
    end)
    ok, _, head = select(2, sys.waitUntil("DONE"))
    say(ok, head["X-Auth"])
  )"),
            "true 40004 AQIDAQID BA==\ntrue Basic bWU6c2VjcmV0\n");
}

TEST_P(Protocols, HttpSaysWhyItFailed) {
  EXPECT_EQ(run(web_server, ask + R"(
    local function why(...) local ok, reason = ask(...) say(ok, reason) end
    why("GET", "/nonsense")
    why("GET", "/short")
    why("GET", "/nothing-is-said")
    why("POST", "/echo", nil, { { file = "/none.bin" } })
    http.request("GET", "http://127.0.0.1:9/", nil, nil, nil, 5000, function(...) say(...) end)
    sys.wait(5000)
    http.request("GET", "http://", nil, nil, nil, 5000, function(...) say(...) end)
  )"),
            "false parse received status error\nfalse receive timeout\nfalse receive timeout\n"
            "false send file open fail\nfalse connect fail\nfalse Invalid url, can't get host\n");
}

TEST_P(Protocols, TcpCarriesEveryByteInOrder) {
  EXPECT_EQ(run(echo_server, R"(
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local text = table.concat(bytes):rep(200)
    local client = socket.tcp()
    say(client:connect("127.0.0.1", 7000) == true, client:send(""), client:send(text))
    local got = {}
    local size = 0
    while size < #text do
      local ok, data = client:recv(10000)
      if not ok then say(data) break end
      got[#got + 1] = data
      size = size + #data
    end
    say(size, table.concat(got) == text)
    say(client:recv(100))
    client:close()
    say(client:send("x"), client:recv(100))
  )"),
            "true true true\n51200 true\nfalse timeout\nfalse false\n");
}

TEST_P(Protocols, UdpKeepsDatagramsApart) {
  EXPECT_EQ(run(echo_server, R"(
    local client = socket.udp()
    client:connect("127.0.0.1", "7000")
    for i = 1, 3 do
      client:send("datagram " .. i)
      say(client:recv(2000))
    end
    client:send("a") client:send("b")
    sys.wait(2000)
    local _, first = client:recv(100)
    local _, second = client:recv(100)
    say(first, second)  -- the newest first
    client:close()
  )"),
            "true datagram 1\ntrue datagram 2\ntrue datagram 3\nb a\n");
}

TEST_P(Protocols, AMessageEndsReceiving) {
  EXPECT_EQ(run(echo_server, R"(
    local client = socket.tcp()
    client:connect("127.0.0.1", "7000")
    sys.timerStart(sys.publish, 500, "SEND", "one")
    say(client:recv(5000, "SEND"))
    sys.timerStart(sys.publish, 500, "SEND")
    say(client:recv(5000, "SEND"))
    sys.timerStart(sys.publish, 500, "SEND", "not now")
    say(client:recv(1000, "SEND", true))
    client:send("echo")
    say(client:recv(5000, "SEND"))
    client:close()
  )"),
            "false SEND one\nfalse SEND \nfalse timeout\ntrue echo\n");
}

TEST_P(Protocols, TheQueueSendsAndReceivesBesideOtherWork) {
  EXPECT_EQ(run(echo_server, R"(
    local client = socket.tcp()
    client:connect("127.0.0.1", "7000")
    local got = ""
    sys.subscribe("SOCKET_RECV", function(id)
      if id == client.id then got = got .. client:asyncRecv() end
    end)
    sys.timerStart(function() say(client:asyncSend("one,")) client:asyncSend("two,") end, 1000)
    sys.timerStart(function() say(got) end, 3500)
    local rounds = 0
    while rounds < 4 and client:asyncSelect(3, "ping,") do rounds = rounds + 1 end
    say(rounds, got)
    client:close()
  )"),
            "true\none,two,\n4 one,two,ping,ping,\n");
}

TEST_P(Protocols, MqttAcknowledgesEachQuality) {
  // A broker that plays one part: it records what comes and answers as it must.
  const std::string broker = R"lua(
    local c = assert(require "socket".bind("127.0.0.1", 1883)):accept()
    local function read()
      local first = c:receive(1)
      if not first then return end
      local length, factor = 0, 1
      repeat
        local digit = c:receive(1):byte()
        length = length + digit % 128 * factor
        factor = factor * 128
      until digit < 128
      return first:byte(), length > 0 and c:receive(length) or ""
    end
    while true do
      local kind, body = read()
      if not kind then break end
      print(("%02X %d"):format(kind, #body))
      local id = body:sub(1, 2)
      if kind == 0x10 then c:send("\x20\2\0\0")
      elseif kind == 0x82 then
        c:send("\x90\3" .. id .. "\1")
        c:send("\x32\8\0\2/a\0\7hi")            -- a publication of quality 1
        c:send("\x34\8\0\2/b\0\9ho")            -- one of quality 2
      elseif kind == 0x50 then c:send("\x62\2" .. id)
      elseif kind == 0x32 then c:send("\x40\2" .. body:sub(5, 6))
      elseif kind == 0x34 then c:send("\x50\2" .. body:sub(5, 6))
      elseif kind == 0x62 then c:send("\x70\2" .. id)
      elseif kind == 0xA2 then c:send("\xB0\2" .. id)
      elseif kind == 0xC0 then c:send("\xD0\0") end
    end
    print("gone")
  )lua";
  EXPECT_EQ(
      run(broker, R"(
    require "mqtt"
    local client = mqtt.client("me", 10, "user", "password", 1,
      { qos = 1, retain = 0, topic = "/will", payload = "bye" })
    say(client:connect("127.0.0.1", 1883))
    say(client:subscribe("/a", 1))
    for _ = 1, 2 do
      local ok, packet = client:receive(2000)
      say(ok, packet.topic, packet.payload, packet.qos)
    end
    say(client:publish("/c", "zero"), client:publish("/c", "one", 1), client:publish("/c", "two", 2))
    say(client:receive(25000))
    say(client:unsubscribe("/a"))
    client:disconnect()
    say(client:publish("/c", "late"))
  )",
          90),
      "true\ntrue\ntrue /a hi 1\ntrue /b ho 2\ntrue true true\nfalse timeout nil\ntrue\nfalse\n");
  const std::string& seen = machine.output(1);
  for (const char* packet : {"10 4", "82 7", "40 2", "50 2", "70 2", "30 8", "32 9", "34 9", "62 2",
                             "A2 6", "E0 0", "gone"}) {
    EXPECT_NE(seen.find(packet), std::string::npos) << packet << " in " << seen;
  }
  EXPECT_EQ(count_of(seen, "C0 0"), 2u) << seen;  // 25 seconds, a ping each 10
}

TEST_P(Protocols, MqttSaysWhyABrokerRefuses) {
  EXPECT_EQ(run(R"lua(
    local c = assert(require "socket".bind("127.0.0.1", 1883)):accept()
    c:receive(1)
    c:send("\x20\2\0\5")
    c:receive()
  )lua",
                R"(
    require "mqtt"
    local client = mqtt.client("me")
    say(client:connect("127.0.0.1", 1883))
    client:disconnect()
    say(client:subscribe("/a"))
  )"),
            "false 5\nfalse\n");
}

TEST_P(Protocols, ErrorsAreReportedUntilTheServerSaysOk) {
  const std::string collector = R"lua(
    local s = require "socket".udp()
    s:setsockname("127.0.0.1", 9072)
    local count = 0
    while true do
      local data, host, port = s:receivefrom()
      count = count + 1
      print(count, #data, data:match("^[^\r]*"), data:find("it broke", 1, true) ~= nil)
      if count == 2 then s:sendto("OK", host, port) end
    end
  )lua";
  run(collector, R"(
    require "errDump"
    errDump.appendErr("it broke")
    say(errDump.request("udp://127.0.0.1:9072", 10000), errDump.request("ftp://x"))
  )",
      90);
  EXPECT_EQ(count_of(machine.output(1), "true\n"), 2u) << machine.output(1);
  EXPECT_TRUE(machine.logged("[E]-[errDump.appendErr] it broke"));
  EXPECT_TRUE(machine.logged("[E]-[errDump.request invalid protocol] ftp"));
}

INSTANTIATE_TEST_SUITE_P(Modules, Protocols, ::testing::Values("air202", "air724u"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace moonwire::testing
