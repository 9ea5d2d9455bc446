// What the panel does to SIM, network and bearer, and the dialogue that each has to make.
#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::Bearer;
using modem::Profile;
using modem::Registration;
using modem::Sim;

const Lines registered_2g{"+CREG: 1,\"18be\",\"93e1\"", "+CGREG: 1,\"18be\",\"93e1\""};
const Lines registered_4g{"^MODE: 17,17", "+CREG: 1,\"18be\",\"0593e101\",7",
                          "+CGREG: 1,\"18be\",\"0593e101\",7", "+CEREG: 1,\"18be\",\"0593e101\",7"};

Lines in_order(std::initializer_list<Lines> parts) {
  Lines all;
  for (const Lines& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Sim, MissingIsSaidOnceAndNothingFollows) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bench.modem().set_sim(Sim::absent);
    bench.modem().power_on();
    bench.wait(60 * seconds);
    EXPECT_EQ(bench.lines(), (Lines{"RDY", "+CPIN: NOT INSERTED"}));
    EXPECT_EQ(bench.ask("AT+CPIN?"), "ERROR");
    EXPECT_EQ(bench.modem().state().registration, Registration::off);
    EXPECT_EQ(bench.modem().state().iccid, "");
  }
}

TEST(Sim, PulledOutTakesTheBearerAndPutInBringsItBack) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  bench.modem().set_sim(Sim::absent);
  EXPECT_EQ(bench.lines(), (Lines{"+CPIN: NOT INSERTED", "+PDP: DEACT", "+CREG: 0", "+CGREG: 0"}));
  EXPECT_EQ(bench.bearers_lost, 1);
  EXPECT_EQ(bench.sim_changes, std::vector<bool>{false});
  EXPECT_TRUE(bench.peers.empty());
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: PDP DEACT"}));
  EXPECT_EQ(bench.ask("AT+CIPSHUT"), "SHUT OK");
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: IP INITIAL"}));
  bench.modem().set_sim(Sim::ready);
  bench.wait(700 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CPIN: READY", "+CREG: 2", "+CGREG: 2"}));
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), registered_2g);
  EXPECT_EQ(bench.sim_changes, (std::vector<bool>{false, true}));
}

TEST(Sim, PulledOutOfAnAir724uTakesTheAddress) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  bench.modem().set_sim(Sim::absent);
  EXPECT_EQ(bench.lines(), (Lines{"+CPIN: NOT INSERTED", "+CREG: 0", "+CGREG: 0", "+CEREG: 0"}));
  EXPECT_EQ(bench.bearers_lost, 1);
  EXPECT_EQ(bench.say("AT+CGDCONT?"), Lines{"OK"});
  bench.modem().set_sim(Sim::ready);
  bench.wait(700 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CPIN: READY", "+CREG: 2", "+CGREG: 2", "+CEREG: 2"}));
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), registered_4g);
  EXPECT_TRUE(bench.modem().has_service());
}

TEST(Sim, AsksForItsPinAndRegistersAfterTheRightOne) {
  for (const bool by_command : {false, true}) {
    Bench bench(Profile::air202);
    bench.modem().set_sim(Sim::pin);
    bench.modem().power_on();
    bench.wait(10 * seconds);
    EXPECT_EQ(bench.lines(), (Lines{"RDY", "+CPIN: SIM PIN"}));
    EXPECT_EQ(bench.say("AT+CPIN?"), (Lines{"+CPIN: SIM PIN", "OK"}));
    EXPECT_EQ(bench.ask("AT+CIMI"), "ERROR");
    if (by_command) {
      EXPECT_EQ(bench.ask("AT+CPIN=\"1234\""), "OK");
    } else {
      EXPECT_TRUE(bench.modem().enter_pin("1234"));
    }
    bench.wait(700 * milliseconds);
    EXPECT_EQ(bench.lines(), Lines{"+CPIN: READY"});
    bench.wait(2 * seconds);
    EXPECT_EQ(bench.modem().state().registration, Registration::registered);
    EXPECT_EQ(bench.ask("AT+CPIN=\"1234\""), "ERROR");  // nothing is asked for any more
    // The card asks again at the next start.
    bench.modem().power_off();
    EXPECT_EQ(bench.modem().state().sim, Sim::pin);
  }
}

