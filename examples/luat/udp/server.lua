-- Answers every datagram with its text in capitals; every fifth one is lost on purpose.
-- Dialect: luasocket

local socket = require("socket")

local server = assert(socket.udp())
assert(server:setsockname("127.0.0.1", 50800))
print("Waiting for datagrams on 127.0.0.1:50800")

local count = 0
while true do
  local data, host, port = server:receivefrom()
  count = count + 1
  if count % 5 == 0 then
    print(data .. "  (not answered)")
  else
    print(data)
    server:sendto(data:upper(), host, port)
  end
end
