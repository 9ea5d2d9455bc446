// Upstream's socket.smtp and socket.ftp against small servers written in Lua, in another process of
// the same machine.
#include <gtest/gtest.h>

#include "luasocket_machine.h"

namespace moonwire::testing {
namespace {

// Takes one message and prints what it was told, commands first.
constexpr const char* mail_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 2525))
  local c = listener:accept()
  local function say(line) c:send(line .. "\r\n") end
  say "220 ready"
  while true do
    local line = c:receive()
    if not line then break end
    print(line)
    local verb = line:match("^%a+"):upper()
    if verb == "DATA" then
      say "354 go on"
      repeat line = c:receive() print("> " .. line) until line == "."
      say "250 taken"
    elseif verb == "QUIT" then
      say "221 bye"
      break
    else
      say "250 fine"
    end
  end
  c:close()
)lua";

TEST(Smtp, AMultipartMessageWhoseBodyComesFromACoroutine) {
  LuasocketMachine machine;
  const kernel::Pid server = machine.start(mail_server, {}, "server.lua");
  machine.settle();
  EXPECT_EQ(machine.run(R"lua(
    local smtp, ltn12, mime = require "socket.smtp", require "ltn12", require "mime"
    local source = smtp.message {
      headers = { subject = "many parts", date = "today", ["message-id"] = "1", from = "a@b" },
      body = {
        preamble = "before",
        { body = "first\r\n.hidden dot\r\n" },
        {
          headers = { ["content-transfer-encoding"] = "BASE64" },
          body = ltn12.source.chain(ltn12.source.string("second"), mime.encode("base64")),
        },
      },
    }
    print(smtp.send { from = "<a@b>", rcpt = { "<c@d>", "<e@f>" }, source = source,
      server = "127.0.0.1", port = 2525 })
  )lua"),
            "1\n");
  const std::string& heard = machine.output(server);
  for (const char* line :
       {"MAIL FROM:<a@b>\n", "RCPT TO:<c@d>\n", "RCPT TO:<e@f>\n", "> Subject: many parts\n",
        "> first\n", "> ..hidden dot\n", "> c2Vjb25k\n", "> .\n", "QUIT\n"}) {
    EXPECT_NE(heard.find(line), std::string::npos) << line << heard;
  }
  EXPECT_EQ(machine.leftovers(), 0u);
}

// Knows both passive modes, and files in a table.
constexpr const char* file_server = R"lua(
  local socket = require "socket"
  local listener = assert(socket.bind("127.0.0.1", 2121))
  local files = { ["pub/words.txt"] = ("many words\r\n"):rep(5000) }
  for _ = 1, tonumber(arg[1]) do
    local c = listener:accept()
    local data
    local function say(line) c:send(line .. "\r\n") end
    say "220-several lines\r\n220 ready"
    while true do
      local line = c:receive()
      if not line then break end
      local verb, what = line:match("^(%a+) ?(.*)$")
      verb = verb:upper()
      if verb == "USER" then say "331 password"
      elseif verb == "PASS" then say "230 in"
      elseif verb == "EPSV" then
        data = socket.bind("127.0.0.1", 0)
        say(("229 extended (|||%s|)"):format((select(2, data:getsockname()))))
      elseif verb == "PASV" then
        data = socket.bind("127.0.0.1", 0)
        local port = tonumber((select(2, data:getsockname())))
        say(("227 passive (127,0,0,1,%d,%d)"):format(port // 256, port % 256))
      elseif verb == "RETR" and files[what] then
        say "150 here it comes"
        local d = data:accept()
        d:send(files[what])
        d:close()
        say "226 that was it"
      elseif verb == "STOR" then
        say "150 send it"
        local d = data:accept()
        files[what] = d:receive("*a") or ""
        d:close()
        say "226 kept"
      elseif verb == "RETR" then say "550 no such file"
      elseif verb == "QUIT" then say "221 bye" break
      else say "200 fine" end
    end
    c:close()
  end
)lua";

TEST(Ftp, GetsAndPutsThroughPassiveConnections) {
  LuasocketMachine machine;
  machine.start(file_server, {"4"}, "server.lua");
  machine.settle();
  EXPECT_EQ(machine.run(R"lua(
    local ftp, ltn12 = require "socket.ftp", require "ltn12"
    local host = "ftp://127.0.0.1:2121/"
    print(ftp.get(host .. "pub/words.txt;type=a") == ("many words\r\n"):rep(5000))
    print(ftp.put(host .. "pub/new.bin;type=i", "\0\1\2new"))
    print((ftp.get(host .. "pub/new.bin;type=i")) == "\0\1\2new")
    print(ftp.get(host .. "pub/missing"))
  )lua"),
            "true\n6.0\ntrue\nnil\t550 no such file\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
