// crypto: base64, hashes, checksums and AES. Hashes are hex digits in upper case. DES, XXTEA and
// RSA are not there.
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "bindings/base/turn.h"
#include "bindings/luat/aes.h"
#include "bindings/luat/base64.h"
#include "bindings/luat/digest.h"
#include "bindings/luat/library.h"
#include "bindings/luat/tables.h"
#include "kernel/machine.h"
#include "kernel/process.h"

namespace moonwire::bindings::luat {
namespace {

constexpr const char* flow_type = "moonwire.flow_md5";

/// The text at `index`, as much of it as the length behind it says. Long ones cost their turn.
std::string_view check_measured(lua_State* state, int index) {
  const std::string_view text = check_text(state, index);
  const lua_Integer length =
      luaL_optinteger(state, index + 1, static_cast<lua_Integer>(text.size()));
  const auto used =
      std::min(text.size(), static_cast<std::size_t>(std::max<lua_Integer>(length, 0)));
  base::charge(used);
  return text.substr(0, used);
}

int push_hex(lua_State* state, std::string_view bytes) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<std::uint8_t>(each) >> 4];
    text += digits[static_cast<std::uint8_t>(each) & 15];
  }
  push_text(state, text);
  return 1;
}

int crypto_base64_encode(lua_State* state) {
  push_text(state, base64_encode(check_measured(state, 1)));
  return 1;
}
int crypto_base64_decode(lua_State* state) {
  push_text(state, base64_decode(check_measured(state, 1)));
  return 1;
}

/// md5(text, length), or md5(path, "file").
int crypto_md5(lua_State* state) {
  if (lua_type(state, 2) != LUA_TSTRING) {
    return push_hex(state, digest(DigestKind::md5, check_measured(state, 1)));
  }
  kernel::Process& process = kernel::process_of(state);
  const auto file = process.machine().files().find(process.file_path(luaL_checkstring(state, 1)));
  if (!file) return 0;
  base::charge(file->bytes.size());
  return push_hex(state, digest(DigestKind::md5, file->bytes));
}
int crypto_sha1(lua_State* state) {
  return push_hex(state, digest(DigestKind::sha1, check_measured(state, 1)));
}
int crypto_sha256(lua_State* state) {
  return push_hex(state, digest(DigestKind::sha256, check_measured(state, 1)));
}

/// text, length, key, length
int hmac_measured(lua_State* state, DigestKind kind) {
  return push_hex(state, hmac(kind, check_measured(state, 1), check_measured(state, 3)));
}
int crypto_hmac_md5(lua_State* state) {
  return hmac_measured(state, DigestKind::md5);
}
int crypto_hmac_sha1(lua_State* state) {
  return hmac_measured(state, DigestKind::sha1);
}
/// text, key
int crypto_hmac_sha256(lua_State* state) {
  const std::string_view text = check_text(state, 1);
  base::charge(text.size());
  return push_hex(state, hmac(DigestKind::sha256, text, check_text(state, 2)));
}

struct NamedCrc {
  const char* name;
  Crc16 crc;
};
constexpr NamedCrc named_crcs[] = {
    {"IBM", {0x8005, 0, 0, true, true}},
    {"MAXIM", {0x8005, 0, 0xffff, true, true}},
    {"USB", {0x8005, 0xffff, 0xffff, true, true}},
    {"MODBUS", {0x8005, 0xffff, 0, true, true}},
    {"CCITT", {0x1021, 0, 0, true, true}},
    {"CCITT-FALSE", {0x1021, 0xffff, 0, false, false}},
    {"X25", {0x1021, 0xffff, 0xffff, true, true}},
    {"XMODEM", {0x1021, 0, 0, false, false}},
    {"DNP", {0x3d65, 0, 0xffff, true, true}},
};

