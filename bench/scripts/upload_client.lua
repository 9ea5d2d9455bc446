-- Writes a given number of bytes into a sink as fast as it can and waits for its receipt.
-- Prints MiB per second.
local socket = require("socket")

local host, port, bytes = arg[1], tonumber(arg[2]), tonumber(arg[3])
local client = assert(socket.connect(host, port))
local block = ("x"):rep(65536)
local began = socket.gettime()
for _ = 1, bytes // #block do
  assert(client:send(block))
end
client:shutdown("send")
assert(client:receive("*l") == "received")
print(("%.2f"):format(bytes / (socket.gettime() - began) / 1048576))
