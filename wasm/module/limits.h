// Every bound of the module on the bench in one place, and what happens at it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::module {

inline constexpr std::size_t messages_max =
    4096;  // that wait for rtos.receive; beyond: dropped and counted (timers' are kept)
inline constexpr std::size_t timers_max = 4096;  // running rtos timers; beyond: timer_start gives 0
inline constexpr std::size_t uart_receive_bytes =
    2048;  // of a physical port, unread by the script; what comes beyond is dropped
inline constexpr std::size_t uart_sent_bytes =
    64 *
    1024;  // written by the script, not yet fetched by the page; the oldest is lost and counted
inline constexpr std::size_t socket_slots = 10;  // socketcore's; no more: sock_conn gives nil
inline constexpr std::size_t socket_announced_bytes =
    2048;  // one RECV_IND announces at most this; the next one follows when it was read
inline constexpr std::size_t socket_unsent_bytes =
    64 * 1024;  // that one socket has accepted and the network has not; beyond: ERR_ENOMEM
inline constexpr std::size_t socket_address_bytes = 100;  // longer: refused
inline constexpr std::size_t pin_count = 96;              // P0_0 to P2_31
inline constexpr std::size_t adc_channels = 8;            // 0 to 7; others raise
inline constexpr std::int64_t firmware_watchdog_ms_max =
    0x7fffffff;  // rtos.openSoftDog; longer is cut

// Spans of time, in microseconds.
inline constexpr std::int64_t reboot_delay =
    500'000;  // rtos.restart, the reset line: from there to the new main chunk
inline constexpr std::int64_t crash_reboot_delay =
    3'000'000;  // an uncaught error: time to read the trace before the module starts anew
inline constexpr std::int64_t external_watchdog_patience =
    300'000'000;  // the watchdog chip resets the module after this long without being fed
inline constexpr std::int64_t external_watchdog_answer =
    500'000;  // how long after it is asked the chip pulls its line low...
inline constexpr std::int64_t external_watchdog_hold = 300'000;  // ...and for how long
inline constexpr std::int64_t external_watchdog_ask =
    1'500'000;  // a line has to be low for so long before turning it into an input asks the chip
inline constexpr std::int64_t watchdog_last_call =
    1'000'000;  // beyond the firmware watchdog's patience: a tab that slept has its turn first
inline constexpr std::int64_t time_server_delay =
    50'000;  // a time server's answer: a tab has no way to a real one, so the module gives it
inline constexpr std::int64_t close_notice_delay =
    500'000;  // from the peer's FIN to MSG_SOCK_CLOSE_IND, data first

}  // namespace moonwire::module
