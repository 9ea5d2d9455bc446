-- One page over HTTP, at the port named as argument.
local socket = require("socket")

local listener = assert(socket.bind("127.0.0.1", tonumber(arg[1]), 8))
local body = ("The page of the test.\r\n"):rep(300)
while true do
  local connection = listener:accept()
  repeat
    local line = connection:receive("*l")
  until not line or line == ""
  connection:send(
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
  )
  connection:close()
end