/// method, text; for USER-DEFINED also polynomial, initial, xor, reflects input, reflects output
int crypto_crc16(lua_State* state) {
  const std::string_view method = check_text(state, 1);
  const std::string_view text = check_text(state, 2);
  base::charge(text.size());
  const auto number = [state](int index) {
    return static_cast<std::uint16_t>(luaL_optinteger(state, index, 0));
  };
  const auto truth = [state](int index) {
    return lua_isboolean(state, index) ? lua_toboolean(state, index) != 0
                                       : luaL_optinteger(state, index, 0) != 0;
  };
  Crc16 crc{number(3), number(4), number(5), truth(6), truth(7)};
  bool is_known = method == "USER-DEFINED";
  for (const NamedCrc& named : named_crcs) {
    if (method != named.name) continue;
    crc = named.crc;
    is_known = true;
  }
  if (!is_known) return luaL_argerror(state, 1, "unknown method");
  lua_pushinteger(state, crc.of(text));
  return 1;
}
int crypto_crc16_modbus(lua_State* state) {
  constexpr Crc16 modbus{0x8005, 0xffff, 0, true, true};
  lua_pushinteger(state, modbus.of(check_measured(state, 1)));
  return 1;
}
int crypto_crc32(lua_State* state) {
  lua_pushinteger(state, crc32(check_measured(state, 1)));
  return 1;
}
int crypto_crc8(lua_State* state) {
  lua_pushinteger(state, crc8(check_measured(state, 1)));
  return 1;
}

// --- AES ---

enum class Padding { none, pkcs, zero };

/// mode, padding, data, key, initial vector
struct AesCall {
  std::string_view mode;
  Padding padding;
  std::string_view data;
  Aes aes;
  Aes::Block vector;
};

AesCall check_aes(lua_State* state) {
  const std::string_view mode = check_text(state, 1);
  if (mode != "ECB" && mode != "CBC" && mode != "CTR") luaL_argerror(state, 1, "unknown mode");
  const std::string_view name = check_text(state, 2);
  Padding padding = Padding::none;
  if (name == "PKCS5" || name == "PKCS7") {
    padding = Padding::pkcs;
  } else if (name == "ZERO") {
    padding = Padding::zero;
  } else if (name != "NONE") {
    luaL_argerror(state, 2, "unknown padding");
  }
  const std::string_view data = check_text(state, 3);
  constexpr std::size_t counts_per_byte = 16;
  base::charge(data.size() * counts_per_byte);
  const std::optional<Aes> aes = Aes::with_key(check_text(state, 4));
  if (!aes) luaL_argerror(state, 4, "a key has 16, 24 or 32 bytes");
  Aes::Block vector{};
  if (mode != "ECB") {
    const std::string_view given = check_text(state, 5);
    if (given.size() != vector.size()) luaL_argerror(state, 5, "an initial vector has 16 bytes");
    std::copy(given.begin(), given.end(), vector.begin());
  }
  return {mode, padding, data, *aes, vector};
}

void add(Aes::Block& block, const Aes::Block& other) {
  for (std::size_t at = 0; at < block.size(); ++at) block[at] ^= other[at];
}

Aes::Block block_at(std::string_view data, std::size_t at) {
  Aes::Block block{};
  const std::string_view part = data.substr(at, block.size());
  std::copy(part.begin(), part.end(), block.begin());
  return block;
}

void append(std::string& text, const Aes::Block& block, std::size_t size = Aes::block_size) {
  text.append(reinterpret_cast<const char*>(block.data()), size);
}

/// Counter mode is its own inverse; the last block may be short.
std::string run_counter(AesCall call) {
  std::string result;
  for (std::size_t at = 0; at < call.data.size(); at += Aes::block_size) {
    Aes::Block stream = call.vector;
    call.aes.encrypt(stream);
    add(stream, block_at(call.data, at));
    append(result, stream, std::min(Aes::block_size, call.data.size() - at));
    for (std::size_t byte = Aes::block_size; byte-- > 0 && ++call.vector[byte] == 0;) {
    }
  }
  return result;
}

