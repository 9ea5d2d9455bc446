// The firmware's crypto, against what openssl and zlib say of the same bytes.
#include <gtest/gtest.h>

#include "luat_machine.h"

namespace moonwire::testing {
namespace {

std::string run(const std::string& body) {
  LuatMachine machine("air724u");
  machine.switch_on("require 'utils'\n" + body);
  machine.pass_seconds(1);
  return machine.log() + machine.errors(machine.module_pid);
}

TEST(Crypto, HashesInUpperCase) {
  EXPECT_EQ(run(R"(
    local text = ("abc"):rep(100)
    print(crypto.md5("", 0)) print(crypto.md5(text, #text)) print(crypto.sha1(text, #text))
    print(crypto.sha256(text))
    io.writeFile("/a.txt", text)
    print(crypto.md5("/a.txt", "file") == crypto.md5(text, #text), crypto.md5(text, 3) == crypto.md5("abc", 3))
    for cut = 0, 200 do
      local flow = crypto.flow_md5()
      flow:update(text:sub(1, cut)) flow:update(text:sub(cut + 1))
      assert(flow:hexdigest() == crypto.md5(text, #text))
    end
  )"),
            "D41D8CD98F00B204E9800998ECF8427E\nF571117ACBD8153C8DC3C81B8817773A\n"
            "C95466320EAAE6D19EE314AE4F135B12D45CED9A\n"
            "D9F5AEB06ABEBB3BE3F38ADEC9A2E3B94228D52193BE923EB4E24C9B56EE0930\ntrue true\n");
}

TEST(Crypto, SignsWithKeysShortAndLong) {
  EXPECT_EQ(run(R"(
    for _, key in ipairs { "key", ("k"):rep(100) } do
      print(crypto.hmac_md5("data", 4, key, #key))
      print(crypto.hmac_sha1("data", 4, key, #key))
      print(crypto.hmac_sha256("data", key))
    end
  )"),
            "9D5C73EF85594D34EC4438B7C97E51D8\n104152C5BFDCA07BC633EEBD46199F0255C9F49D\n"
            "5031FE3D989C6D1537A013FA6E739DA23463FDAEC3B70137D828E36ACE221BD0\n"
            "38A034384B6CBF08275F34DC859E6D6B\nE3DC391A03C12663FD33148B959DA47D0C5B8C66\n"
            "09380EE4B802DA2363BC96E8E0D133BA275458EA8DDBC564F986FC12B31F8CB1\n");
}

TEST(Crypto, ChecksSums) {
  // The catalogue's check values, all of "123456789".
  EXPECT_EQ(run(R"(
    local text = "123456789"
    for _, method in ipairs { "IBM", "MAXIM", "USB", "MODBUS", "CCITT", "CCITT-FALSE", "X25",
        "XMODEM", "DNP" } do
      print(method, ("%04X"):format(crypto.crc16(method, text)))
    end
    print(("%04X"):format(crypto.crc16("USER-DEFINED", text, 0x8005, 0xFFFF, 0, 1, 1)))
    print(("%04X %X %02X"):format(crypto.crc16_modbus(text, #text), crypto.crc32(text, #text),
      crypto.crc8(text, #text)))
    print(pcall(crypto.crc16, "NONE", text))
  )"),
            "IBM BB3D\nMAXIM 44C2\nUSB B4C8\nMODBUS 4B37\nCCITT 2189\nCCITT-FALSE 29B1\nX25 906E\n"
            "XMODEM 31C3\nDNP EA82\n4B37\n4B37 CBF43926 F7\n"
            "false bad argument #1 to 'crypto.crc16' (unknown method)\n");
}

TEST(Crypto, EncryptsAndDecrypts) {
  EXPECT_EQ(run(R"(
    local text = "twenty bytes of text"
    local key, vector = "0123456789abcdef", "fedcba9876543210"
    print((crypto.aes_encrypt("CBC", "PKCS7", text, key, vector):toHex()))
    print((crypto.aes_encrypt("ECB", "PKCS5", text, key .. key):toHex()))
    print((crypto.aes_encrypt("CTR", "NONE", text, key .. key:sub(1, 8), ("\255"):rep(15) .. "\254"):toHex()))
    for _, mode in ipairs { "ECB", "CBC", "CTR" } do
      for _, padding in ipairs { "PKCS5", "PKCS7", "ZERO" } do
        for size = 0, 40 do
          local plain = ("x"):rep(size)
          local secret = crypto.aes_encrypt(mode, padding, plain, key, vector)
          assert(crypto.aes_decrypt(mode, padding, secret, key, vector) == plain, mode .. padding .. size)
        end
      end
    end
    print(pcall(crypto.aes_encrypt, "ECB", "NONE", text, key))
    print(pcall(crypto.aes_encrypt, "ECB", "PKCS7", text, "short"))
    print(pcall(crypto.aes_encrypt, "CBC", "PKCS7", text, key, "short"))
  )"),
            "DD2592D8271FD3FA8AE3FDD53A8EDC698C217F980B2E4AB6CD501BBB5DC8C010\n"
            "A146D13940FB97AE4ED705CB7BD486070C8C3BFD66D11E8738A1B7C14C34DB2B\n"
            "9532C558A69AFA33DE6BD2806A586108233FA563\n"
            "false bad argument #3 to 'crypto.aes_encrypt' (without padding, data fills blocks of "
            "16 bytes)\n"
            "false bad argument #4 to 'crypto.aes_encrypt' (a key has 16, 24 or 32 bytes)\n"
            "false bad argument #5 to 'crypto.aes_encrypt' (an initial vector has 16 bytes)\n");
}

TEST(Crypto, CodesBase64) {
  EXPECT_EQ(run(R"(
    for size = 0, 4 do print(crypto.base64_encode(("moon"):sub(1, size), size)) end
    print(crypto.base64_decode("bW9vbg==", 8))
  )"),
            "\nbQ==\nbW8=\nbW9v\nbW9vbg==\nmoon\n");
}

}  // namespace
}  // namespace moonwire::testing
