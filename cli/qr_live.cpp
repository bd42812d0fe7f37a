#include "cli/qr_live.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/beside.h"
#include "cli/connect.h"
#include "cli/live_screen.h"
#include "cli/print.h"
#include "cli/qr_life.h"

namespace konekwa::cli {
namespace {

constexpr Duration kMoment = seconds(1);         // then it is said what is waited for
constexpr Duration kSilenceMin = seconds(10);    // without an answer; then the command gives up
constexpr Duration kOverlap = milliseconds(200);   // of a code that is over, with the request for the next one

// Where codes are drawn. Data has stdout to itself.
struct Canvas {
  Output::Stream stream;
  std::function<Terminal()> terminal;
};

Canvas canvas_of(const Context& context) {
  const bool is_read_by_a_person = context.output.form() == Output::Form::Text && context.terminal().is_tty;
  if (is_read_by_a_person) return {Output::Stream::Out, context.terminal};
  return {Output::Stream::Err, context.err_terminal};
}

// Looks at the session again and again, and keeps the screen true meanwhile.
class Follower {
 public:
  Follower(Context& context, const QrRequest& request)
      : context_(context), clock_(context.clock), request_(request), canvas_(canvas_of(context)),
        has_screen_(canvas_.terminal().has_cursor), screen_(context.output, canvas_.stream), beside_(context.client),
        begin_(clock_.elapsed()), answered_(begin_) {
    if (!has_screen_) return;
    const auto tidy = [this] {
      screen_.clear();
      code_.hide();
      said_.clear();
      was_suspended_ = true;
    };
    clock_.before_suspension(tidy, LiveScreen::leave_at_once);
  }
  ~Follower() {
    if (has_screen_) clock_.before_suspension(nullptr, nullptr);
  }
  Follower(const Follower&) = delete;

  api::Outcome<QrSource> run(const OpenQr& open) {
    auto source = awaited(open);
    if (!source) return source;
    source_ = &*source;
    request_.session = source->session();
    for (;;) {
      auto is_over = look();
      if (!is_over) return api::failed(is_over.error());
      if (*is_over) return source;
      if (is_out_of_time()) return api::failed(out_of_time());
      // What came of a request from before a suspension is old, so that nothing is shown before the next one.
      if (was_suspended_) continue;
      if (!clock_.pause(until_next_look())) return api::failed(ErrorCode::CANCELLED, "cancelled");
    }
  }

 private:
  // What `ask` brings, which the screen does not wait for. CANCELLED, or TIMEOUT by the time given.
  template <class Answer>
  Answer awaited(const std::function<Answer()>& ask) {
    std::optional<Answer> answer;
    asked_ = clock_.elapsed();
    asked_at_ = clock_.now();
    was_suspended_ = false;
    beside_.begin([&] { answer = ask(); });
    while (!beside_.is_done()) {
      const bool goes_on = clock_.await(beside_.descriptor(), until_next_change());
      if (beside_.is_done()) break;
      if (goes_on && !is_out_of_time()) {
        keep_true();
        continue;
      }
      screen_.clear();
      beside_.stop();
      return goes_on ? api::failed(out_of_time()) : api::failed(ErrorCode::CANCELLED, "cancelled");
    }
    beside_.finish();
    return std::move(*answer);
  }

  api::Outcome<bool> look() {
    const Duration patience = shown_.empty() ? Duration(0) : delay_.patience();
    const auto answer = awaited<api::Outcome<api::Response>>([&] { return source_->code(patience); });
    delay_.add(clock_.elapsed() - asked_);
    if (!answer) return lost(answer.error());
    answered_ = clock_.elapsed();
    if (was_suspended_) return false;
    const QrPhase phase = phase_of(answer->body);
    if (phase == QrPhase::Code) return take_code(answer->body);
    code_.hide();
    if (phase == QrPhase::Over) return api::failed(failure_of(answer->body, source_->session()));
    if (phase == QrPhase::Linked) {
      screen_.clear();
      return true;
    }
    // While it connects once more nobody knows better.
    if (field(answer->body, "status") != "CONNECTING") trouble_ = trouble_of(answer->body, source_->session());
    if (source_->is_linked()) wait("going online ...");
    else wait(shown_.empty() || trouble_ ? "waiting for a code ..." : "scanned, or changing the code ...");
    return false;
  }

  // A restart of the daemon passes. Meanwhile nobody knows whether the code is still good, so it is hidden.
  api::Outcome<bool> lost(const api::Failure& failure) {
    const bool may_pass = failure.error.code == ErrorCode::UNREACHABLE &&
                          clock_.elapsed() - answered_ < std::max(kSilenceMin, 2 * delay_.patience());
    if (!may_pass) return api::failed(failure);
    code_.hide();
    say(kNoAnswer);
    return false;
  }

  // What changes on the screen as time goes by, while an answer is awaited.
  void keep_true() {
    if (!code_.is_live()) {
      const bool is_late = clock_.elapsed() - begin_ >= kMoment && said_.empty();
      if (is_late) say(source_ != nullptr && source_->is_linked() ? "going online ..." : "waiting for a code ...");
    } else if (has_screen_ && clock_.elapsed() - asked_ >= delay_.patience()) {
      code_.hide();
      say(kNoAnswer);
    } else if (has_screen_) {
      show_code();
    }
  }

