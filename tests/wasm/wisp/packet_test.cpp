// The codec, against bytes: what is written down in tests/data/wisp, cut at every place, and every
// field out of range.
#include "wisp/packet.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "wisp/limits.h"

namespace moonwire::wisp {
namespace {

using Buffer = std::vector<std::byte>;

Buffer from_hex(std::string_view hex) {
  Buffer bytes;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() == 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return bytes;
}

std::map<std::string, Buffer> known_packets() {
  std::ifstream file{MOONWIRE_TEST_DATA "/wisp/packets.txt"};
  std::map<std::string, Buffer> packets;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.find(' ');
    packets[line.substr(0, space)] = from_hex(std::string_view{line}.substr(space));
  }
  return packets;
}

Packet whole(const Buffer& bytes) {
  auto decoded = decode(bytes);
  if (const auto* packet = std::get_if<Packet>(&decoded)) return *packet;
  ADD_FAILURE() << name_of(std::get<Malformed>(decoded));
  return {};
}

template <typename T>
T body_of(std::string_view hex) {
  static Buffer bytes;  // keeps what the body borrows until the next call
  bytes = from_hex(hex);
  const Packet packet = whole(bytes);
  if (const T* body = std::get_if<T>(&packet.body)) return *body;
  ADD_FAILURE() << "another packet than expected";
  return {};
}

Malformed reason(std::string_view hex) {
  const Buffer bytes = from_hex(hex);
  auto decoded = decode(bytes);
  if (const auto* malformed = std::get_if<Malformed>(&decoded)) return *malformed;
  ADD_FAILURE() << "decoded: " << hex;
  return Malformed::unknown_type;
}

TEST(Packet, OfEveryTypeIsWrittenAsItWasRead) {
  const auto packets = known_packets();
  ASSERT_GE(packets.size(), 27u);
  for (const auto& [name, bytes] : packets) {
    const Packet packet = whole(bytes);
    EXPECT_EQ(encode(packet.stream, packet.body), bytes) << name;
  }
}

TEST(Packet, CutAnywhereIsAReasonOrAShorterPacketButNeverReadsOn) {
  for (const auto& [name, bytes] : known_packets()) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const Buffer cut(bytes.begin(),
                       bytes.begin() + static_cast<std::ptrdiff_t>(length));  // its own heap block
      auto decoded = decode(cut);
      if (length < header_bytes) {
        EXPECT_EQ(std::get<Malformed>(decoded), Malformed::truncated) << name << " " << length;
      } else if (const auto* packet = std::get_if<Packet>(&decoded)) {
        EXPECT_EQ(encode(packet->stream, packet->body), cut) << name << " " << length;
      }
    }
  }
}

TEST(Packet, OfTheExtensionWithBytesBehindItIsMalformed) {
  for (const auto& [name, bytes] : known_packets()) {
    const bool has_rest =
        name.starts_with("datagram") || name.starts_with("failure") || name.starts_with("resolve_");
    if (std::to_integer<int>(bytes[0]) < 0xa0 || has_rest) continue;
    Buffer longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_EQ(std::get<Malformed>(decode(longer)), Malformed::trailing) << name;
  }
}

TEST(Packet, ConnectCarriesKindPortAndHost) {
  const auto connect = body_of<Connect>("01 2a000000 01 5000 6578616d706c652e636f6d");
  EXPECT_EQ(connect.kind, StreamKind::tcp);
  EXPECT_EQ(connect.port, 80);
  EXPECT_EQ(connect.host, "example.com");
}

TEST(Packet, ConnectOfAnUnknownKindIsLeftToTheSession) {
  EXPECT_EQ(body_of<Connect>("01 01000000 07 5000 61").kind, static_cast<StreamKind>(7));
}

TEST(Packet, DataBorrowsItsPayloadFromTheFrame) {
  const Buffer frame = from_hex("02 2a000000 68656c6c6f");
  const Packet packet = whole(frame);
  const Bytes payload = std::get<Data>(packet.body).payload;
  EXPECT_EQ(payload.data(), frame.data() + header_bytes);
  EXPECT_EQ(payload.size(), 5u);
}

