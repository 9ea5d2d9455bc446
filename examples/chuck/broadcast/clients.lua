-- Five clients in one program; each says something now and then, and all hear it.

local chuck = require("chuck")
local helper, packet, errors = chuck.socket_helper, chuck.packet, chuck.error

local engine = chuck.engine()

local function talk(number, fd)
  local decoder = chuck.decoder.connection.rpacket(4096)
  local connection = chuck.connection(fd, 4096, decoder)
  connection:Add2Engine(engine, function(self, received, errno)
    if not received then
      print(number, "the server has gone", errno)
      return self:Close()
    end
    local mail = received:ReadTab()
    if number == 1 then print("client 1 hears client " .. mail.from .. ": " .. mail.text) end
  end)
  chuck.RegTimer(engine, 500 * number, function()
    local sent = packet.wpacket()
    sent:WriteTab({ from = number, text = "it is " .. os.date("%X") })
    if connection:Send(sent) == -errors.ESOCKCLOSE then return -1 end
  end)
end

for number = 1, 5 do
  local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
  helper.noblock(fd, 1)
  local result = helper.connect(fd, "127.0.0.1", 8011)
  assert(result == 0 or result == -errors.EINPROGRESS)
  local connector = chuck.connector(fd, 5000)
  connector:Add2Engine(engine, function(connected, errno)
    if errno == 0 then
      talk(number, connected)
    else
      print(number, "cannot connect", errno)
    end
  end)
end

engine:Run()
