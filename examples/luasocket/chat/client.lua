-- A member of the chat. It waits for the network and for your typing at once, without threads.

local socket = require("socket")

-- select takes any object with a getfd method. Descriptor 0 is standard input, here and on Unix.
local keyboard = {
  getfd = function()
    return 0
  end,
}

local connection = assert(socket.connect("127.0.0.1", 7010))

while true do
  local readable = socket.select({ connection, keyboard }, nil)

  if readable[keyboard] then
    local line = io.read()
    if not line then -- end of input: leave the chat
      connection:shutdown("send")
      break
    end
    assert(connection:send(line .. "\n"))
  end

  if readable[connection] then
    local line, why = connection:receive()
    if not line then
      print("* the chat is over: " .. why)
      break
    end
    print(line)
  end
end

connection:close()
