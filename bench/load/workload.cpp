// Clients in one thread, driven by the loop.
#include "load/workload.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

#include "load/process_cost.h"

namespace moonwire::load {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double mib = 1024.0 * 1024.0;
constexpr std::size_t message_bytes = 64;
constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t opened_at_once = 32;
constexpr std::size_t rounds_of_many = 20;
constexpr std::size_t soaked_tabs = 100;
constexpr std::size_t soaked_streams = 100;  // of each tab
constexpr double soak_pause = 2;             // seconds between two rounds

const std::vector<std::byte> block(block_bytes, std::byte{'x'});

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double microseconds_since(Clock::time_point began) {
  return seconds_since(began) * 1e6;
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return std::nan("");
  const auto at = std::min(values.size() - 1,
                           static_cast<std::size_t>(static_cast<double>(values.size()) * share));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

/// Sends one message and waits until all of it came back, again and again.
class Echo {
 public:
  explicit Echo(Way& way) : stream_{way.open(Target::echo)} {
    stream_->on_bytes = [this](Bytes bytes) {
      left_ -= std::min(left_, bytes.size());
      if (left_ == 0 && on_answer) on_answer();
    };
    stream_->on_end = [this] { is_broken_ = true; };
  }
  void ask() {
    left_ = message_bytes;
    stream_->send(Bytes{block}.first(message_bytes));
  }
  bool has_answer() const { return left_ == 0; }
  bool is_broken() const { return is_broken_; }
  std::function<void()> on_answer;

 private:
  std::unique_ptr<Stream> stream_;
  std::size_t left_ = 0;
  bool is_broken_ = false;
};

std::vector<Figure> download(const Task& task) {
  std::size_t got = 0;
  bool is_broken = false;
  const double cost = cpu_seconds(task.programs);
  const auto began = Clock::now();
  const auto stream = task.way.open(Target::source);
  stream->on_bytes = [&](Bytes bytes) { got += bytes.size(); };
  stream->on_end = [&] { is_broken = true; };
  task.loop.until([&] { return got >= task.amount || is_broken; });
  if (is_broken) return {};
  const double size = static_cast<double>(got) / mib;
  return {{"down MiB/s", size / seconds_since(began)},
          {"down CPU-s/GiB", (cpu_seconds(task.programs) - cost) / (size / 1024)}};
}

std::vector<Figure> upload(const Task& task) {
  std::size_t sent = 0;
  bool has_room = true;
  bool is_broken = false;
  const double cost = cpu_seconds(task.programs);
  const auto began = Clock::now();
  const auto stream = task.way.open(Target::sink);
  stream->on_bytes = [](Bytes) {};
  stream->on_room = [&] { has_room = true; };
  stream->on_end = [&] { is_broken = true; };
  while (sent < task.amount && !is_broken) {
    // A block a turn: the loop writes it, and the next is made while the proxy works.
    while (has_room && sent < task.amount) {
      sent += block_bytes;
      has_room = stream->send(block);
      task.loop.turn(0);
    }
    if (!has_room) task.loop.until([&] { return has_room || is_broken; });
  }
  if (is_broken) return {};
  const double size = static_cast<double>(sent) / mib;
  return {{"up MiB/s", size / seconds_since(began)},
          {"up CPU-s/GiB", (cpu_seconds(task.programs) - cost) / (size / 1024)}};
}

std::vector<Figure> echo(const Task& task) {
  Echo echo{task.way};
  const auto trip = [&] {
    const auto began = Clock::now();
    echo.ask();
    task.loop.until([&] { return echo.has_answer() || echo.is_broken(); });
    return microseconds_since(began);
  };
  for (std::size_t i = 0; i < task.amount / 10; ++i) trip();
  std::vector<double> times;
  const double cost = cpu_seconds(task.programs);
  for (std::size_t i = 0; i < task.amount; ++i) times.push_back(trip());
  if (echo.is_broken()) return {};
  const double spent = (cpu_seconds(task.programs) - cost) * 1e6;
  return {{"echo p50 us", percentile(times, 0.5)},
          {"echo p99 us", percentile(times, 0.99)},
          {"echo CPU us", spent / static_cast<double>(task.amount)}};
}

/// Opens, uses and closes streams, some at once.
std::vector<Figure> opens(const Task& task) {
  std::size_t begun = 0;
  std::size_t done = 0;
  bool is_broken = false;
  std::array<std::unique_ptr<Echo>, opened_at_once> places;
  const auto began = Clock::now();
  while (done < task.amount && !is_broken) {
    for (auto& place : places) {
      if (place && place->is_broken()) is_broken = true;
      if (place && place->has_answer()) {
        ++done;
        place.reset();
      }
      if (!place && begun < task.amount) {
        ++begun;
        place = std::make_unique<Echo>(task.way);
        place->ask();
      }
    }
    task.loop.turn(10);
  }
  if (is_broken) return {};
  return {{"opens/s", static_cast<double>(task.amount) / seconds_since(began)}};
}

/// Streams that have been used once and are idle; then all of them exchange a message at once,
/// again and again.
std::vector<Figure> many(const Task& task) {
  const double before = resident_kib(task.programs);
  std::vector<std::unique_ptr<Echo>> streams;
  const auto all_answered = [&] {
    return std::ranges::all_of(
        streams, [](const auto& one) { return one->has_answer() || one->is_broken(); });
  };
  while (streams.size() < task.amount) {
    for (std::size_t i = 0; i < opened_at_once && streams.size() < task.amount; ++i) {
      streams.push_back(std::make_unique<Echo>(task.way));
      streams.back()->ask();
    }
    task.loop.until(all_answered);
  }
  const double memory = resident_kib(task.programs) - before;
  const double cost = cpu_seconds(task.programs);
  std::size_t answers = 0;
  for (const auto& one : streams) one->on_answer = [&answers] { ++answers; };
  const auto is_broken = [](const auto& one) { return one->is_broken(); };
  const auto began = Clock::now();
  for (std::size_t round = 1; round <= rounds_of_many; ++round) {
    for (const auto& one : streams) one->ask();
    task.loop.until([&] {
      return answers == round * streams.size() || std::ranges::any_of(streams, is_broken);
    });
  }
  const double seconds = seconds_since(began);
  if (std::ranges::any_of(streams, is_broken)) return {};
  const double count = static_cast<double>(streams.size());
  const double trips = count * static_cast<double>(rounds_of_many);
  return {{"KiB/idle stream", memory / count},
          {"many rt/s", trips / seconds},
          {"many CPU us", (cpu_seconds(task.programs) - cost) * 1e6 / trips}};
}

/// Round trips, one after the other, beside a download at full speed.
std::vector<Figure> fair(const Task& task) {
  std::size_t got = 0;
  bool is_broken = false;
  const auto bulk = task.way.open(Target::source);
  bulk->on_bytes = [&](Bytes bytes) { got += bytes.size(); };
  bulk->on_end = [&] { is_broken = true; };
  Echo echo{task.way};
  echo.ask();
  task.loop.until([&] { return (echo.has_answer() && got > 0) || is_broken || echo.is_broken(); });
  std::vector<double> times;
  const auto began = Clock::now();
  const std::size_t got_before = got;
  const double span = static_cast<double>(task.amount) / 1e3;
  // What has not come back by then is given up: a peer that queues without end is not waited for.
  const auto is_late = [&] { return seconds_since(began) > span || is_broken || echo.is_broken(); };
  while (!is_late()) {
    const auto asked = Clock::now();
    echo.ask();
    while (!echo.has_answer() && !is_late()) task.loop.turn(1);
    times.push_back(microseconds_since(asked));
  }
  if (is_broken || echo.is_broken()) return {};
  const double speed = static_cast<double>(got - got_before) / mib / seconds_since(began);
  return {{"fair p50 us", percentile(times, 0.5)},
          {"fair p99 us", percentile(times, 0.99)},
          {"fair MiB/s", speed}};
}

/// One of ten thousand: sends what nobody else sends and looks at every byte that comes back.
class Keeper {
 public:
  Keeper(Way& way, std::uint32_t number) : number_{number}, stream_{way.open(Target::echo)} {
    stream_->on_bytes = [this](Bytes bytes) { take(bytes); };
    stream_->on_end = [this] { is_lost_ = true; };
  }
  void say() {
    std::uint32_t seed = number_ * 2654435761U + ++round_;
    sent_.resize(64 + seed % 192);
    for (std::byte& one : sent_) one = static_cast<std::byte>((seed = seed * 1664525U + 1) >> 24);
    got_ = 0;
    stream_->send(sent_);
  }
  bool has_answer() const { return got_ == sent_.size(); }
  bool is_lost() const { return is_lost_; }
  bool is_wrong() const { return is_wrong_; }

 private:
  void take(Bytes bytes) {
    const bool fits = bytes.size() <= sent_.size() - got_;
    if (!fits || !std::ranges::equal(bytes, Bytes{sent_}.subspan(got_, bytes.size()))) {
      is_wrong_ = true;
      return;
    }
    got_ += bytes.size();
  }
  std::uint32_t number_;
  std::uint32_t round_ = 0;
  std::vector<std::byte> sent_;
  std::size_t got_ = 0;
  bool is_lost_ = false;
  bool is_wrong_ = false;
  std::unique_ptr<Stream> stream_;
};

/// 10,000 streams of 100 tabs, each exchanging a message every two seconds, for so many seconds.
std::vector<Figure> soak(const Task& task) {
  const double before = resident_kib(task.programs);
  std::vector<std::unique_ptr<Way>> tabs;
  std::vector<std::unique_ptr<Keeper>> keepers;
  const auto settled = [](const auto& one) { return one->has_answer() || one->is_lost(); };
  for (std::size_t tab = 0; tab < soaked_tabs; ++tab) {
    tabs.push_back(task.another_way());
    if (!tabs.back()) return {};
    for (std::size_t i = 0; i < soaked_streams; ++i) {
      keepers.push_back(std::make_unique<Keeper>(
          *tabs.back(), static_cast<std::uint32_t>(tab * soaked_streams + i)));
      keepers.back()->say();
    }
    task.loop.until([&] { return std::ranges::all_of(keepers, settled); });
  }
  const double memory = resident_kib(task.programs) - before;
  double exchanged = static_cast<double>(keepers.size());
  std::vector<double> times;
  const auto began = Clock::now();
  while (seconds_since(began) < static_cast<double>(task.amount)) {
    const auto round = Clock::now();
    for (const auto& one : keepers) one->say();
    task.loop.until([&] { return std::ranges::all_of(keepers, settled); });
    times.push_back(seconds_since(round) * 1e3);
    exchanged += static_cast<double>(keepers.size());
    while (seconds_since(round) < soak_pause) task.loop.turn(10);
  }
  const auto count = [&](auto what) {
    return static_cast<double>(std::ranges::count_if(keepers, what));
  };
  return {{"soak streams", static_cast<double>(keepers.size())},
          {"soak messages", exchanged},
          {"soak lost streams", count([](const auto& one) { return one->is_lost(); })},
          {"soak wrong streams", count([](const auto& one) { return one->is_wrong(); })},
          {"soak KiB/stream", memory / static_cast<double>(keepers.size())},
          {"soak KiB/stream at the end",
           (resident_kib(task.programs) - before) / static_cast<double>(keepers.size())},
          {"soak round p50 ms", percentile(times, 0.5)},
          {"soak round most ms", percentile(times, 1)}};
}

struct Named {
  std::string_view name;
  Work work;
};
constexpr std::array works{Named{"download", download}, Named{"upload", upload},
                           Named{"echo", echo},         Named{"opens", opens},
                           Named{"many", many},         Named{"fair", fair},
                           Named{"soak", soak}};

}  // namespace

Work find_work(std::string_view name) {
  const auto found = std::ranges::find(works, name, &Named::name);
  return found == works.end() ? nullptr : found->work;
}

}  // namespace moonwire::load
