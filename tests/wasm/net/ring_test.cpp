// A ring against a string that does the same.
#include "net/ring.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "world.h"

namespace moonwire::tests {
namespace {

TEST(Ring, KeepsOrderAndItsLimitWhateverTheSteps) {
  for (const std::size_t limit : {1, 2, 7, 4096, 5000, 65536, 200'000}) {
    net::BufferPool pool;
    net::Ring ring(pool, limit);
    std::string model;
    std::mt19937 random(static_cast<unsigned>(limit));
    std::vector<std::byte> buffer(limit + 3);
    for (int step = 0; step < 400; ++step) {
      if (random() % 2 == 0) {
        std::string text(random() % (limit + 3), '\0');
        for (char& c : text) c = char(random());
        const std::size_t written = ring.write(bytes_of(text));
        ASSERT_EQ(written, std::min(text.size(), limit - model.size()));
        model += text.substr(0, written);
      } else {
        const std::size_t wanted = random() % buffer.size();
        const std::size_t got = ring.read(std::span(buffer).first(wanted));
        ASSERT_EQ(got, std::min(wanted, model.size()));
        ASSERT_EQ(text_of(std::span(buffer).first(got)), model.substr(0, got));
        model.erase(0, got);
      }
      ASSERT_EQ(ring.size(), model.size());
      ASSERT_EQ(ring.room(), limit - model.size());
    }
  }
}

}  // namespace
}  // namespace moonwire::tests
