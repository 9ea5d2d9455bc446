// The AT socket engine of the Air202: the dialogues of AT+CIP... and AT+SSL...
#include "modem/limits.h"
#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::Profile;

class Sockets : public testing::Test {
 protected:
  void SetUp() override { bench.bring_up(); }
  Micros network() { return bench.modem().timings().network; }
  /// AT+CIPSEND with its bytes, up to the moment after the prompt.
  void offer(const std::string& id, std::string_view bytes, const char* head = "CIP") {
    EXPECT_EQ(
        bench.say(std::string("AT+") + head + "SEND=" + id + "," + std::to_string(bytes.size())),
        Lines{"> "});
    bench.modem().write(bytes);
  }

  Bench bench{Profile::air202};
};

TEST_F(Sockets, ConnectIsAcceptedAtOnceAndToldLater) {
  EXPECT_EQ(bench.say("AT+CIPSTART=7,\"TCP\",\"lua.example\",80"), Lines{"OK"});
  EXPECT_EQ(bench.peers.at(7).host, "lua.example");
  EXPECT_EQ(bench.peers.at(7).port, 80);
  bench.modem().on_opened(7);
  bench.wait(network() - 1);
  EXPECT_EQ(bench.lines(), Lines{}) << "a round trip takes its time";
  bench.wait(1);
  EXPECT_EQ(bench.lines(), Lines{"7, CONNECT OK"});
  EXPECT_EQ(
      bench.say("AT+CIPSTATUS"),
      (Lines{"OK", "STATE: IP PROCESSING", "C: 7,0,\"TCP\",\"lua.example\",\"80\",\"CONNECTED\""}));
}

TEST_F(Sockets, RefusedFreesTheId) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.say("AT+CIPSTART=7,\"TCP\",\"1.2.3.4\",80"), Lines{"OK"});
    bench.modem().on_open_failed(7, modem::OpenFailure::refused);
    bench.wait(network());
    EXPECT_EQ(bench.lines(), Lines{"7, CONNECT FAIL"});
    EXPECT_TRUE(bench.peers.empty());
  }
}

TEST_F(Sockets, EightAndNoMore) {
  for (modem::SocketId id = 0; id < 8; ++id) bench.connect(id, id % 2 == 0 ? "TCP" : "UDP");
  EXPECT_EQ(bench.ask("AT+CIPSTART=8,\"TCP\",\"peer\",80"), "ERROR");
  EXPECT_EQ(bench.ask("AT+CIPSTART=3,\"TCP\",\"peer\",80"), "ERROR") << "in use";
  EXPECT_EQ(bench.modem().state().sockets.size(), 8u);
  EXPECT_EQ(bench.ask("AT+CIPCLOSE=3"), "3, CLOSE OK");
  bench.connect(3);
}

TEST_F(Sockets, WrongParametersAreErrors) {
  for (const char* command :
       {"AT+CIPSTART=7", "AT+CIPSTART=7,\"ICMP\",\"peer\",80", "AT+CIPSTART=7,\"TCP\",\"\",80",
        "AT+CIPSTART=7,\"TCP\",\"peer\",0", "AT+CIPSTART=7,\"TCP\",\"peer\",65536",
        "AT+CIPSTART=7,\"TCP\",\"peer\",", "AT+CIPCLOSE=7", "AT+CIPCLOSE=", "AT+CIPSEND=7,5"}) {
    EXPECT_EQ(bench.ask(command), "ERROR") << command;
  }
  EXPECT_EQ(bench.ask("AT+CIPSTART=7,\"TCP\",\"" + std::string(modem::host_name_bytes + 1, 'x') +
                      "\",80"),
            "ERROR");
  bench.connect(7);
  for (const char* command : {"AT+CIPSEND=7", "AT+CIPSEND=7,0", "AT+CIPSEND=7,1461",
                              "AT+CIPSEND=6,1", "AT+CIPSEND=7,x"}) {
    EXPECT_EQ(bench.ask(command), "ERROR") << command;
  }
}

