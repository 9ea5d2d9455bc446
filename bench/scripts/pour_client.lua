-- Pours bytes one way, in sends of 64 KiB; prints MiB per second, from the first byte to the answer
-- that all have come.
local socket = require("socket")

local host, port, mebibytes = arg[1], tonumber(arg[2]), tonumber(arg[3])
local block = ("0123456789abcdef"):rep(4096)

local function connect()
  for _ = 1, 200 do
    local client = socket.connect(host, port)
    if client then return client end
    socket.sleep(0.02) -- the server is not there yet
  end
  error("nobody listens on port " .. port)
end

local function pour(blocks)
  local client = connect()
  local began = socket.gettime()
  for _ = 1, blocks do
    assert(client:send(block))
  end
  client:shutdown("send")
  assert(tonumber(client:receive()) == blocks * #block)
  return socket.gettime() - began
end

pour(16)
local took = pour(mebibytes * 16)
print(("%.1f"):format(mebibytes / took))
