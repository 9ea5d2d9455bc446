// Every bound of the virtual modem in one place, and what happens at it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonwire::modem {

inline constexpr std::size_t at_receive_bytes =
    8192;  // towards the script (uart.ATC); no room: whole lines wait below
inline constexpr std::size_t at_lines_waiting_max =
    256;  // replies and notices that wait for room; beyond: the oldest notice is dropped and
          // counted
inline constexpr std::size_t at_input_bytes =
    8192;  // written by the script while a command is at work; beyond: write takes fewer bytes
inline constexpr std::size_t at_command_bytes =
    1024;  // one command line; a longer one is answered with ERROR
inline constexpr std::size_t at_parameters_max = 16;  // of one command; more: ERROR
inline constexpr std::size_t at_send_bytes = 1460;    // one AT+CIPSEND or AT+SSLSEND; more: ERROR
inline constexpr std::size_t at_receive_chunk_bytes =
    1460;  // one +RECEIVE notice; the rest follows
inline constexpr std::size_t at_datagram_bytes =
    4096;  // a UDP datagram towards the script, in one +RECEIVE; the rest of a longer one is lost
inline constexpr std::size_t at_quick_bytes =
    10'220;  // taken in quick mode (AT+CIPQSEND=1) and not sent yet, per socket; beyond: ERROR
inline constexpr std::size_t certificate_bytes_max =
    16 * 1024;                                // one AT+SSLCERT; more: ERROR. Read and forgotten.
inline constexpr std::size_t at_sockets = 8;  // ids 0 to 7, and as many again for SSL
inline constexpr std::size_t trace_records =
    512;  // kept until fetched; the oldest is lost and counted
inline constexpr std::size_t trace_text_bytes = 256;  // kept of each record; the rest is cut
inline constexpr std::size_t host_name_bytes = 100;   // of a server; a longer one: ERROR
inline constexpr std::size_t serial_bytes = 64;       // AT+WISN=; longer: ERROR
inline constexpr std::size_t imei_bytes = 15;         // AT+WIMEI=; another length: ERROR
inline constexpr std::size_t apn_bytes = 63;          // an access point's name; longer: ERROR
inline constexpr std::uint8_t pin_tries = 3;          // wrong PINs; then the PUK is asked for
inline constexpr std::uint8_t puk_tries = 10;         // wrong PUKs; then the SIM is dead

}  // namespace moonwire::modem
