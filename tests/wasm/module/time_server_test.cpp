// What the module's own time server answers.
#include "module/time_server.h"

#include <gtest/gtest.h>

#include <string>

namespace moonwire::tests {
namespace {

std::uint32_t number_at(const std::vector<std::byte>& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = (number << 8) | std::to_integer<unsigned>(bytes[at + i]);
  return number;
}

TEST(TimeServer, TellsTheTimeWhereLuaTaskLooksForIt) {
  std::vector<std::byte> question(48);
  question[0] = std::byte{0xe3};  // as LuaTask asks: version 4, client
  question[47] = std::byte{0x55};
  const auto answer = module::time_answer(question, 1'621'854'609'500'000);
  ASSERT_EQ(answer.size(), 48u);
  EXPECT_EQ(answer[0], std::byte{0x24});  // version 4, server
  EXPECT_EQ(answer[1], std::byte{1});
  EXPECT_EQ(number_at(answer, 40) - 0x83aa7e80u, 1'621'854'609u);
  EXPECT_EQ(number_at(answer, 44), 0x80000000u);  // and a half
  EXPECT_EQ(answer[31], std::byte{0x55}) << "the asker's own time comes back";
}

TEST(TimeServer, SaysNothingToWhatIsNoQuestion) {
  EXPECT_TRUE(module::time_answer({}, 0).empty());
  EXPECT_TRUE(module::time_answer(std::vector<std::byte>(47), 0).empty());
}

}  // namespace
}  // namespace moonwire::tests
