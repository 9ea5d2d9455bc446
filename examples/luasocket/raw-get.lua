-- Title: A raw GET from the real network
-- 标题: 从真实网络原始 GET
-- Watch: A connection to port 80, by hand. Without the proxy it fails at once and says why.
-- 看点: 手写手读一个到 80 端口的 TCP 连接。没有代理时会立即失败并说明原因。
-- Proxy: needed

local socket = require("socket")

local host = arg and arg[1] or "example.com"
local port = arg and tonumber(arg[2]) or 80
local path = arg and arg[3] or "/"

local connection, why = socket.connect(host, port)
if not connection then
  io.stderr:write(("Cannot connect to %s:%d: %s\n"):format(host, port, why))
  os.exit(1)
end
print("Connected to " .. table.concat({ connection:getpeername() }, " "))

connection:send("GET " .. path .. " HTTP/1.0\r\nHost: " .. host .. "\r\n\r\n")

-- Read in pieces of 1 KiB as they come; the last piece may be shorter.
repeat
  local chunk, status, partial = connection:receive(1024)
  io.write(chunk or partial)
until status

connection:close()
