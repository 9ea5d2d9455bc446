// RFC 6455's frames: what a client may send, cut anywhere, and everything it may not.
#include "proxy/websocket_frame.h"

#include <gtest/gtest.h>

#include <vector>

namespace moonwire::proxy::websocket {
namespace {

using Buffer = std::vector<std::byte>;

Buffer bytes(std::initializer_list<int> values) {
  Buffer out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

Buffer masked_frame(std::size_t payload) {
  Buffer out = bytes({0x82});
  if (payload < 126) {
    out.push_back(static_cast<std::byte>(0x80 | payload));
  } else if (payload <= 0xffff) {
    for (const std::size_t value : {std::size_t{0xfe}, payload >> 8, payload & 0xff})
      out.push_back(static_cast<std::byte>(value));
  } else {
    out.push_back(std::byte{0xff});
    for (int shift = 56; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::byte>(payload >> shift & 0xff));
  }
  const Buffer key = bytes({1, 2, 3, 4});
  out.insert(out.end(), key.begin(), key.end());
  for (std::size_t i = 0; i < payload; ++i)
    out.push_back(static_cast<std::byte>(i & 0xff) ^ key[i % 4]);
  return out;
}

CloseCode violation(Buffer frame, std::size_t most = 1000) {
  auto read = read_frame(frame, most);
  if (const auto* found = std::get_if<Violation>(&read)) return found->code;
  ADD_FAILURE() << "no violation";
  return CloseCode::normal;
}

TEST(ReadFrame, UnmasksPayloadsOfEverySize) {
  for (const std::size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70000}) {
    Buffer frame = masked_frame(size);
    auto read = read_frame(frame, 100000);
    ASSERT_TRUE(std::holds_alternative<Frame>(read)) << size;
    const auto& found = std::get<Frame>(read);
    ASSERT_EQ(found.payload.size(), size);
    EXPECT_EQ(found.total_bytes, frame.size());
    for (std::size_t i = 0; i < size; ++i)
      ASSERT_EQ(found.payload[i], static_cast<std::byte>(i & 0xff)) << i;
  }
}

TEST(ReadFrame, CutAnywhereIsIncompleteAndLeavesTheBytesAlone) {
  for (const std::size_t size : {0, 5, 200}) {
    const Buffer whole = masked_frame(size);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      Buffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
      auto read = read_frame(part, 1000);
      ASSERT_TRUE(std::holds_alternative<Incomplete>(read)) << size << " " << cut;
      EXPECT_GT(std::get<Incomplete>(read).total_bytes, cut);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin()));
    }
  }
}

TEST(ReadFrame, RefusesWhatAClientMayNotSend) {
  EXPECT_EQ(violation(bytes({0x82, 0x01, 0})), CloseCode::protocol_error) << "no mask";
  EXPECT_EQ(violation(bytes({0xc2, 0x80})), CloseCode::protocol_error)
      << "a reserved bit (compression)";
  for (const int opcode : {3, 4, 5, 6, 7, 11, 15}) {
    EXPECT_EQ(violation(bytes({0x80 | opcode, 0x80})), CloseCode::protocol_error) << opcode;
  }
  EXPECT_EQ(violation(bytes({0x09, 0x80})), CloseCode::protocol_error) << "a ping in pieces";
  EXPECT_EQ(violation(bytes({0x89, 0xfe, 0, 126})), CloseCode::protocol_error) << "a ping over 125";
  EXPECT_EQ(violation(bytes({0x82, 0xfe, 0, 125, 1, 2, 3, 4})), CloseCode::protocol_error)
      << "length too long";
  EXPECT_EQ(violation(bytes({0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4})),
            CloseCode::protocol_error);
  EXPECT_EQ(
      violation(bytes({0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4})),
      CloseCode::too_big);
  EXPECT_EQ(violation(masked_frame(1001)), CloseCode::too_big) << "before its payload is there";
}

TEST(FrameHeader, UsesTheShortestLength) {
  EXPECT_EQ(frame_header(Opcode::binary, 125).size, 2u);
  EXPECT_EQ(frame_header(Opcode::binary, 126).size, 4u);
  EXPECT_EQ(frame_header(Opcode::binary, 65535).size, 4u);
  EXPECT_EQ(frame_header(Opcode::binary, 65536).size, 10u);
}

TEST(ReadClose, TakesCodesThatMayBeSent) {
  EXPECT_EQ(read_close({}), CloseCode::no_status);
  EXPECT_EQ(read_close(bytes({0x03, 0xe8})), CloseCode::normal);
  EXPECT_TRUE(read_close(bytes({0x0f, 0xa0})));
  for (const Buffer& payload : {bytes({3}), bytes({0, 0}), bytes({0x03, 0xed}), bytes({0x03, 0xee}),
                                bytes({0x07, 0xd0}), bytes({0xff, 0xff})}) {
    EXPECT_FALSE(read_close(payload));
  }
}

TEST(ClosePayload, CutsAReasonBetweenCharacters) {
  std::string reason;
  for (int i = 0; i < 100; ++i) reason += "\xe6\x9c\x88";  // three bytes each
  const std::string payload = close_payload(CloseCode::token, reason);
  EXPECT_EQ(payload.size(), 2u + 123u);
  EXPECT_EQ(payload.substr(0, 2), "\x11\x31");
  EXPECT_EQ(close_payload(CloseCode::token, std::string(122, 'x') + "\xe6\x9c\x88").size(),
            2u + 122u);
}

TEST(AcceptKey, IsTheRfcsExample) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace moonwire::proxy::websocket
