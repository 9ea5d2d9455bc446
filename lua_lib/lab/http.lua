--- http.lab: the paths that clients are tried on. Returns a function that answers one request of a
-- connection (main.lua's) and is done with it.

local mime = require("mime")
local url = require("socket.url")

local longest_body = 4 * 1024 * 1024
local longest_answer = 16 * 1024 * 1024
local most_headers = 100
local longest_delay = 10 -- seconds

local reasons = {
  [100] = "Continue",
  [200] = "OK",
  [201] = "Created",
  [202] = "Accepted",
  [204] = "No Content",
  [206] = "Partial Content",
  [301] = "Moved Permanently",
  [302] = "Found",
  [303] = "See Other",
  [304] = "Not Modified",
  [307] = "Temporary Redirect",
  [308] = "Permanent Redirect",
  [400] = "Bad Request",
  [401] = "Unauthorized",
  [403] = "Forbidden",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [413] = "Content Too Large",
  [418] = "I'm a teapot",
  [429] = "Too Many Requests",
  [500] = "Internal Server Error",
  [502] = "Bad Gateway",
  [503] = "Service Unavailable",
  [504] = "Gateway Timeout",
}

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function json(value, indent)
  if type(value) ~= "table" then
    if type(value) ~= "string" then return tostring(value) end
    return '"'
      .. value:gsub('[%c"\\]', function(c)
        return escapes[c] or ("\\u%04x"):format(c:byte())
      end)
      .. '"'
  end
  local keys, fields = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  local inner = indent and indent .. "  "
  for i, key in ipairs(keys) do
    fields[i] = ("%s%s: %s"):format(inner or "", json(key), json(value[key], inner))
  end
  if #fields == 0 then return "{}" end
  if not indent then return "{" .. table.concat(fields, ", ") .. "}" end
  return "{\n" .. table.concat(fields, ",\n") .. "\n" .. indent .. "}"
end

-- Requests -------------------------------------------------------------------------------------

local function read_headers(conn)
  local headers = {}
  for _ = 1, most_headers do
    local line = conn:line()
    if not line then return nil end
    if line == "" then return headers end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    if not name then return nil end
    name = name:lower()
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
end

--- @return the body, or nil and the status to answer with
local function read_body(conn, headers)
  if (headers["transfer-encoding"] or ""):lower():find("chunked") then
    local pieces, total = {}, 0
    while true do
      local digits = (conn:line() or ""):match("^%x+")
      local size = digits and tonumber(digits, 16)
      if not size then return nil, 400 end
      if size == 0 then return read_headers(conn) and table.concat(pieces) or nil, 400 end
      total = total + size
      if total > longest_body then return nil, 413 end
      pieces[#pieces + 1] = conn:bytes(size)
      if not conn:line() then return nil, 400 end
    end
  end
  local length = tonumber(headers["content-length"] or 0)
  if not length or length < 0 then return nil, 400 end
  if length > longest_body then return nil, 413 end
  local body = conn:bytes(length // 1 | 0)
  return body, 400
end

local function read_query(query)
  local args = {}
  for name, value in (query or ""):gmatch("([^&=]+)=?([^&]*)") do
    args[url.unescape(name)] = url.unescape((value:gsub("%+", " ")))
  end
  return args
end

-- Answers --------------------------------------------------------------------------------------

local Exchange = {}
Exchange.__index = Exchange

function Exchange:head(status, headers)
  local lines = { ("HTTP/1.1 %d %s"):format(status, reasons[status] or "Unknown") }
  headers["Server"] = "Moonwire laboratory"
  headers["Connection"] = "close"
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("%s: %s"):format(name, headers[name])
  end
  return self.conn:send(table.concat(lines, "\r\n") .. "\r\n\r\n")
end

function Exchange:answer(status, body, headers)
  headers = headers or {}
  headers["Content-Type"] = headers["Content-Type"] or "text/plain; charset=utf-8"
  if status ~= 204 and status ~= 304 then headers["Content-Length"] = #body end
  if self:head(status, headers) and self.method ~= "HEAD" then self.conn:send(body) end
end

function Exchange:answer_json(value)
  self:answer(200, json(value, "") .. "\n", { ["Content-Type"] = "application/json" })
end

function Exchange:redirect(target, status)
  self:answer(status or 302, "over there: " .. target .. "\n", { Location = target })
end

function Exchange:describe()
  return {
    args = self.args,
    data = self.body,
    headers = self.headers,
    method = self.method,
    origin = self.origin,
    url = "http://" .. (self.headers.host or "http.lab") .. self.target,
  }
end

local function only(method)
  return function(exchange)
    if exchange.method ~= method and not (method == "GET" and exchange.method == "HEAD") then
      return exchange:answer(405, "only " .. method .. "\n", { Allow = method })
    end
    exchange:answer_json(exchange:describe())
  end
end

local function bounded(text, most)
  return math.min(tonumber(text) // 1 | 0, most)
end

local letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n"

-- Tried in this order; what the pattern captures is handed on.
local routes = {
  {
    "^/$",
    function(exchange)
      exchange:answer(200, exchange.paths)
    end,
  },
  { "^/get$", only("GET") },
  { "^/post$", only("POST") },
  { "^/put$", only("PUT") },
  { "^/patch$", only("PATCH") },
  { "^/delete$", only("DELETE") },
  {
    "^/anything",
    function(exchange)
      exchange:answer_json(exchange:describe())
    end,
  },
  {
    "^/headers$",
    function(exchange)
      exchange:answer_json({ headers = exchange.headers })
    end,
  },
  {
    "^/ip$",
    function(exchange)
      exchange:answer_json({ origin = exchange.origin })
    end,
  },
  {
    "^/user%-agent$",
    function(exchange)
      exchange:answer_json({ ["user-agent"] = exchange.headers["user-agent"] or "" })
    end,
  },
  {
    "^/status/(%d%d%d)$",
    function(exchange, status)
      local headers = {}
      if status:find("^30[12378]") then headers.Location = "/get" end
      if status == "401" then headers["WWW-Authenticate"] = 'Basic realm="lab"' end
      status = tonumber(status)
      if status < 200 then status = 400 end
      local has_body = status ~= 204 and status ~= 304
      exchange:answer(status, has_body and (reasons[status] or "Unknown") .. "\n" or "", headers)
    end,
  },
  {
    "^/redirect/(%d+)$",
    function(exchange, left)
      left = bounded(left, 100)
      exchange:redirect(left > 1 and "/redirect/" .. left - 1 or "/get")
    end,
  },
  {
    "^/absolute%-redirect/(%d+)$",
    function(exchange, left)
      left = bounded(left, 100)
      local host = "http://" .. (exchange.headers.host or "http.lab")
      exchange:redirect(host .. (left > 1 and "/absolute-redirect/" .. left - 1 or "/get"))
    end,
  },
  {
    "^/redirect%-to$",
    function(exchange)
      exchange:redirect(exchange.args.url or "/get", tonumber(exchange.args.status_code))
    end,
  },
  {
    "^/bytes/(%d+)$",
    function(exchange, count)
      count = bounded(count, longest_answer)
      local body = letters:rep(count // #letters) .. letters:sub(1, count % #letters)
      exchange:answer(200, body, { ["Content-Type"] = "application/octet-stream" })
    end,
  },
  {
    "^/stream/(%d+)$",
    function(exchange, count)
      local headers = { ["Content-Type"] = "application/json", ["Transfer-Encoding"] = "chunked" }
      if not exchange:head(200, headers) or exchange.method == "HEAD" then return end
      for id = 0, bounded(count, 1000) - 1 do
        local line = json({ id = id, url = exchange.target }) .. "\n"
        if not exchange.conn:send(("%x\r\n%s\r\n"):format(#line, line)) then return end
      end
      exchange.conn:send("0\r\n\r\n")
    end,
  },
  {
    "^/delay/([%d.]+)$",
    function(exchange, span)
      exchange.conn:sleep(math.min(tonumber(span) or 0, longest_delay))
      exchange:answer_json(exchange:describe())
    end,
  },
  {
    "^/basic%-auth/([^/]+)/([^/]+)$",
    function(exchange, user, password)
      local given = (exchange.headers.authorization or ""):match("^Basic%s+(%S+)")
      if given and mime.unb64(given) == user .. ":" .. password then
        return exchange:answer_json({ authenticated = true, user = user })
      end
      exchange:answer(401, "who are you?\n", { ["WWW-Authenticate"] = 'Basic realm="lab"' })
    end,
  },
  {
    "^/close$",
    function(exchange)
      -- Promises more than it gives.
      if exchange:head(200, { ["Content-Length"] = 1000 }) then exchange.conn:send("cut off") end
    end,
  },
}

local paths = [[
http.lab, inside this machine:
/get /post /put /patch /delete     the request, as JSON; only by that method
/anything                          the same by any method
/headers /ip /user-agent           a part of it
/status/404                        that status
/redirect/3 /absolute-redirect/3   so many redirects, then /get
/redirect-to?url=...               to there
/bytes/1000                        so many bytes
/stream/5                          so many lines of JSON, in chunks
/delay/1                           /get after so many seconds
/basic-auth/user/password          401 without that user and password
/close                             ends too early
]]

return function(conn)
  local request = conn:line()
  local method, target = (request or ""):match("^(%u+) (%S+) HTTP/1%.[01]$")
  local headers = method and read_headers(conn)
  local exchange = setmetatable({ conn = conn, method = method, paths = paths }, Exchange)
  if not headers then return exchange:answer(400, "that is no request\n") end
  local parsed = url.parse(target)
  exchange.headers = headers
  exchange.target = target:gsub("^http://[^/]*", "")
  exchange.args = read_query(parsed.query)
  exchange.origin = conn.sock:getpeername()
  if (headers.expect or ""):lower() == "100-continue" then
    conn:send("HTTP/1.1 100 Continue\r\n\r\n")
  end
  local body, why = read_body(conn, headers)
  if not body then return exchange:answer(why, reasons[why] .. "\n") end
  exchange.body = body
  local path = parsed.path or "/"
  for _, route in ipairs(routes) do
    local found = table.pack(path:match(route[1]))
    if found[1] then return route[2](exchange, table.unpack(found)) end
  end
  exchange:answer(404, "there is no " .. path .. "\n")
end
