// The README's state tables, walked whole: every state meets every event, on a bench of its own.
#include <functional>

#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::Bearer;
using modem::Profile;
using modem::Registration;
using modem::Sim;

/// What an event makes of a state: where it leads, and what the script hears meanwhile.
template <typename State>
struct Step {
  State from;
  State to;
  Lines said = {};
};

template <typename State>
struct Event {
  const char* name;
  std::function<void(Bench&)> happens;
  std::vector<Step<State>> steps;  // one for each state
};

const Micros at_once = 0;

std::function<void(Bench&)> types(std::string command) {
  return [command](Bench& bench) {
    bench.modem().write(command + '\r');
    bench.wait(bench.modem().timings().answer);
  };
}
std::function<void(Bench&)> passes(Micros span) {
  return [span](Bench& bench) { bench.wait(span); };
}

// SIM.

void turn_on(Bench& bench) {
  bench.modem().power_on();
  bench.wait(1 * seconds);
  bench.lines();
}

void bring_to(Bench& bench, Sim sim) {
  bench.modem().set_sim(sim == Sim::absent || sim == Sim::ready ? sim : Sim::pin);
  turn_on(bench);
  if (sim == Sim::puk || sim == Sim::dead) {
    for (int i = 0; i < 3; ++i) bench.modem().enter_pin("0000");
  }
  if (sim == Sim::dead) {
    for (int i = 0; i < 10; ++i) bench.modem().enter_pin("0000");
  }
  bench.wait(5 * seconds);
  bench.lines();
  ASSERT_EQ(bench.modem().state().sim, sim);
}

TEST(StateTable, EachSimMeetsEachEvent) {
  using enum Sim;
  const auto set = [](Sim sim) {
    return [sim](Bench& bench) {
      bench.modem().set_sim(sim);
      bench.wait(700 * milliseconds);
    };
  };
  const auto enter = [](std::string code, int times) {
    return [=](Bench& bench) {
      for (int i = 0; i < times; ++i) bench.modem().enter_pin(code);
      bench.wait(700 * milliseconds);
    };
  };
  const auto restarts = [](Bench& bench) {
    bench.modem().power_off();
    turn_on(bench);
  };
  const Lines none{};
  const std::vector<Event<Sim>> events = {
      {"pulled out",
       set(absent),
       {{absent, absent},
        {pin, absent, {"+CPIN: NOT INSERTED"}},
        {puk, absent, {"+CPIN: NOT INSERTED"}},
        {ready, absent, {"+CPIN: NOT INSERTED"}},
        {dead, absent, {"+CPIN: NOT INSERTED"}}}},
      {"an unlocked card put in",
       set(ready),
       {{absent, ready, {"+CPIN: READY"}},
        {pin, ready, {"+CPIN: NOT INSERTED", "+CPIN: READY"}},
        {puk, ready, {"+CPIN: NOT INSERTED", "+CPIN: READY"}},
        {ready, ready},
        {dead, ready, {"+CPIN: NOT INSERTED", "+CPIN: READY"}}}},
      {"a locked card put in",
       set(pin),
       {{absent, pin, {"+CPIN: SIM PIN"}},
        {pin, pin},
        {puk, pin, {"+CPIN: NOT INSERTED", "+CPIN: SIM PIN"}},
        {ready, pin, {"+CPIN: NOT INSERTED", "+CPIN: SIM PIN"}},
        {dead, pin, {"+CPIN: NOT INSERTED", "+CPIN: SIM PIN"}}}},
      {"the right PIN",
       enter("1234", 1),
       {{absent, absent},
        {pin, ready, {"+CPIN: READY"}},
        {puk, puk},
        {ready, ready},
        {dead, dead}}},
      {"the right PUK",
       enter("12345678", 1),
       {{absent, absent},
        {pin, pin},
        {puk, ready, {"+CPIN: READY"}},
        {ready, ready},
        {dead, dead}}},
      {"two wrong codes",
       enter("0000", 2),
       {{absent, absent}, {pin, pin}, {puk, puk}, {ready, ready}, {dead, dead}}},
      {"three wrong codes",
       enter("0000", 3),
       {{absent, absent},
        {pin, puk, {"+CPIN: SIM PUK"}},
        {puk, puk},
        {ready, ready},
        {dead, dead}}},
      {"ten wrong codes",
       enter("0000", 10),
       {{absent, absent},
        {pin, puk, {"+CPIN: SIM PUK"}},
        {puk, dead, {"+CPIN: NOT READY"}},
        {ready, ready},
        {dead, dead}}},
      {"power off and on",
       restarts,
       {{absent, absent}, {pin, pin}, {puk, puk}, {ready, ready}, {dead, dead}}},
  };
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    for (const Event<Sim>& event : events) {
      ASSERT_EQ(event.steps.size(), 5u) << event.name << " leaves a state out";
      for (const Step<Sim>& step : event.steps) {
        SCOPED_TRACE(std::string(event.name) + " at state " + std::to_string(int(step.from)));
        Bench bench(profile);
        bring_to(bench, step.from);
        event.happens(bench);
        EXPECT_EQ(bench.modem().state().sim, step.to);
        EXPECT_EQ(bench.lines(), step.said);
      }
    }
  }
}

