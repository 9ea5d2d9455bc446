-- select_server.lua PORT SECONDS: what packet_server.lua does, with plain LuaSocket and select.
local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", tonumber(arg[1]), 128))
server:settimeout(0)
local watched, count = { server }, 0
local ends, last = tonumber(arg[2]), socket.gettime()

while ends > 0 do
  for _, ready in ipairs(socket.select(watched, nil, 0.1)) do
    if ready == server then
      local client = server:accept()
      if client then
        client:setoption("tcp-nodelay", true)
        watched[#watched + 1] = client
      end
    else
      local head = ready:receive(2)
      local body = head and ready:receive((string.unpack(">I2", head)))
      if body then
        ready:send(head .. body)
        count = count + 1
      end
    end
  end
  local now = socket.gettime()
  if now - last >= 1 then
    print(count // (now - last))
    last, count, ends = now, 0, ends - 1
  end
end
