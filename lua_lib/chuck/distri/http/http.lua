--- distri.http.http: HTTP server and client on distri's engine.
local chuck = require("chuck")
local engine = require("distri.engine")

local http = {
  maxheader = 64 * 1024, -- bytes of a head, at most
  maxbody = 4 * 1024 * 1024, -- bytes of a body, at most
}

local Server = {}
Server.__index = Server

--- @return itself, or nil when it cannot listen
function Server:Listen(ip, port)
  self.acceptor = chuck.http.listen(engine, ip, port, function(descriptor)
    chuck.http.serve(
      descriptor,
      engine,
      self.on_request,
      { max_head = http.maxheader, max_body = http.maxbody }
    )
  end)
  return self.acceptor and self or nil
end

function Server:Close()
  if self.acceptor then self.acceptor:Close() end
end

--- on_request(request, response): response:WriteHead(status, phrase, lines), :Write(part),
-- :End(body).
function http.Server(on_request)
  return setmetatable({ on_request = on_request }, Server)
end

local Request = {}
Request.__index = Request

function Request:WriteHead(lines)
  for _, line in ipairs(lines or {}) do
    self.lines[#self.lines + 1] = line
  end
end

function Request:End(body)
  self.body = body
end

function http.Request(path)
  return setmetatable({ path = path, lines = {} }, Request)
end

local Client = {}
Client.__index = Client

local addresses = {}

local function address_of(host)
  if host:find("^%d+%.%d+%.%d+%.%d+$") then return host end
  if not addresses[host] then
    local found = chuck.socket_helper.gethostbyname_ipv4(host)
    addresses[host] = found and found[1]
  end
  return addresses[host]
end

--- @return the client, or nothing when the name is unknown
function http.Client(host, port)
  local ip = address_of(host)
  if not ip then return nil end
  local self = setmetatable({ KeepAlive = false }, Client)
  self.client = chuck.http.client(engine, host, ip, port or 80, function()
    return self.KeepAlive
  end)
  return self
end

local function ask(self, method, request, on_response)
  return self.client:ask(method, request.path, request.lines, request.body, on_response)
end

--- on_response(response, 0) or on_response(nil, errno). @return whether it could be asked
function Client:Get(request, on_response)
  return ask(self, "GET", request, on_response)
end

function Client:Post(request, on_response)
  return ask(self, "POST", request, on_response)
end

--- Any method.
function Client:Request(method, request, on_response)
  return ask(self, method, request, on_response)
end

function Client:Close()
  self.client:close()
end

return http
