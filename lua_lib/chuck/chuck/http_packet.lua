--- The methods of HTTP messages that the http decoder finds (httppacket).
local core = require("chuck.core")

local Packet = {}
local class = core.http_packet
class.__index = Packet
class.__name = "userdata" -- prints as upstream's do

--- "GET" and so on; nil for a response.
function Packet:Method()
  return self.method
end

--- A response's reason phrase; nil for a request.
function Packet:Status()
  return self.phrase
end

--- A response's number (not upstream's).
function Packet:StatusCode()
  return self.code
end

function Packet:Url()
  return self.url
end

--- The body, or nil when there is none.
function Packet:Content()
  return self.body
end

--- Pairs of field and value in the order they came.
function Packet:Headers()
  return self.lines
end

--- Pairs that came behind a body in chunks; empty without (not upstream's).
function Packet:Trailers()
  return self.trailers or {}
end

--- The value of a field, whatever its case; several are joined with commas. Nothing when absent.
function Packet:Header(field)
  local wanted = field:lower()
  local found
  for _, line in ipairs(self.lines) do
    if line[1]:lower() == wanted then found = found and found .. "," .. line[2] or line[2] end
  end
  return found
end

--- Whether the connection is to be kept after this message (not upstream's).
function Packet:KeepAlive()
  return self.keeps_alive
end

--- "1.1" (not upstream's).
function Packet:Version()
  return self.version
end

return Packet
