-- A client of server.lua: the later API's event loop, one line a second.

local chuck = require("chuck")
local socket, buffer = chuck.socket, chuck.buffer

local loop = chuck.event_loop.New()
local server = socket.addr(socket.AF_INET, "127.0.0.1", 8010)

socket.stream.dial(loop, server, function(fd, why)
  if not fd then
    print(why)
    return loop:Stop()
  end
  local connection = socket.stream.socket(fd)
  connection:Start(loop, function(data, ending)
    print(data and data:Content() or ending)
    if not data then loop:Stop() end
  end)
  local count = 0
  loop:AddTimer(1000, function()
    count = count + 1
    if count <= 3 then
      connection:Send(buffer.New("line " .. count))
    else
      connection:Close()
      loop:Stop()
      return -1
    end
  end)
end)

loop:Run()