TEST(Packet, StreamIdsUseAll32Bits) {
  EXPECT_EQ(whole(from_hex("02 ffffffff")).stream, 0xffffffffu);
  EXPECT_EQ(whole(from_hex("02 04030201")).stream, 0x01020304u);
}

TEST(Packet, OfAnUnknownTypeSaysSoAndKeepsItsHeaderReadable) {
  EXPECT_EQ(reason("06 01000000"), Malformed::unknown_type);
  EXPECT_EQ(reason("00 01000000"), Malformed::unknown_type);
  EXPECT_EQ(reason("ab 01000000"), Malformed::unknown_type);
  const Buffer bytes = from_hex("ab 01000000");
  const auto header = peek(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, 0xab);
  EXPECT_EQ(header->stream, 1u);
}

TEST(Packet, LongerThanTheLargestIsRefused) {
  Buffer bytes(max_packet_bytes, std::byte{0});
  bytes[0] = std::byte{2};
  EXPECT_TRUE(std::holds_alternative<Packet>(decode(bytes)));
  bytes.push_back(std::byte{0});
  EXPECT_EQ(std::get<Malformed>(decode(bytes)), Malformed::too_long);
}

TEST(Info, WithMoreThan32ExtensionsIsRefused) {
  std::string hex = "05 00000000 02 00";
  for (std::size_t i = 0; i < max_extensions; ++i) hex += " 70 00000000";
  EXPECT_EQ(body_of<Info>(hex).extensions.size(), max_extensions);
  EXPECT_EQ(reason(hex + " 70 00000000"), Malformed::too_long);
}

TEST(Info, WhoseExtensionIsLongerThanThePacketIsTruncated) {
  EXPECT_EQ(reason("05 00000000 02 00 04 03000000 6869"), Malformed::truncated);
  EXPECT_EQ(reason("05 00000000 02 00 04 ffffffff 6869"), Malformed::truncated);
  EXPECT_EQ(reason("05 00000000 02 00 04 0300"), Malformed::truncated);
}

TEST(Info, LongerThan8KiBIsRefused) {
  Buffer bytes = from_hex("05 00000000 02 00 70 fb1f0000");
  bytes.resize(header_bytes + 2 + max_info_bytes);
  EXPECT_TRUE(std::holds_alternative<Packet>(decode(bytes)));
  bytes.push_back(std::byte{0});
  EXPECT_EQ(std::get<Malformed>(decode(bytes)), Malformed::too_long);
}

TEST(Info, GivesTheFirstOfTwoExtensionsWithTheSameId) {
  const Buffer bytes = from_hex("05 00000000 02 00 04 01000000 61 04 01000000 62");
  const Packet packet = whole(bytes);
  const auto motd = find(std::get<Info>(packet.body), ExtensionId::motd);
  ASSERT_TRUE(motd);
  EXPECT_EQ(std::to_integer<char>((*motd)[0]), 'a');
  EXPECT_FALSE(find(std::get<Info>(packet.body), ExtensionId::sockets));
}

TEST(SocketsOffer, IsReadAsWritten) {
  const SocketsOffer offer{.version = 1, .flags = 5, .window = 1000, .streams = 77};
  EXPECT_EQ(decode_sockets_offer(encode(offer)), offer);
}

TEST(SocketsOffer, OfANewerVersionIsCutToOursAndItsNewFieldsIgnored) {
  const auto offer = decode_sockets_offer(from_hex("4d57534b 09 ff ffffffff 00040000 aabbcc"));
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->version, 1);
  EXPECT_EQ(offer->window, max_window);
  EXPECT_EQ(offer->streams, 1024u);
}

