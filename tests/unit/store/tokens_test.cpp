#include "daemon/store/tenants.h"
#include "daemon/store/tokens.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;
using test::MemoryStore;

TokenRow token_row(const std::string& id, const std::string& tenant = "default") {
  TokenRow row;
  row.id = id;
  row.tenant = tenant;
  row.name = "kasir-1";
  row.prefix = "kwt_5f0c";
  row.hash = to_bytes(id);
  row.scopes = {"messages:send", "messages:read"};
  row.sessions = {"ses_a", "ses_b"};
  row.created_at = at(0);
  row.expires_at = at(100);
  return row;
}

TEST_CASE("a token is found by its id and by its hash") {
  MemoryStore store;
  tokens::insert(store.db, token_row("tok_1"));
  const auto got = tokens::find_by_hash(store.db, as_bytes("tok_1"));
  REQUIRE(got);
  CHECK(got->id == "tok_1");
  CHECK(got->scopes == std::vector<std::string>{"messages:send", "messages:read"});
  CHECK(got->sessions == std::vector<std::string>{"ses_a", "ses_b"});
  CHECK(got->prefix == "kwt_5f0c");
  CHECK(got->expires_at == at(100));
  CHECK_FALSE(got->revoked_at);
  CHECK(tokens::find(store.db, "tok_1")->name == "kasir-1");
  CHECK_FALSE(tokens::find_by_hash(store.db, as_bytes("tok_2")));
}

TEST_CASE("a token without sessions is for all of them") {
  MemoryStore store;
  TokenRow row = token_row("tok_1");
  row.sessions.clear();
  tokens::insert(store.db, row);
  CHECK(tokens::find(store.db, "tok_1")->sessions.empty());
}

TEST_CASE("tokens are listed newest first, by tenant") {
  MemoryStore store;
  tokens::insert(store.db, token_row("tok_1"));
  tokens::insert(store.db, token_row("tok_2", "other"));
  tokens::insert(store.db, token_row("tok_3"));
  const auto list = tokens::list(store.db, "default");
  REQUIRE(list.size() == 2);
  CHECK(list[0].id == "tok_3");
  CHECK(tokens::list(store.db, "").size() == 3);
}

TEST_CASE("a token is revoked once, and touched once a minute") {
  MemoryStore store;
  tokens::insert(store.db, token_row("tok_1"));
  tokens::touch(store.db, "tok_1", at(0), "127.0.0.1");
  tokens::touch(store.db, "tok_1", at(59), "127.0.0.1");
  CHECK(tokens::find(store.db, "tok_1")->last_used_at == at(0));
  tokens::touch(store.db, "tok_1", at(60), "127.0.0.1");
  CHECK(tokens::find(store.db, "tok_1")->last_used_at == at(60));
  CHECK(tokens::revoke(store.db, "tok_1", at(1)));
  CHECK_FALSE(tokens::revoke(store.db, "tok_1", at(2)));
  CHECK(tokens::find(store.db, "tok_1")->revoked_at == at(1));
}

TEST_CASE("a tenant is made once") {
  MemoryStore store;
  tenants::ensure(store.db, "default", at(0));
  tenants::ensure(store.db, "default", at(1));
  CHECK(store.db.integer("SELECT count(*) FROM tenants") == 1);
}

TEST_CASE("a reply is given again for a day; a second one with its key is a conflict") {
  MemoryStore store;
  const tokens::IdempotentReply reply{Bytes{1}, 202, "{}"};
  tokens::put_reply(store.db, "default", "key", reply, at(0));
  CHECK_THROWS_AS(tokens::put_reply(store.db, "default", "key", reply, at(1)), Failure);
  CHECK_NOTHROW(tokens::put_reply(store.db, "other", "key", reply, at(1)));
  const auto got = tokens::find_reply(store.db, "default", "key", at(0));
  REQUIRE(got);
  CHECK(got->body_hash == Bytes{1});
  CHECK(got->status == 202);
  CHECK(got->body == "{}");
  CHECK_FALSE(tokens::find_reply(store.db, "default", "key", at(1)));

  const std::int64_t day = 24 * 60 * 60;
  CHECK_THROWS_AS(tokens::put_reply(store.db, "default", "key", reply, at(day)), Failure);
  CHECK_NOTHROW(tokens::put_reply(store.db, "default", "key", reply, at(day + 1)));
}

TEST_CASE("replies of yesterday leave a few at a time") {
  MemoryStore store;
  for (int i = 0; i < 20; ++i) tokens::put_reply(store.db, "default", std::to_string(i), {}, at(i));
  for (int i = 0; i < 3; ++i) tokens::put_reply(store.db, "default", "new" + std::to_string(i), {}, at(1'000'000));
  CHECK(store.db.integer("SELECT count(*) FROM idempotent_replies") == 3);
}

}  // namespace
}  // namespace konekwa::store