TEST(Sim, ThreeWrongPinsAskForThePukAndTenWrongPuksEndIt) {
  Bench bench(Profile::air724u);
  bench.modem().set_sim(Sim::pin);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  bench.lines();
  for (const int left : {2, 1}) {
    EXPECT_EQ(bench.say("AT+CPIN=\"9999\""), Lines{"ERROR"});
    EXPECT_EQ(bench.modem().state().pin_tries_left, left);
  }
  EXPECT_FALSE(bench.modem().enter_pin("9999"));
  EXPECT_EQ(bench.lines(), Lines{"+CPIN: SIM PUK"});
  EXPECT_EQ(bench.say("AT+CPIN?"), (Lines{"+CPIN: SIM PUK", "OK"}));
  EXPECT_FALSE(bench.modem().enter_pin("1234")) << "the PIN does not help any more";
  // The PUK with a new PIN opens it.
  EXPECT_EQ(bench.ask("AT+CPIN=\"12345678\",\"4321\""), "OK");
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"+CPIN: READY"});
  bench.modem().power_off();
  bench.modem().power_on();
  bench.wait(2 * seconds);
  EXPECT_FALSE(bench.modem().enter_pin("1234"));
  EXPECT_TRUE(bench.modem().enter_pin("4321"));

  bench.modem().set_sim(Sim::absent);
  bench.modem().set_sim(Sim::pin);
  bench.wait(2 * seconds);
  for (int i = 0; i < 3 + 10; ++i) EXPECT_FALSE(bench.modem().enter_pin("0000"));
  EXPECT_EQ(bench.modem().state().sim, Sim::dead);
  EXPECT_FALSE(bench.modem().enter_pin("12345678"));
  bench.wait(60 * seconds);
  EXPECT_EQ(bench.modem().state().registration, Registration::off);
  EXPECT_EQ(bench.lines().back(), "+CPIN: NOT READY");
}

TEST(Network, LostSaysSoAndLeavesTheBearer) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  bench.modem().set_network(false);
  EXPECT_EQ(bench.lines(), (Lines{"+CREG: 2", "+CGREG: 2", "+CEREG: 2"}));
  EXPECT_TRUE(bench.modem().has_address());
  EXPECT_FALSE(bench.modem().has_service());
  EXPECT_EQ(bench.say("AT+CSQ"), (Lines{"+CSQ: 99,99", "OK"}));
  EXPECT_EQ(bench.say("AT+CESQ"), (Lines{"+CESQ: 99,99,255,255,255,255", "OK"}));
  bench.wait(10 * seconds);
  bench.modem().set_network(true);
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), registered_4g);
  EXPECT_TRUE(bench.modem().has_service());
  EXPECT_EQ(bench.bearers_lost, 0);
}

TEST(Network, LostForLongTakesTheBearerToo) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bench.bring_up();
    bench.modem().set_network(false);
    bench.wait(30 * seconds - 1);
    EXPECT_EQ(bench.bearers_lost, 0);
    bench.wait(1);
    EXPECT_EQ(bench.bearers_lost, 1);
    EXPECT_FALSE(bench.modem().has_address());
    bench.modem().set_network(true);
    bench.wait(3 * seconds);
    EXPECT_EQ(bench.modem().has_address(), profile == Profile::air724u);
    if (profile == Profile::air202) {
      bench.lines();
      EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: PDP DEACT"}));
    }
  }
}

TEST(Network, TheMomentItComesAndGoesCountsNothing) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(2 * seconds);
  bench.modem().set_network(false);
  bench.wait(60 * seconds);
  EXPECT_EQ(bench.modem().state().registration, Registration::searching);
  for (int i = 0; i < 10; ++i) {
    bench.modem().set_network(true);
    bench.wait(1 * seconds);
    bench.modem().set_network(false);
  }
  EXPECT_EQ(bench.modem().state().registration, Registration::searching);
  bench.modem().set_network(true);
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.modem().state().registration, Registration::registered);
}