TEST(SocketsOffer, OfAnotherMagicVersionZeroOrCutShortIsNone) {
  EXPECT_FALSE(decode_sockets_offer(from_hex("4d57534c 01 00 00000400 00040000")));
  EXPECT_FALSE(decode_sockets_offer(from_hex("4d57534b 00 00 00000400 00040000")));
  EXPECT_FALSE(decode_sockets_offer(from_hex("4d57534b 01 00 00000400 000400")));
  EXPECT_FALSE(decode_sockets_offer({}));
}

TEST(Credentials, AreReadInDraft6sFormAndInWispJss) {
  const Buffer draft = from_hex("02 6d65 7077");
  const auto drafts = decode_credentials(draft);
  ASSERT_TRUE(drafts);
  EXPECT_EQ(drafts->user, "me");
  EXPECT_EQ(drafts->password, "pw");
  EXPECT_EQ(encode_credentials(*drafts), draft);
  const Buffer other = from_hex("02 0200 6d65 7077");
  const auto others = decode_wisp_js_credentials(other);
  ASSERT_TRUE(others);
  EXPECT_EQ(others->user, "me");
  EXPECT_EQ(others->password, "pw");
}

TEST(Credentials, CutShortAreNone) {
  EXPECT_FALSE(decode_credentials({}));
  EXPECT_FALSE(decode_credentials(from_hex("03 6d65")));
  EXPECT_FALSE(decode_wisp_js_credentials(from_hex("02 0300 6d65 7077")));
  EXPECT_FALSE(decode_wisp_js_credentials(from_hex("02 0100 6d65 7077")));
}

TEST(Address, OfAFamilyNobodyKnowsIsMalformed) {
  for (const char* family : {"01", "02", "05", "07", "ff"}) {
    EXPECT_EQ(reason(std::string{"a7 03000000 "} + family + " 0035 08080808"),
              Malformed::bad_field);
  }
}

TEST(Address, HasItsPortAndBytesInNetworkOrder) {
  const auto datagram = body_of<Datagram>("a7 03000000 04 0035 08090a0b ff");
  EXPECT_EQ(datagram.address.port, 53);
  EXPECT_EQ(datagram.address.bytes[0], 8);
  EXPECT_EQ(datagram.address.bytes[3], 11);
}

TEST(Bound, WithMoreThan16AddressesIsRefused) {
  std::string hex = "a5 02000000 00 11";
  for (int i = 0; i < 17; ++i) hex += " 00";
  EXPECT_EQ(reason(hex), Malformed::bad_field);
}

TEST(Resolved, BeyondItsCountsIsRefused) {
  EXPECT_EQ(reason("a9 04000000 00 00 11"), Malformed::bad_field);     // 17 aliases
  EXPECT_EQ(reason("a9 04000000 00 00 00 21"), Malformed::bad_field);  // 33 addresses
}

TEST(Resolved, WithALaterVersionsCodeIsOther) {
  EXPECT_EQ(body_of<Resolved>("a9 04000000 f0 00 00 00").failure, Failure::other);
}

TEST(Resolve, OfAnUnknownFamilyIsMalformed) {
  EXPECT_EQ(reason("a8 04000000 01 05 61"), Malformed::bad_field);
}

TEST(FailureReport, WithMoreThan255BytesOfTextIsRefusedAndIsCutWhenWritten) {
  const std::string text(300, 'x');
  const Buffer bytes = encode(1, FailureReport{.failure = Failure::refused, .text = text});
  EXPECT_EQ(bytes.size(), header_bytes + 1 + max_failure_text_bytes);
  Buffer longer = bytes;
  longer.push_back(std::byte{'x'});
  EXPECT_EQ(std::get<Malformed>(decode(longer)), Malformed::too_long);
}

TEST(DataHeader, IsWhatEncodeWritesBeforeThePayload) {
  const auto header = data_header(0x01020304);
  EXPECT_EQ(Buffer(header.begin(), header.end()), encode(0x01020304, Data{}));
}

}  // namespace
}  // namespace moonwire::wisp
