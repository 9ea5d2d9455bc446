// The bodies of host_calls.h, in JavaScript. Bytes go out as views of the machine's memory; who
// keeps them copies them.
#include "edge/host_calls.h"

#include <emscripten/emscripten.h>

#ifdef EM_JS_DEPS  // newer Emscriptens leave out what nobody names
EM_JS_DEPS(moonwire_host_calls, "$UTF8ToString");
#endif

// clang-format off
EM_JS(double, moonwire_wall_clock, (std::uint32_t host), {
  return Module['hosts'][host]['wallClock']();
});
EM_JS(double, moonwire_steady_clock, (std::uint32_t host), {
  return Module['hosts'][host]['steadyClock']();
});
EM_JS(void, moonwire_entropy, (std::uint32_t host, void* bytes, std::size_t size), {
  Module['hosts'][host]['entropy'](HEAPU8.subarray(bytes, bytes + size));
});
EM_JS(void, moonwire_write, (std::uint32_t host, std::uint32_t pid, int stream, const char* bytes, std::size_t size), {
  Module['hosts'][host]['write'](pid, stream, HEAPU8.subarray(bytes, bytes + size));
});
EM_JS(void, moonwire_exited, (std::uint32_t host, std::uint32_t pid, int status, const char* reason), {
  Module['hosts'][host]['exited'](pid, status, UTF8ToString(reason));
});
EM_JS(void, moonwire_reading, (std::uint32_t host, std::uint32_t pid, bool waits), {
  Module['hosts'][host]['reading'](pid, !!waits);
});
EM_JS(void, moonwire_doors_changed, (std::uint32_t host), {
  Module['hosts'][host]['doorsChanged']();
});
EM_JS(void, moonwire_tunnel_changed, (std::uint32_t host), {
  Module['hosts'][host]['tunnelChanged']();
});
EM_JS(void, moonwire_files_changed, (std::uint32_t host), {
  Module['hosts'][host]['filesChanged']();
});
EM_JS(void, moonwire_module_changed, (std::uint32_t host), {
  if (Module['hosts'][host]['moduleChanged']) Module['hosts'][host]['moduleChanged']();
});
EM_JS(bool, moonwire_has_files, (std::uint32_t host), {
  return !!Module['hosts'][host]['findFile'];
});
EM_JS(int, moonwire_find_file, (std::uint32_t host, const char* path, std::size_t path_size, std::size_t* size), {
  var found = Module['hosts'][host]['findFile'](UTF8ToString(path, path_size));
  if (!found) return 0;
  if (found['kind'] === 'folder') return 3;
  Module['foundFile'] = found['bytes'];
  HEAPU32[size >> 2] = found['bytes'].length;
  return found['isReadOnly'] ? 2 : 1;
});
EM_JS(void, moonwire_take_file, (std::uint32_t host, void* into), {
  HEAPU8.set(Module['foundFile'], into);
  Module['foundFile'] = null;
});
EM_JS(bool, moonwire_has_uplink, (std::uint32_t host), {
  return Module['hosts'][host]['uplink'] !== null;
});
EM_JS(void, moonwire_uplink_open, (std::uint32_t host, std::uint32_t pipe, const char* url, std::size_t url_size,
                                   const char* protocols, std::size_t protocols_size), {
  Module['hosts'][host]['uplink']['open'](pipe, UTF8ToString(url, url_size), UTF8ToString(protocols, protocols_size));
});
EM_JS(void, moonwire_uplink_send, (std::uint32_t host, std::uint32_t pipe, const void* bytes, std::size_t size), {
  Module['hosts'][host]['uplink']['send'](pipe, HEAPU8.subarray(bytes, bytes + size));
});
EM_JS(bool, moonwire_uplink_has_room, (std::uint32_t host, std::uint32_t pipe, std::size_t limit), {
  return Module['hosts'][host]['uplink']['hasRoom'](pipe, limit);
});
EM_JS(void, moonwire_uplink_close, (std::uint32_t host, std::uint32_t pipe), {
  Module['hosts'][host]['uplink']['close'](pipe);
});
// clang-format on
