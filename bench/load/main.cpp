// The load generator of `./moonwire bench proxy`: one piece of work over one way, its figures as
// lines of "name<TAB>number". A program of its own and bare epoll, so that what is measured is the
// proxy and not its client.
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "load/far_ends.h"
#include "load/workload.h"

namespace {

using namespace moonwire::load;

constexpr const char* usage =
    "moonwire-load far-ends\n"
    "moonwire-load WORK AMOUNT WAY PORTS [PID...]\n"
    "  WORK   download or upload (bytes), echo or opens (round trips), many (streams), fair (ms),\n"
    "         soak (seconds)\n"
    "  WAY    tcp, websockify, or wisp:PORT\n"
    "  PORTS  ECHO,SOURCE,SINK: of the far ends, or of the websockify in front of each\n"
    "  PID    the programs whose processor time and memory are told\n";

template <typename Number>
bool read(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

bool read_ports(std::string_view text, Ports& ports) {
  const std::size_t first = text.find(',');
  const std::size_t last = text.rfind(',');
  return first != last && read(text.substr(0, first), ports.echo) &&
         read(text.substr(first + 1, last - first - 1), ports.source) &&
         read(text.substr(last + 1), ports.sink);
}

std::unique_ptr<Way> make_way(Loop& loop, std::string_view name, const Ports& ports) {
  if (name == "tcp") return make_tcp_way(loop, ports);
  if (name == "websockify") return make_websockify_way(loop, ports);
  std::uint16_t server = 0;
  if (!name.starts_with("wisp:") || !read(name.substr(5), server)) return nullptr;
  return make_wisp_way(loop, server, ports);
}

int fail(const char* why) {
  std::fputs(why, stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::span words{argv, static_cast<std::size_t>(argc)};
  if (argc == 2 && std::string_view{words[1]} == "far-ends") return run_far_ends();
  if (argc < 5) return fail(usage);
  Ports ports;
  std::size_t amount = 0;
  const Work work = find_work(words[1]);
  if (work == nullptr || !read(words[2], amount) || !read_ports(words[4], ports))
    return fail(usage);
  std::vector<pid_t> programs;
  for (const char* word : words.subspan(5)) {
    if (!read(word, programs.emplace_back())) return fail(usage);
  }
  Loop loop;
  const auto way = make_way(loop, words[3], ports);
  if (!way) return fail("the way cannot be gone: no such name, or nobody answers\n");
  const auto figures =
      work({loop, *way, programs, amount, [&] { return make_way(loop, words[3], ports); }});
  if (figures.empty()) return fail("a stream was cut\n");
  for (const Figure& figure : figures) std::printf("%s\t%.6g\n", figure.name.c_str(), figure.value);
  std::fflush(stdout);
  std::_Exit(0);  // thousands of streams need no farewell
}
