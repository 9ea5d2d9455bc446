-- Title: chuck: threads that send each other mail
-- 标题: chuck：互相发邮件的线程
-- Watch: Three workers, each with a Lua of its own, count primes; only mails are shared.
-- 看点: 三个工作线程各有自己的 Lua，一起数素数；共享的只有邮件。
-- Proxy: no
-- Run: main.lua

local chuck = require("chuck")
local cthread = chuck.cthread

local engine = chuck.engine()
local jobs, found = 0, 0

local workers = {}
for i = 1, 3 do
  workers[i] = cthread.new("worker.lua")
end

cthread.process_mail(engine, function(sender, mail)
  print(string.format("thread %d: %d primes below %d", cthread.tid(sender), mail.count, mail.last))
  found = found + mail.count
  jobs = jobs - 1
  if jobs == 0 then
    print("together " .. found)
    cthread.broadcast({ ends = true })
    engine:Stop()
  end
end)

for first = 1, 90000, 10000 do
  jobs = jobs + 1
  cthread.sendmail(workers[jobs % 3 + 1], { first = first, last = first + 9999 })
end

engine:Run()
for _, worker in ipairs(workers) do
  cthread.join(worker)
end
print("all threads have ended")