TEST(StateTable, ACardThatWasOpenedIsLockedAgainAtTheNextStart) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bring_to(bench, Sim::puk);
    EXPECT_TRUE(bench.modem().enter_pin("12345678"));
    bench.modem().power_off();
    EXPECT_EQ(bench.modem().state().sim, Sim::pin);
    bench.modem().power_on();
    bench.wait(1 * seconds);
    EXPECT_EQ(bench.lines(), (Lines{"RDY", "+CPIN: SIM PIN"}));
  }
}

// Power.

TEST(StateTable, EachStageOfPowerMeetsEachEvent) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bench.modem().power_off();  // off already
    EXPECT_EQ(bench.modem().next_deadline(), INT64_MAX);
    bench.modem().power_on();
    bench.wait(100 * milliseconds);
    bench.modem().power_on();  // starting already: RDY comes no later
    bench.wait(199 * milliseconds);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.modem().power_off();  // and never comes when power goes before
    bench.wait(10 * seconds);
    EXPECT_EQ(bench.lines(), Lines{});
    turn_on(bench);
    bench.modem().power_on();  // on already: no second RDY
    bench.wait(10 * seconds);
    for (const std::string& line : bench.lines()) EXPECT_NE(line, "RDY");
    bench.modem().power_off();
    EXPECT_EQ(bench.modem().write("AT\r"), 3u);
    bench.wait(10 * seconds);
    EXPECT_EQ(bench.lines(), Lines{}) << "answered without power";
  }
}

// Registration. How each of its states comes about, `off` in two ways.

enum class Radio { flying, no_sim, searching, registered };

std::string registration_of(const Bench& bench, Profile profile, char digit) {
  (void)bench;
  return profile == Profile::air202 ? std::string("+CREG: ") + digit
                                    : std::string("+CEREG: ") + digit;
}

void bring_to(Bench& bench, Radio radio) {
  if (radio == Radio::no_sim) bench.modem().set_sim(Sim::absent);
  if (radio == Radio::searching) bench.modem().set_network(false);
  turn_on(bench);
  // One report of the three is enough to hear the changes.
  bench.say(bench.modem().profile() == Profile::air202 ? "AT+CREG=1" : "AT+CEREG=1");
  bench.wait(6 * seconds);
  if (radio == Radio::flying) bench.say("AT+CFUN=0");
  bench.wait(1 * seconds);
  bench.lines();
}

