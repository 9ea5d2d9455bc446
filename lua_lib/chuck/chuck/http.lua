--- HTTP over the http decoder: a server's side with its answers in the order of the requests,
-- kept and
-- closed connections, chunks and errors; a client's side with a queue. distri.http.http,
-- chuck.http's
-- middle generation and httpserver/httpclient are thin layers over it.
local core = require("chuck.core")
local packet = core.packet
local errors = core.error
local helper = core.socket_helper

local receive_bytes = 65536
local head_bytes = 64 * 1024
local body_bytes = 4 * 1024 * 1024

local http = {}

-- ---------------------------------------------------------------------------------------------
-- Answers

local Response = {}
Response.__index = Response

--- Sets number, phrase and lines ("Name: value"); may be called several times before the first
-- byte.
function Response:WriteHead(status, phrase, lines)
  self.status, self.phrase = status, phrase
  for _, line in ipairs(lines or {}) do
    self.lines[#self.lines + 1] = line
  end
end

local function has_field(lines, field)
  for _, line in ipairs(lines) do
    if line:match("^[^:]*"):lower() == field then return true end
  end
  return false
end

local function has_no_body(status)
  return status < 200 or status == 204 or status == 304
end

local function head_of(self, length)
  local lines = { string.format("HTTP/1.1 %d %s", self.status, self.phrase or "") }
  table.move(self.lines, 1, #self.lines, 2, lines)
  local status = self.status
  if length and not has_no_body(status) and not has_field(self.lines, "content-length") then
    lines[#lines + 1] = "Content-Length: " .. length
  elseif not length and self.is_chunked then
    lines[#lines + 1] = "Transfer-Encoding: chunked"
  end
  if not self.keeps_alive then
    lines[#lines + 1] = "Connection: close"
  elseif self.version == "1.0" then
    lines[#lines + 1] = "Connection: keep-alive"
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Sends what the foremost answers have; an answer waits until those before it are complete.
local function flush(peer)
  while true do
    local answer = peer.answers[peer.first]
    if not answer or peer.is_closed then return end
    local bytes = table.concat(answer.pending)
    answer.pending = {}
    local is_last = answer.is_complete and not answer.keeps_alive
    if bytes ~= "" or is_last then
      local result = peer.conn:Send(packet.rawpacket(bytes), is_last and function()
        peer.close()
      end or nil)
      if result < 0 and result ~= -errors.EAGAIN then return peer.close() end
    end
    if not answer.is_complete then return end
    peer.answers[peer.first] = nil
    peer.first = peer.first + 1
    if is_last then return end
  end
end

--- Sends a part of the body; the whole goes in chunks (to HTTP/1.0: until the connection closes).
function Response:Write(bytes)
  if self.is_complete then return end
  if not self.has_begun then
    self.has_begun = true
    self.status = self.status or 200
    self.is_chunked = self.version ~= "1.0"
    if not self.is_chunked then self.keeps_alive = false end
    self.pending[#self.pending + 1] = head_of(self, nil)
  end
  if bytes ~= "" and not self.is_head then
    local part = self.is_chunked and string.format("%x\r\n%s\r\n", #bytes, bytes) or bytes
    self.pending[#self.pending + 1] = part
  end
  flush(self.peer)
end

--- Sends the body, or its last part; the answer is complete.
function Response:End(body)
  if self.is_complete then return end
  if self.has_begun then
    if body and body ~= "" then self:Write(body) end
    if self.is_chunked and not self.is_head then self.pending[#self.pending + 1] = "0\r\n\r\n" end
  else
    self.status = self.status or 200
    body = body or ""
    self.pending[#self.pending + 1] = head_of(self, #body)
    if not self.is_head and not has_no_body(self.status) then
      self.pending[#self.pending + 1] = body
    end
  end
  self.is_complete = true
  flush(self.peer)
end

local function new_response(peer, request)
  peer.last = peer.last + 1
  local response = setmetatable({
    peer = peer,
    lines = {},
    pending = {},
    keeps_alive = request ~= nil and request.keeps_alive,
    version = request and request.version,
    is_head = request ~= nil and request.method == "HEAD",
  }, Response)
  peer.answers[peer.last] = response
  return response
end

local refusals = {
  [errors.EHTTPPARSE] = { 400, "Bad Request" },
  [errors.EPKTOOLARGE] = { 413, "Content Too Large" },
}

--- Serves HTTP on an accepted socket: on_request(request, response, peer). peer.conn is the
-- connection; peer.upgrade(callback) hands it over to another protocol.
-- @param options max_head, max_body (bytes), on_close(errno), idle (milliseconds)
function http.serve(descriptor, engine, on_request, options)
  options = options or {}
  local decoder =
    core.decoder.connection.http(options.max_head or head_bytes, options.max_body or body_bytes)
  local conn = core.connection(descriptor, receive_bytes, decoder)
  if not conn then return nil end
  local peer = { conn = conn, engine = engine, answers = {}, first = 1, last = 0 }
  function peer.close(number)
    if peer.is_closed then return end
    peer.is_closed = true
    conn:Close()
    if options.on_close then options.on_close(number or 0) end
  end
  local is_draining = false
  conn:Add2Engine(engine, function(_, request, number)
    if peer.is_closed or is_draining then return end
    if request then
      -- After the last request of a connection nothing counts.
      is_draining = not request.keeps_alive
      on_request(request, new_response(peer, request), peer)
      return
    end
    local refusal = refusals[number]
    if refusal then
      is_draining = true
      local response = new_response(peer, nil)
      response:WriteHead(refusal[1], refusal[2])
      response:End()
    elseif number ~= 0 or peer.first > peer.last then
      peer.close(number)
    else
      -- A half-closed peer still gets its answers.
      is_draining = true
      peer.answers[peer.last].keeps_alive = false
      flush(peer)
    end
  end)
  if options.idle then conn:SetRecvTimeout(options.idle) end
  return peer
end

--- Listens; on_socket(descriptor) for each connection. @return the acceptor, or nil and errno
function http.listen(engine, ip, port, on_socket)
  local descriptor = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
  helper.addr_reuse(descriptor, 1)
  local result = helper.listen(descriptor, ip, port)
  if result ~= 0 then
    helper.close(descriptor)
    return nil, -result
  end
  local acceptor = core.acceptor(descriptor)
  acceptor:Add2Engine(engine, function(accepted)
    if accepted >= 0 then on_socket(accepted) end
  end)
  return acceptor
end

-- ---------------------------------------------------------------------------------------------
-- Questions

--- "Host: name[:port]"
local function host_of(client)
  return client.port == 80 and client.host or client.host .. ":" .. client.port
end

local Client = {}
Client.__index = Client

local function fail_all(self, number)
  local waiting = self.queue
  self.queue = {}
  for _, question in ipairs(waiting) do
    question.callback(nil, number)
  end
end

local function drop_connection(self)
  if self.conn then self.conn:Close() end
  self.conn = nil
end

local send_next

local function on_answer(self, response, number)
  local question = table.remove(self.queue, 1)
  if not response then
    drop_connection(self)
    if question then question.callback(nil, number) end
    -- What the server closed between two questions is asked anew, on a connection of its own.
    if #self.queue > 0 then send_next(self) end
    return
  end
  self.is_busy = false
  if not (self.keeps_alive() and response.keeps_alive) then drop_connection(self) end
  if question then question.callback(response, 0) end
  if #self.queue > 0 and not self.is_busy then send_next(self) end
end

local function begin(self)
  self.conn:Add2Engine(self.engine, function(conn, response, number)
    if conn ~= self.conn then return end
    if not response and #self.queue == 0 then return drop_connection(self) end
    self.is_busy = false
    on_answer(self, response, number)
  end)
  self.conn:SetRecvTimeout(self.patience)
end

function send_next(self)
  self.is_busy = true
  if self.conn then
    self.conn:Send(packet.rawpacket(self.queue[1].bytes))
    return true
  end
  local descriptor = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
  helper.noblock(descriptor, 1)
  local result = helper.connect(descriptor, self.ip, self.port)
  if result ~= 0 and result ~= -errors.EINPROGRESS then
    helper.close(descriptor)
    self.is_busy = false
    return false
  end
  core.connector(descriptor, self.patience):Add2Engine(self.engine, function(connected, number)
    if number ~= 0 then
      self.is_busy = false
      return fail_all(self, number)
    end
    if #self.queue == 0 then return helper.close(connected) end
    local decoder = core.decoder.connection.http(head_bytes, body_bytes)
    self.conn = core.connection(connected, receive_bytes, decoder)
    begin(self)
    self.conn:Send(packet.rawpacket(self.queue[1].bytes))
  end)
  return true
end

--- Asks: callback(response, 0), or callback(nil, errno). @return false when it cannot be asked
function Client:ask(method, path, lines, body, callback)
  local head = { method .. " " .. path .. " HTTP/1.1", "Host: " .. host_of(self) }
  table.move(lines, 1, #lines, 3, head)
  if body or method == "POST" or method == "PUT" then
    head[#head + 1] = "Content-Length: " .. #(body or "")
  end
  if not self.keeps_alive() then head[#head + 1] = "Connection: close" end
  local bytes = table.concat(head, "\r\n") .. "\r\n\r\n" .. (body or "")
  self.queue[#self.queue + 1] = { bytes = bytes, callback = callback }
  if self.is_busy then return true end
  if send_next(self) then return true end
  table.remove(self.queue)
  return false
end

function Client:close()
  drop_connection(self)
  self.is_busy = false
  fail_all(self, 0)
end

--- A client for one server. keeps_alive() says whether the connection is to outlive an answer.
function http.client(engine, host, ip, port, keeps_alive)
  return setmetatable({
    engine = engine,
    host = host,
    ip = ip,
    port = port,
    keeps_alive = keeps_alive,
    queue = {},
    patience = 5000,
  }, Client)
end

-- ---------------------------------------------------------------------------------------------
-- The middle generation: chuck.http

local HttpPacket = {}
HttpPacket.__index = HttpPacket

--- A message in the making, or one that came: names of fields are in lower case then.
function http.HttpPacket(message)
  local made = setmetatable({ fields = {}, body = {} }, HttpPacket)
  if message then
    made.message = message
    for _, line in ipairs(message.lines) do
      local field = line[1]:lower()
      local before = made.fields[field]
      made.fields[field] = before and before .. "," .. line[2] or line[2]
    end
    made.body[1] = message.body
  end
  return made
end

function HttpPacket:GetMethod()
  return self.message and self.message.method
end

function HttpPacket:GetStatus()
  return self.message and self.message.code
end

function HttpPacket:GetURL()
  return self.message and self.message.url
end

function HttpPacket:GetBody()
  if #self.body > 0 then return table.concat(self.body) end
end

function HttpPacket:GetHeader(field)
  return self.fields[field] or self.fields[field:lower()]
end

function HttpPacket:GetAllHeaders()
  return self.fields
end

function HttpPacket:SetHeader(field, value)
  self.fields[field] = tostring(value)
  return self
end

function HttpPacket:AppendBody(bytes)
  self.body[#self.body + 1] = bytes
  return self
end

local function lines_of(made)
  local lines = {}
  for field, value in pairs(made.fields) do
    lines[#lines + 1] = field .. ": " .. value
  end
  table.sort(lines)
  return lines
end

local Connection = {}
Connection.__index = Connection

function http.Connection(descriptor, max_head, max_body)
  local decoder = core.decoder.connection.http(max_head or head_bytes, max_body or body_bytes)
  local conn = core.stream_socket(descriptor, receive_bytes, decoder)
  return conn and setmetatable({ conn = conn }, Connection)
end

--- callback(packet), or callback(nil, why).
function Connection:Start(loop, callback)
  return self.conn:Start(loop, function(message, why)
    callback(message and http.HttpPacket(message), why)
  end)
end

local function send_message(self, first_line, made)
  local lines = lines_of(made)
  table.insert(lines, 1, first_line)
  local body = made:GetBody() or ""
  lines[#lines + 1] = "Content-Length: " .. #body
  return self.conn:Send(core.buffer.New(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body))
end

function Connection:SendRequest(version, host, method, path, made)
  local first = string.format("%s %s HTTP/%s\r\nHost: %s", method, path, version, host)
  return send_message(self, first, made)
end

function Connection:SendResponse(version, status, phrase, made)
  return send_message(self, string.format("HTTP/%s %s %s", version, status, phrase), made)
end

function Connection:Close()
  self.conn:Close(5000)
end

-- Servers and clients: a request or response with short names, answers in chained calls.

local Message = {}
Message.__index = Message

function Message:Method()
  return self.message.method
end

function Message:URL()
  return self.message.url
end

function Message:Status()
  return self.message.code
end

function Message:Body()
  return self.message.body
end

function Message:Header(field)
  return self.message:Header(field)
end

function Message:AllHeaders()
  return http.HttpPacket(self.message).fields
end

local Answer = {}
Answer.__index = Answer

function Answer:SetHeader(field, value)
  self.made:SetHeader(field, value)
  return self
end

function Answer:AppendBody(bytes)
  self.made:AppendBody(bytes)
  return self
end

function Answer:Finish(status, phrase)
  self.response:WriteHead(tonumber(status), phrase, lines_of(self.made))
  self.response:End(self.made:GetBody())
end

local Server = {}
Server.__index = Server

--- Listen(loop, ip, port): itself and "OK", or nil and why not.
function Server:Listen(loop, ip, port)
  local acceptor, number = http.listen(loop, ip, port, function(descriptor)
    http.serve(descriptor, loop, function(request, response)
      local answer = setmetatable({ response = response, made = http.HttpPacket() }, Answer)
      self.on_request(setmetatable({ message = request }, Message), answer)
    end)
  end)
  if not acceptor then return nil, "listen error " .. number end
  self.acceptor = acceptor
  return self, "OK"
end

function Server:Close()
  if self.acceptor then self.acceptor:Close() end
end

function http.easyServer(on_request)
  return setmetatable({ on_request = on_request }, Server)
end

local EasyClient = {}
EasyClient.__index = EasyClient

local function ask_for(self, method, path, request, callback)
  request = request or http.HttpPacket()
  return self.client:ask(
    method,
    path,
    lines_of(request),
    request:GetBody(),
    function(response, number)
      if not response then return callback(nil, number) end
      callback(setmetatable({ message = response }, Message))
    end
  )
end

function EasyClient:Get(path, request, callback)
  return ask_for(self, "GET", path, request, callback)
end

function EasyClient:Post(path, request, callback)
  return ask_for(self, "POST", path, request, callback)
end

function EasyClient:Close()
  self.client:close()
end

function http.easyClient(loop, ip, port)
  local client = http.client(loop, ip, ip, port, function()
    return true
  end)
  return setmetatable({ client = client }, EasyClient)
end

return http