TEST_F(Sockets, SendPromptsTakesTheBytesAndConfirmsAfterARoundTrip) {
  bench.connect(7);
  offer("7", "heart beat");
  EXPECT_EQ(bench.peers.at(7).got, "");
  bench.wait(network() / 2);
  EXPECT_EQ(bench.peers.at(7).got, "heart beat");
  EXPECT_EQ(bench.lines(), Lines{});
  bench.wait(network() / 2);
  EXPECT_EQ(bench.lines(), Lines{"7, SEND OK"});
}

TEST_F(Sockets, SendsEveryByteValueAndExactlyAsManyAsSaid) {
  std::string all;
  for (int i = 0; i < 1460; ++i) all += static_cast<char>(i);
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CIPSEND=7,1460"), Lines{"> "});
  for (std::size_t at = 0; at < all.size(); at += 7) bench.modem().write(all.substr(at, 7));
  bench.modem().write("AT\r");  // the next command may stand right behind the bytes
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"7, SEND OK"});
  bench.wait(1 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"OK"});
  EXPECT_EQ(bench.peers.at(7).got, all);
}

TEST_F(Sockets, APeerThatTakesLittleHoldsTheSendUpAndOneThatTakesNothingFailsIt) {
  bench.connect(7);
  bench.peers.at(7).takes = 4;
  offer("7", "0123456789");
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.peers.at(7).got, "0123");
  EXPECT_EQ(bench.lines(), Lines{});
  bench.peers.at(7).takes = 100;
  bench.modem().on_writable(7);
  bench.wait(0);
  EXPECT_EQ(bench.peers.at(7).got, "0123456789");
  EXPECT_EQ(bench.lines(), Lines{"7, SEND OK"});
  bench.peers.at(7).takes = 0;
  offer("7", "x");
  bench.wait(60 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"7, SEND FAIL"});
}

TEST_F(Sockets, AnUnansweredPromptEndsInAnError) {
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CIPSEND=7,5"), Lines{"> "});
  bench.modem().write("abc");
  bench.wait(60 * seconds);
  EXPECT_EQ(bench.lines(), Lines{"ERROR"});
  EXPECT_EQ(bench.say("AT"), Lines{"OK"});
  EXPECT_EQ(bench.peers.at(7).got, "");
}

TEST_F(Sockets, QuickModeSaysWhatItTookAndRefusesWhatItCannotKeep) {
  EXPECT_EQ(bench.ask("AT+CIPQSEND=1"), "OK");
  bench.connect(7);
  bench.peers.at(7).takes = 0;
  for (int i = 0; i < 7; ++i) {
    offer("7", std::string(1460, 'q'));
    bench.wait(0);
    EXPECT_EQ(bench.lines(), Lines{"DATA ACCEPT:7,1460"});
  }
  offer("7", "q");
  bench.wait(0);
  EXPECT_EQ(bench.lines(), Lines{"ERROR"});
  bench.peers.at(7).takes = 100'000;
  bench.modem().on_writable(7);
  bench.wait(network());
  EXPECT_EQ(bench.peers.at(7).got.size(), 7u * 1460);
}

TEST_F(Sockets, ReceivedBytesComeBehindTheirLength) {
  bench.connect(7);
  bench.arrive(7, "hello");
  bench.wait(network() / 2 - 1);
  EXPECT_EQ(bench.modem().readable(), 0u);
  bench.wait(1);
  EXPECT_EQ(bench.modem().read(100), "+RECEIVE,7,5:\r\nhello");
  EXPECT_EQ(bench.modem().state().sockets.at(0).received, 5u);
}