TEST(StateTable, EachRegistrationMeetsEachEvent) {
  using enum Radio;
  const auto network = [](bool there) {
    return [there](Bench& bench) {
      bench.modem().set_network(there);
      bench.wait(2 * seconds);
    };
  };
  const auto sim = [](Sim card) {
    return [card](Bench& bench) {
      bench.modem().set_sim(card);
      bench.wait(at_once);
    };
  };
  struct Fate {
    Radio from;
    Registration to;
    const char* digits;  // each registration that is told, in order
  };
  struct Happening {
    const char* name;
    std::function<void(Bench&)> happens;
    std::vector<Fate> fates;
  };
  using Reg = Registration;
  const std::vector<Happening> events = {
      {"the network goes",
       network(false),
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::searching, ""},
        {registered, Reg::searching, "2"}}},
      {"the network comes",
       network(true),
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::registered, "1"},
        {registered, Reg::registered, ""}}},
      {"AT+CFUN=0",
       types("AT+CFUN=0"),
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::off, "0"},
        {registered, Reg::off, "0"}}},
      {"AT+CFUN=4",
       types("AT+CFUN=4"),
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::off, "0"},
        {registered, Reg::off, "0"}}},
      {"AT+CFUN=1",
       [](Bench& bench) {
         bench.say("AT+CFUN=1");
         bench.wait(4 * seconds);
       },
       {{flying, Reg::registered, "21"},
        {no_sim, Reg::off, ""},
        {searching, Reg::searching, ""},
        {registered, Reg::registered, ""}}},
      {"the SIM is pulled out",
       sim(Sim::absent),
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::off, "0"},
        {registered, Reg::off, "0"}}},
      {"a SIM is put in",
       [](Bench& bench) {
         bench.modem().set_sim(Sim::ready);
         bench.wait(2700 * milliseconds);
       },
       {{flying, Reg::off, ""},
        {no_sim, Reg::registered, "21"},
        {searching, Reg::searching, ""},
        {registered, Reg::registered, ""}}},
      {"a locked SIM is put in",
       [](Bench& bench) {
         bench.modem().set_sim(Sim::pin);
         bench.wait(5 * seconds);
       },
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::off, "0"},
        {registered, Reg::off, "0"}}},
      {"the bearer is dropped",
       [](Bench& bench) {
         bench.modem().drop_bearer();
         bench.wait(5 * seconds);
       },
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::searching, ""},
        {registered, Reg::registered, ""}}},
      {"the power goes",
       [](Bench& bench) { bench.modem().power_off(); },
       {{flying, Reg::off, ""},
        {no_sim, Reg::off, ""},
        {searching, Reg::off, ""},
        {registered, Reg::off, ""}}},
  };
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    for (const Happening& event : events) {
      ASSERT_EQ(event.fates.size(), 4u) << event.name << " leaves a state out";
      for (const Fate& fate : event.fates) {
        SCOPED_TRACE(std::string(event.name) + " at state " + std::to_string(int(fate.from)));
        Bench bench(profile);
        bring_to(bench, fate.from);
        event.happens(bench);
        EXPECT_EQ(bench.modem().state().registration, fate.to);
        std::string told;
        for (const std::string& line : bench.lines()) {
          for (const char digit : {'0', '1', '2'}) {
            if (line == registration_of(bench, profile, digit)) told += digit;
          }
        }
        EXPECT_EQ(told, fate.digits);
      }
    }
  }
}

// Bearer.

/// An Air202 whose bearer stands at `bearer`.
void bring_to(Bench& bench, Bearer bearer) {
  using enum Bearer;
  turn_on(bench);
  bench.wait(4 * seconds);
  bench.say("AT+CIICRMODE=2");
  if (bearer == initial) return;
  ASSERT_EQ(bench.ask("AT+CSTT=\"CMIOT\",\"\",\"\""), "OK");
  if (bearer == start) return;
  ASSERT_EQ(bench.ask("AT+CIICR"), "OK");
  if (bearer == config) return;
  bench.wait(1 * seconds);
  if (bearer == gprs_active) return;
  ASSERT_EQ(bench.ask("AT+CIFSR"), "10.12.34.56");
  if (bearer == status) return;
  bench.modem().drop_bearer();
  bench.lines();
}

