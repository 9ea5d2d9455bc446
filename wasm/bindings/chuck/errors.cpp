// chuck.error.
#include "bindings/chuck/errors.h"

#include "lauxlib.h"

namespace moonwire::bindings::chuck {

namespace {

struct Named {
  const char* name;
  int number;
};

// Linux's, in its order, then upstream's own.
constexpr Named numbers[] = {
    {"EPERM", 1},
    {"ENOENT", 2},
    {"ESRCH", 3},
    {"EINTR", 4},
    {"EIO", 5},
    {"ENXIO", 6},
    {"E2BIG", 7},
    {"ENOEXEC", 8},
    {"EBADF", 9},
    {"ECHILD", 10},
    {"EAGAIN", 11},
    {"EWOULDBLOCK", 11},
    {"ENOMEM", 12},
    {"EACCES", 13},
    {"EFAULT", 14},
    {"ENOTBLK", 15},
    {"EBUSY", 16},
    {"EEXIST", 17},
    {"EXDEV", 18},
    {"ENODEV", 19},
    {"ENOTDIR", 20},
    {"EISDIR", 21},
    {"EINVAL", 22},
    {"ENFILE", 23},
    {"EMFILE", 24},
    {"ENOTTY", 25},
    {"ETXTBSY", 26},
    {"EFBIG", 27},
    {"ENOSPC", 28},
    {"ESPIPE", 29},
    {"EROFS", 30},
    {"EMLINK", 31},
    {"EPIPE", 32},
    {"EDOM", 33},
    {"ERANGE", 34},
    {"EDEADLK", 35},
    {"ENAMETOOLONG", 36},
    {"ENOLCK", 37},
    {"ENOSYS", 38},
    {"ENOTEMPTY", 39},
    {"ELOOP", 40},
    {"ENOMSG", 42},
    {"EIDRM", 43},
    {"ECHRNG", 44},
    {"EL2NSYNC", 45},
    {"EL3HLT", 46},
    {"EL3RST", 47},
    {"ELNRNG", 48},
    {"EUNATCH", 49},
    {"ENOCSI", 50},
    {"EL2HLT", 51},
    {"EBADE", 52},
    {"EBADR", 53},
    {"EXFULL", 54},
    {"ENOANO", 55},
    {"EBADRQC", 56},
    {"EBADSLT", 57},
    {"EBFONT", 59},
    {"ENOSTR", 60},
    {"ENODATA", 61},
    {"ETIME", 62},
    {"ENOSR", 63},
    {"ENONET", 64},
    {"ENOPKG", 65},
    {"EREMOTE", 66},
    {"ENOLINK", 67},
    {"EADV", 68},
    {"ESRMNT", 69},
    {"ECOMM", 70},
    {"EPROTO", 71},
    {"EMULTIHOP", 72},
    {"EDOTDOT", 73},
    {"EBADMSG", 74},
    {"EOVERFLOW", 75},
    {"ENOTUNIQ", 76},
    {"EBADFD", 77},
    {"EREMCHG", 78},
    {"ELIBACC", 79},
    {"ELIBBAD", 80},
    {"ELIBSCN", 81},
    {"ELIBMAX", 82},
    {"ELIBEXEC", 83},
    {"EILSEQ", 84},
    {"ERESTART", 85},
    {"ESTRPIPE", 86},
    {"EUSERS", 87},
    {"ENOTSOCK", 88},
    {"EDESTADDRREQ", 89},
    {"EMSGSIZE", 90},
    {"EPROTOTYPE", 91},
    {"ENOPROTOOPT", 92},
    {"EPROTONOSUPPORT", 93},
    {"ESOCKTNOSUPPORT", 94},
    {"EOPNOTSUPP", 95},
    {"EPFNOSUPPORT", 96},
    {"EAFNOSUPPORT", 97},
    {"EADDRINUSE", 98},
    {"EADDRNOTAVAIL", 99},
    {"ENETDOWN", 100},
    {"ENETUNREACH", 101},
    {"ENETRESET", 102},
    {"ECONNABORTED", 103},
    {"ECONNRESET", 104},
    {"ENOBUFS", 105},
    {"EISCONN", 106},
    {"ENOTCONN", 107},
    {"ESHUTDOWN", 108},
    {"ETOOMANYREFS", 109},
    {"ETIMEDOUT", 110},
    {"ECONNREFUSED", 111},
    {"EHOSTDOWN", 112},
    {"EHOSTUNREACH", 113},
    {"EALREADY", 114},
    {"EINPROGRESS", 115},
    {"ESTALE", 116},
    {"EUCLEAN", 117},
    {"ENOTNAM", 118},
    {"ENAVAIL", 119},
    {"EISNAM", 120},
    {"EREMOTEIO", 121},
    {"EDQUOT", 122},
    {"ENOMEDIUM", 123},
    {"EMEDIUMTYPE", 124},
    {"ECANCELED", 125},
    {"ENOKEY", 126},
    {"EKEYEXPIRED", 127},
    {"EKEYREVOKED", 128},
    {"EKEYREJECTED", 129},
    {"EOWNERDEAD", 130},
    {"ENOTRECOVERABLE", 131},
    {"ESOCKCLOSE", error_socket_closed},
    {"EUNSPPLAT", 141},
    {"ENOASSENG", error_no_engine},
    {"EINVISOKTYPE", 143},
    {"EASSENG", error_has_engine},
    {"EINVIPK", error_wrong_packet},
    {"ERDISPERROR", 146},
    {"EALSETMBOX", 147},
    {"EMAXTHD", 148},
    {"EPIPECRERR", 149},
    {"EENASSERR", 150},
    {"ETMCLOSE", 151},
    {"EPKTOOLARGE", error_packet_too_large},
    {"ERVTIMEOUT", error_receive_timeout},
    {"ESNTIMEOUT", error_send_timeout},
    {"EENGCLOSE", error_engine_closed},
    {"EHTTPPARSE", error_http_parse},
    {"EHTTPTOOLARGE", 157},
    {"EWEBSOCKETPARSE", error_websocket_parse},
    {"EWEBSOCKETTEXT", error_websocket_text},
};

}  // namespace

int number_of(net::NetError error) {
  switch (error) {
    using enum net::NetError;
    case none: return 0;
    case would_block: return error_again;
    case in_progress: return error_in_progress;
    case already_in_progress: return 114;
    case already_connected: return 106;
    case not_connected: return 107;
    case connection_refused: return error_refused;
    case connection_reset: return 104;
    case connection_aborted: return 103;
    case broken_pipe: return 32;
    case timed_out: return error_timed_out;
    case address_in_use: return 98;
    case address_not_available: return 99;
    case network_unreachable: return 101;
    case host_unreachable: return 113;
    case bad_descriptor: return 9;
    case invalid_argument: return error_invalid;
    case permission_denied: return 13;
    case message_too_long: return error_message_size;
    case too_many_files: return 24;
    case too_many_files_system: return 23;
    case family_not_supported: return 97;
    case not_supported: return 95;
    case destination_required: return 89;
    case option_not_supported: return 92;
    case no_such_path: return 2;
    case not_permitted: return 1;
    case not_a_folder: return 20;
    case wrong_socket_type: return 91;
    case path_too_long: return 36;
    case out_of_memory: return error_no_buffers;
    case name_unknown:
    case name_try_again:
    case name_failure:
    case name_no_address:
    case name_wrong_family:
    case service_unknown: return 113;
  }
  return error_invalid;
}

int number_of(FrameError error) {
  switch (error) {
    case FrameError::none: return 0;
    case FrameError::too_large: return error_packet_too_large;
    case FrameError::invalid_size: return error_invalid;
    case FrameError::malformed_http: return error_http_parse;
    case FrameError::malformed_websocket: return error_websocket_parse;
    case FrameError::invalid_text: return error_websocket_text;
  }
  return 0;
}

void add_errors(lua_State* state) {
  lua_newtable(state);
  for (const Named& one : numbers) {
    lua_pushinteger(state, one.number);
    lua_setfield(state, -2, one.name);
  }
  lua_setfield(state, -2, "error");
}

}  // namespace moonwire::bindings::chuck
