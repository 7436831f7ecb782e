#include "services/supervision/records/text_store.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::supervision {
namespace {

using mysql::Connection;
using mysql::Row;
using mysql::Value;

constexpr char kSelect[] =
    "SELECT authority, parent, id, version, part, write_time, actor, digest, key_id, wrapped_key, ciphertext "
    "FROM record_text ";
// As above, but for the content.
constexpr char kSelectWithoutText[] =
    "SELECT authority, parent, id, version, part, write_time, actor, digest, key_id, wrapped_key, '' "
    "FROM record_text ";

StoredText ReadRow(const Row& row) {
  return {.key = {.record = {row.Bytes(0), row.Bytes(1), row.Bytes(2)},
                  .version = static_cast<int>(row.Int64(3)),
                  .part = static_cast<TextPart>(row.Int64(4))},
          .write_time = row.Time(5),
          .actor = row.Bytes(6),
          .digest = row.Bytes(7),
          .envelope = {.key_id = row.Bytes(8), .wrapped_key = row.Bytes(9), .ciphertext = row.Bytes(10)}};
}

std::vector<Value> Place(const TextKey& key) {
  return {key.record.authority, key.record.parent, key.record.id, key.version, static_cast<int>(key.part)};
}

}  // namespace

std::string BindingOf(const TextKey& key) {
  return absl::StrCat(key.record.authority, "/", key.record.parent, "/", key.record.id, "/", key.version, "/",
                      static_cast<int>(key.part));
}

absl::StatusOr<StoredText> SealText(const crypto::Keys& keys, const TextKey& key, absl::string_view text,
                                    absl::Time now, const std::string& actor) {
  const std::string binding = BindingOf(key);
  StoredText stored = {.key = key,
                       .write_time = now,
                       .actor = actor,
                       .digest = "",
                       .envelope = crypto::Seal(keys, text, binding)};
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string digest, crypto::Digest(keys, stored.envelope, text, binding));
  stored.digest = absl::BytesToHexString(digest);
  return stored;
}

absl::Status InsertText(Connection& connection, const StoredText& text) {
  std::vector<Value> values = Place(text.key);
  for (Value value :
       {Value(text.write_time), Value(text.actor), Value(text.digest), Value(text.envelope.key_id),
        Value(text.envelope.wrapped_key), Value(text.envelope.ciphertext)}) {
    values.push_back(std::move(value));
  }
  const absl::Status status =
      connection
          .Execute(
              "INSERT INTO record_text (authority, parent, id, version, part, write_time, "
              "actor, digest, key_id, wrapped_key, ciphertext) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              values)
          .status();
  if (status.code() != absl::StatusCode::kAlreadyExists) return status;
  return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
               "another version was written meanwhile; try again");
}

absl::StatusOr<std::optional<StoredText>> ReadText(Connection& connection, const TextKey& key) {
  std::optional<StoredText> text;
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(
      absl::StrCat(kSelect, "WHERE authority = ? AND parent = ? AND id = ? AND version = ? AND part = ?"),
      Place(key), [&](const Row& row) {
        text = ReadRow(row);
        return absl::OkStatus();
      }));
  return text;
}

absl::StatusOr<std::vector<StoredText>> ReadVersions(Connection& connection, const resource::Key& record) {
  std::vector<StoredText> texts;
  const std::array<Value, 3> place = {record.authority, record.parent, record.id};
  OVERSIGHT_RETURN_IF_ERROR(
      connection.Query(absl::StrCat(kSelectWithoutText,
                                    "WHERE authority = ? AND parent = ? AND id = ? ORDER BY version, part"),
                       place, [&](const Row& row) {
                         texts.push_back(ReadRow(row));
                         return absl::OkStatus();
                       }));
  return texts;
}

absl::StatusOr<std::vector<StoredText>> ReadWrappedWith(Connection& connection, const std::string& key_id,
                                                        const std::string& authority, const TextKey& after,
                                                        size_t limit) {
  std::vector<StoredText> texts;
  std::vector<Value> values = {key_id};
  if (!authority.empty()) values.emplace_back(authority);
  for (const Value& value : Place(after)) values.push_back(value);
  values.emplace_back(static_cast<int64_t>(limit));
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(
      absl::StrCat(kSelectWithoutText, "WHERE key_id = ? ", authority.empty() ? "" : "AND authority = ? ",
                   "AND (authority, parent, id, version, part) > (?, ?, ?, ?, ?) "
                   "ORDER BY authority, parent, id, version, part LIMIT ?"),
      values, [&](const Row& row) {
        texts.push_back(ReadRow(row));
        return absl::OkStatus();
      }));
  return texts;
}

absl::Status CountByKey(Connection& connection, const std::string& authority,
                        absl::FunctionRef<void(const std::string& key_id, int64_t count)> reader) {
  const auto read = [&](const Row& row) {
    reader(row.Bytes(0), row.Int64(1));
    return absl::OkStatus();
  };
  if (authority.empty()) {
    return connection.Query("SELECT key_id, COUNT(*) FROM record_text GROUP BY key_id", {}, read);
  }
  const std::array<Value, 1> values = {authority};
  return connection.Query("SELECT key_id, COUNT(*) FROM record_text WHERE authority = ? GROUP BY key_id",
                          values, read);
}

absl::Status ReplaceKey(Connection& connection, const StoredText& text, const std::string& old_key_id) {
  std::vector<Value> values = {text.envelope.key_id, text.envelope.wrapped_key};
  for (const Value& value : Place(text.key)) values.push_back(value);
  values.emplace_back(old_key_id);
  return connection
      .Execute(
          "UPDATE record_text SET key_id = ?, wrapped_key = ? "
          "WHERE authority = ? AND parent = ? AND id = ? AND version = ? AND part = ? AND key_id = ?",
          values)
      .status();
}

}  // namespace oversight::supervision
