-- Round trips of one line, one after the other. Prints how many there were per second, and
-- their median in microseconds.
local socket = require("socket")

local host, port, count = arg[1], tonumber(arg[2]), tonumber(arg[3])

local function connect()
  for _ = 1, 200 do
    local client = socket.connect(host, port)
    if client then return client end
    socket.sleep(0.02) -- the server is not there yet
  end
  error("nobody listens on port " .. port)
end

local client = connect()
client:setoption("tcp-nodelay", true)
local line = ("x"):rep(63)

local function round_trips(n, times)
  for i = 1, n do
    local began = socket.gettime()
    client:send(line .. "\n")
    local answer = client:receive()
    assert(answer == line)
    if times then times[i] = socket.gettime() - began end
  end
end

round_trips(math.ceil(count / 10))
local times = {}
local began = socket.gettime()
round_trips(count, times)
local took = socket.gettime() - began
table.sort(times)
print(("%.1f %.2f"):format(count / took, times[#times // 2 + 1] * 1e6))