TEST_F(Sockets, ReceivedBytesMayBeAnyAndNeverMixWithLines) {
  bench.connect(7);
  std::string all = "OK\r\nERROR\r\n> +RECEIVE,7,5:\r\n";
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  bench.arrive(7, all);
  // While a command is at work they wait.
  bench.modem().write("AT+CIPSTART=6,\"TCP\",\"slow\",1\r");
  bench.wait(network() / 2 + 20 * milliseconds);
  bench.modem().set_network(false);
  const std::string bytes = bench.modem().read(10'000);
  EXPECT_EQ(bytes, "OK\r\n+RECEIVE,7," + std::to_string(all.size()) + ":\r\n" + all +
                       "+CREG: 2\r\n+CGREG: 2\r\n");
}

TEST_F(Sockets, AScriptThatDoesNotReadHoldsThePeerBack) {
  bench.connect(7);
  const std::string much(100'000, 'm');
  bench.arrive(7, much);
  bench.wait(60 * seconds);
  EXPECT_LE(bench.modem().readable(), modem::at_receive_bytes);
  EXPECT_GT(bench.modem().state().sockets.at(0).unread, 90'000u);
  std::string got;
  for (int i = 0; i < 1000; ++i) {
    for (std::string line = bench.modem().read_line(); !line.empty();
         line = bench.modem().read_line()) {
      ASSERT_EQ(line.rfind("+RECEIVE,7,", 0), 0u);
      const std::size_t count = std::stoul(line.substr(11));
      ASSERT_GT(count, 0u);
      ASSERT_LE(count, modem::at_receive_chunk_bytes);
      got += bench.modem().read(count);
    }
    bench.wait(10 * milliseconds);
  }
  EXPECT_EQ(got, much);
}

TEST_F(Sockets, ReceivesNoFasterThanGprsDoes) {
  bench.connect(7);
  bench.arrive(7, std::string(100'000, 'm'));
  std::size_t got = 0;
  for (int i = 0; i < 5'000; ++i) {  // five seconds
    for (std::string bytes = bench.modem().read(4096); !bytes.empty();
         bytes = bench.modem().read(4096)) {
      got += bytes.size();
    }
    bench.wait(1 * milliseconds);
  }
  EXPECT_GT(got, 5u * 8'000);   // 64 kbit/s
  EXPECT_LT(got, 5u * 13'000);  // 104 kbit/s
}

TEST_F(Sockets, DatagramsKeepTheirBoundaries) {
  bench.connect(7, "UDP");
  for (const char* datagram : {"one", "two", "three"}) bench.arrive(7, datagram);
  bench.wait(network());
  EXPECT_EQ(bench.modem().read(1000),
            "+RECEIVE,7,3:\r\none+RECEIVE,7,3:\r\ntwo+RECEIVE,7,5:\r\nthree");
}

TEST_F(Sockets, ThePeersCloseComesAfterItsLastBytes) {
  bench.connect(7);
  bench.arrive(7, "bye");
  bench.modem().on_closed(7);
  bench.wait(network());
  EXPECT_EQ(bench.modem().read(1000), "+RECEIVE,7,3:\r\nbye7, CLOSED\r\n");
  EXPECT_TRUE(bench.peers.empty());
  EXPECT_EQ(bench.ask("AT+CIPCLOSE=7"), "ERROR") << "it is closed already";
  bench.connect(7);
}

TEST_F(Sockets, ClosedBeforeItWasOpenIsAFailedConnect) {
  EXPECT_EQ(bench.say("AT+CIPSTART=7,\"TCP\",\"peer\",80"), Lines{"OK"});
  bench.modem().on_closed(7);
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"7, CONNECT FAIL"});
}

TEST_F(Sockets, OpenedAndClosedAtOnceIsBoth) {
  EXPECT_EQ(bench.say("AT+CIPSTART=7,\"TCP\",\"peer\",80"), Lines{"OK"});
  bench.modem().on_opened(7);
  bench.arrive(7, "hi");
  bench.modem().on_closed(7);
  bench.wait(network());
  EXPECT_EQ(bench.modem().read(1000), "7, CONNECT OK\r\n+RECEIVE,7,2:\r\nhi7, CLOSED\r\n");
}

TEST_F(Sockets, APeerThatClosesDuringASendFailsItAndIsToldAfterwards) {
  bench.connect(7);
  bench.peers.at(7).takes = 0;
  offer("7", "lost");
  bench.wait(network() / 2);
  bench.modem().on_closed(7);
  bench.wait(network());
  EXPECT_EQ(bench.lines(), (Lines{"7, SEND FAIL", "7, CLOSED"}));
}

TEST_F(Sockets, ALostBearerEndsTheSendAtWorkWithItsOneNotice) {
  bench.connect(7);
  offer("7", "lost");
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.lines(), Lines{"+PDP: DEACT"});
  EXPECT_EQ(bench.say("AT"), Lines{"OK"});
  EXPECT_EQ(bench.bearers_lost, 1);
}

TEST_F(Sockets, ABearerLostAfterThePromptStillTakesTheBytes) {
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CIPSEND=7,4"), Lines{"> "});
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.lines(), Lines{});
  bench.modem().write("lost");
  bench.wait(0);
  EXPECT_EQ(bench.lines(), Lines{"+PDP: DEACT"});
  EXPECT_EQ(bench.say("AT"), Lines{"OK"});
}

TEST_F(Sockets, WithoutNetworkNothingPassesAndNothingIsLost) {
  bench.connect(7);
  bench.modem().set_network(false);
  bench.lines();
  bench.arrive(7, "late");
  offer("7", "out");
  bench.wait(10 * seconds);
  EXPECT_EQ(bench.lines(), Lines{});
  EXPECT_EQ(bench.peers.at(7).got, "");
  bench.modem().set_network(true);
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.peers.at(7).got, "out");
  const std::string bytes = bench.modem().read(1000);
  EXPECT_NE(bytes.find("7, SEND OK\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("+RECEIVE,7,4:\r\nlate"), std::string::npos);
}

TEST_F(Sockets, WithoutNetworkAConnectWaitsForIt) {
  bench.modem().set_network(false);
  bench.lines();
  EXPECT_EQ(bench.say("AT+CIPSTART=7,\"TCP\",\"peer\",80"), Lines{"OK"});
  bench.wait(10 * seconds);
  EXPECT_TRUE(bench.peers.empty()) << "nobody can be called";
  bench.modem().set_network(true);
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.peers.size(), 1u);
  bench.modem().on_opened(7);
  bench.lines();
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"7, CONNECT OK"});
  // One whose answer is on its way when the network goes hears it when that is back.
  EXPECT_EQ(bench.say("AT+CIPSTART=6,\"TCP\",\"peer\",80"), Lines{"OK"});
  bench.modem().on_open_failed(6, modem::OpenFailure::refused);
  bench.modem().set_network(false);
  bench.wait(10 * seconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CREG: 2", "+CGREG: 2"}));
  bench.modem().set_network(true);
  bench.wait(2 * seconds);
  EXPECT_EQ(bench.lines().back(), "6, CONNECT FAIL");
}

TEST_F(Sockets, AConnectThatWaitsForTheNetworkDiesWithTheBearerOrByCipclose) {
  for (const bool by_script : {false, true}) {
    bench.modem().set_network(false);
    EXPECT_EQ(bench.ask("AT+CIPSTART=7,\"TCP\",\"peer\",80"), "OK");
    if (by_script) {
      EXPECT_EQ(bench.ask("AT+CIPCLOSE=7"), "7, CLOSE OK");
    } else {
      bench.modem().set_network(true);
      bench.modem().set_network(false);
      bench.wait(30 * seconds);
      EXPECT_EQ(bench.lines(), Lines{"+PDP: DEACT"});
      bench.modem().set_network(true);
      bench.wait(3 * seconds);
      for (const char* command : {"AT+CIPSHUT", "AT+CSTT=\"CMIOT\"", "AT+CIICR"})
        bench.say(command);
      bench.wait(2 * seconds);
      EXPECT_EQ(bench.ask("AT+CIFSR"), "10.12.34.56");
    }
    EXPECT_TRUE(bench.peers.empty());
    bench.modem().set_network(true);
    bench.wait(10 * seconds);
    for (const std::string& line : bench.lines()) EXPECT_FALSE(line.starts_with("7,")) << line;
  }
}

TEST_F(Sockets, LateWordsAboutAClosedIdMeanNothing) {
  bench.connect(7);
  EXPECT_EQ(bench.ask("AT+CIPCLOSE=7,0"), "7, CLOSE OK");
  bench.modem().on_readable(7);
  bench.modem().on_opened(7);
  bench.modem().on_open_failed(7, modem::OpenFailure::refused);
  bench.modem().on_closed(7);
  bench.modem().on_writable(7);
  bench.modem().on_readable(200);
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.lines(), Lines{});
  bench.connect(7);
  bench.wait(5 * seconds);
  EXPECT_EQ(bench.lines(), Lines{});
}

class Ssl : public Sockets {
 protected:
  static constexpr modem::SocketId first = 8;
  void connect_ssl() {
    EXPECT_EQ(bench.say("AT+SSLCREATE=0,\"peer:443\",1"), Lines{"SSL&0,CREATE OK"});
    EXPECT_EQ(bench.say("AT+SSLCONNECT=0"), Lines{"OK"});
    bench.modem().on_opened(first);
    bench.wait(network());
    EXPECT_EQ(bench.lines(), Lines{"SSL&0,CONNECT OK"});
  }
};

TEST_F(Ssl, LivesItsWholeLife) {
  EXPECT_EQ(bench.say("AT+SSLINIT"), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+SSLCERT=0,\"cacrt\",\"ca.crt\",1,11"), Lines{"> "});
  bench.modem().write("-----BEGIN\n");
  bench.wait(0);
  EXPECT_EQ(bench.lines(), Lines{"OK"});
  EXPECT_EQ(bench.say("AT+SSLCERT=1,0,\"cacrt\",\"ca.crt\""), Lines{"OK"});
  connect_ssl();
  EXPECT_EQ(bench.peers.at(first).protocol, modem::Protocol::ssl);
  EXPECT_EQ(bench.peers.at(first).port, 443);
  EXPECT_FALSE(bench.peers.at(first).verify);
  offer("0", "secret", "SSL");
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"SSL&0,SEND OK"});
  EXPECT_EQ(bench.peers.at(first).got, "secret");
  bench.arrive(first, "answer");
  bench.wait(network());
  EXPECT_EQ(bench.modem().read(100), "+SSL RECEIVE,0,6:\r\nanswer");
  EXPECT_EQ(bench.say("AT+SSLDESTROY=0"), Lines{"SSL&0,DESTROY OK"});
  EXPECT_EQ(bench.say("AT+SSLTERM"), Lines{"OK"});
}

