-- A time server: 48 bytes come, 48 bytes go back with the time in seconds since 1900.
-- Dialect: luasocket

local socket = require("socket")

local from_1900_to_1970 = 0x83AA7E80

local server = assert(socket.udp())
assert(server:setsockname("127.0.0.1", 123))
print("Telling the time on 127.0.0.1:123")

while true do
  local request, host, port = server:receivefrom()
  if #request == 48 then
    local now = os.time() + from_1900_to_1970
    local head = (">BBbb"):pack(0x24, 1, 6, -20) -- version 4, from a server, stratum 1
    local reply = head .. ("\0"):rep(36) .. (">I4I4"):pack(now, 0)
    server:sendto(reply, host, port)
    print(os.date("%H:%M:%S") .. "  told " .. host)
  end
end
