-- Takes what each client pours, and answers with how much it was.
local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", tonumber(arg and arg[1] or 7)))
while true do
  local client = server:accept()
  local total = 0
  repeat
    local data, why, rest = client:receive(65536)
    total = total + #(data or rest)
  until why
  client:send(total .. "\n")
  client:close()
end
