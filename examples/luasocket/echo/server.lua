-- Title: Echo server and two clients
-- 标题: 回声服务器与两个客户端
-- Watch: Type a line in a client's console: one loop in one process answers all clients.
-- 看点: 在客户端控制台里输入一行：一个进程、一个循环就能回答所有客户端。
-- Proxy: no
-- Run: server.lua, client.lua, client.lua

local socket = require("socket")

local host, port = "127.0.0.1", 7007
local server = assert(socket.bind(host, port))
print(("Echo server on %s:%d"):format(host, port))

local clients = {} -- every open connection, in the order they came
local names = {} -- how to call each of them
local count = 0

--- Forgets a client that went away.
local function forget(client)
  print(names[client] .. " left")
  names[client] = nil
  for index, other in ipairs(clients) do
    if other == client then
      table.remove(clients, index)
      break
    end
  end
  client:close()
end

while true do
  -- Wait until the server or any client has something for us.
  local readable = socket.select({ server, table.unpack(clients) }, nil)
  for _, ready in ipairs(readable) do
    if ready == server then
      local client = server:accept()
      count = count + 1
      names[client] = "client " .. count
      table.insert(clients, client)
      client:send("Hello, you are " .. names[client] .. ".\n")
      print(names[client] .. " came")
    else
      local line, why = ready:receive()
      if line then
        print(names[ready] .. " says: " .. line)
        ready:send("echo: " .. line .. "\n")
      elseif why == "closed" then
        forget(ready)
      end
    end
  end
end
