// The AT channel itself: how command lines are read, when notices come, and what is bounded.
#include "modem/at_command.h"
#include "modem/calendar.h"
#include "modem/limits.h"
#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::AtCommand;
using modem::Profile;
using Kind = AtCommand::Kind;

TEST(Command, IsReadAsHeadKindAndParameters) {
  struct Case {
    const char* line;
    const char* head;
    Kind kind;
    Lines parameters;
  };
  const Case cases[] = {
      {"AT", "", Kind::execute, {}},
      {"at+csq", "+CSQ", Kind::execute, {}},
      {" AT+CREG? ", "+CREG", Kind::query, {}},
      {"AT+CREG=?", "+CREG", Kind::test, {}},
      {"AT*BAND?", "*BAND", Kind::query, {}},
      {"AT^MODE?", "^MODE", Kind::query, {}},
      {"ATE0", "E", Kind::set, {"0"}},
      {"AT&W", "&W", Kind::execute, {}},
      {"AT+CSTT=\"CMIOT\",\"\",\"\"", "+CSTT", Kind::set, {"CMIOT", "", ""}},
      {"AT+CIPSTART=7,\"TCP\",\"a,b\",80", "+CIPSTART", Kind::set, {"7", "TCP", "a,b", "80"}},
      {"AT+X= 1 , 2 ", "+X", Kind::set, {"1", "2"}},
      {"AT+X=", "+X", Kind::set, {""}},
      {"AT+X=\"unended", "+X", Kind::set, {"unended"}},
  };
  for (const Case& expected : cases) {
    const std::optional<AtCommand> command = modem::parse_command(expected.line);
    ASSERT_TRUE(command) << expected.line;
    EXPECT_EQ(command->head, expected.head) << expected.line;
    EXPECT_EQ(command->kind, expected.kind) << expected.line;
    EXPECT_EQ(command->parameters, expected.parameters) << expected.line;
  }
}

TEST(Command, IsNoneWithoutAtOrWithTooManyParameters) {
  for (const char* line : {"", "A", "hello", "+CSQ", "AT+CSQ!", "AT+CSQ?x"}) {
    EXPECT_FALSE(modem::parse_command(line)) << line;
  }
  std::string most = "AT+X=1";
  for (std::size_t i = 1; i < modem::at_parameters_max; ++i) most += ",1";
  EXPECT_TRUE(modem::parse_command(most));
  EXPECT_FALSE(modem::parse_command(most + ",1"));
}

TEST(Command, NumbersAreWholeAndWithoutSign) {
  const std::optional<AtCommand> command =
      modem::parse_command("AT+X=7,-1,,08,4294967295,4294967296,1x");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->number(0), 7u);
  EXPECT_FALSE(command->number(1));
  EXPECT_FALSE(command->number(2));
  EXPECT_EQ(command->number(3), 8u);
  EXPECT_EQ(command->number(4), 4294967295u);
  EXPECT_FALSE(command->number(5));
  EXPECT_FALSE(command->number(6));
  EXPECT_FALSE(command->number(7));
}

