-- Counts what arrives, confirms it, and throws the module out after every tenth number.
-- Dialect: luasocket

local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 50802))
print("Waiting for numbers on 127.0.0.1:50802")

local highest, missing = 0, 0
local served = 0

--- Takes numbers from one client until it goes, or has to.
local function serve(client)
  client:settimeout(60)
  while true do
    local line = client:receive()
    local number = tonumber(line)
    if not number then return "gone" end
    if number > highest then
      missing = missing + number - highest - 1
      highest = number
    end
    client:send(number .. "\n")
    served = served + 1
    if served % 10 == 0 then
      client:setoption("linger", { on = true, timeout = 0 }) -- a reset, not a good-bye
      return "reset"
    end
  end
end

while true do
  local client = server:accept()
  local how = serve(client)
  client:close()
  print(("%s  %s; got up to %d, missing %d"):format(os.date("%H:%M:%S"), how, highest, missing))
end
