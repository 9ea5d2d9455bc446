// The calls from the machine out to JavaScript. `host` is an index into Module.hosts, which the
// page's side fills (web/src/worker/machine.ts). None of them may call back into the machine, and
// none may throw.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
double moonwire_wall_clock(std::uint32_t host);
double moonwire_steady_clock(std::uint32_t host);
void moonwire_entropy(std::uint32_t host, void* bytes, std::size_t size);
void moonwire_write(std::uint32_t host, std::uint32_t pid, int stream, const char* bytes,
                    std::size_t size);
void moonwire_exited(std::uint32_t host, std::uint32_t pid, int status, const char* reason);
void moonwire_reading(std::uint32_t host, std::uint32_t pid, bool waits);
void moonwire_doors_changed(std::uint32_t host);
void moonwire_tunnel_changed(std::uint32_t host);
void moonwire_files_changed(std::uint32_t host);
// For hosts with a bench; the others need not have it.
void moonwire_module_changed(std::uint32_t host);
bool moonwire_has_files(std::uint32_t host);
// Asks for a path: 0 nothing, 1 a file, 2 a read-only file, 3 a folder. A file's size is stored,
// and its bytes are there for moonwire_take_file, until the next call.
int moonwire_find_file(std::uint32_t host, const char* path, std::size_t path_size,
                       std::size_t* size);
void moonwire_take_file(std::uint32_t host, void* into);
bool moonwire_has_uplink(std::uint32_t host);
void moonwire_uplink_open(std::uint32_t host, std::uint32_t pipe, const char* url,
                          std::size_t url_size, const char* protocols, std::size_t protocols_size);
void moonwire_uplink_send(std::uint32_t host, std::uint32_t pipe, const void* bytes,
                          std::size_t size);
bool moonwire_uplink_has_room(std::uint32_t host, std::uint32_t pipe, std::size_t limit);
void moonwire_uplink_close(std::uint32_t host, std::uint32_t pipe);
}
