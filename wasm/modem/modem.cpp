// Joins the modem's parts: takes one command at a time off the input, answers it after its time,
// and lets notices and data out in between.
#include "modem/modem.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "modem/at_answers.h"
#include "modem/at_channel.h"
#include "modem/at_command.h"
#include "modem/at_input.h"
#include "modem/at_sockets.h"
#include "modem/at_trace.h"
#include "modem/radio.h"

namespace moonwire::modem {

Timings Timings::of(Profile profile) {
  Timings timings;
  if (profile == Profile::air724u) {
    timings.answer = 10'000;
    timings.network = 80'000;
  }
  return timings;
}

Settings Settings::of(Profile profile) {
  Settings settings{profile, {}, Timings::of(profile)};
  if (profile == Profile::air724u) {
    settings.identity.imei = "860000000000025";
    settings.identity.core_version = "Luat_V3030_RDA8910_TTS_NOVOLTE_FLOAT";
  }
  return settings;
}

class Modem::Parts final : public BearerEvents {
 public:
  Parts(Settings with, Board& on, Carrier& carrier)
      : settings(std::move(with)),
        board(on),
        channel(board, trace),
        radio(settings, board, channel, *this),
        sockets(settings, board, carrier, channel),
        answers({settings, board, channel, radio, sockets, battery_millivolts}) {}

  // The stages of the one command at work.
  struct Idle {};
  struct Waiting {  // for its moment
    std::optional<AtCommand> command;
    Micros due = 0;
  };
  struct Prompting {
    AtCommand command;
    std::size_t bytes = 0;
    std::string got;
    Micros patience = 0;
  };
  struct AwaitsSend {};
  struct AwaitsActivation {};
  using Work = std::variant<Idle, Waiting, Prompting, AwaitsSend, AwaitsActivation>;

  void on_bearer_lost() override;
  void power_off();
  void advance();
  Micros next_deadline() const;

  Settings settings;
  Board& board;
  std::uint32_t battery_millivolts = 3800;
  AtTrace trace;
  AtChannel channel;
  AtInput input;
  Radio radio;
  AtSockets sockets;
  AtAnswers answers;
  bool is_powered = false;

 private:
  bool step();  // false: nothing to do now
  bool take_command();
  bool step(Idle&) { return take_command(); }
  bool step(Waiting& waiting);
  bool step(Prompting& prompting);
  bool step(AwaitsSend&);
  bool step(AwaitsActivation&);
  void go_on(const AtCommand& command, const Outcome& outcome);
  void finish();