  bool is_out_of_time() const { return request_.timeout && clock_.elapsed() - begin_ >= *request_.timeout; }

  api::Failure out_of_time() const {
    return cli::out_of_time(fmt::format("not linked within {}", to_string(*request_.timeout)), trouble_);
  }

  // When a code is over the next one is there.
  Duration until_next_look() const {
    const Duration left = code_.is_live() ? code_.left(clock_) : kQrPollInterval;
    return left > Duration(0) ? std::min(left, kQrPollInterval) : until_next_change();
  }

  Duration until_next_change() const {
    const Duration left = code_.is_live() ? code_.left(clock_) + kOverlap : kQrPollInterval;
    return left > Duration(0) ? std::min(left, kQrPollInterval) : kQrPollInterval;
  }

  api::Outcome<bool> take_code(const Json& answer) {
    const bool is_other = field(answer, "qr") != shown_;
    code_.take(answer, asked_at_, asked_);
    if (is_other && !request_.picture().empty()) {
      if (const auto written = write_picture(code_.text()); !written) return api::failed(written.error());
    }
    trouble_.reset();
    if (has_screen_) show_code();
    else if (is_other) add_code(field(answer, "expires_at"));
    shown_ = code_.text();
    return false;
  }

  std::vector<std::string> page() const {
    if (request_.picture().empty()) return qr_page(code_.text(), canvas_.terminal(), context_.output, request_);
    return fitting(fmt::format("the code is in {}; scan it from there", printable(request_.picture())));
  }

  void show_code() {
    if (code_.left(clock_) <= -kOverlap) return say("changing the code ...");
    std::vector<std::string> lines = page();
    for (std::string& line : fitting(code_.countdown(clock_))) lines.push_back(std::move(line));
    screen_.show(std::move(lines), canvas_.terminal());
    said_.clear();
  }

  // Below the others.
  void add_code(const std::string& expires_at) {
    std::vector<std::string> lines = page();
    if (!shown_.empty()) lines.insert(lines.begin(), context_.output.told("the code above is dead, this one counts:"));
    lines.push_back(context_.output.told("this code is good until " + expires_at));
    for (const std::string& line : lines) context_.output.draw(canvas_.stream, line + "\n");
    said_.clear();
  }

  void wait(const std::string& for_what) {
    if (!trouble_) return say(for_what);
    const bool is_told = std::exchange(said_, trouble_->what) == trouble_->what;
    if (has_screen_) {
      std::vector<std::string> lines;
      for (const std::string& words : {trouble_->what, trouble_->remedy, for_what}) {
        if (words.empty()) continue;
        for (std::string& line : fitting(words)) lines.push_back(std::move(line));
      }
      screen_.show(std::move(lines), canvas_.terminal());
    } else if (!is_told) {
      for (const std::string& words : {trouble_->what, trouble_->remedy}) {
        if (!words.empty()) context_.output.aside({"konekwa: " + context_.output.told(words)});
      }
    }
  }

  api::Outcome<> write_picture(const std::string& text) {
    const auto picture = picture_of(*source_, text, request_);
    return picture ? write_private_file(request_.picture(), *picture) : api::failed(picture.error());
  }

  void say(const std::string& words) {
    const bool is_said = std::exchange(said_, words) == words;
    if (has_screen_) screen_.show(fitting(words), canvas_.terminal());
    else if (!is_said) context_.output.note(words);
  }

  // A line that wraps by itself would be two, and the next redraw would leave one of them behind.
  std::vector<std::string> fitting(std::string text) const {
    return wrapped(context_.output.told(std::move(text)), canvas_.terminal().columns);
  }

  static constexpr const char* kNoAnswer = "konekwad does not answer, trying again ...";

  Context& context_;
  Clock& clock_;
  QrRequest request_;
  const Canvas canvas_;
  const bool has_screen_;       // that can be changed; otherwise lines follow one another
  LiveScreen screen_;           // clears itself, so that no way out leaves a code behind
  Beside beside_;
  QrSource* source_ = nullptr;  // until it is open
  LiveCode code_;
  Delay delay_;
  Duration begin_, answered_, asked_{};
  Time asked_at_{};
  bool was_suspended_ = false;
  std::string shown_;           // the text of the code that was shown last
  std::string said_;            // the words that are there, if it is words
  std::optional<QrTrouble> trouble_;   // why there is none
};

}  // namespace

api::Outcome<QrSource> follow_qr(Context& context, const OpenQr& open, const QrRequest& request) {
  return Follower(context, request).run(open);
}

api::Outcome<std::string> picture_of(QrSource& source, const std::string& text, const QrRequest& request) {
  if (request.png.empty()) {
    const auto qr = make_qr(text);
    if (!qr) return api::failed(ErrorCode::PROTOCOL, "the text is too long for a QR code");
    return svg(*qr);
  }
  auto picture = source.picture();
  if (!picture) return api::failed(picture.error());
  return std::move(picture->raw);
}

}  // namespace konekwa::cli
