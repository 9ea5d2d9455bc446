-- select over many sockets of which one is ready, another one each time. Prints selects per second.
local socket = require("socket")

local sockets, rounds = tonumber(arg[1]), tonumber(arg[2])

local all, ports = {}, {}
for i = 1, sockets do
  all[i] = assert(socket.udp4())
  assert(all[i]:setsockname("127.0.0.1", 0))
  ports[i] = select(2, all[i]:getsockname())
end

local function run(n)
  for round = 1, n do
    local chosen = round * 37 % sockets + 1
    all[round % sockets + 1]:sendto("x", "127.0.0.1", ports[chosen])
    local ready = socket.select(all, nil, 5)
    assert(#ready == 1 and ready[1] == all[chosen])
    ready[1]:receive()
  end
end

run(rounds // 10)
local began = socket.gettime()
run(rounds)
print(("%.1f"):format(rounds / (socket.gettime() - began)))
