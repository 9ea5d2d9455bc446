-- The echo of one client after the other: each line comes back as it came.
local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", tonumber(arg and arg[1] or 7)))
while true do
  local client = server:accept()
  client:setoption("tcp-nodelay", true)
  while true do
    local line = client:receive()
    if not line then break end
    client:send(line .. "\n")
  end
  client:close()
end
