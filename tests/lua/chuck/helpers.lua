-- What the chuck scripts share: comparing, and connections in this machine.
local chuck = require("chuck")
local socket_helper, errors = chuck.socket_helper, chuck.error

local helpers = {}

function helpers.same(got, wanted, what)
  if got ~= wanted then
    error(what .. ": got " .. tostring(got) .. ", wanted " .. tostring(wanted), 2)
  end
end

function helpers.refuses(what, f, ...)
  if pcall(f, ...) then error(what .. " was not refused", 2) end
end

function helpers.new_fd()
  return socket_helper.socket(
    socket_helper.AF_INET,
    socket_helper.SOCK_STREAM,
    socket_helper.IPPROTO_TCP
  )
end

--- Listens on 127.0.0.1; the acceptor calls back with each descriptor.
function helpers.listen(engine, port, on_fd)
  local fd = helpers.new_fd()
  socket_helper.addr_reuse(fd, 1)
  helpers.same(socket_helper.listen(fd, "127.0.0.1", port), 0, "listen")
  local acceptor = chuck.acceptor(fd)
  helpers.same(acceptor:Add2Engine(engine, on_fd), true, "the acceptor's Add2Engine")
  return acceptor
end

--- Two descriptors, the ends of a connection.
function helpers.pair(engine, port)
  local far
  local acceptor = helpers.listen(engine, port, function(fd)
    far = fd
    engine:Stop()
  end)
  local near = helpers.new_fd()
  helpers.same(socket_helper.connect(near, "127.0.0.1", port), 0, "connect")
  engine:Run()
  acceptor:Close()
  return near, far
end

--- Runs the engine until the claim holds.
function helpers.run_until(engine, claim, what)
  for _ = 1, 500 do
    if claim() then return end
    engine:Run(20)
  end
  error("waited in vain for " .. what, 2)
end

--- Whether Send worked, as upstream's own wrapper asks.
function helpers.is_sent(result)
  return result >= 0 or result == -errors.EAGAIN
end

return helpers
