#include "tests/sim/world.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/sandbox/phone_operations.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "daemon/store/tenants.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sim {
namespace {

constexpr const char* kTenant = "default";
constexpr Duration kPairingMax = minutes(30);
constexpr const char* kImageUrl = "https://files/picture.jpg";

store::SessionRow session_row(const std::string& id, Time now) {
  store::SessionRow row;
  row.id = id;
  row.tenant = kTenant;
  row.name = "simulated";
  row.webhook_message = "http://receiver/message";
  row.webhook_status = "http://receiver/status";
  row.webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  row.created_at = row.updated_at = now;
  return row;
}

session::Options session_options(const wa::Key& root_key) {
  session::Options options;
  options.endpoint = {"ws://127.0.0.1:1/ws/chat", root_key, ""};
  options.whatsapp_version = to_string(wa::default_version());
  // Few prekeys, so that making them does not eat the seeds.
  options.prekeys_first = 12;
  options.prekeys_more = 8;
  return options;
}

}  // namespace

// One run of the daemon.
struct World::Process {
  ProcessLoop loop;
  SimDbWriter writer;
  store::Readers readers;
  ReceiverClient web;
  CdnClient cdn;
  test::FakeInspector inspector;
  test::InlineWorker worker;
  events::WebhookDispatcher webhooks;
  session::Registry sessions;

  Process(World& world, SimDbWriter::Options writer_options)
      : loop(world.loop),
        writer(loop, world.random, *world.disk_, std::move(writer_options)),
        readers(world.uri_),
        web(loop, world.random, world.receiver),
        cdn(loop, world.random, world.cdn, world.network->media()),
        inspector(loop),
        worker(loop),
        webhooks(loop, world.random, writer, readers, web,
                 {{seconds(0), seconds(5), seconds(30), minutes(2), minutes(5), minutes(5), minutes(5), minutes(5)}}),
        sessions(loop, world.random, *world.wire_, {web, cdn, inspector, *world.files_, worker, {}}, writer, readers,
                 session_options(world.network->root_key())) {
    inspector.facts = world.media_facts;
  }
};

World::World(WorldOptions options)
    : random(options.seed), options_(options), uri_(fmt::format("file:/sim-{}?vfs=memdb", options.seed)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "konekwa-sim-XXXXXX").string();
  KONEKWA_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  files_ = std::make_unique<store::MediaFiles>(folder_);
  disk_ = std::make_unique<store::Database>(uri_, store::Database::Mode::ReadWrite);
  KONEKWA_ASSERT(store::migrate(*disk_).has_value());
  sandbox::Options sandbox_options;
  sandbox_options.sends_history = false;
  sandbox_options.media_host = "cdn.example";
  sandbox_options.media_base = "https://cdn.example";
  if (!options.qr_lifetimes.empty()) sandbox_options.qr_lifetimes = options.qr_lifetimes;
  network = std::make_unique<sandbox::Sandbox>(loop, random, sandbox_options);
  wire_ = std::make_unique<test::MemoryNetwork>(
      loop, [this](const test::MemoryNetwork::MakeTransport& make) { network->accept(make); });
  wire_->set_latency([this] { return Duration(static_cast<std::int64_t>(1 + random.below(20))); });
  for (const char* name : {"first contact", "second contact"}) contacts.push_back(network->create_account(name));
  store::tenants::ensure(*disk_, kTenant, loop.now());
  store::sessions::insert(*disk_, session_row(kSession, loop.now()));
  receiver.pages[kImageUrl] = "a picture";
  boot();
}

