-- A download beside other work. Says "ready" once it flows; then reads on until it is stopped
-- ("flowing"), or never again ("stopped").
local socket = require("socket")

local host, port, how = arg[1], tonumber(arg[2]), arg[3]
local client = assert(socket.connect(host, port))
for _ = 1, 64 do
  assert(client:receive(65536))
end
print("ready")
while how == "flowing" do
  assert(client:receive(65536))
end
socket.sleep(3600)