TEST(Signal, IsToldAtTheNextQuestionOnly) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.modem().set_signal(7);
  EXPECT_EQ(bench.lines(), Lines{});
  EXPECT_EQ(bench.say("AT+CSQ"), (Lines{"+CSQ: 7,0", "OK"}));
  bench.modem().set_signal(99);
  EXPECT_EQ(bench.say("AT+CSQ"), (Lines{"+CSQ: 99,0", "OK"}));
  bench.modem().set_signal(50);
  EXPECT_EQ(bench.say("AT+CSQ"), (Lines{"+CSQ: 31,0", "OK"}));
  EXPECT_EQ(bench.modem().state().registration, Registration::registered);
}

TEST(Bearer, DroppedOn2GIsSaidAndStaysSoUntilShut) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.lines(), Lines{"+PDP: DEACT"});
  EXPECT_EQ(bench.bearers_lost, 1);
  EXPECT_TRUE(bench.peers.empty());
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: PDP DEACT"}));
  EXPECT_EQ(bench.ask("AT+CSTT=\"CMIOT\""), "ERROR");
  EXPECT_EQ(bench.ask("AT+CIPSTART=7,\"TCP\",\"peer\",80"), "ERROR");
  EXPECT_EQ(bench.ask("AT+CIPSHUT"), "SHUT OK");
  EXPECT_EQ(bench.say("AT+CGATT?"), (Lines{"+CGATT: 1", "OK"}));
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: IP INITIAL"}));
  EXPECT_EQ(bench.ask("AT+CSTT=\"CMIOT\""), "OK");
  EXPECT_EQ(bench.ask("AT+CIICR"), "OK");
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.ask("AT+CIFSR"), "10.12.34.56");
  bench.modem().drop_bearer();
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.bearers_lost, 2) << "what is gone cannot be dropped again";
  bench.lines();
}

TEST(Bearer, DroppedOn4GIsToldToTheBoardAndComesBack) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.lines(), Lines{});
  EXPECT_EQ(bench.bearers_lost, 1);
  EXPECT_EQ(bench.say("AT+CGDCONT?"), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+CGACT?"), (Lines{"+CGACT: 1,0", "OK"}));
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.say("AT+CGDCONT?"),
            (Lines{"+CGDCONT: 1,\"IP\",\"CMIOT\",\"10.12.34.56\",0,0", "OK"}));
}

TEST(Bearer, DroppedWhileThereIsNoNetworkComesBackWithIt) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  bench.modem().set_network(false);
  bench.modem().drop_bearer();
  bench.wait(10 * seconds);
  EXPECT_FALSE(bench.modem().has_address());
  bench.modem().set_network(true);
  bench.wait(2 * seconds);
  EXPECT_TRUE(bench.modem().has_service());
}

TEST(Bearer, ShutOn2GNeedsNoReason) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CIPSHUT"), Lines{"SHUT OK"});
  EXPECT_TRUE(bench.peers.empty());
  EXPECT_FALSE(bench.modem().has_address());
  EXPECT_EQ(bench.bearers_lost, 0) << "the script asked for it";
}

TEST(Bearer, DetachedIsLost) {
  Bench bench(Profile::air202);
  bench.bring_up();
  EXPECT_EQ(bench.say("AT+CGATT=0"), (Lines{"OK", "+PDP: DEACT"}));
  EXPECT_EQ(bench.say("AT+CGATT?"), (Lines{"+CGATT: 0", "OK"}));
  EXPECT_EQ(bench.ask("AT+CGATT=1"), "OK");
  EXPECT_EQ(bench.say("AT+CGATT?"), (Lines{"+CGATT: 1", "OK"}));
}

