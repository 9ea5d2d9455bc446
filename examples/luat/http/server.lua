-- A small web server: one request per connection.
-- Dialect: luasocket

local socket = require("socket")

local server = assert(socket.bind("127.0.0.1", 50801))
print("Serving http://127.0.0.1:50801/")

local function send(client, status, body)
  local head = "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
  client:send(head:format(status, #body) .. body)
end

local pages = {
  ["GET /"] = function(client)
    send(client, "200 OK", "Hello, module.\n")
  end,
  ["POST /form"] = function(client, body)
    send(client, "200 OK", "You sent: " .. body)
  end,
  ["GET /download"] = function(client)
    client:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece = 1, 20 do
      local text = ("piece %d of a file that comes in chunks\n"):format(piece)
      client:send(("%x\r\n%s\r\n"):format(#text, text))
    end
    client:send("0\r\n\r\n")
  end,
}

while true do
  local client = server:accept()
  client:settimeout(10)
  local request = client:receive()
  local length = 0
  local line = client:receive()
  while line and line ~= "" do
    length = tonumber(line:match("^Content%-Length: (%d+)")) or length
    line = client:receive()
  end
  if request then
    print(request)
    local page = pages[request:match("^(%u+ [^ ?]+)")]
    if page then
      page(client, length > 0 and client:receive(length) or "")
    else
      send(client, "404 Not Found", "There is no such page.\n")
    end
  end
  client:close()
end