World::~World() {
  boot_timer_.reset();
  if (process_) process_->loop.kill();
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::boot() {
  SimDbWriter::Options writer_options;
  writer_options.bug = options_.bug;
  writer_options.commits_singly = options_.crash_after_commit != 0;
  writer_options.on_commit = [this] { return is_last_commit(); };
  writer_options.die = [this] { crash(); };
  process_ = std::make_unique<Process>(*this, std::move(writer_options));
  files_->clear_temporary();   // as the daemon does
  process_->webhooks.start();
  process_->sessions.start();
}

bool World::is_last_commit() {
  if (!is_paired_) return false;
  return ++commits == options_.crash_after_commit;
}

void World::crash() {
  if (!process_ || process_->loop.is_dead()) return;
  ++crashes;
  process_->loop.kill();
  wire_->cut_all();
  // What stands on the stack belongs to the dead process: it goes when the stack has gone.
  boot_timer_ = loop.after(Duration(static_cast<std::int64_t>(1 + random.below(3000))), [this] {
    process_.reset();
    if (options_.bug == Bug::FreshIdOnResend) plant_fresh_ids();
    boot();
  });
}

// What a sender amounts to that names a message anew when it sends it again after a crash.
void World::plant_fresh_ids() {
  disk_->execute("UPDATE messages SET wa_message_id = '3EB0' || hex(randomblob(9)) WHERE state = 'SENDING'");
}

void World::restart_cleanly() {
  if (!process_ || process_->loop.is_dead()) return;
  bool is_stopped = false;
  process_->webhooks.stop();
  process_->sessions.stop([&] { is_stopped = true; });
  KONEKWA_ASSERT(loop.run_until([&] { return is_stopped; }, seconds(60)));
  process_->loop.kill();
  process_.reset();
  boot();
}

void World::cut() { wire_->cut_all(); }

void World::black_hole() { wire_->black_hole(wire_->connections_made() - 1); }

std::optional<std::string> World::code() {
  const auto shown = process_ ? process_->sessions.qr(kSession) : std::nullopt;
  return shown ? std::optional(shown->text) : std::nullopt;
}

bool World::scan() {
  const auto shown = code();
  return shown && network->scan_qr(*shown).has_value();
}

void World::pair() {
  const bool is_linked = loop.run_until(
      [this] {
        if (!own_number.empty()) return process_ && process_->sessions.is_connected(kSession);
        if (!process_ || process_->loop.is_dead()) return false;
        const auto code = process_->sessions.qr(kSession);
        if (!code) return false;
        const auto scanned = network->scan_qr(code->text);
        if (scanned) own_number = *scanned;
        return false;
      },
      kPairingMax);
  KONEKWA_ASSERT(is_linked);
  is_paired_ = true;
}

std::string World::pair_another(const std::string& session) {
  store::sessions::insert(*disk_, session_row(session, loop.now()));
  process_->sessions.connect(session);
  std::string number;
  const auto is_linked = [&] {
    if (!number.empty()) return process_->sessions.is_connected(session);
    const auto code = process_->sessions.qr(session);
    if (code) number = network->scan_qr(code->text).value_or("");
    return false;
  };
  KONEKWA_ASSERT(loop.run_until(is_linked, kPairingMax));
  return number;
}

store::MessageRow World::outbound_row(const std::string& to, const std::string& text) {
  store::MessageRow row;
  row.id = new_ordered_id("msg_", loop.now(), random);
  row.tenant = kTenant;
  row.session = kSession;
  row.recipient = to;
  row.chat_id = to.find('@') == std::string::npos ? to + "@s.whatsapp.net" : to;
  row.content = text;
  row.wa_message_id = wa::new_stanza_id(wa::Jid::pn(own_number), loop.now(), random);
  row.created_at = loop.now();
  row.expires_at = loop.now() + hours(24);
  return row;
}

void World::accept(const std::string& to, const std::string& text, Duration delay) {
  store::MessageRow row = outbound_row(to, text);
  *row.expires_at += delay;
  if (delay > Duration(0)) {
    row.state = store::MessageState::SCHEDULED;
    row.scheduled_at = loop.now() + delay;
  }
  accept(row);
}

void World::accept_with(const std::string& to, const std::string& text, const std::string& fields,
                        const std::string& type) {
  store::MessageRow row = outbound_row(to, text);
  row.message_type = type;
  row.fields = fields;
  accept(row);
}

void World::accept_image(const std::string& to, const std::string& caption) {
  store::MessageRow row = outbound_row(to, caption);   // its content is for the checkers
  row.message_type = "image";
  row.fields = nlohmann::json{{"caption", caption}, {"media_url", kImageUrl}}.dump();
  accept(row);
}

void World::accept(const store::MessageRow& row) {
  if (!process_ || process_->loop.is_dead()) return;  // nobody answers
  store::WriteBatch batch;
  batch.run([row](store::Database& db) { store::messages::insert(db, row); });
  process_->writer.commit(std::move(batch), [this, row, &loop_of_process = process_->loop](Result<> durable) {
    if (!durable) return;
    ledger.accepted.push_back({row.wa_message_id, row.recipient, row.content, loop.now()});
    if (loop_of_process.is_dead()) return;
    row.scheduled_at ? process_->sessions.reschedule() : process_->sessions.wake(row.session);
  });
}

void World::accept_at(const std::string& session, const std::string& to, const std::string& text) {
  store::MessageRow row = outbound_row(to, text);
  row.session = session;
  accept(row);
}

void World::cancel(const std::string& text) {
  if (!process_ || process_->loop.is_dead()) return;
  ledger.taken_back.insert(text);
  store::WriteBatch batch;
  batch.run([text, now = loop.now()](store::Database& db) {
    std::string id;
    db.query("SELECT id FROM messages WHERE outbound = 1 AND content = ?", {text},
             [&](const store::Row& row) { id = row.text(0); });
    store::messages::set_cancelled(db, id, now);
  });
  process_->writer.commit(std::move(batch), [](const Result<>&) {});
}

std::string World::status() {
  const auto row = store::sessions::find(*disk_, kSession);
  if (!row) return "";
  return std::string(to_string(row->status)) + (row->status_reason.empty() ? "" : " " + row->status_reason);
}

bool World::wait_for_status(const std::string& wanted, Duration limit) {
  return loop.run_until([&] { return status() == wanted; }, limit);
}

void World::connect() {
  store::sessions::set_wants_connection(*disk_, kSession, true);
  process_->sessions.connect(kSession);
}

void World::disconnect() {
  store::sessions::set_wants_connection(*disk_, kSession, false);
  process_->sessions.disconnect(kSession);
}

void World::set_switches(bool auto_read, bool auto_typing) {
  store::sessions::set_settings(*disk_, kSession, auto_read, auto_typing, loop.now());
  process_->sessions.apply_settings(kSession);
}

session::Liveness World::liveness(const std::string& session) { return process_->sessions.liveness(session); }

void World::say(const std::string& from, const std::string& text) {
  const auto id = network->say(from, own_number, text);
  KONEKWA_ASSERT(id.has_value());
  ledger.said.push_back({*id, from, from, text, ""});
}

void World::say_file(const std::string& from, const std::string& text) {
  sandbox::Saying saying;
  saying.kind = "image";
  saying.text = text;
  saying.file = fmt::format("{}/said-{}", folder_, ledger.said.size());
  std::string content;
  while (content.size() < 2000) content += text + " ";
  std::ofstream(saying.file, std::ios::binary) << content;
  const auto id = sandbox::say(network->network(), from, own_number, saying);
  KONEKWA_ASSERT(id.has_value());
  ledger.said.push_back({*id, from, from, text, content});
}

void World::make_group() {
  const nlohmann::json body = {
      {"subject", "Arisan"}, {"creator", contacts[0]}, {"members", {own_number, contacts[1]}}};
  const std::string id = nlohmann::json::parse(network->admin("POST", "/admin/groups", body.dump()).body)["id"];
  group = id.find('@') == std::string::npos ? id + "@g.us" : id;
  ledger.membership.push_back({loop.now(), true});
}

void World::set_in_group(bool is_in) {
  if (is_in_group() == is_in) return;
  const nlohmann::json body = {{"numbers", {contacts[1]}}};
  const std::string call = "/admin/groups/" + group + (is_in ? "/add" : "/remove");
  KONEKWA_ASSERT(network->admin("POST", call, body.dump()).status < 300);
  ledger.membership.push_back({loop.now(), is_in});
}

void World::say_in_group(const std::string& from, const std::string& text) {
  if (from != contacts[0] && !is_in_group()) return;
  const auto id = network->say(from, group, text);
  KONEKWA_ASSERT(id.has_value());
  ledger.said.push_back({*id, from, group, text, ""});
}

bool World::is_drained() {
  if (!process_ || process_->loop.is_dead() || !process_->sessions.is_connected(kSession)) return false;
  const auto waiting = disk_->integer(
      "SELECT count(*) FROM messages"
      " WHERE outbound = 1 AND state IN ('SCHEDULED', 'QUEUED', 'SENDING', 'SENT')");
  if (waiting.value_or(0) != 0) return false;
  if (store::deliveries::meters(*disk_, kSession).pending != 0) return false;
  if (disk_->integer("SELECT count(*) FROM message_media WHERE state = 'PENDING'").value_or(0) != 0) return false;
  const auto received = disk_->integer("SELECT count(*) FROM messages WHERE outbound = 0");
  return received.value_or(0) >= static_cast<std::int64_t>(ledger.said.size());
}

bool World::drain(Duration limit) {
  receiver.failure_rate = cdn.failure_rate = 0;
  for (const std::string& contact : contacts) (void)network->set_phone_online(contact, true);
  (void)network->set_phone_online(own_number, true);
  return loop.run_until([this] { return is_drained(); }, limit);
}

}  // namespace konekwa::sim