TEST(StateTable, EachBearerOfTheAir202MeetsEachEvent) {
  using enum Bearer;
  const Lines ok{"OK"};
  const Lines error{"ERROR"};
  const Lines shut{"SHUT OK"};
  const Lines address{"10.12.34.56"};
  const Lines lost{"+PDP: DEACT"};
  const Lines ok_lost{"OK", "+PDP: DEACT"};
  const Lines sim_out{"+CPIN: NOT INSERTED"};
  const Lines sim_out_lost{"+CPIN: NOT INSERTED", "+PDP: DEACT"};
  const std::vector<Event<Bearer>> events = {
      {"AT+CSTT",
       types("AT+CSTT=\"CMIOT\",\"\",\"\""),
       {{initial, start, ok},
        {start, start, error},
        {config, config, error},
        {gprs_active, gprs_active, error},
        {status, status, error},
        {deactivated, deactivated, error}}},
      {"AT+CIICR",
       types("AT+CIICR"),
       {{initial, initial, error},
        {start, config, ok},
        {config, config, ok},
        {gprs_active, gprs_active, error},
        {status, status, error},
        {deactivated, deactivated, error}}},
      {"AT+CIFSR",
       types("AT+CIFSR"),
       {{initial, initial, error},
        {start, start, error},
        {config, config, error},
        {gprs_active, status, address},
        {status, status, address},
        {deactivated, deactivated, error}}},
      {"AT+CIPSHUT",
       types("AT+CIPSHUT"),
       {{initial, initial, shut},
        {start, initial, shut},
        {config, initial, shut},
        {gprs_active, initial, shut},
        {status, initial, shut},
        {deactivated, initial, shut}}},
      {"a second passes",
       passes(1 * seconds),
       {{initial, initial},
        {start, start},
        {config, gprs_active},
        {gprs_active, gprs_active},
        {status, status},
        {deactivated, deactivated}}},
      {"the network drops it",
       [](Bench& bench) { bench.modem().drop_bearer(); },
       {{initial, initial},
        {start, start},
        {config, config},
        {gprs_active, deactivated, lost},
        {status, deactivated, lost},
        {deactivated, deactivated}}},
      {"AT+CFUN=0",
       types("AT+CFUN=0"),
       {{initial, initial, ok},
        {start, initial, ok},
        {config, initial, ok},
        {gprs_active, deactivated, ok_lost},
        {status, deactivated, ok_lost},
        {deactivated, deactivated, ok}}},
      {"AT+CGATT=0",
       types("AT+CGATT=0"),
       {{initial, initial, ok},
        {start, initial, ok},
        {config, initial, ok},
        {gprs_active, deactivated, ok_lost},
        {status, deactivated, ok_lost},
        {deactivated, deactivated, ok}}},
      {"the SIM is pulled out",
       [](Bench& bench) { bench.modem().set_sim(Sim::absent); },
       {{initial, initial, sim_out},
        {start, initial, sim_out},
        {config, initial, sim_out},
        {gprs_active, deactivated, sim_out_lost},
        {status, deactivated, sim_out_lost},
        {deactivated, deactivated, sim_out}}},
      {"no network for half a minute",
       [](Bench& bench) {
         bench.modem().set_network(false);
         bench.wait(30 * seconds);
       },
       {{initial, initial},
        {start, start},
        {config, start},
        {gprs_active, deactivated, lost},
        {status, deactivated, lost},
        {deactivated, deactivated}}},
      {"no network for a moment",
       [](Bench& bench) {
         bench.modem().set_network(false);
         bench.wait(10 * milliseconds);
         bench.modem().set_network(true);
         bench.wait(40 * seconds);
       },
       {{initial, initial},
        {start, start},
        {config, start},
        {gprs_active, gprs_active},
        {status, status},
        {deactivated, deactivated}}},
      {"the power goes",
       [](Bench& bench) { bench.modem().power_off(); },
       {{initial, initial},
        {start, initial},
        {config, initial},
        {gprs_active, initial},
        {status, initial},
        {deactivated, initial}}},
  };
  const std::vector<std::pair<Bearer, const char*>> words = {
      {initial, "STATE: IP INITIAL"}, {start, "STATE: IP START"},
      {config, "STATE: IP CONFIG"},   {gprs_active, "STATE: IP GPRSACT"},
      {status, "STATE: IP STATUS"},   {deactivated, "STATE: PDP DEACT"}};
  for (const auto& [bearer, word] : words) {
    Bench bench(Profile::air202);
    bring_to(bench, bearer);
    EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", word}));
  }
  for (const Event<Bearer>& event : events) {
    ASSERT_EQ(event.steps.size(), 6u) << event.name << " leaves a state out";
    for (const Step<Bearer>& step : event.steps) {
      SCOPED_TRACE(std::string(event.name) + " at state " + std::to_string(int(step.from)));
      Bench bench(Profile::air202);
      bring_to(bench, step.from);
      ASSERT_EQ(bench.modem().state().bearer, step.from);
      bench.bearers_lost = 0;
      event.happens(bench);
      EXPECT_EQ(bench.modem().state().bearer, step.to);
      EXPECT_EQ(bench.lines(), step.said);
      // The board hears of each loss that the script did not ask for by AT+CIPSHUT, and only then.
      EXPECT_EQ(bench.bearers_lost, step.to == deactivated && step.from != deactivated ? 1 : 0);
    }
  }
}

