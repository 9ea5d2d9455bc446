-- The AT channel: one command at a time, its answer, and the lines that come unasked (URCs).

local generation = require("generation")
local log = require("log")
local sys = require("sys")

local ril = {}
_G.ril = ril

-- What stands before a command's final result (see regRsp).
ril.NORESULT = 0 -- nothing: other lines are URCs
ril.NUMBERIC = 1 -- a line of hex digits
ril.SLINE = 2 -- a line that begins with the command's head
ril.MLINE = 3 -- all lines from the head to OK
ril.STRING = 4 -- any line of a given format
ril.SPECIAL = 10 -- the owner of the command reads the lines itself

local classes = {} -- head -> { kind, format or reader }
local handlers = {} -- head -> function for its answers
local urcs = {} -- prefix -> function
local waiting = {} -- commands, first to be sent first
local current -- the command that is on its way
local is_ready = false -- the modem has said RDY
local filter -- takes raw reads while a URC's bytes follow
local raw_listener, transparent
local timeout = generation.at_timeout

local final_results = {
  ["OK"] = true,
  ["SHUT OK"] = true,
  ["ERROR"] = false,
  ["NO ANSWER"] = false,
  ["NO DIALTONE"] = false,
}

local head_pattern = generation.is_2g and "AT([%+%*]*%u+)" or "AT([%+%*%^]*%u+)"
local urc_pattern = generation.is_2g and "([%+%*]*[%u%d& ]+)" or "([%+%*%^]*[%u%d& ]+)"

local function preset(kind, ...)
  for _, head in ipairs({ ... }) do
    classes[head] = { kind = kind }
  end
end

preset(ril.SLINE, "+CSQ", "+MUID", "+CGATT", "+CCLK", "+CMGS")
preset(ril.NUMBERIC, "+CGSN", "+CIMI")
preset(ril.STRING, "+WISN")
preset(ril.MLINE, "+CMGR", "+CPBF", "+CPBR", "+CLCC", "+CNUM")
if generation.is_2g then
  preset(ril.NUMBERIC, "+CCID")
  preset(ril.STRING, "+ATWMFT")
else
  preset(ril.SLINE, "+CESQ", "+ICCID", "+SIMCROSS", "+CIND")
  preset(ril.MLINE, "+CGACT")
  preset(ril.STRING, "+CALIBINFO")
end

local function default_answer(cmd, success, result, payload)
  log.info("ril.defrsp", cmd, success, result, payload)
end

local function default_urc(line)
  log.info("ril.defurc", line)
end

local function time_out(cmd)
  sys.restart("ril.atimeout_" .. cmd)
end

--- Sends the next command, if none is on its way.
local function send_next()
  if not is_ready or current or filter or #waiting == 0 then return end
  current = table.remove(waiting, 1)
  log.info("ril.sendat", current.cmd)
  sys.timerStart(time_out, timeout, current.cmd)
  uart.write(uart.ATC, current.cmd .. "\r")
end

--- Ends the command that is on its way and tells whoever asked.
local function complete(success, result, payload)
  local done = current
  current = nil
  sys.timerStop(time_out, done.cmd)
  local answer = done.on_answer or handlers[done.head] or default_answer
  answer(done.cmd, success, result, payload)
end

--- Queues a command.
-- @param cmd the text without its end
-- @param data what belongs to it: bytes to send at the prompt, say
-- @param on_answer function(cmd, success, result, payload), instead of the head's own
-- @param delay milliseconds to wait before it is queued
function ril.request(cmd, data, on_answer, delay)
  if delay and delay > 0 then
    sys.timerStart(ril.request, delay, cmd, data, on_answer)
    return
  end
  waiting[#waiting + 1] =
    { cmd = cmd, data = data, on_answer = on_answer, head = cmd:match(head_pattern) or "" }
  send_next()
end

--- Sets who hears the answers of a command, and what stands in them.
-- @param head such as "+CSQ"
-- @param format the pattern of a STRING answer, or the reader of a SPECIAL one:
--   function(line, command) -> nil: not mine; false: taken; true, success, result, payload: done
-- @return false if the head already has another kind
function ril.regRsp(head, handler, kind, format)
  local class = classes[head]
  kind = kind or class and class.kind or ril.NORESULT
  if class and class.kind ~= ril.NORESULT and class.kind ~= kind then return false end
  classes[head] = { kind = kind, format = format or class and class.format }
  handlers[head] = handler
  return true
end

--- Sets who hears lines with this prefix: function(line, prefix), which may return a filter.
function ril.regUrc(prefix, handler)
  urcs[prefix] = handler
end

function ril.deRegUrc(prefix)
  urcs[prefix] = nil
end

--- Gives every raw read to `listener`, beside the usual ways.
function ril.setrilcb(listener)
  raw_listener = listener
end

--- Gives all reads to `listener` and nothing else any more.
function ril.setransparentmode(listener)
  transparent = listener
end

function ril.sendtransparentdata(bytes)
  if transparent then uart.write(uart.ATC, bytes) end
  return transparent ~= nil
end

--- How long a command may take before the module restarts, in ms; 120000 at least.
function ril.setDataTimeout(ms)
  timeout = math.max(ms, 120000)
end

local function handle_urc(line)
  local prefix = line:match(urc_pattern)
  filter = (prefix and urcs[prefix] or default_urc)(line, prefix) or nil
end

--- @return whether `line` belongs to the answer that is being waited for
local function read_payload(line, class)
  local kind = class.kind
  local starts = line:sub(1, #current.head) == current.head
  if kind == ril.NUMBERIC and line:match("^%x+$") then
    current.payload = line
  elseif kind == ril.SLINE and starts and not current.payload then
    current.payload = line
  elseif kind == ril.MLINE and (starts or current.payload) then
    current.payload = current.payload and current.payload .. "\r\n" .. line or line
  elseif kind == ril.STRING and line:match(class.format or ".") and not line:find("^%+CPIN:") then
    current.payload = line
  else
    return false
  end
  return true
end

--- One line, or the prompt, while a command is on its way.
local function handle_answer(line)
  local class = classes[current.head] or { kind = ril.NORESULT }
  if class.kind == ril.SPECIAL and class.format then
    local done, success, result, payload = class.format(line, current)
    if done then complete(success, result, payload) end
    if done ~= nil then return end
  end
  if line == "> " then
    if current.data then
      uart.write(uart.ATC, current.data, current.head == "+CMGS" and "\26" or "")
    end
    return
  end
  local success = final_results[line]
  if success == nil and line:find("^%+CM[SE] ERROR:") then success = false end
  if success ~= nil then
    complete(success, line, current.payload)
  elseif not read_payload(line, class) then
    handle_urc(line)
  end
end

local quiet = "^%+EEM%u+INT[EIR][RAT]"

local function handle_line(line)
  if line == "" then return end
  if not line:find(quiet) then log.info("ril.proatc", line) end
  if not is_ready then
    is_ready = line == "RDY"
  elseif current then
    handle_answer(line)
  else
    handle_urc(line)
  end
end

--- Reads until nothing is left; only then may the next command be sent.
local function read_all()
  while true do
    local bytes = uart.read(uart.ATC, "*l", 0)
    if bytes == "" then break end
    if raw_listener then raw_listener(bytes) end
    if transparent then
      transparent(bytes)
      bytes = ""
    end
    if filter then
      bytes, filter = filter(bytes)
    end
    if bytes and bytes ~= "" then handle_line((bytes:gsub("\r?\n$", ""))) end
  end
  send_next()
end

uart.on(uart.ATC, "receive", read_all)
ril.request("ATE0")
ril.request("AT+CMEE=0")

return ril