int crypto_aes_encrypt(lua_State* state) {
  AesCall call = check_aes(state);
  const std::size_t past = call.data.size() % Aes::block_size;
  std::string data(call.data);
  if (call.padding == Padding::pkcs) {
    data.append(Aes::block_size - past, static_cast<char>(Aes::block_size - past));
  } else if (call.padding == Padding::zero && past != 0) {
    data.append(Aes::block_size - past, '\0');
  }
  call.data = data;
  if (call.mode == "CTR") {
    push_text(state, run_counter(call));
    return 1;
  }
  if (data.size() % Aes::block_size != 0)
    return luaL_argerror(state, 3, "without padding, data fills blocks of 16 bytes");
  std::string result;
  for (std::size_t at = 0; at < data.size(); at += Aes::block_size) {
    Aes::Block block = block_at(data, at);
    add(block, call.vector);
    call.aes.encrypt(block);
    if (call.mode == "CBC") call.vector = block;
    append(result, block);
  }
  push_text(state, result);
  return 1;
}

int crypto_aes_decrypt(lua_State* state) {
  AesCall call = check_aes(state);
  std::string result;
  if (call.mode == "CTR") {
    result = run_counter(call);
  } else if (call.data.size() % Aes::block_size != 0) {
    return luaL_argerror(state, 3, "encrypted data fills blocks of 16 bytes");
  } else {
    for (std::size_t at = 0; at < call.data.size(); at += Aes::block_size) {
      const Aes::Block encrypted = block_at(call.data, at);
      Aes::Block block = encrypted;
      call.aes.decrypt(block);
      add(block, call.vector);
      if (call.mode == "CBC") call.vector = encrypted;
      append(result, block);
    }
  }
  if (call.padding == Padding::pkcs && !result.empty()) {
    const auto count = static_cast<std::uint8_t>(result.back());
    if (count >= 1 && count <= Aes::block_size) result.resize(result.size() - count);
  } else if (call.padding == Padding::zero) {
    result.resize(result.find_last_not_of('\0') + 1);
  }
  push_text(state, result);
  return 1;
}

// --- flow_md5: a hash over pieces ---

Digest& check_flow(lua_State* state) {
  return *static_cast<Digest*>(luaL_checkudata(state, 1, flow_type));
}

int flow_update(lua_State* state) {
  const std::string_view text = check_text(state, 2);
  base::charge(text.size());
  check_flow(state).update(text);
  return 0;
}
int flow_hexdigest(lua_State* state) {
  Digest copy = check_flow(state);
  return push_hex(state, copy.finish());
}

constexpr luaL_Reg flow_methods[] = {
    {"update", flow_update}, {"hexdigest", flow_hexdigest}, {nullptr, nullptr}};

int crypto_flow_md5(lua_State* state) {
  new (lua_newuserdatauv(state, sizeof(Digest), 0)) Digest(DigestKind::md5);
  if (luaL_newmetatable(state, flow_type) != 0) {
    luaL_newlib(state, flow_methods);
    lua_setfield(state, -2, "__index");
  }
  lua_setmetatable(state, -2);
  return 1;
}

constexpr luaL_Reg crypto_functions[] = {{"base64_encode", crypto_base64_encode},
                                         {"base64_decode", crypto_base64_decode},
                                         {"md5", crypto_md5},
                                         {"hmac_md5", crypto_hmac_md5},
                                         {"sha1", crypto_sha1},
                                         {"hmac_sha1", crypto_hmac_sha1},
                                         {"sha256", crypto_sha256},
                                         {"hmac_sha256", crypto_hmac_sha256},
                                         {"crc16", crypto_crc16},
                                         {"crc16_modbus", crypto_crc16_modbus},
                                         {"crc32", crypto_crc32},
                                         {"crc8", crypto_crc8},
                                         {"aes_encrypt", crypto_aes_encrypt},
                                         {"aes_decrypt", crypto_aes_decrypt},
                                         {"flow_md5", crypto_flow_md5},
                                         {nullptr, nullptr}};

}  // namespace

void add_crypto(lua_State* state) {
  push_module(state, "crypto", crypto_functions);
  lua_pop(state, 1);
}

}  // namespace moonwire::bindings::luat
