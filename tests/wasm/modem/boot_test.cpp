// The dialogues from power-on to a usable address, line by line, as the two libraries lead them.
#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::Profile;

struct Row {
  const char* command;
  Lines reply;
};

void walk(Bench& bench, const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(bench.say(row.command), row.reply) << row.command;
}

TEST(Boot, SaysNothingBeforePowerAndRdyFirst) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bench.modem().write("ATE0\r");
    bench.wait(10 * seconds);
    EXPECT_EQ(bench.modem().readable(), 0u);
    bench.modem().power_on();
    bench.wait(299 * milliseconds);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.wait(1 * milliseconds);
    EXPECT_EQ(bench.lines(), Lines{"RDY"});
    // What was written too early is answered now.
    bench.wait(1 * seconds);
    EXPECT_EQ(bench.lines(), (Lines{"OK", "+CPIN: READY"}));
  }
}

TEST(Boot, AnswersTheAir724usLibraryUpToItsAddress) {
  Bench bench(Profile::air724u);
  bench.modem().power_on();
  bench.wait(300 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"RDY"});
  walk(bench, {
                  {"ATE0", {"OK"}},
                  {"AT+CMEE=0", {"OK"}},
                  {"AT+SIMCROSS?", {"+SIMCROSS: 0", "OK"}},
                  {"AT+COPS?", {"OK"}},
                  {"AT+CREG=2", {"OK"}},
                  {"AT+CGREG=2", {"OK"}},
                  {"AT+CEREG=2", {"OK"}},
                  {"AT+CREG?", {"+CREG: 2,2", "OK"}},
                  {"AT+CGREG?", {"+CGREG: 2,2", "OK"}},
                  {"AT+CEREG?", {"+CEREG: 2,2", "OK"}},
                  {"AT+CALIBINFO?",
                   {"+CALIBINFO:LTE_afc:1,LTE_TDD_agc:1,LTE_TDD_apc:1,LTE_FDD_agc:1,LTE_FDD_apc:1,"
                    "ANT_LTE:1",
                    "OK"}},
                  {"AT*BAND?", {"*BAND: 5,0,0,482,149,2,2,0", "OK"}},
                  {"AT+EEMOPT=1", {"OK"}},
                  {"AT+CSQ", {"+CSQ: 25,99", "OK"}},
                  {"AT+CESQ", {"+CESQ: 99,99,255,255,20,55", "OK"}},
                  {"AT+EEMGINFO?", {"OK"}},
                  {"AT+CIND=1", {"OK"}},
                  {"AT+VER", {"Luat_V3030_RDA8910_TTS_NOVOLTE_FLOAT", "OK"}},
                  {"AT+WISN?", {"MOONWIRE00000017", "OK"}},
                  {"AT+CGSN", {"860000000000025", "OK"}},
                  {"AT+MUID?", {"+MUID: 4D6F6F6E776972658600000000000250", "OK"}},
                  {"AT*EXINFO?", {"OK"}},
                  {"AT+CGDCONT?", {"OK"}},
              });
  bench.wait(700 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"+CPIN: READY"});
  walk(bench, {
                  {"AT+ICCID", {"+ICCID: 89860000000000000017", "OK"}},
                  {"AT+CIMI", {"460000000000017", "OK"}},
              });
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(),
            (Lines{"^MODE: 17,17", "+CREG: 1,\"18be\",\"0593e101\",7",
                   "+CGREG: 1,\"18be\",\"0593e101\",7", "+CEREG: 1,\"18be\",\"0593e101\",7"}));
  walk(bench, {
                  {"AT+COPS?", {"+COPS: 0,2,\"46000\",7", "OK"}},
                  {"AT+CEREG?", {"+CEREG: 2,1,\"18be\",\"0593e101\",7", "OK"}},
                  {"AT+CREG?", {"+CREG: 2,1,\"18be\",\"0593e101\",7", "OK"}},
                  {"AT+CGREG?", {"+CGREG: 2,1,\"18be\",\"0593e101\",7", "OK"}},
                  {"AT+CSQ", {"+CSQ: 25,99", "OK"}},
                  {"AT+CESQ", {"+CESQ: 99,99,255,255,20,55", "OK"}},
                  {"AT+EEMGINFO?",
                   {"+EEMLTESVC:1120, 2, 0, 6334, 411, 1650, 19650, 5, 4, 93577473, 68, 0, 34, 25, "
                    "75, 0, 0",
                    "+EEMLTEINTRA: 0, 98, 39148, 50, 21, 1120, 0, 6334, 93577729", "OK"}},
                  {"AT+CGDCONT?", {"+CGDCONT: 1,\"IP\",\"CMIOT\",\"10.12.34.56\",0,0", "OK"}},
                  {"AT+CGATT?", {"+CGATT: 1", "OK"}},
                  {"AT+CGACT?", {"+CGACT: 1,1", "OK"}},
              });
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"+NITZ: 21/05/24,19:10:09+32,0"});
  EXPECT_TRUE(bench.modem().has_service());
}

