-- Keeps what went wrong in files that survive a restart, and reports it to a server.

local log = require("log")
local misc = require("misc")
local socket = require("socket")
local sys = require("sys")

local errDump = {}
_G.errDump = errDump

local most_kept = 5 * 1024 -- bytes of the library's own file; what comes after is dropped
local attempts = 3

-- The kinds of errors: where each is kept, and the tag that tells it at the start.
local kinds = {
  { name = "lua", file = "/luaerrinfo.txt", tag = "errDump.luaErr" },
  { name = "lib", file = "/lib_err.txt", tag = "errDump.libErr" },
  { name = "network", file = "/lib_network_err.txt", tag = "errDump.libNetErr" },
}
local texts = {} -- by name
local fatal = ""
local network_events = {} -- what -> when; nil while they are not watched
local watches_network = false
local is_reporting = false

local function load_texts()
  for _, kind in ipairs(kinds) do
    texts[kind.name] = io.readFile(kind.file) or ""
    if texts[kind.name] ~= "" then log.error(kind.tag, texts[kind.name]) end
  end
  fatal = rtos.get_fatal_info and rtos.get_fatal_info() or ""
  if fatal ~= "" then log.error("errDump.firmwareAssertErr", fatal) end
end

local function forget_texts()
  for _, kind in ipairs(kinds) do
    texts[kind.name] = ""
    os.remove(kind.file)
  end
  network_events = {}
  if fatal ~= "" and rtos.remove_fatal_info then rtos.remove_fatal_info() end
  fatal = ""
end

--- Keeps a text. @return whether there was room for it
function errDump.appendErr(text)
  if not text then return nil end
  text = text .. "\r\n"
  log.error("errDump.appendErr", text)
  if #text + #texts.lib > most_kept then return nil end
  texts.lib = texts.lib .. text
  return io.writeFile("/lib_err.txt", texts.lib)
end

--- Everything in one text, with whose it is in front.
local function make_report()
  local head = ("%s_%s,%s,%s,%s,"):format(
    PROJECT,
    rtos.get_version(),
    VERSION,
    misc.getImei(),
    misc.getSn()
  )
  local parts = { head, "poweron reason:" .. rtos.poweron_reason() }
  for _, text in ipairs({ texts.lua, texts.lib, texts.network, fatal }) do
    if text ~= "" then parts[#parts + 1] = text end
  end
  return table.concat(parts, "\r\n")
end

local function post(address)
  require("http").request("POST", address, nil, nil, make_report(), 20000, function(result, status)
    log.info("errDump.httpPostCbFnc", result, status)
    sys.publish("ERRDUMP_HTTP_POST", result, status)
  end)
  local _, result = sys.waitUntil("ERRDUMP_HTTP_POST")
  return result
end

--- Reports once over a socket; a UDP server has to say OK. @return whether it worked
local function send(protocol, host, port)
  local client = protocol == "udp" and socket.udp() or socket.tcp()
  if not client then return false end
  local ok = client:connect(host, port) and client:send(make_report())
  if ok and protocol == "udp" then
    local received, answer = client:recv(20000)
    ok = received and answer == "OK"
  end
  client:close()
  return ok
end

local function has_something()
  return fatal ~= "" or texts.lua ~= "" or texts.lib ~= "" or texts.network ~= ""
end

local function report(protocol, address, period)
  local host, port = address:match("://(.+):(%d+)$")
  if protocol ~= "http" and not host then
    log.error("errDump.request invalid host port")
    return
  end
  is_reporting = true
  while true do
    if not socket.isReady() then sys.waitUntil("IP_READY_IND") end
    for attempt = 1, has_something() and attempts or 0 do
      local ok
      if protocol == "http" then
        ok = post(address)
      else
        ok = send(protocol, host, port)
      end
      if ok then
        forget_texts()
        break
      elseif attempt < attempts then
        sys.wait(5000)
      end
    end
    sys.wait(period)
  end
end

--- Reports what is kept, now and again.
-- @param address udp://host:port, tcp://host:port or http://...
-- @param period the pause between two reports in ms, 600000 if nil
-- @return true, or nothing for an address of another kind
function errDump.request(address, period)
  local protocol = address:match("(%a+)://")
  if protocol ~= "http" and protocol ~= "udp" and protocol ~= "tcp" then
    log.error("errDump.request invalid protocol", protocol)
    return nil
  end
  if not is_reporting then sys.taskInit(report, protocol, address, period or 600000) end
  return true
end

local function note(what, detail)
  if not watches_network then return end
  network_events[what] = os.date("%d_%H:%M:%S") .. (detail or "")
  local lines = {}
  for name, text in table.gsort(network_events) do
    lines[#lines + 1] = "\r\n" .. name .. "@" .. text
  end
  texts.network = table.concat(lines)
  io.writeFile("/lib_network_err.txt", texts.network)
end

--- A note under a socket's address.
local function note_socket(ending, detail)
  return function(ssl, protocol, address, port)
    local where = (ssl and "ssl" or protocol) .. "://" .. address .. ":" .. port
    note(where .. ending, detail)
  end
end

local was_registered, was_attached = false, false
local watchers = {
  FLYMODE = function(flag)
    if flag then note("FLYMODE") end
  end,
  SIM_IND = function(what)
    if what ~= "RDY" then note("SIM_IND", ":" .. what) end
  end,
  NET_STATE_REGISTERED = function()
    was_registered = true
  end,
  NET_STATE_UNREGISTER = function()
    if was_registered then note("NET_STATE_UNREGISTER") end
  end,
  GPRS_ATTACH = function(flag)
    if was_attached and not flag then note("GPRS_ATTACH", ":0") end
    was_attached = was_attached or flag
  end,
  LIB_SOCKET_CONNECT_FAIL_IND = note_socket("", ":connect fail"),
  LIB_SOCKET_SEND_FAIL_IND = note_socket("", ":send fail"),
  LIB_SOCKET_CLOSE_IND = note_socket(" closed"),
  PDP_DEACT_IND = function()
    note("PDP_DEACT_IND")
  end,
  IP_SHUT_IND = function()
    note("IP_SHUT_IND")
  end,
}

--- Whether the network's failures are kept, too.
function errDump.setNetworkLog(flag)
  watches_network = flag
  for message, watcher in pairs(watchers) do
    (flag and sys.subscribe or sys.unsubscribe)(message, watcher)
  end
  if not flag then
    network_events, texts.network = {}, ""
  end
end

load_texts()

return errDump
