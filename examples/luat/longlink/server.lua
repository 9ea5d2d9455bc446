-- The other end: shows what the module sends, in text and hex, and sends it what you type.
-- Dialect: luasocket

local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 50798))
print("Waiting for the module on 127.0.0.1:50798. Type back123, bin or time to send it that.")

--- Standard input as something that select can watch.
local keyboard = {
  getfd = function()
    return 0
  end,
}
local client

local function show(bytes)
  local hex = bytes:gsub(".", function(byte)
    return ("%02X "):format(byte:byte())
  end)
  print(("%s  %s  %s"):format(os.date("%H:%M:%S"), hex, (bytes:gsub("%c", "."))))
end

while true do
  local readable = socket.select({ client or server, keyboard })
  for _, ready in ipairs(readable) do
    if ready == server then
      client = server:accept()
      client:settimeout(0)
      print("The module is there: " .. client:getpeername())
    elseif ready == keyboard then
      local line = io.read()
      if not line then
        keyboard = nil -- nobody types any more
      elseif client then
        client:send(line)
      end
    else
      local bytes, why, partial = client:receive(2048)
      bytes = bytes or partial
      if #bytes > 0 then show(bytes) end
      if why == "closed" then
        print("The module is gone.")
        client:close()
        client = nil
      end
    end
  end
end
