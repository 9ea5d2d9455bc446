-- A client of server.lua: sends what you type, prints the answer. Start as many as you like.

local socket = require("socket")

local connection = assert(socket.connect("127.0.0.1", 7007))
print((connection:receive()))
print("Type a line; end the input (Ctrl-D) to leave.")

for line in io.lines() do
  assert(connection:send(line .. "\n"))
  local answer, why = connection:receive()
  if not answer then
    print("The server is gone: " .. why)
    break
  end
  print(answer)
end

connection:close()
