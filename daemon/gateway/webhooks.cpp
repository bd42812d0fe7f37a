// Gateway: where events of a session go, and how they are signed. What did not arrive is in deliveries.cpp.
#include <mutex>

#include <nlohmann/json.hpp>

#include "common/webhook_signature.h"
#include "daemon/events/webhook_request.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/webhook_settings.h"
#include "daemon/net/web_client.h"
#include "daemon/store/webhooks.h"

namespace konekwa {
namespace {

constexpr Duration kSecretOverlap = hours(24);   // after a rotation both secrets sign

Json result_json(const store::DeliveryRow& row, const Result<net::WebResponse>& answer) {
  Json out = {{"target", row.target}, {"url", masked_url(row.url)}};
  out["delivered"] = answer && answer->status >= 200 && answer->status < 300;
  if (answer) out["http_status"] = answer->status;
  if (!answer) out["error"] = answer.error().details.empty() ? answer.error().message : answer.error().details;
  else if (!out["delivered"].get<bool>()) out["error"] = fmt::format("HTTP {}", answer->status);
  return out;
}

// The results of a test, in the order of its targets; the last to come answers. On the loop's thread.
struct Test {
  std::vector<Json> results;
  std::size_t missing = 0;
  Gateway::Answer answer;

  void take(std::size_t index, Json result) {
    results[index] = std::move(result);
    if (--missing == 0) answer(json_reply(200, {{"results", results}}));
  }
};

}  // namespace

void Gateway::update_webhooks(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const WebhookChange change = read_webhook_change(fields, impl_->options.default_country);
  if (fields.error()) return answer(fail(*fields.error()));
  const Impl::Edit edit = [change](store::Database& db, store::SessionRow& row) {
    store::sessions::set_webhooks(db, row.id, change.message_url.value_or(row.webhook_message),
                                  change.status_url.value_or(row.webhook_status));
    store::WebhookSettings settings = store::webhooks::find(db, row.id);
    change.apply(settings);
    store::webhooks::put(db, row.id, settings);
  };
  impl_->commit(impl_->edit_session(caller, id, edit, fields.warning_headers()), std::move(answer));
}

Result<Reply> Gateway::webhook_secret(const Caller& caller, const std::string& id) {
  const auto row = impl_->session(caller, id);
  if (!row) return fail(row.error());
  return json_reply(200, {{"secret", row->webhook_secret}});
}

void Gateway::rotate_webhook_secret(const Caller& caller, const std::string& id, Answer answer) {
  const std::string secret = new_webhook_secret(impl_->parts.random);
  impl_->commit(
      [caller, id, secret, until = impl_->now() + kSecretOverlap](store::Database& db) -> Result<Reply> {
        const auto row = Impl::session(db, caller, id);
        if (!row) return fail(row.error());
        store::sessions::rotate_webhook_secret(db, id, secret, until);
        return json_reply(200, {{"secret", secret}, {"previous_valid_until", to_rfc3339(until)}});
      },
      std::move(answer));
}

// Sent at once and not kept: it tells whether the receiver is there, not what becomes of an event.
void Gateway::test_webhooks(const Caller& caller, const std::string& id, Answer answer) {
  const auto session = impl_->session(caller, id);
  if (!session) return answer(fail(session.error()));
  const auto settings = impl_->parts.readers.get<store::WebhookSettings>(
      [&](store::Database& db) { return store::webhooks::find(db, id); });
  if (!settings) return answer(fail(settings.error()));
  std::vector<store::DeliveryRow> rows;
  for (const char* target : {"message", "status"}) {
    auto row = events::test_delivery(*session, *settings, target, impl_->now(), impl_->parts.random);
    if (!row.url.empty()) rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    return answer(fail(Error(ErrorCode::INVALID_REQUEST, "The session has no webhook URL",
                             fmt::format("set one with PATCH /v1/sessions/{}/webhooks", id))));
  }
  impl_->parts.loop.post([&web = impl_->parts.web, rows = std::move(rows), now = impl_->now(),
                          answer = std::move(answer)] {
    const auto test = std::make_shared<Test>(Test{std::vector<Json>(rows.size()), rows.size(), answer});
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto request = events::webhook_request(rows[i], now);
      if (!request) {
        test->take(i, result_json(rows[i], fail(request.error())));
        continue;
      }
      web.fetch(std::move(*request), [test, i, row = rows[i]](const Result<net::WebResponse>& got) {
        test->take(i, result_json(row, got));
      });
    }
  });
}

}  // namespace konekwa