TEST(Calendar, GoesThereAndBack) {
  for (const std::int64_t moment :
       {std::int64_t{0}, std::int64_t{951'782'400}, std::int64_t{1'621'854'609},
        std::int64_t{4'102'444'799}, std::int64_t{-1}}) {
    EXPECT_EQ(modem::seconds_of(modem::calendar_of(moment)), moment);
  }
  EXPECT_EQ(modem::parse_cclk("21/05/24,19:10:09+32"), 1'621'854'609);
  EXPECT_EQ(modem::parse_cclk("21/05/24,11:10:09+00"), 1'621'854'609);
  EXPECT_EQ(modem::parse_cclk("21/05/24,19:10:09"), 1'621'854'609);
  for (const char* wrong : {"", "21/13/24,19:10:09+32", "21-05-24,19:10:09+32", "21/05/24,19:10:0",
                            "21/05/24,19:10:09*32", "21/05/24,19:10:09+3"}) {
    EXPECT_FALSE(modem::parse_cclk(wrong)) << wrong;
  }
}

TEST(AtChannel, AnswersWhateverComesOnce) {
  for (const Profile profile : {Profile::air202, Profile::air724u}) {
    Bench bench(profile);
    bench.modem().power_on();
    bench.wait(5 * seconds);
    bench.lines();
    for (const char* command :
         {"AT", "hello", "AT+NOSUCH", "AT+NOSUCH?", "AT+NOSUCH=1,2", "AT+CSQ=?", "AT+CIPSEND=9",
          "AT+CIPSEND", "AT+CIPSTART=,,,", "AT+SSLSEND=0,1", "AT+SSLCREATE=0", "AT+CPIN=1",
          "AT+CFUN=9", "AT+CREG=9", "AT+CCLK=\"nonsense\"", "AT+WIMEI=\"1\"", "AT+CGACT=1,5"}) {
      const Lines reply = bench.say(command);
      ASSERT_FALSE(reply.empty()) << command;
      EXPECT_TRUE(reply.back() == "OK" || reply.back() == "ERROR")
          << command << ": " << reply.back();
      for (std::size_t i = 0; i + 1 < reply.size(); ++i) EXPECT_NE(reply[i], "OK") << command;
    }
  }
}

TEST(AtChannel, KeepsTheProfilesApart) {
  Bench old(Profile::air202);
  old.modem().power_on();
  old.wait(5 * seconds);
  for (const char* command : {"AT+CEREG?", "AT+CGDCONT?", "AT+EEMGINFO?", "AT+ICCID", "AT+CESQ"}) {
    EXPECT_EQ(old.ask(command), "ERROR") << command;
  }
  Bench lte(Profile::air724u);
  lte.modem().power_on();
  lte.wait(5 * seconds);
  for (const char* command :
       {"AT+CIPSTART=7,\"TCP\",\"peer\",80", "AT+CIPSHUT", "AT+CENG?", "AT+CCID", "AT+SSLINIT"}) {
    EXPECT_EQ(lte.ask(command), "ERROR") << command;
  }
}

TEST(AtChannel, TakesCommandsInPiecesAndSeveralAtOnce) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  bench.lines();
  for (const char c : std::string_view("AT+CSQ\r")) bench.modem().write({&c, 1});
  bench.wait(20 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CSQ: 25,0", "OK"}));
  bench.modem().write("AT\r\nAT+CGSN\r\r\nAT+CIMI\n");
  bench.wait(60 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"OK", "860000000000017", "OK", "460000000000017", "OK"}));
}

TEST(AtChannel, NotifiesOnceForEachTimeTheBufferFills) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.notifications, 1);  // RDY; +CPIN came on top of it
  bench.lines();
  bench.say("AT");
  EXPECT_EQ(bench.notifications, 2);
  bench.modem().write("AT\rAT\r");
  bench.wait(40 * milliseconds);
  EXPECT_EQ(bench.notifications, 3);
  EXPECT_EQ(bench.modem().read(3), "OK\r");
  EXPECT_EQ(bench.modem().read(100), "\nOK\r\n");
  EXPECT_EQ(bench.modem().read(100), "");
  EXPECT_EQ(bench.modem().read_line(), "");
}

TEST(AtChannel, LetsNoticesOutOnlyBetweenCommands) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.modem().write("AT+CGSN\rAT+VER\r");
  bench.wait(10 * milliseconds);
  bench.modem().set_network(false);
  EXPECT_EQ(bench.lines(), Lines{});
  bench.wait(30 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"860000000000017", "OK", "+CREG: 2", "+CGREG: 2",
                                  "Luat_V0040_8955_SSL_FLOAT", "OK"}));
}

TEST(AtChannel, AnswersALineThatIsTooLongWithOneError) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  bench.lines();
  std::string line = "AT+X=" + std::string(modem::at_command_bytes, 'x');
  EXPECT_EQ(bench.say(line), Lines{"ERROR"});
  for (int i = 0; i < 20; ++i) bench.modem().write(std::string(1000, 'y'));
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"ERROR"});
  bench.modem().write("\rAT\r");
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"OK"});
}

