// The wire's limits, each named once. proxy/PROTOCOL.md gives the same numbers to people.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::wisp {

/// type u8, stream id u32.
inline constexpr std::size_t header_bytes = 5;
/// The largest DATA payload that either end of ours sends.
inline constexpr std::size_t max_sent_payload = 64 * 1024;
/// The largest payload accepted (foreign clients send a whole buffer as one DATA).
inline constexpr std::size_t max_payload_bytes = 1024 * 1024;
inline constexpr std::size_t max_packet_bytes = header_bytes + max_payload_bytes;
/// Largest UDP payload over IPv4: 65535 less the IP and UDP headers.
inline constexpr std::size_t max_datagram_bytes = 65507;

/// A host name or literal in CONNECT, a question in RESOLVE, a name in RESOLVED: a DNS name's own
/// limit.
inline constexpr std::size_t max_host_bytes = 255;
inline constexpr std::size_t max_failure_text_bytes = 255;
inline constexpr std::size_t max_addresses = 32;
inline constexpr std::size_t max_aliases = 16;
inline constexpr std::size_t max_published = 16;
inline constexpr std::uint16_t max_backlog = 128;

/// INFO: all extensions together, and how many of them.
inline constexpr std::size_t max_info_bytes = 8 * 1024;
inline constexpr std::size_t max_extensions = 32;
inline constexpr std::size_t max_motd_bytes = 512;

/// The most credit a stream can hold towards the tab.
inline constexpr std::uint32_t max_window = 16 * 1024 * 1024;
/// What our client grants each stream in INFO; a script that stops reading holds at most this much.
inline constexpr std::uint32_t default_window = 256 * 1024;
/// What a datagram costs beyond its length, so that empty ones are not free.
inline constexpr std::uint32_t datagram_cost = 64;
/// DATA packets that a server takes for a TCP stream before it must send CONTINUE.
inline constexpr std::uint32_t stream_buffer_packets = 32;

/// Ids from here on belong to the server (ACCEPTED); below it, except 0, to the client.
inline constexpr std::uint32_t first_server_stream = 0x80000000;

}  // namespace moonwire::wisp
