// Upstream's socket.http against a server written in Lua, in another process of the same machine.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

// Answers by path; one connection after the other, each closed after its answer.
constexpr const char* server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 8080))
  local long = ("0123456789"):rep(20000)
  local function head(c, field)
    c:send("HTTP/1.1 200 OK\r\n" .. (field and field .. "\r\n" or "") .. "\r\n")
  end
  local answer = {
    ["/length"] = function(c) head(c, "Content-Length: 5") c:send("hello") end,
    ["/long"] = function(c) head(c, "Content-Length: " .. #long) c:send(long) end,
    ["/closed"] = function(c) head(c) c:send(long) end,
    ["/chunked"] = function(c)
      head(c, "Transfer-Encoding: chunked")
      for i = 1, #long, 7777 do
        local piece = long:sub(i, i + 7776)
        c:send(("%x\r\n%s\r\n"):format(#piece, piece))
      end
      c:send("0\r\nTrailer: after\r\n\r\n")
    end,
    ["/echo"] = function(c, headers)
      local body = c:receive(tonumber(headers["content-length"]))
      head(c, "Content-Length: " .. #body)
      c:send(body)
    end,
    ["/moved"] = function(c) c:send("HTTP/1.1 302 Found\r\nLocation: /length\r\n\r\n") end,
    ["/missing"] = function(c)
      c:send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone")
    end,
    ["/broken"] = function() end,
    ["/short"] = function(c) head(c, "Content-Length: 100") c:send("only this") end,
    ["/slow"] = function(c) c:receive() end,
  }
  while true do
    local c = listener:accept()
    local path = c:receive():match(" (%S+)")
    local headers = {}
    for line in function() return c:receive() end do
      if line == "" then break end
      local name, value = line:match("(%S+): (.*)")
      headers[name:lower()] = value
    end
    if path == "/quit" then break end
    answer[path](c, headers)
    c:close()
  end
)lua";

std::string ask(const std::string& script) {
  LuasocketMachine machine;
  machine.start(server, {}, "server.lua");
  machine.settle();
  const std::string output = machine.run(R"(
    local http = require "socket.http"
    local ltn12 = require "ltn12"
    local url = "http://127.0.0.1:8080"
    local long = ("0123456789"):rep(20000)
  )" + script + R"(
    http.TIMEOUT = 1
    http.request(url .. "/quit")
  )");
  EXPECT_EQ(machine.leftovers(), 0u);
  return output;
}

TEST(Http, BodyByLength) {
  EXPECT_EQ(ask("print(http.request(url .. '/length'))").substr(0, 17), "hello\t200\ttable: ");
  EXPECT_EQ(ask("print(http.request(url .. '/long') == long)"), "true\n");
}

TEST(Http, BodyInChunks) {
  EXPECT_EQ(ask(R"(
    local body, code, headers = http.request(url .. "/chunked")
    print(body == long, code, headers["transfer-encoding"])
  )"),
            "true\t200\tchunked\n");
}

TEST(Http, BodyUntilTheServerCloses) {
  EXPECT_EQ(ask("print(http.request(url .. '/closed') == long)"), "true\n");
}

TEST(Http, PostAndSinks) {
  EXPECT_EQ(ask(R"(
    print((http.request(url .. "/echo", "posted words")))
    local pieces = {}
    print(http.request { url = url .. "/echo", method = "POST", sink = ltn12.sink.table(pieces),
      source = ltn12.source.string(long), headers = { ["content-length"] = #long } })
    print(table.concat(pieces) == long)
  )")
                .substr(0, 19),
            "posted words\n1\t200\t");
}

TEST(Http, RedirectsAndStatuses) {
  EXPECT_EQ(ask("print((http.request(url .. '/moved')))"), "hello\n");
  EXPECT_EQ(ask("local body, code = http.request(url .. '/missing') print(body, code)"),
            "none\t404\n");
}

TEST(Http, FailuresInTheCoresWords) {
  EXPECT_EQ(ask("print(http.request(url .. '/broken'))"), "nil\tclosed\n");
  EXPECT_EQ(ask("print(http.request('http://127.0.0.1:1/'))"), "nil\tconnection refused\n");
  EXPECT_EQ(ask("http.TIMEOUT = 2 print(http.request(url .. '/slow'))"), "nil\ttimeout\n");
}

}  // namespace
}  // namespace moonwire::testing
