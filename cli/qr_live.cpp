#include "cli/qr_live.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "cli/connect.h"
#include "cli/live_screen.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr Duration kSilenceMax = seconds(10);  // without an answer; then the command gives up
constexpr Duration kAnswerMax = seconds(3);    // while a code is shown: it must not outlive its time on the screen

// How long a code lives; nothing when the answer does not say.
std::optional<Duration> life_of(const Json& answer) {
  const auto expires = from_rfc3339(field(answer, "expires_at")), issued = from_rfc3339(field(answer, "issued_at"));
  if (!expires || !issued || *expires <= *issued) return std::nullopt;
  return *expires - *issued;
}

std::string countdown(const Json& answer, Time now) {
  const auto expires = from_rfc3339(field(answer, "expires_at"));
  if (!expires) return "waiting for the scan";
  // The clocks of two machines may differ: never promise more than the whole life of a code.
  Duration left = std::max(*expires - now, Duration(0));
  if (const auto life = life_of(answer)) left = std::min(left, *life);
  const auto whole_seconds = std::chrono::ceil<seconds>(left).count();
  const std::string more = field(answer, "remaining_codes");
  if (more.empty() || more == "0") return fmt::format("this code lives {} s", whole_seconds);
  return fmt::format("this code lives {} s, {} more will come", whole_seconds, more);
}

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

// One look at the session: what is on the screen afterwards, and whether that was the end.
class Follower {
 public:
  Follower(Context& context, QrSource& source, const QrRequest& request)
      : context_(context), source_(source), request_(request), canvas_(canvas_of(context)),
        has_screen_(canvas_.terminal().has_cursor), screen_(context.output, canvas_.stream),
        begin_(context.clock.elapsed()), answered_(begin_) {
    if (has_screen_) context.clock.before_suspension([this] { screen_.clear(); }, LiveScreen::leave_at_once);
  }
  ~Follower() {
    if (has_screen_) context_.clock.before_suspension(nullptr, nullptr);
  }
  Follower(const Follower&) = delete;

  api::Outcome<> run() {
    for (;;) {
      auto is_over = look();
      if (!is_over) return api::failed(is_over.error());
      if (*is_over) return {};
      const Duration spent = context_.clock.elapsed() - begin_;
      if (request_.timeout && spent >= *request_.timeout) {
        return api::failed(out_of_time(fmt::format("not linked within {}", to_string(*request_.timeout)), trouble_));
      }
      if (!context_.clock.pause(kQrPollInterval)) return api::failed(ErrorCode::CANCELLED, "cancelled");
    }
  }

 private:
  api::Outcome<bool> look() {
    auto answer = source_.code(shown_.empty() ? Duration(0) : kAnswerMax);
    if (!answer) return lost(answer.error());
    answered_ = context_.clock.elapsed();
    switch (phase_of(answer->body)) {
      case QrPhase::Code: return show_code(answer->body);
      case QrPhase::Over: return api::failed(failure_of(answer->body, source_.session()));
      case QrPhase::Linked: screen_.clear(); return true;
      case QrPhase::Waiting: break;
    }
    // While it connects once more nobody knows better.
    if (field(answer->body, "status") != "CONNECTING") trouble_ = trouble_of(answer->body, source_.session());
    if (source_.is_linked()) wait("going online ...");
    else wait(shown_.empty() || trouble_ ? "waiting for a code ..." : "scanned, or changing the code ...");
    return false;
  }

  void wait(const std::string& for_what) {
    if (!trouble_) return say(for_what);
    if (has_screen_) {
      std::vector<std::string> lines;
      for (const std::string& words : {trouble_->what, trouble_->remedy, for_what}) {
        for (std::string& line : fitting(words)) lines.push_back(std::move(line));
      }
      return screen_.show(std::move(lines), canvas_.terminal());
    }
    if (said_ == trouble_->what) return;
    said_ = trouble_->what;
    for (const std::string& words : {trouble_->what, trouble_->remedy}) {
      if (!words.empty()) context_.output.aside({"konekwa: " + context_.output.told(words)});
    }
  }

  // A restart of the daemon passes. Meanwhile nobody knows whether the code is still good, so it is hidden.
  api::Outcome<bool> lost(const api::Failure& failure) {
    const bool may_pass = failure.error.code == ErrorCode::UNREACHABLE &&
                          context_.clock.elapsed() - answered_ < kSilenceMax;
    if (!may_pass) return api::failed(failure);
    say("konekwad does not answer, trying again ...");
    return false;
  }

  api::Outcome<bool> show_code(const Json& answer) {
    const std::string text = field(answer, "qr");
    const bool is_other = text != shown_;
    if (is_other) first_seen_ = context_.clock.elapsed();
    // Whatever konekwad says, and whatever the clocks of two machines: a code that has had its time is dead.
    const auto life = life_of(answer);
    if (has_screen_ && life && context_.clock.elapsed() - first_seen_ >= *life) {
      say("changing the code ...");
      return false;
    }
    std::vector<std::string> lines;
    if (request_.picture().empty()) {
      lines = qr_page(text, canvas_.terminal(), context_.output, request_);
    } else {
      const auto written = is_other ? write_picture(text) : api::Outcome<>();
      if (!written) return api::failed(written.error());
      lines = fitting(fmt::format("the code is in {}; scan it from there", printable(request_.picture())));
    }
    if (has_screen_) {
      for (std::string& line : fitting(countdown(answer, context_.clock.now()))) lines.push_back(std::move(line));
      screen_.show(std::move(lines), canvas_.terminal());
    } else if (is_other) {
      const std::string above = context_.output.told("the code above is dead, this one counts:");
      if (!shown_.empty()) lines.insert(lines.begin(), above);
      lines.push_back(context_.output.told("this code is good until " + field(answer, "expires_at")));
      for (const std::string& line : lines) context_.output.draw(canvas_.stream, line + "\n");
    }
    shown_ = text;
    said_.clear();
    trouble_.reset();
    return false;
  }

  api::Outcome<> write_picture(const std::string& text) {
    const auto picture = picture_of(source_, text, request_);
    return picture ? write_private_file(request_.picture(), *picture) : api::failed(picture.error());
  }

  void say(const std::string& words) {
    if (has_screen_) return screen_.show(fitting(words), canvas_.terminal());
    if (words != said_) context_.output.note(words);
    said_ = words;
  }

  // A line that wraps by itself would be two, and the next redraw would leave one of them behind.
  std::vector<std::string> fitting(std::string text) const {
    return wrapped(context_.output.told(std::move(text)), canvas_.terminal().columns);
  }

  Context& context_;
  QrSource& source_;
  const QrRequest& request_;
  const Canvas canvas_;
  const bool has_screen_;       // that can be changed; otherwise lines follow one another
  LiveScreen screen_;           // clears itself, so that no way out leaves a code behind
  Duration begin_, answered_, first_seen_{};
  std::string shown_;           // the text of the code that was shown last
  std::string said_;            // the words that were
  std::optional<QrTrouble> trouble_;   // why there is none
};

}  // namespace

api::Outcome<> follow_qr(Context& context, QrSource& source, const QrRequest& request) {
  return Follower(context, source, request).run();
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
