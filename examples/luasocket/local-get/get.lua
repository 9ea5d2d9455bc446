-- Fetches a path from server.lua without any HTTP library. Try /time, or one that is not there.

local socket = require("socket")

local path = arg and arg[1] or "/"
local connection = assert(socket.connect("127.0.0.1", 8080))
assert(connection:send("GET " .. path .. " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"))

-- With HTTP/1.0 the server closes the connection after the body.
local whole, why, partial = connection:receive("*a")
connection:close()

if whole then
  io.write(whole)
else
  io.stderr:write("only a part came (", why, "):\n", partial)
end