TEST(FlyMode, On2GTakesTheBearerAndBringsEverythingBackAfterwards) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CFUN=0"), (Lines{"OK", "+PDP: DEACT", "+CREG: 0", "+CGREG: 0"}));
  EXPECT_TRUE(bench.modem().state().fly_mode);
  EXPECT_TRUE(bench.peers.empty());
  EXPECT_EQ(bench.say("AT+CFUN?"), (Lines{"+CFUN: 0", "OK"}));
  EXPECT_EQ(bench.say("AT+CFUN=0"), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: PDP DEACT"}));
  EXPECT_EQ(bench.ask("AT+CIPSHUT"), "SHUT OK");
  EXPECT_EQ(bench.say("AT+CIPSTATUS"), (Lines{"OK", "STATE: IP INITIAL"}));
  bench.wait(60 * seconds);
  EXPECT_EQ(bench.lines(), Lines{});
  EXPECT_EQ(bench.say("AT+CFUN=1"), Lines{"OK"});
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CPIN: READY", "+CREG: 2", "+CGREG: 2"}));
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), registered_2g);
}

TEST(FlyMode, On4GTellsTheBoardAndHasNoAddressUntilOff) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  EXPECT_EQ(bench.say("AT+CFUN=0"), (Lines{"OK", "+CREG: 0", "+CGREG: 0", "+CEREG: 0"}));
  EXPECT_EQ(bench.bearers_lost, 1);
  EXPECT_EQ(bench.say("AT+CGDCONT?"), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+CFUN=1"), Lines{"OK"});
  bench.wait(4 * seconds);
  EXPECT_EQ(bench.lines(),
            in_order({{"+CPIN: READY", "+CREG: 2", "+CGREG: 2", "+CEREG: 2"}, registered_4g}));
  EXPECT_EQ(bench.say("AT+CGDCONT?").size(), 2u);
}

TEST(FlyMode, OutlastsNeitherPowerNorASimThatIsSwappedMeanwhile) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  bench.say("AT+CFUN=4");
  bench.modem().set_sim(Sim::pin);
  bench.wait(10 * seconds);
  EXPECT_EQ(bench.lines(), Lines{}) << "the radio is off";
  EXPECT_EQ(bench.say("AT+CFUN=1"), Lines{"OK"});
  bench.wait(3 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"+CPIN: SIM PIN"});
  bench.say("AT+CFUN=0");
  bench.modem().power_off();
  EXPECT_FALSE(bench.modem().state().fly_mode);
}

// Every event in every order, four deep: the modem always comes back, and nothing is left over.
TEST(Events, InAnyOrderEndInServiceOnceAllIsWell) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    constexpr int kinds = 8;
    for (int order = 0; order < kinds * kinds * kinds * kinds; order += 3) {
      Bench bench(profile);
      bench.bring_up();
      bool flying = false;
      for (int step = 0, rest = order; step < 4; ++step, rest /= kinds) {
        switch (rest % kinds) {
          case 0: bench.modem().set_sim(Sim::absent); break;
          case 1: bench.modem().set_sim(Sim::pin); break;
          case 2: bench.modem().set_network(false); break;
          case 3: bench.modem().drop_bearer(); break;
          case 4: bench.say(flying ? "AT+CFUN=1" : "AT+CFUN=0"), flying = !flying; break;
          case 5: bench.modem().set_network(true); break;
          case 6: bench.wait(1 * seconds); break;
          case 7: bench.modem().set_sim(Sim::ready); break;
        }
      }
      bench.modem().set_sim(Sim::ready);
      bench.modem().set_network(true);
      if (flying) bench.say("AT+CFUN=1");
      bench.wait(10 * seconds);
      ASSERT_EQ(bench.modem().state().registration, Registration::registered) << order;
      if (profile == Profile::air202 && !bench.modem().has_address()) {
        bench.say("AT+CIPSHUT");
        bench.say("AT+CSTT=\"CMIOT\"");
        bench.say("AT+CIICR");
        bench.wait(2 * seconds);
        bench.say("AT+CIFSR");
      }
      ASSERT_TRUE(bench.modem().has_service()) << order;
      bench.lines();
    }
  }
}

}  // namespace
}  // namespace moonwire::tests
