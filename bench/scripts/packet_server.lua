-- packet_server.lua PORT SECONDS: chuck's packet echo, as the seed's server. Prints packets per
-- second, a line each second, then how many packets are encoded and decoded in one. Runs under the
-- original, too, where what nobody holds is collected.
local chuck = require("chuck")
local helper, packet = chuck.socket_helper, chuck.packet

local port, seconds = tonumber(arg[1]), tonumber(arg[2])
local engine = chuck.engine()
local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
helper.addr_reuse(fd, 1)
assert(helper.listen(fd, "127.0.0.1", port) == 0)

local count = 0
local clients = {}
local acceptor = chuck.acceptor(fd)
acceptor:Add2Engine(engine, function(accepted)
  local connection = chuck.connection(accepted, 65535, chuck.decoder.connection.rpacket(65535))
  clients[#clients + 1] = connection
  connection:Add2Engine(engine, function(self, received)
    if not received then return self:Close() end
    count = count + 1
    self:Send(packet.wpacket(received))
  end)
end)

local last = chuck.systick()
local timer = chuck.RegTimer(engine, 1000, function()
  local now = chuck.systick()
  print(count * 1000 // (now - last))
  last, count = now, 0
  seconds = seconds - 1
  if seconds == 0 then engine:Stop() end
end)
engine:Run()
timer:UnRegister()

local made, begin = 0, chuck.systick()
repeat
  for _ = 1, 1000 do
    local written = packet.wpacket(512)
    written:WriteTab({ i = 1, j = 2, k = 3, l = 4, z = 5 })
    packet.rpacket(written):ReadTab()
  end
  made = made + 1000
until chuck.systick() - begin >= 1000
print("codec", made * 1000 // (chuck.systick() - begin))