TEST_F(Ssl, AFailedConnectKeepsTheIdUntilItIsDestroyed) {
  EXPECT_EQ(bench.say("AT+SSLCREATE=0,\"peer:443\",0"), Lines{"SSL&0,CREATE OK"});
  EXPECT_EQ(bench.say("AT+SSLCONNECT=0"), Lines{"OK"});
  EXPECT_TRUE(bench.peers.at(first).verify);
  bench.modem().on_open_failed(first, modem::OpenFailure::unsupported);
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"SSL&0,CONNECT ERROR: 1"});
  EXPECT_EQ(bench.say("AT+SSLCREATE=0,\"peer:443\",1"), Lines{"SSL&0,CREATE ERROR: 1"});
  EXPECT_EQ(bench.say("AT+SSLDESTROY=0"), Lines{"SSL&0,DESTROY OK"});
  connect_ssl();
}

TEST_F(Ssl, ThePeersCloseAndTheBearersLossKeepItToo) {
  connect_ssl();
  bench.modem().on_closed(first);
  bench.wait(network());
  EXPECT_EQ(bench.lines(), Lines{"SSL&0, CLOSED"});
  EXPECT_EQ(bench.ask("AT+SSLSEND=0,1"), "ERROR");
  EXPECT_EQ(bench.say("AT+SSLDESTROY=0"), Lines{"SSL&0,DESTROY OK"});
  connect_ssl();
  offer("0", "lost", "SSL");
  bench.modem().drop_bearer();
  EXPECT_EQ(bench.lines(), (Lines{"SSL&0,SEND ERROR", "+PDP: DEACT"}));
  EXPECT_EQ(bench.say("AT+SSLDESTROY=0"), Lines{"SSL&0,DESTROY OK"});
}

TEST_F(Ssl, HasItsOwnEightIds) {
  bench.connect(0);
  connect_ssl();
  EXPECT_EQ(bench.modem().state().sockets.size(), 2u);
  EXPECT_EQ(bench.ask("AT+SSLCREATE=8,\"peer:443\",1"), "ERROR");
  EXPECT_EQ(bench.ask("AT+SSLCREATE=1,\"peer\",1"), "ERROR");
  EXPECT_EQ(bench.ask("AT+SSLCERT=0,\"cacrt\",\"ca.crt\",1,99999"), "ERROR");
}

}  // namespace
}  // namespace moonwire::tests
