-- An HTTP/1.1 client: each request is a task of its own and ends with a call of the callback.

local log = require("log")
local socket = require("socket")
local sys = require("sys")
require("utils")

local http = {}
_G.http = http

local file_piece = 8400 -- bytes of a file at a time; a multiple of three, for base64
local to_the_end = math.huge -- the length of a body that ends with the connection

--- Ends a request with a failure; caught in `run`.
local function fail(why)
  error({ why = why }, 0)
end

--- How many bytes one part of the body has.
local function length_of(part)
  if type(part) == "string" then
    return #part
  elseif part.file_base64 then
    return (io.fileSize(part.file_base64) + 2) // 3 * 4
  end
  return io.fileSize(part.file)
end

local function make_head(request)
  local length = 0
  for _, part in ipairs(request.body) do
    length = length + length_of(part)
  end
  local fields = request.head
  fields.Host = fields.Host or request.host
  fields.Connection = fields.Connection or "short"
  if length > 0 then fields["Content-Length"] = length end
  if request.credentials and not fields.Authorization then
    local credentials = request.credentials
    fields.Authorization = "Basic " .. crypto.base64_encode(credentials, #credentials)
  end
  local lines = { request.method .. " " .. request.path .. " HTTP/1.1" }
  for name, value in pairs(fields) do
    lines[#lines + 1] = name .. ": " .. value
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function send_file(client, part)
  local file = io.open(part.file or part.file_base64, "rb")
  if not file then fail("send file open fail") end
  local ok = true
  local bytes = file:read(file_piece)
  while ok and bytes do
    ok = client:send(part.file_base64 and crypto.base64_encode(bytes, #bytes) or bytes)
    bytes = file:read(file_piece)
  end
  file:close()
  if not ok then fail("send file fail") end
end

local function send_request(client, request)
  local head = make_head(request)
  local parts = request.body
  if #parts == 1 and type(parts[1]) == "string" then
    head, parts = head .. parts[1], {}
  end
  if not client:send(head) then fail("send head fail") end
  for _, part in ipairs(parts) do
    if type(part) ~= "string" then
      send_file(client, part)
    elseif not client:send(part) then
      fail("send body fail")
    end
  end
end

--- Receives more into the reply's buffer. @return false at the end
local function receive(client, reply)
  local ok, bytes = client:recv(reply.timeout)
  if ok then reply.buffer = reply.buffer .. bytes end
  return ok
end

--- Reads the status and the fields, each under the name that the server gave it.
local function read_head(client, reply)
  local first, last = reply.buffer:find("\r\n\r\n", 1, true)
  while not first do
    if not receive(client, reply) then fail("receive timeout") end
    first, last = reply.buffer:find("\r\n\r\n", 1, true)
  end
  local text = reply.buffer:sub(1, first + 1)
  reply.buffer = reply.buffer:sub(last + 1)
  local status, fields = text:match("^HTTP/%S+%s+(%d+)[^\r\n]*\r\n(.*)$")
  if not status then fail("parse received status error") end
  reply.status = status
  for name, value in fields:gmatch("([^\r\n:]+):%s*([^\r\n]*)\r\n") do
    reply.head[name] = value
    if name:lower() == "transfer-encoding" and value:lower() == "chunked" then
      reply.is_chunked = true
    end
  end
end

--- Gives a piece of the body to its file, its function or its list.
local function take(reply, bytes)
  local target = reply.target
  if type(target) == "string" then
    if #bytes > 0 and not io.writeFile(target, bytes, "a+") then
      fail("receive: open file error")
    end
  elseif type(target) == "function" then
    local whole = tonumber((reply.head["Content-Range"] or ""):match("/(%d+)"))
    local verdict = target(bytes, whole or tonumber(reply.head["Content-Length"]), reply.status)
    if verdict ~= nil then
      local why = verdict and reply.status or "receive: user process error"
      error({ verdict = verdict, why = why }, 0)
    end
  else
    table.insert(reply.pieces, bytes)
  end
end

--- Reads `length` bytes of the body. @return whether all came
local function read_body(client, reply, length)
  while true do
    local piece = length < #reply.buffer and reply.buffer:sub(1, length) or reply.buffer
    take(reply, piece)
    reply.buffer = reply.buffer:sub(#piece + 1)
    length = length - #piece
    if length == 0 then
      return true
    elseif not receive(client, reply) then
      return length == to_the_end
    end
  end
end

local function read_chunks(client, reply)
  while true do
    local size, from = reply.buffer:match("^[\r\n]*(%x+)[^\r\n]*\r\n()")
    if size then
      size = tonumber(size, 16)
      reply.buffer = reply.buffer:sub(from)
      if size == 0 then
        return
      elseif not read_body(client, reply, size) then
        fail("receive timeout")
      end
    elseif not receive(client, reply) then
      fail("receive timeout")
    end
  end
end

local function exchange(client, request, reply)
  if not client:connect(request.host, request.port) then fail("connect fail") end
  send_request(client, request)
  reply.is_due = true
  read_head(client, reply)
  if request.method == "HEAD" or reply.status == "204" or reply.status == "304" then
    return
  elseif reply.is_chunked then
    read_chunks(client, reply)
    return
  end
  local length = tonumber(reply.head["Content-Length"] or nil)
  if not read_body(client, reply, length or to_the_end) then fail("receive timeout") end
end

local function run(request)
  log.info("http path", request.path)
  local callback = request.callback or function() end
  local function refuse(why)
    log.error("http.response", false, why)
    callback(false, why)
  end
  while not socket.isReady() do
    if not sys.waitUntil("IP_READY_IND", request.timeout) then
      return refuse("network not ready")
    end
  end
  local client = socket.tcp(request.is_secure, request.cert)
  if not client then return refuse("create socket error") end
  local reply = {
    buffer = "",
    head = {},
    pieces = {},
    target = request.target,
    timeout = request.timeout,
  }
  local ok, ended = pcall(exchange, client, request, reply)
  local prompt = reply.status
  if not ok then
    if type(ended) ~= "table" then
      client:close()
      error(ended, 0)
    end
    ok, prompt = ended.verdict or false, ended.why
    if not ok then log.error("http.response", false, prompt) end
  end
  local body = request.target or table.concat(reply.pieces)
  if reply.is_due then
    callback(ok, prompt, reply.head, type(body) ~= "function" and body or nil)
  else
    callback(ok, prompt)
  end
  client:close()
end

--- Splits a URL. @return whether it is https, user:password, host, port, path
local function split(url)
  local scheme, rest = url:match("^(%a+)://(.*)$")
  rest = rest or url
  local credentials, after = rest:match("^([^/]-:[^/]-)@(.*)$")
  rest = after or rest
  local authority, path = rest:match("^([^/?]*)(.*)$")
  local host, port = authority:match("^(.-):(%d+)$")
  host = host or authority
  local is_secure = scheme == "https"
  if path:sub(1, 1) == "?" then path = "/" .. path end
  return is_secure, credentials, host, port or (is_secure and 443 or 80), path == "" and "/" or path
end

--- Where a file that is received goes. The 2G module has a folder for bare names.
local function file_path(name)
  if type(name) ~= "string" or name:sub(1, 1) == "/" or not require("generation").is_2g then
    return name
  end
  return rtos.make_dir("/http_down") and "/http_down/" .. name or name
end

--- Starts a request.
-- @param method "GET", "POST", ...
-- @param url [http[s]://][user:password@]host[:port][/path]
-- @param cert the certificates' files for https
-- @param head a table of fields
-- @param body text, or a list of texts, { file = path } and { file_base64 = path }
-- @param timeout how long each answer may take in ms, 30000 if nil
-- @param callback function(true, status, head, body), or function(false, why, head, body)
-- @param target a file's path that gets the body, or a function(bytes, whole length, status)
-- @return the file's path, if there is one
function http.request(method, url, cert, head, body, timeout, callback, target)
  local is_secure, credentials, host, port, path = split(url)
  if host == "" then
    log.error("http.response", false, "Invalid url, can't get host")
    if callback then callback(false, "Invalid url, can't get host") end
    return nil
  end
  target = file_path(target)
  sys.taskInit(run, {
    method = method,
    is_secure = is_secure,
    credentials = credentials,
    host = host,
    port = port,
    path = path,
    cert = cert,
    head = head or {},
    body = type(body) == "table" and body or { body },
    timeout = timeout or 30000,
    callback = callback,
    target = target,
  })
  return type(target) == "string" and target or nil
end

return http
