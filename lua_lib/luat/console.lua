-- A Lua prompt on a serial port: each line is executed, sendat(command) talks to the modem.

local ril = require("ril")
local sys = require("sys")

local console = {}
_G.console = console

local answer_ms = 3000 -- how long an AT command may hold the prompt back
local port

local function write(text)
  uart.write(port, text)
end

--- Waits for a line. What comes is echoed, so that one sees what one types.
local function read_line(typed)
  while true do
    local line, rest = typed:match("^(.-)\r?\n(.*)$")
    if line then return line, rest end
    local bytes = uart.read(port, "*l")
    while bytes == "" do
      sys.waitUntil("CONSOLE_INPUT")
      bytes = uart.read(port, "*l")
    end
    write(bytes)
    typed = typed .. bytes
  end
end

--- What a line sees: the globals, and a print and a sendat of its own.
local function make_environment()
  local own = {}
  function own.print(...)
    local texts = table.pack(...)
    for index = 1, texts.n do
      texts[index] = tostring(texts[index])
    end
    write(table.concat(texts, "\t") .. "\r\n")
  end
  function own.sendat(command, data)
    ril.request(command, data, function(_, _, result, payload)
      if payload then write("\r\n" .. payload .. "\r\n") end
      write("\r\n" .. result .. "\r\n")
      sys.publish("CONSOLE_AT_ANSWER")
    end)
    own.waits = true
  end
  return setmetatable(own, { __index = _G }), own
end

local function serve()
  local environment, own = make_environment()
  local typed = ""
  write("\r\nWelcome to Luat Console\r\n")
  while true do
    write("\r\n> ")
    local line
    line, typed = read_line(typed)
    write("\n")
    local chunk, why = load(line .. " ", line, "t", environment)
    local ok
    if chunk then
      ok, why = xpcall(chunk, debug.traceback)
    end
    if not ok then write(tostring(why) .. "\r\n") end
    if own.waits then
      own.waits = nil
      if not sys.waitUntil("CONSOLE_AT_ANSWER", answer_ms) then
        write("WAIT EVENT WAIT_AT_RESPONSE" .. "TIMEOUT\r\n")
      end
    end
  end
end

--- Opens the prompt. @param id the serial port, 1 if nil; baud: its speed, 115200 if nil
function console.setup(id, baud)
  port = id or 1
  uart.setup(port, baud or 115200, 8, uart.PAR_NONE, uart.STOP_1)
  uart.on(port, "receive", function()
    sys.publish("CONSOLE_INPUT")
  end)
  sys.taskInit(serve)
end

return console
