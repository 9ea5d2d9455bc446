// Joins the parts: options, the server, signals.
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "proxy/log.h"
#include "proxy/server.h"

namespace {

using namespace moonwire::proxy;

/// A stream is a descriptor: take as many as the system lets us.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int fail(const std::string& why, int status) {
  std::cerr << "moonwire-proxy: " << why << '\n';
  return status;
}

int serve(const Options& options) {
  asio::io_context io{1};
  auto made = Server::make(io.get_executor(), options);
  if (const auto* why = std::get_if<std::string>(&made)) return fail(*why, 1);
  Server& server = *std::get<std::unique_ptr<Server>>(made);
  if (options.only_checks) {
    std::cout << "the configuration is right" << std::endl;
    return 0;
  }
  if (!options.port_file.empty()) {
    std::ofstream file{options.port_file};
    file << server.port() << '\n';
    if (!file.flush()) return fail("--port-file " + options.port_file + " cannot be written", 1);
  }
  server.start();
  std::cout << "listening on " << server.url() << std::endl;

  asio::basic_signal_set<Executor> signals{io.get_executor(), SIGINT, SIGTERM};
  std::function<void(error_code, int)> on_signal = [&](error_code error, int signal) {
    if (error) return;
    spdlog::info("stopping signal={}", signal);
    signals.async_wait(on_signal);
    // A person's Ctrl-C does not wait for other people's downloads; a service manager does.
    const auto haste = signal == SIGINT ? Server::Haste::at_once : Server::Haste::finish;
    server.stop(haste, [&io] { io.stop(); });
  };
  signals.async_wait(on_signal);
  io.run();
  spdlog::shutdown();
  std::quick_exit(0);  // a thread may still wait for a name server
}

}  // namespace

int main(int argc, char** argv) {
  auto parsed = parse_options(argc, argv);
  if (const auto* information = std::get_if<Information>(&parsed)) {
    std::cout << information->text;
    return 0;
  }
  if (const auto* error = std::get_if<OptionsError>(&parsed)) {
    return fail(error->why + "\n(moonwire-proxy --help tells the options)", 2);
  }
  const auto& options = std::get<Options>(parsed);
  set_up_log(options.log_level, options.log_format);
  raise_descriptor_limit();
  try {
    return serve(options);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}
