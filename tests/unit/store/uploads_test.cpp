#include "daemon/store/uploads.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;
using test::MemoryStore;

UploadRow upload(const std::string& id, const std::string& tenant = "default") {
  return {id, tenant, Bytes(32, 7), 1234, "image/jpeg", "cat.jpg", at(0), at(100)};
}

TEST_CASE("an upload is found by its id", "[uploads]") {
  MemoryStore store;
  uploads::insert(store.db, upload("med_1"));
  const auto row = uploads::find(store.db, "med_1");
  REQUIRE(row);
  CHECK(row->tenant == "default");
  CHECK(row->sha256 == Bytes(32, 7));
  CHECK(row->size == 1234);
  CHECK(row->mimetype == "image/jpeg");
  CHECK(row->filename == "cat.jpg");
  CHECK(row->created_at == at(0));
  CHECK(row->expires_at == at(100));
  CHECK_FALSE(uploads::find(store.db, "med_2"));
}

TEST_CASE("the same upload is the same content, name and type of one tenant", "[uploads]") {
  MemoryStore store;
  uploads::insert(store.db, upload("med_1"));
  UploadRow again = upload("med_2");
  REQUIRE(uploads::find_same(store.db, again));
  CHECK(uploads::find_same(store.db, again)->id == "med_1");
  again.filename = "dog.jpg";
  CHECK_FALSE(uploads::find_same(store.db, again));
  CHECK_FALSE(uploads::find_same(store.db, upload("med_2", "other")));
}

TEST_CASE("an upload is kept longer, never shorter", "[uploads]") {
  MemoryStore store;
  uploads::insert(store.db, upload("med_1"));
  uploads::keep_until(store.db, "med_1", at(50));
  CHECK(uploads::find(store.db, "med_1")->expires_at == at(100));
  uploads::keep_until(store.db, "med_1", at(200));
  CHECK(uploads::find(store.db, "med_1")->expires_at == at(200));
}

TEST_CASE("what has expired is taken out, the oldest first", "[uploads]") {
  MemoryStore store;
  uploads::insert(store.db, upload("med_1"));
  UploadRow later = upload("med_2");
  later.expires_at = at(101);
  uploads::insert(store.db, later);
  CHECK(uploads::take_expired(store.db, at(99), 10).empty());
  const auto first = uploads::take_expired(store.db, at(500), 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].id == "med_1");
  CHECK(uploads::uses_file(store.db, Bytes(32, 7)));
  CHECK(uploads::take_expired(store.db, at(500), 10).size() == 1);
  CHECK_FALSE(uploads::uses_file(store.db, Bytes(32, 7)));
}

TEST_CASE("an upload is deleted once", "[uploads]") {
  MemoryStore store;
  uploads::insert(store.db, upload("med_1"));
  CHECK(uploads::erase(store.db, "med_1"));
  CHECK_FALSE(uploads::erase(store.db, "med_1"));
}

}  // namespace
}  // namespace konekwa::store