  Work work_;
  bool is_held_up_ = false;  // the script has to read before its next command is taken
};

void Modem::Parts::on_bearer_lost() {
  const std::optional<SocketId> sending = sockets.on_bearer_lost();
  const bool is_send_at_work = sending && std::holds_alternative<AwaitsSend>(work_);
  bool is_told = false;
  if (is_send_at_work && AtSockets::is_ssl(*sending)) {
    channel.reply("SSL&" + std::to_string(*sending % at_sockets) + ",SEND ERROR");
    finish();
  } else if (is_send_at_work) {
    channel.reply("+PDP: DEACT");  // ends AT+CIPSEND, and need not be said twice
    is_told = true;
    finish();
  }
  if (settings.profile == Profile::air202 && !is_told) {
    const Prompting* prompting = std::get_if<Prompting>(&work_);
    // After the prompt the bytes still come; then the command ends with this line.
    if (prompting == nullptr || prompting->command.head != "+CIPSEND") {
      channel.notice("+PDP: DEACT");
    }
  }
  board.on_bearer_lost();
}

void Modem::Parts::power_off() {
  is_powered = false;
  work_ = Idle{};
  sockets.close_all();
  sockets.take_send_result();
  radio.power_off();
  channel.clear();
  input.clear();
  answers.reset();
}

void Modem::Parts::advance() {
  if (!is_powered) return;
  radio.advance();
  do {
    sockets.set_service(radio.has_address() && radio.is_registered());
    sockets.advance();
  } while (step());
}

Micros Modem::Parts::next_deadline() const {
  if (!is_powered) return never;
  Micros next = std::min(radio.next_deadline(), sockets.next_deadline());
  if (is_held_up_ && channel.is_quiet()) next = board.now();
  if (const Waiting* waiting = std::get_if<Waiting>(&work_)) next = std::min(next, waiting->due);
  if (const Prompting* prompting = std::get_if<Prompting>(&work_)) {
    next = std::min(next, prompting->patience);
  }
  return next;
}

bool Modem::Parts::step() {
  return std::visit([this](auto& stage) { return step(stage); }, work_);
}

bool Modem::Parts::take_command() {
  // Not before RDY, and not before the script has room for what was said already.
  is_held_up_ = radio.is_ready() && !channel.is_clear();
  if (!radio.is_ready() || is_held_up_) return false;
  std::optional<AtInput::Line> line = input.take_line();
  if (!line) return false;
  trace.add(board.now(), AtRecord::Direction::to_modem, line->text);
  channel.begin_command();
  work_ = Waiting{line->is_too_long ? std::nullopt : parse_command(line->text),
                  board.now() + settings.timings.answer};
  return true;
}

bool Modem::Parts::step(Waiting& waiting) {
  if (waiting.due > board.now()) return false;
  const std::optional<AtCommand> command = std::move(waiting.command);
  if (command) {
    go_on(*command, answers.execute(*command));
  } else {
    answers.error();
    finish();
  }
  return true;
}

bool Modem::Parts::step(Prompting& prompting) {
  while (prompting.got.size() < prompting.bytes) {
    const std::size_t missing = prompting.bytes - prompting.got.size();
    std::optional<std::string> some = input.take_some(missing);
    if (!some) break;
    prompting.got += *some;
  }
  if (prompting.got.size() == prompting.bytes) {
    trace.add(board.now(), AtRecord::Direction::to_modem, prompting.got);
    const AtCommand command = std::move(prompting.command);
    std::string bytes = std::move(prompting.got);
    go_on(command, answers.finish_with(command, std::move(bytes)));
    return true;
  }
  if (prompting.patience > board.now()) return false;
  answers.error();
  finish();
  return true;
}

bool Modem::Parts::step(AwaitsSend&) {
  const std::optional<std::string> result = sockets.take_send_result();
  if (!result) return false;
  channel.reply(*result);
  finish();
  return true;
}

bool Modem::Parts::step(AwaitsActivation&) {
  if (radio.is_activating()) return false;
  answers.finish_activation();
  finish();
  return true;
}

void Modem::Parts::go_on(const AtCommand& command, const Outcome& outcome) {
  if (const WantsBytes* wanted = std::get_if<WantsBytes>(&outcome)) {
    work_ = Prompting{command, wanted->bytes, {}, board.now() + settings.timings.prompt_patience};
  } else if (std::holds_alternative<Sending>(outcome)) {
    work_ = AwaitsSend{};
  } else if (std::holds_alternative<Activating>(outcome)) {
    work_ = AwaitsActivation{};
  } else {
    finish();
  }
}

void Modem::Parts::finish() {
  work_ = Idle{};
  channel.end_command();
}

Modem::Modem(Settings settings, Board& board, Carrier& carrier)
    : parts_(std::make_unique<Parts>(std::move(settings), board, carrier)) {}

Modem::~Modem() = default;

void Modem::power_on() {
  if (parts_->is_powered) return;
  parts_->is_powered = true;
  parts_->radio.power_on();
  parts_->board.on_changed();
}

void Modem::power_off() {
  parts_->power_off();
  parts_->board.on_changed();
}

std::size_t Modem::write(std::string_view bytes) {
  const std::size_t taken = parts_->input.write(bytes);
  parts_->advance();
  parts_->board.on_changed();
  return taken;
}

std::string Modem::read(std::size_t most) {
  std::string bytes = parts_->channel.read(most);
  if (!bytes.empty()) parts_->board.on_changed();  // there is room again
  return bytes;
}

std::string Modem::read_line() {
  std::string bytes = parts_->channel.read_line();
  if (!bytes.empty()) parts_->board.on_changed();
  return bytes;
}

std::size_t Modem::readable() const {
  return parts_->channel.readable();
}

void Modem::advance() {
  parts_->advance();
  parts_->board.on_changed();
}

Micros Modem::next_deadline() const {
  return parts_->next_deadline();
}

void Modem::set_sim(Sim sim) {
  parts_->radio.set_sim(sim);
  advance();
}

bool Modem::enter_pin(std::string_view pin) {
  const bool is_right = parts_->radio.enter_pin(pin) == Radio::PinAnswer::accepted;
  advance();
  return is_right;
}

void Modem::set_signal(std::uint8_t csq) {
  parts_->radio.set_signal(csq);
  parts_->board.on_changed();
}

void Modem::set_network(bool available) {
  parts_->radio.set_network(available);
  advance();
}

void Modem::drop_bearer() {
  parts_->radio.drop_bearer();
  advance();
}

void Modem::set_latency(Micros answer, Micros network) {
  parts_->settings.timings.answer = std::max<Micros>(0, answer);
  parts_->settings.timings.network = std::max<Micros>(0, network);
  parts_->board.on_changed();
}

void Modem::set_battery(std::uint32_t millivolts) {
  parts_->battery_millivolts = millivolts;
  parts_->board.on_changed();
}

State Modem::state() const {
  const Radio& radio = parts_->radio;
  const Identity& identity = parts_->settings.identity;
  const bool is_readable = radio.has_sim();
  State state;
  state.profile = parts_->settings.profile;
  state.powered = parts_->is_powered;
  state.imei = identity.imei;
  if (radio.sim() != Sim::absent) state.iccid = identity.iccid;
  if (is_readable) state.imsi = identity.imsi;
  state.sim = radio.sim();
  state.pin_tries_left = radio.tries_left();
  state.registration = radio.registration();
  state.signal = radio.signal();
  if (radio.is_registered()) {
    state.operator_name = identity.operator_name;
    state.generation = state.profile == Profile::air202 ? 2 : 4;
    state.area = radio.area();
    state.cell = radio.cell();
  }
  state.fly_mode = radio.is_flying();
  state.attached = radio.is_attached();
  state.bearer = radio.bearer();
  if (radio.has_address()) state.address = identity.address;
  state.battery_millivolts = parts_->battery_millivolts;
  state.sockets = parts_->sockets.state();
  state.notices_lost = parts_->channel.notices_lost();
  return state;
}

bool Modem::has_address() const {
  return parts_->radio.has_address();
}

bool Modem::has_service() const {
  return parts_->radio.has_address() && parts_->radio.is_registered();
}

Profile Modem::profile() const {
  return parts_->settings.profile;
}

const Timings& Modem::timings() const {
  return parts_->settings.timings;
}

Trace Modem::take_trace() {
  return parts_->trace.take();
}

void Modem::on_opened(SocketId id) {
  parts_->sockets.on_opened(id);
  parts_->board.on_changed();
}

void Modem::on_open_failed(SocketId id, OpenFailure) {
  parts_->sockets.on_open_failed(id);
  parts_->board.on_changed();
}

void Modem::on_readable(SocketId id) {
  parts_->sockets.on_readable(id);
  parts_->board.on_changed();
}

void Modem::on_writable(SocketId id) {
  parts_->sockets.on_writable(id);
  parts_->board.on_changed();
}

void Modem::on_closed(SocketId id) {
  parts_->sockets.on_closed(id);
  parts_->board.on_changed();
}

}  // namespace moonwire::modem
