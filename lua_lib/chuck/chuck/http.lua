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
-- Requests of one connection that wait for their answers; no more are read then.
local answers_max = 64
-- Milliseconds: a server closes what says nothing for so long, and answers 408 to a request that
-- stands still, once or twice that later. What was refused may still be sending for linger_span.
local request_patience = 60000
local linger_span = 2000

local http = {}

-- ---------------------------------------------------------------------------------------------
-- Answers

local Response = {}
Response.__index = Response

-- A line that holds another one would be a way to smuggle it in.
local function check_line(line)
  if line:find("[\r\n]") then
    error(string.format("a header line holds a line end: %q", line), 3)
  end
end

--- Sets number, phrase and lines ("Name: value"); may be called several times before the first
-- byte. "Connection: close" among them closes after this answer.
function Response:WriteHead(status, phrase, lines)
  self.status, self.phrase = status, phrase
  for _, line in ipairs(lines or {}) do
    check_line(line)
    if line:lower():find("^connection:%s*close%s*$") then
      self.keeps_alive = false
    else
      self.lines[#self.lines + 1] = line
    end
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
    if peer.is_paused and peer.last - peer.first < answers_max // 2 and not peer.is_closed then
      peer.is_paused = false
      peer.conn:ResumeRead()
    end
    local answer = peer.answers[peer.first]
    if not answer or peer.is_closed then return end
    local bytes = table.concat(answer.pending)
    answer.pending = {}
    local is_last = answer.is_complete and not answer.keeps_alive
    if bytes ~= "" or is_last then
      local result = peer.conn:Send(packet.rawpacket(bytes), is_last and function()
        peer.finish()
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
    local is_bodiless = has_no_body(self.status)
    local has_length = has_field(self.lines, "content-length")
    self.is_chunked = not has_length and not is_bodiless and self.version ~= "1.0"
    if not (self.is_chunked or has_length or is_bodiless) then self.keeps_alive = false end
    self.is_head = self.is_head or is_bodiless
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

local phrases = {
  [400] = "Bad Request",
  [408] = "Request Timeout",
  [413] = "Content Too Large",
  [414] = "URI Too Long",
  [417] = "Expectation Failed",
  [431] = "Request Header Fields Too Large",
  [500] = "Internal Server Error",
  [501] = "Not Implemented",
  [505] = "HTTP Version Not Supported",
}

-- Answers and closes; what the peer still sends is thrown away, lest a reset overtakes the answer.
local function refuse(peer, status)
  peer.is_draining = true
  peer.has_refused = true
  local response = new_response(peer, nil)
  response:WriteHead(status, phrases[status], { "Content-Type: text/plain" })
  peer.conn:SetDecoder(core.decoder.connection.rawpacket())
  response:End(phrases[status] .. "\n")
end

local function answer_with(peer, request, on_request)
  local response = new_response(peer, request)
  if peer.last - peer.first >= answers_max and not peer.is_paused then
    peer.is_paused = true
    peer.conn:PauseRead()
  end
  local ok, why = xpcall(on_request, debug.traceback, request, response, peer)
  if ok then return end
  core.log_line("ERROR", why)
  if peer.is_closed or response.is_complete then return end
  if response.has_begun then return peer.close() end
  response.lines, response.keeps_alive, peer.is_draining = {}, false, true
  response:WriteHead(500, phrases[500], { "Content-Type: text/plain" })
  response:End(phrases[500] .. "\n")
end

-- Called again and again: ends what has stood still since the last time.
local function look_after(peer)
  local stage, size = peer.conn:HttpState()
  local is_waiting = peer.first <= peer.last -- for us
  local before = peer.looked_at
  peer.looked_at = { stage, size, peer.last }
  local is_still = before and before[1] == stage and before[2] == size and before[3] == peer.last
  if not is_still or is_waiting or peer.is_draining then return end
  if stage == "idle" then
    peer.close()
  else
    refuse(peer, 408)
  end
end

--- Serves HTTP on an accepted socket: on_request(request, response, peer). peer.conn is the
-- connection; peer.upgrade() hands it over to another protocol.
-- @param options max_head, max_body (bytes), on_close(errno), patience (milliseconds)
function http.serve(descriptor, engine, on_request, options)
  options = options or {}
  local max_head, max_body = options.max_head or head_bytes, options.max_body or body_bytes
  local decoder = core.decoder.connection.http(max_head, max_body, "server")
  local conn = core.connection(descriptor, receive_bytes, decoder)
  if not conn then return nil end
  local peer = { conn = conn, engine = engine, answers = {}, first = 1, last = 0 }
  local timer
  function peer.close(number)
    if peer.is_closed then return end
    peer.is_closed = true
    timer:UnRegister()
    conn:Close()
    if options.on_close then options.on_close(number or 0) end
  end
  --- After the last answer.
  function peer.finish()
    if not peer.has_refused or peer.is_closed then return peer.close() end
    conn:ShutDownWrite()
    timer:UnRegister()
    timer = engine:AddTimerOnce(linger_span, peer.close)
  end
  --- @return the connection, which is the caller's from now on; nil while answers are under way
  function peer.upgrade()
    if peer.is_closed or peer.first < peer.last then return nil end
    peer.is_closed = true
    timer:UnRegister()
    return conn
  end
  timer = engine:AddTimer(options.patience or request_patience, function()
    look_after(peer)
  end)
  conn:Add2Engine(engine, function(_, request, number)
    if peer.is_closed then return end
    if peer.is_draining then
      -- After the last request of a connection nothing counts but that the peer is gone.
      if not request and (number ~= 0 or peer.has_refused) then peer.close(number) end
    elseif request and request.waits_for_100 then
      local response = new_response(peer, request)
      response.pending[1] = "HTTP/1.1 100 Continue\r\n\r\n"
      response.is_complete, response.keeps_alive = true, true
      flush(peer)
    elseif request then
      peer.is_draining = not request.keeps_alive
      answer_with(peer, request, on_request)
    elseif number == errors.EHTTPPARSE or number == errors.EPKTOOLARGE then
      local _, _, status = conn:HttpState()
      refuse(peer, status or 400)
    elseif number ~= 0 or peer.first > peer.last then
      peer.close(number)
    else
      -- A half-closed peer still gets its answers.
      peer.is_draining = true
      peer.answers[peer.last].keeps_alive = false
      flush(peer)
    end
  end)
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
    -- What was asked on a connection that the server was about to close is asked anew.
    if question and question.may_repeat and self.is_reused and number ~= errors.ERVTIMEOUT then
      question.may_repeat = false
      table.insert(self.queue, 1, question)
      question = nil
    end
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
    -- 100 Continue and its like announce the answer.
    if response and response.code < 200 then return end
    if not response and #self.queue == 0 then return drop_connection(self) end
    self.is_busy = false
    on_answer(self, response, number)
  end)
  self.conn:SetRecvTimeout(self.patience)
end

local function put(self)
  local question = self.queue[1]
  if question.method == "HEAD" then self.conn:ExpectNoBody() end
  self.conn:Send(packet.rawpacket(question.bytes))
end

function send_next(self)
  self.is_busy = true
  if self.conn then
    self.is_reused = true
    put(self)
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
    local decoder = core.decoder.connection.http(head_bytes, body_bytes, "client")
    self.conn = core.connection(connected, receive_bytes, decoder)
    self.is_reused = false
    begin(self)
    put(self)
  end)
  return true
end

--- Asks: callback(response, 0), or callback(nil, errno). @return false when it cannot be asked
function Client:ask(method, path, lines, body, callback)
  local head = { method .. " " .. path .. " HTTP/1.1", "Host: " .. host_of(self) }
  for _, line in ipairs(lines) do
    check_line(line)
    head[#head + 1] = line
  end
  if body or method == "POST" or method == "PUT" then
    head[#head + 1] = "Content-Length: " .. #(body or "")
  end
  if not self.keeps_alive() then head[#head + 1] = "Connection: close" end
  local bytes = table.concat(head, "\r\n") .. "\r\n\r\n" .. (body or "")
  self.queue[#self.queue + 1] =
    { bytes = bytes, callback = callback, method = method, may_repeat = method ~= "POST" }
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
