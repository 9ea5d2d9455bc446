// Stop is SIGINT for those who catch it, and ends them the second time.
#include <gtest/gtest.h>

#include "chuck_machine.h"

namespace moonwire::testing {
namespace {

constexpr const char* catcher = R"(
  local chuck = require("chuck")
  local engine = chuck.engine()
  local signaler = chuck.signal.signaler(chuck.signal.SIGINT)
  signaler:Register(engine, function(number)
    print("caught", number)
    if arg[1] == "obeys" then engine:Stop() end
  end)
  engine:Run()
  print("ended itself")
)";

TEST(Signals, StopLetsAScriptThatCatchesItEndItself) {
  ChuckMachine machine;
  const kernel::Pid pid = machine.start(catcher, {"obeys"});
  machine.settle();
  machine.machine.stop(pid);
  machine.settle();
  ASSERT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.output(pid), "caught\t2\nended itself\n");
  EXPECT_EQ(machine.status(pid), 0);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Signals, ASecondStopEndsAScriptThatGoesOn) {
  ChuckMachine machine;
  const kernel::Pid pid = machine.start(catcher, {"ignores"});
  machine.settle();
  machine.machine.stop(pid);
  machine.settle();
  EXPECT_FALSE(machine.has_exited(pid));
  machine.machine.stop(pid);
  ASSERT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.output(pid), "caught\t2\n");
  EXPECT_EQ(machine.status(pid), 143);
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Signals, AScriptThatCatchesNothingEndsAtTheFirstStop) {
  ChuckMachine machine;
  const kernel::Pid pid = machine.start("local e = require('chuck').engine() e:Run()");
  machine.settle();
  machine.machine.stop(pid);
  EXPECT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.leftovers(), 0u);
}

// Timers that are set anew all the time, and a collector that runs beside them.
TEST(Signals, StopEndsAScriptWhoseTimersNeverRestWheneverItComes) {
  for (const kernel::Micros step : {0, 900}) {
    for (int moment = 0; moment < 8; ++moment) {
      ChuckMachine machine;
      machine.host.step = step;
      const kernel::Pid pid = machine.start(R"(
        local distri = require("distri.distri")
        local chuck = require("chuck")
        local function anew()
          local timer
          timer = distri.RegTimer(1, function()
            timer:UnRegister()
            timer = nil
            anew()
          end)
        end
        anew()
        local timer = distri.RegTimer(20, function() collectgarbage("collect") end)
        distri.Signal(chuck.signal.SIGINT, distri.Stop)
        print("runs")
        distri.Run()
      )");
      while (machine.output(pid) != "runs\n") machine.run_until_idle(1);
      machine.run_until_idle(50 + moment);
      ASSERT_FALSE(machine.has_exited(pid));
      machine.machine.stop(pid);
      for (int turns = 0; turns < 5000 && !machine.has_exited(pid); ++turns) {
        machine.run_until_idle(1);
      }
      ASSERT_TRUE(machine.has_exited(pid)) << "after " << moment << " turns";
      EXPECT_EQ(machine.output(pid), "runs\ndistri.Stop\n");
      EXPECT_EQ(machine.leftovers(), 0u);
    }
  }
}

// A thread's console is its starter's; so is its end.
constexpr const char* starter = R"(
  local chuck = require("chuck")
  local engine = chuck.engine()
  local handle = chuck.cthread.new("thread.lua")
  chuck.cthread.process_mail(engine, function(sender, mail)
    print(mail.text, math.type(mail.whole), math.type(mail.part), mail.truth)
    if arg[1] == "joins" then
      chuck.cthread.join(sender)
      engine:Stop()
    end
  end)
  chuck.cthread.sendmail(handle, { text = "hello", whole = 3, part = 3.0, truth = true })
  engine:Run()
)";

constexpr const char* thread = R"(
  local chuck = require("chuck")
  local engine = chuck.engine()
  chuck.cthread.process_mail(engine, function(sender, mail)
    mail.text = mail.text:upper()
    chuck.cthread.sendmail(sender, mail)
    engine:Stop()
  end)
  engine:Run()
  print("thread ends")
)";

TEST(Threads, MailGoesThereAndBackWithItsTypes) {
  ChuckMachine machine;
  machine.put("thread.lua", thread);
  const kernel::Pid pid = machine.start(starter, {"joins"});
  machine.settle();
  ASSERT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.errors(pid), "");
  EXPECT_NE(machine.output(pid).find("HELLO\tinteger\tfloat\ttrue\n"), std::string::npos);
  EXPECT_NE(machine.output(pid).find("thread ends\n"), std::string::npos);
  EXPECT_EQ(machine.host.exits.size(), 1u) << "the host hears of its own process only";
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Threads, EndWithTheirStarter) {
  ChuckMachine machine;
  machine.put("thread.lua", "require('chuck').engine():Run()");
  const kernel::Pid pid = machine.start(starter);
  machine.settle();
  EXPECT_EQ(machine.machine.census().processes, 2u);
  machine.machine.stop(pid);
  EXPECT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.leftovers(), 0u);
}

TEST(Threads, ADescriptorThatIsMailedIsTheSameSocket) {
  ChuckMachine machine;
  machine.put("thread.lua", R"(
    local chuck = require("chuck")
    local engine = chuck.engine()
    chuck.cthread.process_mail(engine, function(_, mail)
      local conn
      conn = chuck.connection(mail[1], 4096)
      conn:Add2Engine(engine, function(_, p)
        if p then conn:Send(p) else conn:Close() engine:Stop() end
      end)
    end)
    engine:Run()
  )");
  const kernel::Pid pid = machine.start(R"(
    local chuck = require("chuck")
    local helper = chuck.socket_helper
    local engine = chuck.engine()
    local thread = chuck.cthread.new("thread.lua")
    local fd = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
    helper.listen(fd, "127.0.0.1", 8010)
    local acceptor = chuck.acceptor(fd)
    acceptor:Add2Engine(engine, function(accepted) chuck.cthread.sendmail(thread, { accepted }) end)
    local mine = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
    helper.connect(mine, "127.0.0.1", 8010)
    local conn = chuck.connection(mine, 4096)
    conn:Add2Engine(engine, function(_, p)
      print(p:ReadBin())
      conn:Close()
      acceptor:Close()
      engine:Stop()
    end)
    conn:Send(chuck.packet.rawpacket("by way of a thread"))
    engine:Run()
    chuck.cthread.join(thread)
  )");
  machine.settle();
  ASSERT_TRUE(machine.has_exited(pid));
  EXPECT_EQ(machine.output(pid) + machine.errors(pid), "by way of a thread\n");
  EXPECT_EQ(machine.leftovers(), 0u);
}

}  // namespace
}  // namespace moonwire::testing