TEST(Boot, AnswersTheAir202sLibraryUpToItsAddress) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(300 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"RDY"});
  walk(bench, {
                  {"ATE0", {"OK"}},
                  {"AT+CMEE=0", {"OK"}},
                  {"AT+STON=0", {"OK"}},
                  {"AT+CREG=2", {"OK"}},
                  {"AT+CREG?", {"+CREG: 2,2", "OK"}},
                  {"AT+CENG=1,1", {"OK"}},
                  {"AT+CSQ", {"+CSQ: 25,0", "OK"}},
                  {"AT+CENG?", {"+CENG:1,1", "OK"}},
                  {"AT+TCPUSERPARAM=6,4,7200,16", {"OK"}},
                  {"AT+VER", {"Luat_V0040_8955_SSL_FLOAT", "OK"}},
                  {"AT+ATWMFT=99", {"SUCC", "OK"}},
                  {"AT+WISN?", {"MOONWIRE00000017", "OK"}},
                  {"AT+CGSN", {"860000000000017", "OK"}},
                  {"AT+MUID?", {"+MUID: \"4D6F6F6E776972658600000000000170\"", "OK"}},
                  {"AT+CGATT?", {"+CGATT: 0", "OK"}},
              });
  bench.wait(700 * milliseconds - 15 * 20 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"+CPIN: READY"});
  walk(bench, {
                  {"AT+CCID", {"89860000000000000017", "OK"}},
                  {"AT+CIMI", {"460000000000017", "OK"}},
              });
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"+CREG: 1,\"18be\",\"93e1\""});
  bench.wait(200 * milliseconds);
  walk(bench, {
                  {"AT+CSQ", {"+CSQ: 25,0", "OK"}},
                  {"AT+CENG?",
                   {"+CENG:1,1", "+CENG:0,\"573,25,99,460,0,13,37857,10,0,6334,255\"",
                    "+CENG:1,\"579,16,460,0,5,37856,6334\"", "OK"}},
                  {"AT+CIICRMODE=2", {"OK"}},
                  {"AT+CIPMUX=1", {"OK"}},
                  {"AT+CIPHEAD=1", {"OK"}},
                  {"AT+CIPQSEND=0", {"OK"}},
                  {"AT+CGATT?", {"+CGATT: 1", "OK"}},
                  {"AT+CIPSTATUS", {"OK", "STATE: IP INITIAL"}},
                  {"AT+CSTT=\"CMIOT\",\"\",\"\"", {"OK"}},
                  {"AT+CIPSTATUS", {"OK", "STATE: IP START"}},
                  {"AT+CIICR", {"OK"}},
                  {"AT+CIPSTATUS", {"OK", "STATE: IP CONFIG"}},
              });
  bench.wait(2 * seconds);
  walk(bench, {
                  {"AT+CIPSTATUS", {"OK", "STATE: IP GPRSACT"}},
                  {"AT+CIFSR", {"10.12.34.56"}},  // no OK: it would end the next command
                  {"AT+CIPSTATUS", {"OK", "STATE: IP STATUS"}},
                  {"AT+CDNSCFG?", {"PrimaryDns: 10.12.0.1", "SecondaryDns: 0.0.0.0", "OK"}},
              });
  EXPECT_TRUE(bench.modem().has_service());
}

TEST(Boot, ActivatesSynchronouslyUnlessToldOtherwise) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(4 * seconds);
  bench.lines();
  EXPECT_EQ(bench.say("AT+CSTT=\"CMIOT\""), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+CIICR"), Lines{});
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+CIFSR"), Lines{"10.12.34.56"});
}

TEST(Boot, TellsTheTimeOn2GOnlyWhenAskedTo) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.ask("AT+CLTS=1"), "OK");
  bench.lines();
  bench.wait(3 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"*PSUTTZ: 2021,5,24,11,10,9,\"+32\",0"});

  Bench silent(Profile::air202);
  silent.modem().power_on();
  silent.wait(10 * seconds);
  EXPECT_EQ(silent.lines(), (Lines{"RDY", "+CPIN: READY"}));
}

TEST(Boot, ReportsRegistrationOnlyAsFarAsAskedFor) {
  for (const auto& [level, line] :
       {std::pair{"0", ""}, {"1", "+CREG: 1"}, {"2", "+CREG: 1,\"18be\",\"93e1\""}}) {
    Bench bench(Profile::air202);
    bench.modem().power_on();
    bench.wait(500 * milliseconds);
    EXPECT_EQ(bench.ask(std::string("AT+CREG=") + level), "OK");
    bench.wait(1 * seconds);
    bench.lines();
    bench.wait(3 * seconds);
    EXPECT_EQ(bench.lines(), *line == '\0' ? Lines{} : Lines{line});
  }
}

TEST(Boot, StartsAfreshAfterPowerWasOff) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  bench.modem().write("AT+CIPSEND=7,5\r");
  bench.modem().power_off();
  EXPECT_EQ(bench.modem().readable(), 0u);
  EXPECT_TRUE(bench.peers.empty());
  EXPECT_EQ(bench.modem().state().registration, modem::Registration::off);
  EXPECT_FALSE(bench.modem().state().address);
  bench.modem().power_on();
  bench.wait(300 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"RDY"});
  EXPECT_EQ(bench.ask("AT+CIPMUX?"), "OK");  // +CIPMUX: 0 before it
  EXPECT_EQ(bench.say("AT+CREG?"), (Lines{"+CREG: 0,2", "OK"}));
}

TEST(Boot, TakesItsTimesFromTheSettings) {
  modem::Settings settings = modem::Settings::of(Profile::air724u);
  settings.timings.ready = 10;
  settings.timings.sim = 20;
  settings.timings.registration = 30;
  Bench bench(settings);
  bench.modem().power_on();
  bench.wait(60);
  EXPECT_TRUE(bench.modem().has_service());
  bench.modem().set_latency(3 * seconds, 0);
  bench.lines();
  bench.modem().write("AT\r");
  bench.wait(3 * seconds - 1);
  for (const std::string& line : bench.lines()) EXPECT_NE(line, "OK");
  bench.wait(1);
  EXPECT_EQ(bench.lines().front(), "OK");
}

}  // namespace
}  // namespace moonwire::tests
