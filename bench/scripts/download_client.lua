-- Reads a given number of bytes from a source as fast as it can. Prints MiB per second.
local socket = require("socket")

local host, port, bytes = arg[1], tonumber(arg[2]), tonumber(arg[3])
local client = assert(socket.connect(host, port))
local began, got = socket.gettime(), 0
while got < bytes do
  local block = assert(client:receive(math.min(65536, bytes - got)))
  got = got + #block
end
client:close()
print(("%.2f"):format(got / (socket.gettime() - began) / 1048576))
