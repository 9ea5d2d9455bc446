-- Asks server.lua over its path for three sums.

local chuck = require("chuck")
local socket, packet, buffer = chuck.socket, chuck.packet, chuck.buffer

local loop = chuck.event_loop.New()
local address = socket.addr(socket.AF_LOCAL, "/tmp/chuck-example.sock")

socket.stream.dial(loop, address, function(fd, why)
  if not fd then
    print(why)
    return loop:Stop()
  end
  local connection = socket.stream.socket(fd, 4096, packet.Decoder(4096))
  local asked = 0
  local function ask()
    asked = asked + 1
    local question = buffer.New()
    packet.Writer(question):WriteTable({ a = asked, b = 10 * asked })
    connection:Send(question)
  end
  connection:Start(loop, function(data, ending)
    if not data then
      print(ending)
      return loop:Stop()
    end
    print(asked .. " + " .. 10 * asked .. " = " .. packet.Reader(data):ReadTable().sum)
    if asked < 3 then return ask() end
    connection:Close()
    loop:Stop()
  end)
  ask()
end)

loop:Run()
