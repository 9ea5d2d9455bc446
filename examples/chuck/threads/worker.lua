-- A thread of main.lua: counts primes for whoever asks by mail.

local chuck = require("chuck")
local cthread = chuck.cthread

local engine = chuck.engine()

local function is_prime(number)
  if number < 2 then return false end
  for divisor = 2, math.floor(math.sqrt(number)) do
    if number % divisor == 0 then return false end
  end
  return true
end

cthread.process_mail(engine, function(sender, mail)
  if mail.ends then return engine:Stop() end
  local count = 0
  for number = mail.first, mail.last do
    if is_prime(number) then count = count + 1 end
  end
  cthread.sendmail(sender, { count = count, last = mail.last })
end)

engine:Run()
