-- Title: A chat: type while messages arrive
-- 标题: 聊天室：一边输入一边收消息
-- Watch: Name each client, then type in both. One select waits for network and keyboard together.
-- 看点: 给每个客户端起名，再两边输入：同一个 select 同时等待网络和键盘。
-- Proxy: no
-- Run: server.lua, client.lua, client.lua

local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 7010))
print("Chat server on 127.0.0.1:7010")

local members = {} -- connections, in the order they came
local names = {} -- the name each one gave; nil until then

--- Sends a line to everybody but one.
local function tell_all(line, except)
  print(line)
  for _, member in ipairs(members) do
    if member ~= except and names[member] then member:send(line .. "\n") end
  end
end

local function remove(member)
  for index, other in ipairs(members) do
    if other == member then
      table.remove(members, index)
      break
    end
  end
  member:close()
  local name = names[member]
  names[member] = nil
  if name then tell_all("* " .. name .. " left") end
end

--- The first line of a member is its name; what follows goes to the others.
local function handle_line(member, line)
  if names[member] then
    tell_all(names[member] .. ": " .. line, member)
    return
  end
  names[member] = line ~= "" and line or "somebody"
  member:send("* welcome, " .. names[member] .. "\n")
  tell_all("* " .. names[member] .. " came in", member)
end

while true do
  local readable = socket.select({ server, table.unpack(members) }, nil)
  for _, ready in ipairs(readable) do
    if ready == server then
      local member = server:accept()
      table.insert(members, member)
      member:send("* what is your name?\n")
    else
      local line, why = ready:receive()
      if line then
        handle_line(ready, line)
      elseif why == "closed" then
        remove(ready)
      end
    end
  end
end
