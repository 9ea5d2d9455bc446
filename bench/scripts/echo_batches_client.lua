-- Round trips of one line, one after the other. Prints, in microseconds, a quantile (0.5 is the
-- median) of what a trip took in batches: a browser's clock may have steps of 100 microseconds.
local socket = require("socket")

local host, port, count = arg[1], tonumber(arg[2]), tonumber(arg[3])
local batch, quantile = tonumber(arg[4]), tonumber(arg[5])

local client = assert(socket.connect(host, port))
client:setoption("tcp-nodelay", true)
local line = ("x"):rep(63)

local times = {}
for trip = 1, count, batch do
  local began = socket.gettime()
  for _ = 1, batch do
    client:send(line .. "\n")
    assert(client:receive() == line)
  end
  if trip > count / 10 then times[#times + 1] = (socket.gettime() - began) / batch end
end
table.sort(times)
print(("%.2f"):format(times[math.floor(#times * quantile) + 1] * 1e6))
