// bit and pack: the values that the Air724U's own libraries give.
#include "luat_machine.h"

namespace moonwire::testing {
namespace {

TEST(LuatBit, TakesAnyNumberAsThirtyTwoBits) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "print(bit.band(7.9, 3), bit.bor(1, 2, 4), bit.bxor(0xff, 0x0f), bit.bnot(0))\n"
          "print(bit.lshift(1, 31), bit.lshift(1, 4), bit.rshift(-1, 28), bit.arshift(-16, 2))\n"
          "print(bit.bit(5), bit.set(0, 0, 3), bit.clear(15, 0, 1), bit.isset(4, 2), "
          "bit.isclear(4, 2))\n"
          "print(bit.tohex(255), bit.tohex(-1), bit.tohex(0xabc, -4), bit.rol(0x80000001, 1), "
          "bit.ror(3, 1))\n"
          "print(bit.band(2 ^ 32 + 5, 0xff), bit.lshift(1, 32), bit.rol(9, 0))"),
      "3 7 240 4294967295\n-2147483648 16 15 -4\n32 9 12 true false\n"
      "000000ff ffffffff 0ABC 3 2147483649\n5 0 9\n");
}

TEST(LuatPack, PacksByItsOwnLetters) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("local function hex(s) return (s:gsub('.', function(c) return "
                        "('%02X'):format(c:byte()) end)) end\n"
                        "print(hex(pack.pack('>bbb', 0x11, 0x22, 0x33)), hex(pack.pack('>b', "
                        "0x1ff)), hex(pack.pack('>h', -2)))\n"
                        "print(hex(pack.pack('>HI', 258, 1)), hex(pack.pack('<HI', 258, 1)), "
                        "hex(pack.pack('i', -1)))\n"
                        "print(hex(pack.pack('>pPa', 'x', 'yz', 'w')), hex(pack.pack('z', 'ab')), "
                        "hex(pack.pack('A', 'raw')))\n"
                        "print(hex(pack.pack('>fd', 1.5, -2)), hex(pack.pack('>b3', 1, 2, 3)), "
                        "hex(pack.pack('>b', 3.0)))\n"
                        "print(pcall(pack.pack, 'q', 1))"),
            "112233 FF FFFE\n010200000001 020101000000 FFFFFFFF\n"
            "01780002797A0000000177 616200 726177\n3FC00000C000000000000000 010203 03\n"
            "false bad code 'q'\n");
}

TEST(LuatPack, UnpacksThePositionFirstAndEndsAtWhatDoesNotFit) {
  LuatMachine machine;
  EXPECT_EQ(
      machine.run(
          "print(pack.unpack('\\1\\2\\3\\4', '>bH'))\n"
          "print(pack.unpack('\\1\\2', '>bH'))\n"
          "print(pack.unpack('\\255\\255', 'c'), (select(2, pack.unpack('\\255\\255', '>h'))))\n"
          "print(pack.unpack('xx\\0\\2hi', '>P', 3))\n"
          "print(pack.unpack('abcdef', 'A3A2A9'))\n"
          "print(pack.unpack('ab\\0c', 'zb'))\n"
          "print(pack.unpack(pack.pack('<dfn', 0.25, 1.5, 7), '<dfn'))\n"
          "print(pack.unpack('', '>I'), pack.unpack('abc', 'A', 99))"),
      "4 1 515\n2 1\n2 -1\n7 hi\n6 abc de\n5 ab 99\n21 0.25 1.5 7\n1 4\n");
}

TEST(LuatIconv, TurnsTextOfOneCharacterSetIntoAnother) {
  LuatMachine machine;
  EXPECT_EQ(machine.run(R"lua(
local function hex(s) return (s:gsub(".", function(c) return ("%02X"):format(c:byte()) end)) end
local function turn(from, to, text) return iconv.open(to, from):iconv(text) end
print(hex(turn("utf8", "ucs2be", "A中é")), hex(turn("utf8", "ucs2", "A中é")))
print(turn("ucs2be", "utf8", "\0A\x4e\x2d"), turn("ucs2", "utf8", "A\0\x2d\x4e"), turn("utf8", "utf8", ""))
print(hex(turn("UTF-8", "UCS-2BE", "\u{1F600}")), turn("ucs2be", "utf8", "\xd8\x3d\xde\x00"))
print(package.loaded.iconv == iconv)
)lua"),
            "00414E2D00E9 41002D4EE900\nA中 A中 \nD83DDE00 \xF0\x9F\x98\x80\ntrue\n");
}

TEST(LuatIconv, GivesThePartBeforeWhatIsNoTextAndSaysWhy) {
  LuatMachine machine;
  EXPECT_EQ(machine.run(R"lua(
for _, text in ipairs { "a\xff", "a\xe4\xb8", "a\xe4x", "a\x80" } do
  local part, why = iconv.open("ucs2be", "utf8"):iconv(text)
  print(#part, why == iconv.ERROR_INVALID, why == iconv.ERROR_INCOMPLETE)
end
print(iconv.open("utf8", "ucs2"):iconv("A\0B"))
print(pcall(iconv.open, "gb2312", "utf8"))
print((pcall(iconv.open("utf8", "ucs2").iconv, {}, "x")))
)lua"),
            "2 true false\n2 false true\n2 true false\n2 true false\nA 2\n"
            "false iconv: this module knows utf8, ucs2 and ucs2be, not 'gb2312'\n"
            "false\n");
}

TEST(LuatIconv, CommonUsesIt) {
  LuatMachine machine;
  EXPECT_EQ(machine.run("require 'common' print(common.ucs2beToUtf8(common.utf8ToUcs2be('中文')), "
                        "common.ucs2ToUtf8(common.utf8ToUcs2('é')))"),
            "中文 é\n");
}

}  // namespace
}  // namespace moonwire::testing