TEST(StateTable, EachBearerOfTheAir724uMeetsEachEvent) {
  using enum Bearer;
  struct Fate {
    const char* event;
    std::function<void(Bench&)> happens;
    bool without, with;  // is there an address afterwards, when there was none, and when there was
    int losses;          // told to the board, when there was one
  };
  const std::vector<Fate> fates = {
      {"the network drops it", [](Bench& bench) { bench.modem().drop_bearer(); }, false, false, 1},
      {"a second passes after a drop",
       [](Bench& bench) {
         bench.modem().drop_bearer();
         bench.wait(1 * seconds);
       },
       true, true, 1},
      {"AT+CFUN=0", types("AT+CFUN=0"), false, false, 1},
      {"AT+CGATT=0", types("AT+CGATT=0"), false, false, 1},
      {"AT+CGATT=0, then 1",
       [](Bench& bench) {
         for (const char* command : {"AT+CGATT=0", "AT+CGATT=1"}) bench.say(command);
         bench.wait(1 * seconds);
       },
       true, true, 1},
      {"the SIM is pulled out", [](Bench& bench) { bench.modem().set_sim(Sim::absent); }, false,
       false, 1},
      {"no network for half a minute",
       [](Bench& bench) {
         bench.modem().set_network(false);
         bench.wait(30 * seconds);
       },
       false, false, 1},
      {"no network for less",
       [](Bench& bench) {
         bench.modem().set_network(false);
         bench.wait(29 * seconds);
       },
       false, true, 0},
      {"no network for less, then it is back",
       [](Bench& bench) {
         bench.modem().set_network(false);
         bench.wait(27 * seconds);
         bench.modem().set_network(true);  // registered again two seconds later
         bench.wait(30 * seconds);
       },
       true, true, 0},
      {"the power goes", [](Bench& bench) { bench.modem().power_off(); }, false, false, 0},
  };
  for (const Fate& fate : fates) {
    for (const bool had : {false, true}) {
      SCOPED_TRACE(std::string(fate.event) + (had ? " with an address" : " without one"));
      Bench bench(Profile::air724u);
      bench.bring_up();
      if (!had) bench.modem().drop_bearer();
      ASSERT_EQ(bench.modem().state().bearer, had ? status : initial);
      bench.bearers_lost = 0;
      fate.happens(bench);
      EXPECT_EQ(bench.modem().has_address(), had ? fate.with : fate.without);
      EXPECT_EQ(bench.bearers_lost, had ? fate.losses : 0);
      for (const std::string& line : bench.lines()) EXPECT_NE(line, "+PDP: DEACT");
    }
  }
}

}  // namespace
}  // namespace moonwire::tests
