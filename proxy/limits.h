// What bounds the proxy: every buffer, count and time of it, each named once. The wire's own limits
// are in wasm/wisp/limits.h. Tests and the configuration change a copy.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace moonwire::proxy {

struct Limits {
  // Connections and sessions.
  std::size_t connections = 8192;  ///< open sockets of clients, HTTP and sessions together
  std::size_t connections_per_address = 4096;  ///< of these, from one client address
  std::size_t sessions = 2048;
  std::size_t bytes_per_second_per_address = 0;  ///< of all its sessions; 0: no limit
  std::size_t datagrams_per_second_per_address = 100'000;

  // One session.
  std::size_t streams_per_session = 4096;  ///< streams, listeners and datagram sockets together
  std::size_t dials_per_session = 2048;    ///< CONNECTs that wait for a name or a socket
  std::size_t questions_per_session = 32;  ///< RESOLVEs that wait
  std::size_t outbox_bytes = 128 * 1024;   ///< towards the tab; beyond it no stream is read
  std::size_t control_bytes =
      256 * 1024;  ///< answers on top of that; a client that floods and does not read ends
  std::size_t bytes_per_second = 0;  ///< both directions; 0: no limit; over it the session is held
  std::size_t datagrams_per_second = 50'000;  ///< both directions; over it they are dropped
  std::size_t upload_bytes =
      8 * 1024 * 1024;  ///< towards the sockets; beyond it the session is not read

  // One raw relay.
  std::size_t relay_upload_bytes =
      256 * 1024;  ///< towards its target; beyond it the client is not read

  // The whole proxy.
  std::size_t lingering_bytes = 64 * 1024 * 1024;  ///< of closed streams, still on their way out
  std::size_t waiting_questions = 1024;  ///< for the name server, of all sessions together
  std::size_t waiting_questions_per_session = 256;  ///< of these; beyond it: name_try_again

  // HTTP.
  std::size_t request_header_bytes = 16 * 1024;
  std::size_t page_file_bytes = 64 * 1024 * 1024;

  // Times.
  std::chrono::milliseconds request_time{
      10'000};  ///< from the first byte wanted to a whole request header
  std::chrono::milliseconds keep_alive_time{60'000};  ///< an HTTP connection between two requests
  std::chrono::milliseconds response_time{120'000};   ///< a response that the client does not take
  std::chrono::milliseconds handshake_time{10'000};   ///< Wisp's INFO after the upgrade
  std::chrono::milliseconds ping_interval{30'000};
  std::chrono::milliseconds silence_time{75'000};  ///< nothing at all from a session's client
  std::chrono::milliseconds closing_time{
      2'000};  ///< for the client's answer to our WebSocket close
  std::chrono::milliseconds connect_time{20'000};  ///< one address
  std::chrono::milliseconds resolve_time{15'000};  ///< one name
  std::chrono::milliseconds linger_time{30'000};   ///< a closed stream's last bytes
  std::chrono::milliseconds accept_pause{100};  ///< after an accept failed for want of descriptors
  std::chrono::milliseconds stop_time{5'000};   ///< from SIGTERM until open streams are cut
  std::chrono::milliseconds tick{1'000};        ///< how often the times above are looked at
};

/// A block of the outbox; borrowed while there is something to send.
inline constexpr std::size_t block_bytes = 64 * 1024;
/// Blocks that the pool keeps for later; the rest goes back to the heap.
inline constexpr std::size_t spare_blocks = 64;
/// One read from a client, shared by all sessions.
inline constexpr std::size_t scratch_bytes = 256 * 1024;
/// One turn of a stream that has its session for itself: large reads cost half of small ones
/// (0.48 against 0.84 CPU-s/GiB with 16 KiB).
inline constexpr std::size_t whole_turn_bytes = 64 * 1024;
/// One turn while other streams of the session come and go with little: what a round trip waits for
/// beside a download is mostly the turn in progress (p50 470 us with 64 KiB, 150 us with this).
inline constexpr std::size_t shared_turn_bytes = 16 * 1024;
/// A turn that brought less is that of an interactive stream: it goes first the next time.
inline constexpr std::size_t little_bytes = 4 * 1024;
/// Turns of others after which an interactive stream is no longer in the way.
inline constexpr unsigned sharing_turns = 64;
/// What may wait unsent in the kernel towards a tab (TCP_NOTSENT_LOWAT): more would make an echo
/// wait behind a bulk stream.
inline constexpr int unsent_bytes = 64 * 1024;
/// Threads that wait for the name server.
inline constexpr std::size_t resolver_threads = 16;
/// Of these, for one session: names that hang hold up only the session that asked for them.
inline constexpr std::size_t resolver_threads_per_session = 2;
/// What a quiet session saves up of its rates.
inline constexpr std::chrono::milliseconds rate_burst{250};
/// The least rate in bytes that can be asked for: a read of scratch_bytes then holds a session for
/// seconds, and silence_time stays far away.
inline constexpr std::size_t least_bytes_per_second = 64 * 1024;

}  // namespace moonwire::proxy
