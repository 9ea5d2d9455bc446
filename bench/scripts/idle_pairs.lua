-- Opens connections to itself and leaves them alone.
local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()
local held = {}
for _ = 1, tonumber(arg[1]) do
  held[#held + 1] = assert(socket.connect(host, port))
  held[#held + 1] = assert(server:accept())
end
server:close()
print(#held)
io.read()
