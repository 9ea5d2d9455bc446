-- Answers each report with its length. One client at a time is enough here.
-- Dialect: luasocket

local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 50799))
print("Waiting for reports on 127.0.0.1:50799")

while true do
  local client = server:accept()
  client:settimeout(10)
  local line = client:receive()
  if line then
    print(os.date("%H:%M:%S") .. "  " .. line)
    client:send("got " .. #line .. " characters")
  end
  client:receive() -- until it closes
  client:close()
end
