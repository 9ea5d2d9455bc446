// Numbers and names of what went wrong: Linux's errno and the first generation's own numbers behind
// them, and the later generations' words.
#pragma once

#include "bindings/chuck/framing.h"
#include "lua.h"
#include "net/net_error.h"

namespace moonwire::bindings::chuck {

/// chuck.error, positive. The first ones are Linux's, whatever this machine's C library has.
enum ErrorNumber : int {
  error_again = 11,
  error_no_memory = 12,
  error_file_exists = 17,
  error_invalid = 22,
  error_message_size = 90,
  error_no_buffers = 105,
  error_timed_out = 110,
  error_refused = 111,
  error_in_progress = 115,
  error_socket_closed = 140,
  error_no_engine = 142,
  error_has_engine = 144,
  error_wrong_packet = 145,
  error_packet_too_large = 152,
  error_receive_timeout = 153,
  error_send_timeout = 154,
  error_engine_closed = 155,
  error_http_parse = 156,
  error_websocket_parse = 158,
  error_websocket_text = 159,
};

/// Linux's number.
int number_of(net::NetError error);
int number_of(FrameError error);
/// Adds `error`, the table of names and numbers, to the table on top.
void add_errors(lua_State* state);

}  // namespace moonwire::bindings::chuck