TEST(AtChannel, AFloodOfCommandsIsTakenOnlyAsFarAsItCanBeKept) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  std::size_t taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    taken += bench.modem().write("AT+CGSN\r");
    bench.wait(20 * milliseconds);
  }
  // The script reads nothing: its buffer is full, then the modem's input.
  EXPECT_LE(bench.modem().readable(), modem::at_receive_bytes);
  EXPECT_LT(taken, 2 * modem::at_input_bytes);
  // Notices beyond the bound go, and are counted.
  for (int i = 0; i < 1000; ++i)
    bench.modem().set_sim(i % 2 == 0 ? modem::Sim::absent : modem::Sim::ready);
  EXPECT_GT(bench.modem().state().notices_lost, 0u);
  // Once it reads again, every command that was taken whole is answered.
  std::size_t answers = 0;
  for (int rounds = 0; rounds < 2'000; ++rounds) {
    for (const std::string& line : bench.lines()) answers += line == "860000000000017" ? 1 : 0;
    bench.wait(20 * milliseconds);
  }
  EXPECT_GE(answers + 1, taken / 8);
  EXPECT_EQ(bench.lines(), Lines{});
}

TEST(AtChannel, RecordsBothDirectionsAndForgetsTheOldest) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  bench.say("AT+CSQ");
  const modem::Trace trace = bench.modem().take_trace();
  ASSERT_EQ(trace.records.size(), 5u);
  EXPECT_EQ(trace.records[0].text, "RDY");
  EXPECT_EQ(trace.records[0].at, 300 * milliseconds);
  EXPECT_EQ(trace.records[2].text, "AT+CSQ");
  EXPECT_EQ(trace.records[2].direction, modem::AtRecord::Direction::to_modem);
  EXPECT_EQ(trace.records[3].text, "+CSQ: 25,0");
  EXPECT_EQ(trace.records[3].direction, modem::AtRecord::Direction::from_modem);
  EXPECT_EQ(trace.lost, 0u);
  EXPECT_TRUE(bench.modem().take_trace().records.empty());
  for (int i = 0; i < 400; ++i) bench.say("AT");
  const modem::Trace later = bench.modem().take_trace();
  EXPECT_EQ(later.records.size(), modem::trace_records);
  EXPECT_EQ(later.lost, 800 - modem::trace_records);
  EXPECT_EQ(later.records.front().serial, 6 + later.lost);
}

TEST(AtChannel, NamesErrorsWhenAskedTo) {
  Bench bench(Profile::air202);
  bench.modem().set_sim(modem::Sim::absent);
  bench.modem().power_on();
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.ask("AT+CIMI"), "ERROR");
  EXPECT_EQ(bench.ask("AT+CMEE=1"), "OK");
  EXPECT_EQ(bench.ask("AT+CIMI"), "+CME ERROR: 10");
  EXPECT_EQ(bench.ask("AT+NOSUCH"), "+CME ERROR: 100");
}

TEST(AtChannel, SetsTheClockAndTellsIt) {
  Bench bench(Profile::air724u);
  bench.modem().power_on();
  bench.wait(1 * seconds);
  bench.lines();
  EXPECT_EQ(bench.say("AT+CCLK?"), (Lines{"+CCLK: \"21/05/24,19:10:09+32\"", "OK"}));
  EXPECT_EQ(bench.say("AT+CCLK=\"20/05/01,12:12:12+32\""), Lines{"OK"});
  EXPECT_EQ(bench.clock, 1'588'306'332);
}

TEST(AtChannel, KeepsTheSerialAndImeiThatWereWritten) {
  Bench bench(Profile::air724u);
  bench.modem().power_on();
  bench.wait(1 * seconds);
  bench.lines();
  EXPECT_EQ(bench.ask("AT+WISN=\"ABC\""), "OK");
  EXPECT_EQ(bench.ask("AT+WIMEI=\"123456789012345\""), "OK");
  bench.modem().power_off();
  bench.modem().power_on();
  bench.wait(1 * seconds);
  bench.lines();
  EXPECT_EQ(bench.say("AT+WISN?"), (Lines{"ABC", "OK"}));
  EXPECT_EQ(bench.say("AT+CGSN"), (Lines{"123456789012345", "OK"}));
}

TEST(AtChannel, TellsTheBattery) {
  Bench bench(Profile::air202);
  bench.modem().power_on();
  bench.wait(1 * seconds);
  bench.lines();
  bench.modem().set_battery(4200);
  EXPECT_EQ(bench.say("AT+CBC"), (Lines{"+CBC: 0,100,4200", "OK"}));
  bench.modem().set_battery(3000);
  EXPECT_EQ(bench.say("AT+CBC"), (Lines{"+CBC: 0,0,3000", "OK"}));
}

}  // namespace
}  // namespace moonwire::tests
