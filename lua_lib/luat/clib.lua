-- uart.on: who is told that a serial port received or sent something.

local receivers, senders = {}, {} -- port -> function

--- Calls `callback` at each "receive" (port, length) or "sent" (port) of a port; nil ends it.
function uart.on(port, event, callback)
  if event == "receive" then
    receivers[port] = callback
  elseif event == "sent" then
    senders[port] = callback
  end
end

rtos.on(rtos.MSG_UART_RXDATA, function(port, length)
  if receivers[port] then receivers[port](port, length) end
end)

rtos.on(rtos.MSG_UART_TX_DONE, function(port)
  if senders[port] then senders[port](port) end
end)

return true
