--- distri.socket: stream sockets over chuck's connections, with coroutines where no callback is
-- given.
local chuck = require("chuck")
local engine = require("distri.engine")
local Sche = require("distri.uthread.sche")
local helper = chuck.socket_helper
local errors = chuck.error

local Socket = {}
Socket.__index = Socket

local function new_socket(fd)
  return setmetatable({ fd = fd, pending_call = {}, rpc_record = { 0, 0 } }, Socket)
end

local function new_fd()
  return helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
end

--- Calls under way fail with "socket close"; then on_close(errno).
function Socket:Close(errno)
  local conn, fd, on_close = self.conn, self.fd, self.on_close
  self.conn, self.fd, self.on_close = nil, nil, nil
  if conn then
    for _, co in pairs(self.pending_call) do
      Sche.WakeUp(co, "socket close")
    end
    conn:Close()
    if on_close then on_close(errno) end
  elseif fd then
    helper.close(fd)
  end
end

--- @return true when it is sent or will be
function Socket:Send(packet, on_sent)
  if not self.conn then return end
  local result = self.conn:Send(packet, on_sent)
  if result >= 0 or result == -errors.EAGAIN then return true end
end

--- Starts to receive: on_packet(self, packet, errno). @return true
function Socket:Ok(receive_bytes, decoder, on_packet, on_close)
  -- One of upstream's tests gives the decoder's function uncalled and means raw.
  if type(decoder) == "function" then decoder = nil end
  local conn = chuck.connection(self.fd, receive_bytes, decoder)
  if not conn then return end
  self.conn = conn
  local is_attached = conn:Add2Engine(engine, function(_, packet, errno)
    on_packet(self, packet, errno)
  end)
  if is_attached then
    self.on_close = on_close
    return true
  end
end

function Socket:SetRecvTimeout(milliseconds)
  if self.conn then self.conn:SetRecvTimeout(milliseconds) end
end

function Socket:SetSendTimeout(milliseconds)
  if self.conn then self.conn:SetSendTimeout(milliseconds) end
end

function Socket:Fd()
  return self.fd
end

--- callback(socket, errno) for each connection. @return the acceptor, or nothing
local function listen(host, port, callback)
  local fd = new_fd()
  helper.addr_reuse(fd, 1)
  if helper.listen(fd, host, port) ~= 0 then
    helper.close(fd)
    return nil
  end
  local acceptor = chuck.acceptor(fd)
  acceptor:Add2Engine(engine, function(accepted, errno)
    callback(accepted >= 0 and new_socket(accepted) or nil, errno)
  end)
  return acceptor
end

--- callback(socket, errno). @return nothing, or a negated errno that is known at once
local function connect_async(host, port, callback, timeout)
  local fd = new_fd()
  helper.noblock(fd, 1)
  local result = helper.connect(fd, host, port)
  if result == 0 then return callback(new_socket(fd), 0) end
  if result ~= -errors.EINPROGRESS then
    helper.close(fd)
    return result
  end
  chuck.connector(fd, timeout):Add2Engine(engine, function(connected, errno)
    callback(errno == 0 and new_socket(connected) or nil, errno)
  end)
end

--- Without callback, in a coroutine: nil and the socket, or the errno.
local function connect(host, port, callback, timeout)
  if callback then return connect_async(host, port, callback, timeout) end
  local co = Sche.Running()
  if not co then return "connect without callback should be called in a coroutine" end
  local socket, errno
  local is_done, is_waiting = false, false
  local result = connect_async(host, port, function(connected, number)
    socket, errno, is_done = connected, number, true
    if is_waiting then Sche.WakeUp(co) end
  end, timeout)
  if result then return result end
  if not is_done then
    is_waiting = true
    Sche.Wait()
  end
  if socket then return nil, socket end
  return errno
end

return {
  stream = {
    New = new_socket,
    Listen = listen,
    Connect = connect,
    decoder = {
      rpacket = chuck.decoder.connection.rpacket,
      rawpacket = chuck.decoder.connection.rawpacket,
      http = chuck.decoder.connection.http,
    },
  },
}
