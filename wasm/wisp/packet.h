// Wisp's packets, version 1 and 2, and those of our extension "sockets": bytes to a whole packet or
// to a reason, and back. What a packet means, and whether it may come now, is left to the tunnel
// and the proxy. proxy/PROTOCOL.md is the text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "wisp/close_reason.h"

namespace moonwire::wisp {

using Bytes = std::span<const std::byte>;

enum class PacketType : std::uint8_t {
  connect = 0x01,
  data = 0x02,
  continue_ = 0x03,
  close = 0x04,
  info = 0x05,
  opened = 0xa0,
  failure = 0xa1,
  finish = 0xa2,
  credit = 0xa3,
  bind = 0xa4,
  bound = 0xa5,
  accepted = 0xa6,
  datagram = 0xa7,
  resolve = 0xa8,
  resolved = 0xa9,
  option = 0xaa,
};

/// CONNECT's and BIND's kind. The decoder passes unknown ones on: they cost the sender a stream,
/// not the session.
enum class StreamKind : std::uint8_t { tcp = 1, udp = 2 };

enum class Family : std::uint8_t { none = 0, ipv4 = 4, ipv6 = 6 };

/// An address as the extension writes it. `bytes` in network order, the first 4 or all 16 of them.
struct Address {
  Family family = Family::none;
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const Address&) const = default;
};

// The packets' bodies. Decoded ones borrow texts and payloads from the frame they were decoded
// from.

struct Connect {
  StreamKind kind = StreamKind::tcp;
  std::uint16_t port = 0;
  std::string_view host;
};

struct Data {
  Bytes payload;
};

struct Continue {
  std::uint32_t packets = 0;
};

struct Close {
  CloseReason reason = CloseReason::unknown;
};

struct Extension {
  std::uint8_t id = 0;
  Bytes metadata;
};

struct Info {
  std::uint8_t major = 2;
  std::uint8_t minor = 0;
  std::vector<Extension> extensions;
};

struct Opened {
  Address local;
  Address peer;
};

struct FailureReport {
  Failure failure = Failure::other;
  std::string_view text;
};

struct Finish {};

struct Credit {
  std::uint32_t amount = 0;
};

struct Bind {
  static constexpr std::uint8_t any_port_will_do = 0x01;
  static constexpr std::uint8_t reuse_address = 0x02;
  StreamKind kind = StreamKind::tcp;
  std::uint8_t flags = 0;
  std::uint16_t backlog = 0;
  Address address;
};

struct Bound {
  Address local;
  std::vector<Address> published;
};

struct Accepted {
  std::uint32_t stream = 0;
  Address local;
  Address peer;
};

struct Datagram {
  Address address;
  Bytes payload;
};

enum class Question : std::uint8_t { addresses = 1, names = 2 };

struct Resolve {
  Question question = Question::addresses;
  Family family = Family::none;
  std::string_view text;
};

struct Resolved {
  Failure failure = Failure::none;
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::vector<Address> addresses;
};

enum class SocketOption : std::uint8_t {
  no_delay = 1,
  keep_alive = 2,
  keep_idle = 3,
  keep_interval = 4,
  keep_count = 5,
  broadcast = 6,
  multicast_ttl = 7,
  multicast_loop = 8,
  join_group = 9,
  leave_group = 10,
  time_to_live = 11,
};

struct Option {
  SocketOption option = SocketOption::no_delay;
  std::uint32_t value = 0;
  Address group;
  Address interface;
};

using Body = std::variant<Connect, Data, Continue, Close, Info, Opened, FailureReport, Finish,
                          Credit, Bind, Bound, Accepted, Datagram, Resolve, Resolved, Option>;

struct Packet {
  std::uint32_t stream = 0;
  Body body;
};

/// Why bytes are not a packet.
enum class Malformed : std::uint8_t {
  truncated,     ///< shorter than the header or than its fields say
  unknown_type,  ///< a type this version does not know: to be ignored, not punished
  too_long,      ///< longer than the limit of its type
  trailing,      ///< bytes behind the last field
  bad_field,     ///< a field that no version could mean: an address family, a count over its limit
};

std::string_view name_of(Malformed malformed);

/// A frame (one WebSocket message) becomes a whole packet or a reason. Borrows from the frame.
std::variant<Packet, Malformed> decode(Bytes frame);

/// Appends a packet's bytes to `out`. The body must be within the limits (asserted): texts, counts.
void append(std::vector<std::byte>& out, std::uint32_t stream, const Body& body);
std::vector<std::byte> encode(std::uint32_t stream, const Body& body);

/// The five bytes before a DATA payload, for senders that keep header and payload apart.
std::array<std::byte, 5> data_header(std::uint32_t stream);

/// Type and stream of a frame without looking at the rest: for a reader that must route even what
/// it cannot decode.
struct Header {
  std::uint8_t type = 0;
  std::uint32_t stream = 0;
};
std::optional<Header> peek(Bytes frame);

// INFO's extensions.

enum class ExtensionId : std::uint8_t {
  udp = 0x01,
  password = 0x02,
  motd = 0x04,
  open_confirmation = 0x05,
  sockets = 0x4d,
};

/// The metadata of the first extension with this id, or nothing.
std::optional<Bytes> find(const Info& info, ExtensionId id);

/// The metadata of "sockets", the same from both ends.
struct SocketsOffer {
  static constexpr std::uint8_t newest_version = 1;
  static constexpr std::uint8_t can_publish_tcp = 0x01;
  static constexpr std::uint8_t can_publish_udp = 0x02;
  static constexpr std::uint8_t can_dial_udp = 0x04;
  std::uint8_t version = newest_version;
  std::uint8_t flags = 0;
  std::uint32_t window = 0;   ///< bytes a stream may send to the offer's sender before CREDIT
  std::uint32_t streams = 0;  ///< how many streams the sender is ready to hold
  bool operator==(const SocketsOffer&) const = default;
};

inline constexpr std::size_t sockets_offer_bytes = 14;
std::array<std::byte, sockets_offer_bytes> encode(const SocketsOffer& offer);
/// Nothing if the metadata is not ours (magic), too short, or of version 0. Window and version come
/// cut to what we know.
std::optional<SocketsOffer> decode_sockets_offer(Bytes metadata);

struct Credentials {
  std::string_view user;
  std::string_view password;
};
/// The client's password metadata as draft 6 has it (user length u8, user, password).
std::optional<Credentials> decode_credentials(Bytes metadata);
/// The same as wisp-js writes it (user length u8, password length u16, user, password).
std::optional<Credentials> decode_wisp_js_credentials(Bytes metadata);
/// Draft 6's form. The user is at most 255 bytes.
std::vector<std::byte> encode_credentials(const Credentials& credentials);

}  // namespace moonwire::wisp
